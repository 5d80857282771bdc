"""Which file a name means: a path, ``FILE@variant``, a name of the zoo, or ``-``."""

from __future__ import annotations

import os
from functools import cache

from archspec.errors import UsageError, did_you_mean
from archspec.records import NamedTuple
from archspec.text.shipped import shipped

SUFFIXES = (".yaml", ".yml", ".json")


class Place(NamedTuple):
    """A spec file and the variant asked for."""

    file: str
    variant: str | None


def find(name: str) -> Place:
    """The file and variant a name means. Raises UsageError."""
    if name == "-":
        return Place("-", None)
    if os.path.lexists(name):
        return Place(name, None)
    head, at, variant = name.rpartition("@")
    if at and (head == "-" or os.path.lexists(head)):
        return Place(head, variant)
    named = _networks(name)
    if name in named:
        return named[name]
    stem = head if at else name
    if not stem or stem.endswith(SUFFIXES) or "/" in stem:
        raise UsageError(f"no such file: {stem}")
    found = _networks(stem).get(stem)
    if found is None:
        hint = did_you_mean(stem, zoo())
        message = f"no file and no network of the zoo is called `{stem}`"
        raise UsageError(message, hint=hint or "`archspec list` shows the zoo")
    return Place(found.file, variant if at else found.variant)


def network(name: str) -> Place | None:
    """The file and variant of the zoo that a name means, whatever lies in the current folder; None for another."""
    named = _networks(name)
    stem, at, variant = name.rpartition("@")
    if name in named or not at:
        return named.get(name)
    found = _networks(stem).get(stem)
    return found and Place(found.file, variant)


@cache
def zoo() -> dict[str, Place]:
    """Names of the zoo: every spec's file name, and every variant of it: by itself where it starts with a letter.

    A variant such as ``8b`` says nothing without its family: ``llama3@8b``.

    Files are searched by text, not parsed: a variant is a key of the mapping ``variants`` at the top of the file.
    """
    return _networks("")


def _networks(name: str) -> dict[str, Place]:
    """Names of the zoo in the files that may define ``name``: those called so, and those that hold its last part."""
    found = {stem: Place(str(file), None) for stem, file in shipped("specs").items()}
    for file in shipped("specs").values():
        text = file.read_text("utf-8")
        for variant in variant_names(text) if name.rpartition("@")[2] in text else ():
            full = variant if variant[:1].isalpha() else f"{file.stem}@{variant}"
            if full not in found or found[full].file == str(file):
                found[full] = Place(str(file), variant)
    return found


def variant_names(text: str) -> list[str]:
    """The keys of the top-level ``variants`` of a spec in block style."""
    names: list[str] = []
    _, _, section = f"\n{text}".partition("\nvariants:")
    for line in section.splitlines()[1:]:
        if line[:1] not in (" ", "#", ""):
            break
        if line.startswith("  ") and line[2:3] not in (" ", "#", "") and ":" in line:
            names.append(line.strip().partition(":")[0].strip("'\""))
    return names
