"""The base of a change: its files as a git ref has them, and which of them became which."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from archspec.analysis.subject import Subject, Subjects, path_from
from archspec.change.collect import contents
from archspec.change.dependents import dependents
from archspec.change.git import Repository
from archspec.change.moves import Moves, Origin, Sides, moves
from archspec.change.pairs import Pair, recognised, renamed
from archspec.change.parts import Committed
from archspec.errors import ArchspecError, UsageError
from archspec.language.load import load_text
from archspec.text.reader import decoded
from archspec.text.top import real


class Base:
    """The files that a change starts from: those of the merge base of a ref and HEAD; ``heads`` are specs as they are
    now, each read once.

    Raises UsageError where there is no repository, no git, no such ref or no merge base.
    """

    def __init__(self, ref: str, folder: str | Path = ".") -> None:
        self.repository = Repository(folder)
        self.commit = self.repository.merge_base(self.repository.commit(ref))
        self.ref = ref
        self.heads = Subjects()
        self._texts: dict[Path, str | None] = {}
        self._subjects: dict[str, Subject | ArchspecError | None] = {}

    @cached_property
    def top(self) -> Path:
        """The folder of the working tree."""
        return self.repository.tree().resolve()

    @cached_property
    def files(self) -> frozenset[str]:
        """All that the commit holds."""
        return frozenset(self.repository.files(self.commit))

    def text(self, path: Path) -> str | None:
        """A file's text in the commit, None where there is none. Raises UsageError, SpecError where it is no UTF-8."""
        if path not in self._texts:
            name = self.repository.relative(path)
            blob = self.repository.blob(self.commit, name) if name in self.files else None
            self._texts[path] = None if blob is None else decoded(self.repository.blobs([blob])[blob])
        return self._texts[path]

    def inside(self, path: Path) -> str | None:
        """As ``text``, and None for a file that lies outside the repository."""
        return self.text(path) if self.holds(path) else None

    @cached_property
    def _all(self) -> list[Pair]:
        return list(contents(self.repository, self.repository.changes(self.commit, None, ())))

    @cached_property
    def _dependents(self) -> list[Pair]:
        paths = {path for pair in self._all for path in (pair.path, pair.old_path)}
        return dependents(self.repository, self.commit, None, paths)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Both sides of every spec of the repository that differs, or of which a part does."""
        kept = [pair for pair in map(recognised, self._all) if pair.base is not None or pair.head is not None]
        return tuple(sorted([*renamed(kept), *self._dependents]))

    @cached_property
    def _by_path(self) -> dict[str, Pair]:
        moved = [pair for pair in self.pairs if pair.path != pair.old_path]
        return {pair.path: pair for pair in (*self._all, *self._dependents, *moved) if pair.head is not None}

    def holds(self, path: Path) -> bool:
        """Whether a path lies in the repository."""
        return self.top in real(path).parents

    def differs(self, path: Path) -> bool:
        """Whether a YAML or JSON file of the working tree, or a part of it, is another than the commit's.

        Raises UsageError for one in a repository of its own, such as a submodule.
        """
        full = real(path.parent)
        around = (full, *full.parents)
        inner = next((folder for folder in around if folder == self.top or (folder / ".git").exists()), self.top)
        if inner != self.top:
            name = inner.relative_to(self.top).as_posix()
            raise UsageError(f"{path} lies in {name}, a repository of its own", hint=f"run archspec inside {name}")
        return self.repository.relative(path) in self._by_path

    def before(self, path: Path) -> Path:
        """Where a spec was; where it is for a new one."""
        pair = self._by_path.get(self.repository.relative(path))
        return self.top / pair.old_path if pair is not None and pair.base is not None else path

    @cached_property
    def moves(self) -> Moves:
        """The variants that went from one spec to another."""
        return moves(self.pairs, self._sides)

    def came_from(self, pair: Pair) -> Iterator[str]:
        """Where a spec was in the base, then where those of its variants were that came from other files."""
        yield pair.old_path
        yield from (origin.place.path for origin in self.moves.into(pair.path).values())

    def moves_at(self, path: Path) -> tuple[dict[str | None, Origin], frozenset[str | None]]:
        """The variants that a spec has from others, and those of its own that others have now."""
        name = self.repository.relative(path)
        pair = self._by_path.get(name)
        return self.moves.into(name), self.moves.out_of(name if pair is None else pair.old_path)

    def _sides(self, pair: Pair) -> Sides:
        file = path_from(Path.cwd(), str(self.top / pair.path))
        before: Subject | ArchspecError | None
        if pair.head is not None:
            before, after = self.subject(file), self.heads.of(file)
        else:
            before, after = self._read(file, pair.old_path, pair.base or b""), None
        return before if isinstance(before, Subject) else None, after if isinstance(after, Subject) else None

    def subject(self, file: str) -> Subject | ArchspecError | None:
        """A spec that differs, as it was, under the name it has now: read once. None for a new one, an error for one
        that cannot be read."""
        if file not in self._subjects:
            pair = self._by_path.get(self.repository.relative(file))
            old = None if pair is None or pair.base is None else self._read(file, pair.old_path, pair.base)
            self._subjects[file] = old
        return self._subjects[file]

    def _read(self, file: str, name: str, content: bytes) -> Subject | ArchspecError:
        try:
            files = Committed(self.repository, self.commit, {file: name})
            return Subject(load_text(decoded(content), file, files), name)
        except UsageError:
            raise
        except ArchspecError as error:
            return error
