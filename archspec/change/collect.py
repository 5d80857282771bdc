"""From what the user names to the specs on both sides: the working tree, refs, files, ``REF:path``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from archspec.analysis.setting import Setting
from archspec.analysis.subject import Subject
from archspec.change.dependents import dependents
from archspec.change.diff import compare_files
from archspec.change.git import Change, Commit, Repository, read_stable
from archspec.change.model import Diff, Side, SpecDiff
from archspec.change.moves import Moves, Sides, moves
from archspec.change.pairs import Pair, recognised, renamed
from archspec.change.parts import files_of
from archspec.change.trials import Allowance
from archspec.errors import ArchspecError, UsageError, did_you_mean, show
from archspec.language.find import SUFFIXES
from archspec.language.load import load_text
from archspec.language.parts import TREE, Files
from archspec.text.globs import matches
from archspec.text.reader import decoded


class File(NamedTuple):
    """A file named by the user: in a commit, or where it lies."""

    name: str
    path: str
    commit: str | None


def collect(base: str | None, head: str | None, globs: Sequence[str], at: Setting) -> Diff:
    """The difference between what two words name. Raises UsageError.

    Nothing: the merge base with the default branch, and the working tree. One ref: the merge base with it, and the
    working tree. ``A..B`` and ``A...B``: two commits, or the merge base of both and the second. Two words: the two as
    they are. A file, or ``REF:path``: that one spec.
    """
    if base is not None and head is None and ".." in base and not Path(base).exists():
        return of_range(base, globs, at)
    named = [file_of(word) for word in (base, head) if word is not None]
    if any(named):
        if globs:
            raise UsageError("--specs goes with refs, not with files")
        return of_files([word for word in (base, head) if word is not None], named, at)
    repository = Repository()
    if head is not None:
        assert base is not None
        return of_commits(repository, repository.commit(base), repository.commit(head), globs, at)
    tip = repository.commit(base) if base is not None else repository.upstream()
    return of_commits(repository, repository.merge_base(tip), None, globs, at)


def of_range(words: str, globs: Sequence[str], at: Setting) -> Diff:
    """``A..B`` and ``A...B``, as git reads them."""
    left, dots, right = words.partition("...")
    if not dots:
        left, _, right = words.partition("..")
    repository = Repository()
    base, head = repository.commit(left or "HEAD"), repository.commit(right or "HEAD")
    start = repository.merge_base(base, head.sha) if dots else base
    return of_commits(repository, start, head, globs, at)


def of_commits(repository: Repository, base: Commit, head: Commit | None, globs: Sequence[str], at: Setting) -> Diff:
    """All specs that differ between two commits, or a commit and the working tree."""
    changes = repository.changes(base, head, globs)
    pairs = list(contents(repository, changes))
    if not globs:
        pairs = [pair for pair in map(recognised, pairs) if pair.base is not None or pair.head is not None]
    every = repository.changes(base, head, ()) if globs else changes
    paths = {path for change in every for path in (change.path, change.old_path) if path}
    around = dependents(repository, base, head, paths)
    chosen = [pair for pair in around if not globs or any(matches(glob, pair.path) for glob in globs)]
    pairs = sorted([*renamed(pairs), *chosen])
    old, new = files = files_of(repository, base), files_of(repository, head)
    sides = {pair.path: (spec_in(pair.base, pair.old_path, old), spec_in(pair.head, pair.path, new)) for pair in pairs}
    specs = compared(pairs, at, lambda pair: sides[pair.path], moves(pairs, lambda pair: sides[pair.path]), files)
    return finished(Side(*base), Side(*head) if head else Side("working tree"), specs, at)


def compared(
    pairs: Sequence[Pair], at: Setting, known: Callable[[Pair], Sides], moves: Moves, files: tuple[Files, Files]
) -> list[SpecDiff]:
    """The difference of each pair, less files of which nothing is left to tell since all of it moved."""
    allowance = Allowance(len(pairs))
    specs = [compare_files(*pair, at, known(pair), allowance, moves, files) for pair in pairs]
    return [spec for spec in specs if spec.variants or spec.findings]


def spec_in(content: bytes | None, path: str, files: Files) -> Subject | None:
    """The spec in a file, None where there is none that can be read."""
    try:
        return None if content is None else Subject(load_text(decoded(content), path, files), path)
    except UsageError:
        raise
    except ArchspecError:
        return None


def contents(repository: Repository, changes: Sequence[Change]) -> Iterator[Pair]:
    """Both sides of each file."""
    blobs = repository.blobs(sha for change in changes for sha in (change.old, change.new) if sha)
    for change in changes:
        old = blobs[change.old] if change.old else None
        new = blobs[change.new] if change.new else None
        if change.new == "" and change.path is not None:
            new = read_stable(repository.tree() / change.path, change.path)
        path = change.path or change.old_path or ""
        pair = Pair(path, change.old_path or path, old, new)
        if pair.path != pair.old_path or not untouched(repository, change, old, new):
            yield pair


def untouched(repository: Repository, change: Change, old: bytes | None, new: bytes | None) -> bool:
    """Whether two contents are one: git names files that were only touched, and may store other line ends."""
    if old is None or new is None or old == new:
        return old == new
    alike = change.new == "" and old.replace(b"\r\n", b"\n") == new.replace(b"\r\n", b"\n")
    return alike and repository.object_of(change.path or "") == change.old


def file_of(word: str) -> File | None:
    """The file a word names; None for a ref."""
    if Path(word).is_file():
        return File(word, word, None)
    ref, colon, path = word.partition(":")
    if colon and ref and path:
        return File(word, path, ref)
    if word.endswith(SUFFIXES):
        return File(word, word, None)  # deleted since, or misspelled
    return None


def of_files(words: Sequence[str], named: Sequence[File | None], at: Setting) -> Diff:
    """One spec: a file or ``REF:path`` against another, or against itself at a ref."""
    if len(named) == 2 and all(file and file.commit is None for file in named):
        left, right = read_stable(Path(words[0]), words[0]), read_stable(Path(words[1]), words[1])
        for word, content in zip(words, (left, right), strict=True):
            if content is None:
                raise UsageError(f"no such file: {word}")
        spec = compare_files(words[1], words[0], left, right, at, files=(TREE, TREE))
        return finished(Side(words[0]), Side(words[1]), [spec], at)
    repository = Repository()
    (first,) = (file for file in named if file) if len(named) == 1 else (named[0] or named[1],)
    assert first is not None
    sides = [
        side(repository, file or File(word, path_in(repository, first), word))
        for word, file in zip(words, named, strict=True)
    ]
    if len(sides) == 1:
        path = path_in(repository, first)
        if first.commit is None:
            start = repository.merge_base(repository.upstream())
            sides.insert(0, (Side(*start), path, at_commit(repository, start, path)))
        else:
            sides.append((Side("working tree"), path, read_stable(repository.tree() / path, path)))
    (old, old_path, base), (new, path, head) = sides
    if base is None and head is None:
        raise missing(repository, first, path)
    before, after = (files_of(repository, Commit(side.name, side.sha) if side.sha else None) for side in (old, new))
    pair = path, old_path if base is not None else path, base, head
    return finished(old, new, [compare_files(*pair, at, files=(before, after))], at)


def side(repository: Repository, file: File) -> tuple[Side, str, bytes | None]:
    """One side, the path there, and the content, None where it is not there."""
    if file.commit is None:
        path = path_in(repository, file)
        return Side("working tree"), path, read_stable(Path(file.path), path)
    commit = repository.commit(file.commit)
    path = path_in(repository, file)
    return Side(*commit), path, at_commit(repository, commit, path)


def path_in(repository: Repository, file: File) -> str:
    """A file's path from the top: one behind a ref is written so, or from here with a leading `./`, as git has it."""
    if file.commit is None or file.path.startswith(("./", "../")):
        return repository.relative(file.path)
    return os.path.normpath(file.path).replace(os.sep, "/")


def at_commit(repository: Repository, commit: Commit, path: str) -> bytes | None:
    """A file's content in a commit."""
    sha = repository.blob(commit, path)
    return None if sha is None else repository.blobs([sha])[sha]


def missing(repository: Repository, file: File, path: str) -> UsageError:
    """A file that is on neither side."""
    near = did_you_mean(path, repository.files(repository.commit(file.commit or "HEAD")))
    return UsageError(f"no such file on either side: {show(path)}", hint=near)


def finished(base: Side, head: Side, specs: list[SpecDiff], at: Setting) -> Diff:
    """The whole, once all that was given with --set has a meaning somewhere. Raises UsageError."""
    known = {name for spec in specs for name in spec.declared}
    if specs and all(spec.declared for spec in specs):
        for name in at.values:
            if name not in known:
                raise UsageError(f"no changed spec has a dim or var `{name}`", hint=did_you_mean(name, known))
    return Diff(base=base, head=head, at=at, specs=tuple(specs))
