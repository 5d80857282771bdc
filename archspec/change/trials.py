"""The base with some of the edits made, analysed; and how many such analyses a run may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archspec.analysis.metrics import Figures
from archspec.analysis.report import Report
from archspec.analysis.run import run
from archspec.analysis.setting import Setting
from archspec.change.figures import total
from archspec.change.semantic import Edit, merged
from archspec.errors import ArchspecError
from archspec.graph.graph import Body, Group
from archspec.language.load import spec_of
from archspec.language.nodes import Spec
from archspec.text.document import Document

if TYPE_CHECKING:
    from archspec.analysis.subject import Subject

MAX_WORK = 60_000  # layers read and expanded: some two seconds


class Spent(Exception):
    """A run has done as many analyses as it may."""


class Allowance:
    """What a run may do to tell causes apart: so much for all of its specs, evenly shared; who needs less leaves it."""

    def __init__(self, specs: int = 1) -> None:
        self.specs = specs
        self.left = MAX_WORK
        self.share = 0

    def next_spec(self) -> None:
        """Give the next spec its share."""
        self.share = self.left // max(self.specs, 1)
        self.specs -= 1

    def ask(self) -> None:
        """Raise Spent where the spec's share is spent."""
        if self.share <= 0:
            raise Spent

    def spend(self, work: int) -> None:
        """Take off what an analysis took."""
        self.share -= work
        self.left -= work


class Trials:
    """One variant of the base with any of the edits made."""

    def __init__(self, tree: Any, base: Spec, variant: str | None, at: Setting, allowance: Allowance) -> None:
        self.tree = tree
        self.base = base
        self.variant = variant
        self.at = at
        self.allowance = allowance
        self.known: dict[frozenset[Edit], Figures | None] = {}

    def figures(self, made: frozenset[Edit]) -> Figures | None:
        """The figures with these edits made; None where that is no valid spec. Raises Spent."""
        if made not in self.known:
            self.allowance.ask()
            self.known[made] = self.analysed(made)
        return self.known[made]

    def analysed(self, made: frozenset[Edit]) -> Figures | None:
        """The figures, worked out."""
        data = self.data(made)
        self.allowance.spend(self.base.written)
        try:
            spec = spec_of(Document(self.base.file, "", data, self.base.document.span), self.base.files)
            report = analysed(spec, self.variant, self.at)
        except ArchspecError:
            return None
        self.allowance.spend(extent(report.graph.body, set()))
        return total(report)

    def data(self, made: frozenset[Edit]) -> Any:
        """The spec's data. Other variants are left out, since an edit of all may not fit one as it was, and so are
        expected figures, which may name them."""
        data = merged(self.tree, made.__contains__)
        variants = data.get("variants", {})
        left_out = {"expect", "moved", "variants"}
        kept = {} if self.variant not in variants else {"variants": {self.variant: variants[self.variant]}}
        return {key: kept.get(key, value) for key, value in data.items() if key not in left_out or key in kept}


def analysed(spec: Spec, variant: str | None, at: Setting, known: Subject | None = None) -> Report:
    """A report at the setting, which gives those values that the spec has a dim or var for. Raises ArchspecError."""
    setting = at.for_spec(spec, variant, declared=True)
    return known.report(setting) if known is not None and spec is known.spec else run(spec, setting)


def extent(body: Body, seen: set[int]) -> int:
    """The layers and groups of a graph, each body once."""
    if id(body) in seen:
        return 0
    seen.add(id(body))
    return len(body.items) + sum(extent(item.body, seen) for item in body.items if isinstance(item, Group))
