"""Where a repository begins, and what a file is called from there."""

from __future__ import annotations

import os
from pathlib import Path

CONFIGURATIONS = ("archspec.toml", "pyproject.toml")


def top_of(folder: str) -> str | None:
    """The top of the repository around a folder: git's, else the folder of a configuration; None where neither is."""
    around = [folder, *map(str, Path(folder).parents)]
    for names in ((".git",), CONFIGURATIONS):
        for parent in around:
            if any(os.path.lexists(os.path.join(parent, name)) for name in names):
                return parent
    return None


def real(path: str | Path) -> Path:
    """The path without links; a link that leads to itself stays in it (``Path.resolve`` fails there)."""
    return Path(os.path.realpath(path))


def from_top(file: str) -> str:
    """A file's path from the top of its repository, with `/`: the same wherever it is asked for."""
    folder, name = os.path.split(os.path.abspath(file))
    folder = os.path.realpath(folder)
    top = top_of(folder)
    return Path(os.path.relpath(os.path.join(folder, name), top)).as_posix() if top else file
