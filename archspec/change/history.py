"""A spec's figures over the commits that touched it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from archspec.analysis.metrics import Figures, Metric
from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.change.git import Repository, read_stable
from archspec.change.log import Version, versions
from archspec.errors import ArchspecError, UsageError, did_you_mean, show, suggestion
from archspec.language.files import is_spec
from archspec.language.find import SUFFIXES, find
from archspec.language.load import load_text
from archspec.memory.figures import total
from archspec.text.reader import decoded

TREE = "working tree"


class Point(NamedTuple):
    """The spec as a commit left it, or as it lies in the working tree (without ``sha`` and ``date``).

    ``figures`` is None where it has none, and ``remark`` says why; else the remark is what else to know.
    """

    sha: str | None
    date: str
    subject: str
    path: str
    figures: Figures | None
    remark: str


@dataclass(frozen=True, kw_only=True)
class History:
    """All states of one spec, the oldest first."""

    path: str
    variant: str | None
    at: Setting
    metrics: tuple[Metric, ...]
    points: tuple[Point, ...]

    def change(self, index: int, name: str) -> int | None:
        """What a figure changed by since the last state that has it; None for the first, and where there is none."""
        here = self.points[index].figures
        before = next((point.figures for point in reversed(self.points[:index]) if point.figures is not None), None)
        return None if here is None or before is None else here[name] - before[name]


def history(
    word: str,
    metrics: Sequence[Metric],
    at: Setting,
    since: str | None = None,
    most: int | None = None,
    seen: Callable[[int, int], None] = lambda done, all: None,
) -> History:
    """The history of `FILE` or `FILE@variant`; ``seen`` is told of the states done and of all. Raises UsageError."""
    if word == "-":
        raise UsageError("standard input has no history", hint="name a file of a repository")
    file, variant = named(word)
    repository = Repository(Path(file).parent if Path(file).parent.is_dir() else ".")
    path = repository.relative(Path(file).name if repository.folder != Path() else file)
    commits = versions(repository, path, since, most)
    content = read_stable(repository.tree() / path, path)
    if not commits and content is None:
        near = did_you_mean(path, repository.files(repository.commit("HEAD")))
        raise UsageError(f"no commit holds {show(path)}", hint=near)
    if not commits and since is None:
        raise UsageError(f"no commit holds {show(path)}", hint="it is not tracked yet: git add, git commit")
    return Reader(repository, path, variant, at, tuple(metrics)).history(commits, content, seen)


def named(word: str) -> tuple[str, str | None]:
    """The file and the variant of a word; the file need not be there any more. Raises UsageError."""
    file, _, variant = word.rpartition("@")
    for name, of in ((word, None), (file, variant)):
        if name.endswith(SUFFIXES) and not Path(name).exists():
            return name, of
    return find(word)


class Reader:
    """Works out the states of one spec, each blob once."""

    def __init__(
        self, repository: Repository, path: str, variant: str | None, at: Setting, metrics: tuple[Metric, ...]
    ) -> None:
        self.repository = repository
        self.path = path
        self.variant = variant
        self.at = at
        self.metrics = metrics
        self.declared: set[str] = set()  # the dims and vars of all states
        self.variants: tuple[str, ...] = ()  # those of the last state that can be read

    def history(self, commits: Sequence[Version], content: bytes | None, seen: Callable[[int, int], None]) -> History:
        """All states; that of the working tree where it is another than the last commit's."""
        contents, unread = self.contents(commits)
        states: dict[str | None, tuple[Figures | None, str]] = {None: (None, "removed")}
        states |= {blob: (None, why) for blob, why in unread.items()}
        points: list[Point] = []
        for index, commit in enumerate(commits):
            if commit.blob is not None and commit.blob not in states:
                states[commit.blob] = self.state(contents[commit.blob], commit.path)
                seen(index + 1, len(commits))
            figures, remark = states[commit.blob]
            if points and points[-1].path != commit.path:
                remark = f"renamed from {points[-1].path}" + (f"; {remark}" if remark else "")
            points.append(Point(commit.sha, commit.date, commit.subject, commit.path, figures, remark))
        last = contents.get(commits[-1].blob or "") if commits else None
        if content is None and last is not None:
            points.append(Point(None, "", TREE, self.path, None, "removed"))
        elif content is not None and content != last:
            points.append(Point(None, "", TREE, self.path, *self.state(content, self.path)))
        self.check(points)
        return History(path=self.path, variant=self.variant, at=self.at, metrics=self.metrics, points=tuple(points))

    def check(self, points: Sequence[Point]) -> None:
        """Raise UsageError where the variant is one of no state, or no state has what is set."""
        if any(point.figures is not None for point in points):
            for name in self.at.values:
                if name not in self.declared:
                    raise UsageError(f"no state has a dim or var `{name}`", hint=did_you_mean(name, self.declared))
        elif self.variants and self.variant is None:
            raise UsageError(f"{self.path} has several variants", hint=f"write {self.path}@{self.variants[0]}")
        elif self.variants and self.variant not in self.variants:
            hint = suggestion(str(self.variant), self.variants)
            raise UsageError(f"no state has the variant {show(self.variant)}", hint=hint)

    def contents(self, commits: Sequence[Version]) -> tuple[dict[str, bytes], dict[str, str]]:
        """What each blob holds, and why one is not read: it is too large, or not in the clone."""
        wanted = dict.fromkeys(commit.blob for commit in commits if commit.blob is not None)
        contents, unread = {}, {}
        try:
            contents = self.repository.blobs(wanted)
        except UsageError:
            for blob in wanted:
                try:
                    contents.update(self.repository.blobs([blob]))
                except UsageError as error:
                    unread[blob] = error.message
        return contents, unread

    def state(self, content: bytes, path: str) -> tuple[Figures | None, str]:
        """The figures of one state, or why there are none."""
        if not is_spec(content):
            return None, "no spec"
        try:
            spec = load_text(decoded(content), path)
            self.declared |= {*spec.dims, *spec.vars}
            self.variants = tuple(spec.variants)
            if self.variant is not None and self.variant not in spec.variants:
                return None, f"no variant {show(self.variant)}"
            there = cases(spec)
            if self.variant is None and None not in there and len(there) > 1:
                return None, f"several variants: {', '.join(map(str, spec.variants))}"
            report = run(spec, self.at.for_spec(spec, self.variant, declared=True))
            return {metric.name: total(report, metric.name) for metric in self.metrics}, ""
        except UsageError:  # of --dtype or --set: not the spec's fault
            raise
        except ArchspecError as error:
            place = f"{error.span.line}:{error.span.column}: " if error.span else ""
            return None, f"broken: {place}{error.path + ': ' if error.path else ''}{error.message}"
