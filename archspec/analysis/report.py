"""The result of an analysis: what every renderer and every command sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from archspec.analysis.count import Counted, Ledger, Sums
from archspec.analysis.metrics import OF_LAYERS, OWN, TOOLS, Figures, figures
from archspec.analysis.setting import Setting
from archspec.conventions.loader import Convention
from archspec.graph.graph import Body, Graph, Group, Item, Layer
from archspec.graph.walk import FOLDED, UNROLLED, State, Step, walk
from archspec.language.nodes import Spec
from archspec.sizes import unwrap

UNFOLD_LIMIT = 10_000


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


class Row(NamedTuple):
    """One line of the table: a layer, or a group with the sums of one instance of it.

    ``repeat`` is how often it stands in the network; figures are of one. ``depth`` is its level in the tree.
    """

    path: str
    name: str
    depth: int
    kind: str
    group: bool
    inputs: tuple[tuple[Any, ...], ...]
    output: tuple[Any, ...]
    figures: Mapping[str, Any]
    columns: Mapping[str, Any]
    status: str
    repeat: Any
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


class Report:
    """Figures of one spec at one setting. ``str`` is the table, ``to_dict`` the JSON contract."""

    def __init__(
        self, spec: Spec, setting: Setting, graph: Graph, ledger: Ledger, convention: Convention, assumptions: list[str]
    ) -> None:
        self.spec = spec
        self.setting = setting
        self.variant = setting.variant
        self.graph = graph
        self.ledger = ledger
        self.convention = convention
        self.assumptions = assumptions

    @cached_property
    def sums(self) -> Sums:
        """Everything that adds up over the network, repeats multiplied in and shared weights once."""
        return self.ledger.sums(self.graph)

    def of_kinds(self, what: str, convention: str) -> dict[str, Any]:
        """What the sums say of kinds: the layers that are "unknown" to a convention, operations "beyond" MACs."""
        return {key[2]: unwrap(value) for key, value in self.sums.items() if key[:2] == (what, convention)}

    @cached_property
    def totals(self) -> Totals:
        """Sums over the network, repeats multiplied in and shared weights once."""
        sums = self.sums
        totals = Totals()
        memory: dict[str, Figures] = {tool: {} for tool in TOOLS}
        for name, value in figures(sums).items():
            tool, dot, key = name.partition(".")
            (memory[tool] if dot else totals)[key or name] = value
        if self.convention.name != OWN:
            totals["columns"] = {name: sums.get((self.convention.name, name), 0) for name in self.convention.columns}
        totals["memory"] = memory
        result: Totals = unwrapped(totals)
        return result

    @cached_property
    def layers(self) -> tuple[Row, ...]:
        """Every layer, repeats written out unless that would be more than 10,000 lines."""
        return tuple(row for row in self.rows(full=self.unfoldable) if not row.group)

    @property
    def unfoldable(self) -> bool:
        """Whether the network with its repeats written out is short enough to list."""
        return _written_out(self.graph.body) <= UNFOLD_LIMIT

    def rows(self, *, full: bool = False) -> Iterator[Row]:
        """Groups and layers in the order of the network; ``full`` writes repeats out."""
        return map(self.row, walk(self.graph, UNROLLED if full else FOLDED))

    def row(self, step: Step) -> Row:
        """The line of one item. Its depth is the tree's, since a name may hold dots, as in an expanded spec."""
        item, state = step.item, step.state
        convention = self.convention.name
        if isinstance(item, Layer):
            counted: Counted = self.ledger.call(item, state)
            sums = counted.sums
            columns, status = counted.columns[convention], counted.status[convention]
            kind, inputs, outputs = item.traits.kind.kind, item.traits.inputs, item.traits.outputs
        else:
            sums = self.ledger.item(item, state)
            columns = {name: sums.get((convention, name), 0) for name in self.convention.columns}
            status, kind, inputs, outputs = "", item.label, item.body.shapes_in(), item.body.shapes_out()
        shared = (isinstance(item, Layer) and bool(item.shared)) or state.shared
        notes = [word for word, on in (("tied", shared), ("frozen", state.frozen), ("train only", state.train)) if on]
        if item.node.note:
            notes.append(item.node.note)
        return Row(
            path=step.path, name=step.name, depth=step.depth, kind=kind, group=isinstance(item, Group),
            inputs=unwrapped(inputs), output=unwrapped(outputs[0] if outputs else ()),
            figures=unwrapped(figures(sums, OF_LAYERS)), columns=unwrapped(columns), status=status,
            repeat=unwrap(step.times), line=item.node.span.line, note=", ".join(notes), item=item, state=state,
        )  # fmt: skip

    @cached_property
    def unknown(self) -> dict[str, Any]:
        """Layers the chosen convention has no rule for: kind -> how many."""
        return self.of_kinds("unknown", self.convention.name)

    @property
    def warnings(self) -> list[str]:
        """What a reader must know about the figures: layers without a rule, assumptions on symbols."""
        return warnings(self.convention.name, self.unknown, self.assumptions)

    def to_dict(self, *, full: bool | None = None) -> dict[str, Any]:
        """The contract ``archspec.summary/1``: exact integers, shapes with the batch at axis 0."""
        from archspec.render.json import summary

        return summary(self, full=self.unfoldable if full is None else full)

    def __str__(self) -> str:
        from archspec.render.table import table

        return table(self)

    def _repr_html_(self) -> str:
        from archspec.render.html import html_table

        return html_table(self)


def warnings(convention: str, unknown: Mapping[str, Any], assumptions: Iterable[str]) -> list[str]:
    """What a reader must know about figures: layers without a rule, assumptions on symbols."""
    missing = [
        f"{convention} has no rule for {kind} ({_layers(count)}): not in its totals" for kind, count in unknown.items()
    ]
    return missing + [f"assumed: {text}" for text in assumptions]


def unwrapped(value: Any) -> Any:
    """Sizes inside mappings and tuples as the caller's own numbers."""
    if isinstance(value, dict):
        return type(value)({key: unwrapped(item) for key, item in value.items()})
    if isinstance(value, tuple):
        return tuple(map(unwrapped, value))
    return unwrap(value)


def _written_out(body: Body) -> int:
    """Layers with repeats written out; a huge number where a repeat is not a plain number."""
    total = 0
    for item in body.items:
        once = _written_out(item.body) if isinstance(item, Group) else 1
        total += once * item.repeat if type(item.repeat) is int else UNFOLD_LIMIT + 1
    return total


def _layers(count: Any) -> str:
    return f"{count} layer{'' if type(count) is int and count == 1 else 's'}"
