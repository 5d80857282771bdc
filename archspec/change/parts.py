"""The parts of a spec as they were in a commit."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from archspec.change.git import Commit, Repository
from archspec.errors import SpecError, show
from archspec.language.parts import Files, Tree
from archspec.text.document import Document
from archspec.text.reader import decoded, read_text


class Committed(Files):
    """Files of a commit, by their paths from the top; ``names`` are the paths of those that are called otherwise."""

    def __init__(self, repository: Repository, commit: Commit, names: Mapping[str, str] | None = None) -> None:
        self.repository = repository
        self.commit = commit
        self.names = names or {}

    def path(self, name: str, asking: str) -> str:
        folder = posixpath.dirname(self.names.get(asking, asking))
        path = posixpath.normpath(posixpath.join(folder, name))
        if path.startswith("../"):
            raise SpecError(f"{show(name)} leads out of the repository")
        return path

    def document(self, path: str) -> Document:
        blob = self.repository.blob(self.commit, path)
        if blob is None:
            raise SpecError(f"there is no file {show(path)} in {self.commit.sha[:10]}")
        return read_text(decoded(self.repository.blobs([blob])[blob]), path)


def files_of(repository: Repository, commit: Commit | None) -> Files:
    """The files of a commit, or of the working tree."""
    return Tree(str(repository.tree())) if commit is None else Committed(repository, commit)
