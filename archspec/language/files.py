"""Which spec files the names on a command line mean: files, folders, globs, names of the zoo."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from archspec.errors import SpecError, UsageError
from archspec.text.contents import content_of
from archspec.text.globs import matches

SUFFIXES = (".yaml", ".yml", ".json")
SKIPPED = {"node_modules", "__pycache__", "site-packages", "venv"}
_MAGIC = set("*?")
# A spec among all YAML and JSON files: it says `archspec: 1`, and it has layers or inputs, as a file of blocks has not.
# A line starts behind any line break, that of old Macs too, and behind a byte order mark.
_LINE = rb"(?:^(?:\xef\xbb\xbf)?|(?<=\r))"
_VERSION = re.compile(_LINE + rb"""(?:['"]?archspec['"]?\s*:\s*\d|\s*\{?\s*"archspec"\s*:\s*\d)""", re.MULTILINE)
_NETWORK = re.compile(_LINE + rb"""['"]?(layers|inputs)['"]?\s*:|"(layers|inputs)"\s*:""", re.MULTILINE)


def spec_files(names: Iterable[str], *, include: Iterable[str] = (), root: str = ".") -> list[str]:
    """The files that ``names`` mean, each once, in order; without names those that match ``include`` below ``root``.

    A file that is named is taken as it is; of folders and globs only those that say they are specs. ``-`` is standard
    input. Raises UsageError for a name that means nothing.
    """
    names = list(names)
    if not names:
        patterns = list(include)
        return [path for path in below(root) if _included(path, root, patterns) and says_spec(path)]
    return list(dict.fromkeys(path for name in names for path in _meant(name)))


def below(folder: str) -> Iterator[str]:
    """Every file below a folder that may be a spec by its suffix, in order; hidden folders and packages left out."""
    for around, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES):
                yield os.path.normpath(os.path.join(around, name))


def says_spec(path: str) -> bool:
    """Whether a file means to be a spec; one that cannot be read is left to whoever reads it."""
    try:
        return is_spec(content_of(path))
    except (OSError, SpecError):
        return True


def is_spec(content: bytes) -> bool:
    """Whether a YAML or JSON file means to be a spec."""
    return bool(_VERSION.search(content) and _NETWORK.search(content))


def _meant(name: str) -> list[str]:
    if os.path.isdir(name):
        return [path for path in below(name) if says_spec(path)]
    if name == "-" or os.path.lexists(name):
        return [name]
    if _MAGIC & set(name):
        return _globbed(name)
    from archspec.language.find import find

    return [find(name).file]


def _globbed(pattern: str) -> list[str]:
    """The specs that match a glob; ``**`` is any folders."""
    fixed = Path(*_before_magic(Path(pattern).parts))
    pattern = os.path.normpath(pattern)
    found = [path for path in below(str(fixed)) if matches(pattern, Path(path).as_posix())]
    if not found:
        raise UsageError(f"no file matches {pattern}")
    return [path for path in found if says_spec(path)]


def _before_magic(parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        if _MAGIC & set(part):
            return
        yield part


def _included(path: str, root: str, patterns: list[str]) -> bool:
    """Whether a file matches one of the patterns, its path taken from ``root``; without patterns each does."""
    relative = Path(os.path.relpath(path, root)).as_posix()
    return not patterns or any(matches(one, relative) for one in patterns)
