"""Which files a command works on: those named, those in a named folder, else those the configuration includes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from archspec.errors import UsageError
from archspec.review.config import Config, read_file
from archspec.review.globs import matches
from archspec.spec.find import SUFFIXES

DEFAULT = tuple(f"**/*.arch{suffix}" for suffix in SUFFIXES)


def files(names: Iterable[str], config: Config) -> list[str]:
    """The files to work on, each once. Raises UsageError where there are none.

    A folder stands for the files in and below it that the configuration includes, or where it says nothing, for those
    that say they are specs (``archspec: 1``). Other names are taken as they are.
    """
    found: list[str] = []
    for name in names:
        if Path(name).is_dir():
            inside = sorted(_inside(Path(name), config))
            if not inside:
                raise UsageError(f"no spec is in {name}", hint="a spec says `archspec: 1`")
            found += inside
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def included(config: Config) -> list[str]:
    """The files that the configuration includes, or ``*.arch.yaml`` and its like. Raises UsageError where there are none."""
    globs = config.include or DEFAULT
    found = sorted(
        os.path.relpath(path)
        for path in _walk(config.folder)
        if any(matches(glob, path.relative_to(config.folder).as_posix()) for glob in globs)
    )
    if not found:
        listed = ", ".join(globs)
        raise UsageError(
            f"no file matches {listed}", hint="name the files, or list them under `include` in archspec.toml"
        )
    return found


def path_in(config: Config, file: str) -> str:
    """What a file is called in a configuration: its path from there, with ``/``."""
    return Path(os.path.relpath(Path(file).resolve(), config.folder)).as_posix()


def _inside(folder: Path, config: Config) -> Iterator[str]:
    from archspec.review.diff.collect import is_spec

    for path in _walk(folder):
        if path.suffix not in SUFFIXES:
            continue
        name = path_in(config, str(path))
        if any(matches(glob, name) for glob in config.include) if config.include else is_spec((read_file(path) or "").encode()):
            yield str(path)


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder; hidden folders and those of dependencies are left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in ("node_modules", "__pycache__"))
        yield from (Path(place) / name for name in names)
