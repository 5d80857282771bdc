"""The result of an analysis: plain data, complete when it is made; what every renderer and every command sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archspec.analysis.metrics import Figures
from archspec.analysis.setting import Setting
from archspec.conventions.loader import Count
from archspec.errors import UsageError
from archspec.graph.graph import Graph, Item
from archspec.graph.walk import State
from archspec.language.nodes import Spec
from archspec.records import NamedTuple, Record


class Totals(dict[str, Any]):
    """Sums over the network, by name; ``totals.params`` is ``totals["params"]``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no total is called {name!r}; there are {', '.join(self)}") from None

    def figure(self, name: str) -> Any:
        """The metric of that name: one of the totals, or a tool's memory as ``torchinfo.total_bytes``."""
        tool, dot, key = name.partition(".")
        return self["memory"][tool][key] if dot else self[name]


class Entry(NamedTuple):
    """What rows alike have in common: a layer, or a group with the sums of one instance of it.

    ``item`` of the report's graph stands in ``state``.
    """

    kind: str
    group: bool
    inputs: tuple[tuple[Any, ...], ...]
    output: tuple[Any, ...]
    figures: Mapping[str, Any]
    columns: Mapping[str, Any]
    status: str
    line: int
    note: str
    item: Item
    state: State


class Node(NamedTuple):
    """An entry in the tree, with what is in it; a group met again has the same nodes.

    It stands ``repeat`` times in a row. ``others`` are the instances of which something else holds, by their number,
    and at None all behind the first that do not stand there.
    """

    entry: Entry
    repeat: Any
    nodes: tuple[Node, ...]
    others: Mapping[Any, Node]

    def instance(self, turn: int) -> Node:
        """One of its instances."""
        return self.others.get(turn) or (self.others.get(None) if turn else None) or self


class Row(NamedTuple):
    """One line of the table: a layer, or a group with the sums of one instance of it.

    ``repeat`` is how often it stands in the network; figures are of one. ``depth`` is its level in the tree.
    """

    path: str
    name: str
    depth: int
    repeat: Any
    kind: str
    group: bool
    inputs: tuple[tuple[Any, ...], ...]
    output: tuple[Any, ...]
    figures: Mapping[str, Any]
    columns: Mapping[str, Any]
    status: str
    line: int
    note: str
    item: Item
    state: State

    def __getattr__(self, name: str) -> Any:
        """A metric by its name: ``row.macs``."""
        try:
            return self.figures[name]
        except KeyError:
            raise AttributeError(f"a row has no {name!r}; its figures are {', '.join(self.figures)}") from None


class Counts(NamedTuple):
    """The convention of a report's ``columns``: its name, its version and what it counts."""

    name: str
    version: str
    columns: Mapping[str, Count]


class Report(Record):
    """Figures of one spec at one setting.

    ``unknown`` counts the layers that the convention has no rule for, ``beyond`` the operations that belong to no
    multiply-accumulate, both by kind. ``remarks`` are what to know of each tool's figures of memory. ``unfoldable``:
    with its repeats written out it is short enough to list.
    """

    spec: Spec
    setting: Setting
    graph: Graph
    convention: Counts
    totals: Totals
    tree: tuple[Node, ...]
    unknown: Figures
    beyond: Figures
    remarks: Mapping[str, list[str]]
    assumptions: list[str]
    warnings: list[str]
    unfoldable: bool

    @property
    def variant(self) -> str | None:
        """The variant that was analysed."""
        return self.setting.variant

    @property
    def layers(self) -> tuple[Row, ...]:
        """Every layer, repeats written out unless that would be more than 10,000 lines."""
        return tuple(row for row in self.rows(full=self.unfoldable) if not row.group)

    def rows(self, *, full: bool = False) -> Iterator[Row]:
        """Groups and layers in the order of the network; ``full`` writes repeats out."""
        return _rows(self.tree, "", 0, 1, full)


def of_one_point(report: object, study: str) -> None:
    """Raise UsageError for a result over many design points, of which a study would take the first for all."""
    if not isinstance(report, Report):
        hint = "analyse the points one by one"
        raise UsageError(f"`{study}` takes the report of one design point, got {type(report).__name__}", hint=hint)


def _rows(nodes: tuple[Node, ...], prefix: str, depth: int, times: Any, full: bool) -> Iterator[Row]:
    for node in nodes:
        item = node.entry.item
        written_out = full and type(node.repeat) is int
        for turn in range(node.repeat) if written_out else (0,):
            name = f"{(item.first or 0) + turn}" if turn else item.name
            path = prefix + name
            here = node.instance(turn) if node.others else node
            stands = times if written_out else times * node.repeat
            yield Row(path, name, depth, stands, *here.entry)
            if here.nodes:
                yield from _rows(here.nodes, f"{path}.", depth + 1, stands, full)


def warnings(convention: str, unknown: Mapping[str, Any], assumptions: Iterable[str]) -> list[str]:
    """What a reader must know about figures: layers without a rule, assumptions on symbols."""
    missing = [
        f"{convention} has no rule for {kind} ({_layers(count)}): not in its totals" for kind, count in unknown.items()
    ]
    return missing + [f"assumed: {text}" for text in assumptions]


def _layers(count: Any) -> str:
    return f"{count} layer{'' if type(count) is int and count == 1 else 's'}"
