"""Specs whose own text did not change while that of one of their parts did."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator

from archspec.change.git import Commit, Repository
from archspec.change.pairs import Pair
from archspec.change.parts import files_of
from archspec.errors import ArchspecError
from archspec.language.find import SUFFIXES
from archspec.language.load import load_text
from archspec.language.parts import Files
from archspec.text.reader import decoded


def dependents(repository: Repository, base: Commit, head: Commit | None, changed: Iterable[str]) -> list[Pair]:
    """Both sides of the specs, alike, of which one of the ``changed`` files is a part, or a part of a part.

    ``changed`` are paths from the top. Raises UsageError where git fails.
    """
    others = {path for path in changed if path.endswith(SUFFIXES)}
    sides = files_of(repository, base), files_of(repository, head)
    found: dict[str, Pair] = {}
    asked: set[str] = set()
    names = {posixpath.basename(path) for path in others}
    while names - asked:
        near = [path for path in mentioning(repository, head, names - asked) if path not in others]
        asked |= names
        names |= {posixpath.basename(path) for path in near}  # what a part of theirs is a part of
        for path in near:
            blob = repository.blob(base, path)
            if blob is None or path in found:
                continue
            content = repository.blobs([blob])[blob]
            if any(part in others for files in sides for part in parts(repository, path, content, files)):
                found[path] = Pair(path, path, content, content)
    return list(found.values())


def mentioning(repository: Repository, head: Commit | None, names: Iterable[str]) -> list[str]:
    """The specs, from the top, that hold one of the texts."""
    wanted = [word for name in sorted(names) for word in ("-e", name)]
    where = ["--untracked"] if head is None else [head.sha]
    specs = [f":(top,glob)**/*{suffix}" for suffix in SUFFIXES]
    options = ["-l", "-z", "-F", "--full-name", *wanted]
    out, _, _ = repository.ask("grep", *options, *where, "--", *specs)  # its status is 1 where there are none
    prefix = "" if head is None else f"{head.sha}:"
    return [path.removeprefix(prefix) for path in out.split("\0") if path]


def parts(repository: Repository, path: str, content: bytes, files: Files) -> Iterator[str]:
    """The files, from the top, that a spec is made of beside its own; none of one that is broken."""
    try:
        spec = load_text(decoded(content), path, files)
    except ArchspecError:
        return
    for part in spec.parts:
        yield os.path.relpath(part, repository.tree()) if os.path.isabs(part) else part
