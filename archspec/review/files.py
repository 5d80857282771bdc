"""Which spec files the names on a command line mean: files, folders, globs, names of the zoo."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from archspec.errors import UsageError
from archspec.review.globs import matches

SUFFIXES = (".yaml", ".yml", ".json")
SKIPPED = {"node_modules", "__pycache__", "site-packages", "venv"}
_SPEC = re.compile(r"^(?:archspec\s*:|\s*\{?\s*\"archspec\"\s*:)", re.MULTILINE)
_HEAD = 65_536  # a spec says what it is at its beginning
_MAGIC = set("*?")


def spec_files(names: Iterable[str], *, include: Iterable[str] = (), root: str = ".") -> list[str]:
    """The files that ``names`` mean, each once, in their order; without names those that match ``include`` below ``root``.

    A file that is named is taken as it is; of folders and globs only those that say ``archspec:`` are. ``-`` is standard
    input. Raises UsageError for a name that means nothing.
    """
    names = list(names)
    if not names:
        patterns = list(include)
        found = [path for path in below(root) if not patterns or any(matches(one, _relative(path, root)) for one in patterns)]
        return [path for path in found if is_spec(path)]
    return list(dict.fromkeys(path for name in names for path in _meant(name)))


def below(folder: str) -> Iterator[str]:
    """Every file below a folder that may be a spec by its suffix, in order; hidden folders and packages left out."""
    for around, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES):
                yield os.path.normpath(os.path.join(around, name))


def is_spec(path: str) -> bool:
    """Whether a file says that it is a spec; one that cannot be read is left to whoever reads it."""
    try:
        with open(path, "rb") as file:
            return _SPEC.search(file.read(_HEAD).decode("utf-8", "replace")) is not None
    except OSError:
        return True


def _meant(name: str) -> list[str]:
    if name == "-" or Path(name).is_file():
        return [name]
    if Path(name).is_dir():
        return [path for path in below(name) if is_spec(path)]
    if _MAGIC & set(name):
        return _globbed(name)
    from archspec.spec.find import find

    return [find(name).file]


def _globbed(pattern: str) -> list[str]:
    """The specs that match a glob; ``**`` is any folders."""
    fixed = Path(*[part for part in _before_magic(Path(pattern).parts)])
    absolute = Path(pattern).is_absolute()
    found = [path for path in below(str(fixed)) if matches(pattern if absolute else os.path.normpath(pattern), Path(path).as_posix())]
    if not found:
        raise UsageError(f"no file matches {pattern}")
    return [path for path in found if is_spec(path)]


def _before_magic(parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        if _MAGIC & set(part):
            return
        yield part


def _relative(path: str, root: str) -> str:
    return Path(os.path.relpath(path, root)).as_posix()
