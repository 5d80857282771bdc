"""Links among files: a stranger's may lead anywhere, so they are followed within a repository only."""

from __future__ import annotations

import os
from pathlib import Path

from archspec.errors import SpecError
from archspec.text.shipped import PACKAGE
from archspec.text.top import top_of


def followed(path: str) -> str:
    """Where a path leads, its links followed; what archspec comes with may be linked from anywhere.

    Raises SpecError for a link that leads out of the repository it lies in: of git, else of the configuration, else out
    of the current folder where it lies there.
    """
    if os.path.abspath(path).startswith(f"{PACKAGE}{os.sep}"):
        return os.path.realpath(path)
    start, *parts = Path(os.getcwd(), path).parts
    here = start
    for part in parts:
        step = os.path.join(here, part)
        if part == "..":
            here = os.path.dirname(here)
        elif os.path.islink(step):
            target = os.path.realpath(step)
            top = _top(here)
            if top is not None and not _within(target, top):
                hint = "copy the file, or name the one that it leads to"
                raise SpecError(f"a link that leads out of the repository: {os.readlink(step)}", hint=hint, file=path)
            here = target
        else:
            here = step
    return here


def _top(folder: str) -> str | None:
    """The top of the repository around a folder; None for one that has none and does not lie in the current one."""
    current = os.getcwd()
    return top_of(folder) or (current if _within(folder, current) else None)


def _within(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder


def within(folder: str, name: str) -> str:
    """The path of a file that is named from a folder, which must lie in the same repository. Raises SpecError.

    A repository is that of git, else of the configuration; where there is none, it is the folder itself.
    """
    path = os.path.normpath(os.path.join(folder, name))
    here = os.path.realpath(folder or ".")
    top = os.path.realpath(_top(here) or here)
    if not _within(os.path.realpath(os.path.join(folder, os.path.dirname(name))), top):
        raise SpecError(f"`{name}` leads out of the repository")
    return path
