"""Specs whose own text did not change while that of one of their parts did."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator

from archspec.change.git import Commit, Repository, read_stable
from archspec.change.pairs import Pair
from archspec.change.parts import files_of
from archspec.errors import ArchspecError
from archspec.language.find import SUFFIXES
from archspec.language.load import load_text
from archspec.text.reader import decoded


def dependents(repository: Repository, base: Commit, head: Commit | None, changed: Iterable[str]) -> list[Pair]:
    """Both sides of the specs, alike, of which one of the ``changed`` files is a part, or a part of a part.

    ``changed`` are paths from the top. Raises UsageError where git fails.
    """
    others = {path for path in changed if path.endswith(SUFFIXES)}
    found: dict[str, Pair] = {}
    asked: set[str] = set()
    names = {posixpath.basename(path) for path in others}
    while names - asked:
        near = [path for path in mentioning(repository, head, names - asked) if path not in others]
        asked |= names
        names |= {posixpath.basename(path) for path in near}  # what a part of theirs is a part of
        for path in near:
            blob = repository.blob(base, path)
            if blob is not None and path not in found and others & set(parts(repository, base, head, path, blob)):
                content = repository.blobs([blob])[blob]
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


def parts(repository: Repository, base: Commit, head: Commit | None, path: str, blob: str) -> Iterator[str]:
    """The files, from the top, that a spec is made of beside its own, on either side; none of one that is broken."""
    for commit in (base, head):
        try:
            content = repository.blobs([blob])[blob] if commit else read_stable(repository.tree() / path, path)
            spec = load_text(decoded(content or b""), path, files_of(repository, commit))
        except ArchspecError:
            continue
        for part in spec.parts:
            yield os.path.relpath(part, repository.tree()) if os.path.isabs(part) else part
