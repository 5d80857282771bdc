"""Graph -> figures: what each layer costs under each convention, and the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from archspec.analysis.metrics import OF_LAYERS, OF_TENSORS, OWN, Figures, Held, unwrapped
from archspec.analysis.metrics import figures as figures_of
from archspec.analysis.relisting import relisted
from archspec.conventions.loader import Convention
from archspec.errors import ArchspecError
from archspec.graph.graph import Body, Graph, Group, Item, Layer, Tensor
from archspec.graph.walk import FOLDED, UNFOLD_LIMIT, UNROLLED, State, written_out
from archspec.kinds.base import Traits, Weight
from archspec.kinds.dtypes import DTYPES
from archspec.language.building import remembered
from archspec.language.nodes import UseNode
from archspec.records import NamedTuple
from archspec.sizes import prod

UNHOOKED = ("function", "operator")  # what `call` says of a layer that is no module in the reference implementation
# By convention ("" for figures of none) and name; then what a reader must know of kinds: ("unknown", convention, kind)
# are layers, ("remark", convention, kind) those that it has a remark for, ("beyond", "archspec", kind) operations that
# belong to no multiply-accumulate.
Sums = dict[tuple[str, ...], Any]
MOST_OF_BODY = 64  # things that are remembered of one body
_remembered: dict[Any, tuple[Traits, Counted]] = {}  # by all that a layer's figures depend on


class Counted(NamedTuple):
    """One layer's figures: of each metric, and by convention its columns and status; the facts they come from."""

    figures: Figures
    facts: Figures
    columns: Mapping[str, Figures]
    status: Mapping[str, str]
    sums: Sums  # all of these that are not 0, by where they come from


class Ledger:
    """Counts one graph under several conventions. The same layer met again is not counted again."""

    def __init__(self, graph: Graph, dtype: str, conventions: Iterable[Convention]) -> None:
        self.conventions = tuple({convention.name: convention for convention in conventions}.values())
        self.dtype = dtype
        self.graph = graph
        self.samples = next(iter(graph.inputs.values())).shape[0]
        self.itemsize = DTYPES[dtype]
        self.own: Callable[[Any], Any] = identity if graph.plain else unwrapped  # sizes as the caller's numbers
        self.around = self.conventions, dtype, self.samples
        self._calls: dict[tuple[Any, ...], Counted] = {}
        self._bodies: dict[Body, dict[Any, Any]] = {}
        self._kept: list[Any] = []  # keeps ids that are keys from being used again

    def call(self, call: Layer, state: State) -> Counted:
        """The figures of one instance of a layer. Raises ArchspecError where a formula has no value."""
        key = (
            id(call.traits), call.shared, call.again, state[:6], call.node.call, call.dtypes[:1],
        )  # fmt: skip
        found = self._calls.get(key)
        if found is None:
            found = self._calls[key] = self._remembered(call, state, key[1:])
            self._kept.append(call.traits)
        return found

    def _remembered(self, call: Layer, state: State, around: tuple[Any, ...]) -> Counted:
        """The figures of a layer, in a graph of plain numbers perhaps from an analysis before."""
        traits = call.traits
        key = self.around, id(traits), around
        known = _remembered.get(key)
        if known is not None:
            return known[1]
        counted = self._count(call, state)
        if self.graph.plain:
            remembered(_remembered, key, (traits, counted))  # traits that are kept have an id that is no other's
        return counted

    def _count(self, call: Layer, state: State) -> Counted:
        traits = call.traits
        owned = [] if state.shared else [weight for weight in traits.weights if weight.name not in call.shared]
        learned: list[Weight] = []
        buffers: list[Weight] = []
        for weight in owned:
            (buffers if weight.buffer else learned).append(weight)
        held = Held(learned, buffers, state.frozen, self.size_of)
        base = {name: source.compute(held) for name, source in OF_TENSORS.items()}
        facts = {**traits.facts, **self.call_facts(call, base, state)}
        columns, status = {}, {}
        for convention in self.conventions:
            replaced = convention.repeated == "last call" and state.repeated
            figures, how = count_layer(convention, call, facts, state.idle or replaced)
            columns[convention.name], status[convention.name] = figures, how
        sums: Sums = {
            (where, name): value
            for where, figures in {"": base, **columns}.items()
            for name, value in figures.items()
            if type(value) is not int or value
        }
        sums.update(self.remarks(call, columns, status))
        return Counted(self.own(figures_of(sums, OF_LAYERS)), facts, columns, status, sums)

    def remarks(self, call: Layer, columns: Mapping[str, Figures], status: Mapping[str, str]) -> Sums:
        """What a reader must know of a layer beside its figures, by its kind."""
        kind = call.traits.kind.kind
        remarks: Sums = {("unknown", name, kind): 1 for name, how in status.items() if how == "unknown"}
        tied = "tied" if call.shared and not call.again else ""
        for convention in self.conventions:
            for what in (kind, tied):
                if what in convention.remarks:
                    remarks["remark", convention.name, what] = 1
        if OWN in columns:
            beyond = columns[OWN]["flops"] - 2 * columns[OWN]["macs"]
            if type(beyond) is not int or beyond:
                remarks["beyond", OWN, kind] = beyond
        return remarks

    def call_facts(self, call: Layer, base: Figures, state: State) -> Figures:
        """The facts of a call that its kind does not know."""
        return {
            "itemsize": self.itemsize,
            "in_itemsize": self.bytes_of(call.dtypes[0]) if call.dtypes else self.itemsize,
            "owned": base["params"],
            "trainable": base["params_trainable"],
            "buffers": base["buffers"],
            "samples": self.samples,
            "function": int(call.node.call in UNHOOKED),
            "operator": int(call.node.call == "operator"),
            "again": int(call.again or state.shared),
            "places": state.places,
            "experts": call.traits.weights[0].experts if call.traits.weights else 1,
            "grouped": int(any(weight.stacked for weight in call.traits.weights)),
        }

    def size_of(self, tensor: Tensor | Weight) -> int:
        """Bytes of one element of a tensor."""
        return self.bytes_of(tensor.dtype)

    def bytes_of(self, dtype: str) -> int:
        """Bytes of one element of that dtype, or of the analysis' where it is left open."""
        return DTYPES[dtype or self.dtype]

    def sums(self) -> Sums:
        """The sums over the whole network, its inputs included."""
        found = dict(self.totals(self.graph.body, State.of(self.graph)))
        add(found, self.inputs(self.graph), 1)
        if self.graph.body.marks is not None:
            add(found, self.network(self.graph), 1)
        return found

    def totals(self, body: Body, state: State) -> Sums:
        """Sums over a body, repeats multiplied in; keys are (where, name)."""
        known, key = self.known(body), (self.around, state)
        found: Sums | None = known.get(key)
        if found is None:
            found = {}
            tally: dict[int, tuple[Sums, Any]] = {}  # many items have the same figures, which are added once
            for item in body.items:
                for inner, times in state.instances(item):
                    sums = self.item(item, inner)
                    more = tally.get(id(sums))
                    tally[id(sums)] = sums, times if more is None else more[1] + times
            for sums, times in tally.values():
                add(found, sums, times)
            known[key] = found
        return found

    def known(self, body: Body) -> dict[Any, Any]:
        """Where to look for what was worked out of a body; a body that is kept for other graphs has it by itself."""
        if body.known is None:
            return self._bodies.setdefault(body, {})
        if len(body.known) >= MOST_OF_BODY:
            body.known.clear()
        return body.known

    def item(self, item: Item, state: State) -> Sums:
        """The sums of one instance of a layer or a group, ``state`` being its own."""
        if isinstance(item, Layer):
            return self.call(item, state).sums
        sums = self.totals(item.body, state)
        called = isinstance(item.node, UseNode) and not item.several and item.node.call == "module"
        if called and not state.idle:
            known, key = self.known(item.body), (self.around, state, "called")
            whole: Sums | None = known.get(key)
            if whole is None:
                whole = dict(sums)
                add(whole, self.block(item, state), 1)
                known[key] = whole
            return whole
        return sums

    def block(self, group: Group, state: State) -> Sums:
        """What conventions count for the call of a block itself, beside its layers."""
        figures: Sums = {}
        shapes = group.body.shapes_out()
        facts = {
            "out_numel": sum(map(prod, shapes)),
            "out_axis0": shapes[0][0],
            "itemsize": self.itemsize,
            "samples": self.samples,
            "places": state.places,
        }
        for convention in self.conventions:
            counted = convention.count("block", facts)
            figures.update(((convention.name, name), value) for name, value in counted.items())
        return figures

    def network(self, graph: Graph) -> Sums:
        """What conventions count for a network in which modules are shared, beside its layers."""
        counting = [convention for convention in self.conventions if convention.rule("network") is not None]
        if not counting:
            return {}
        visits = UNROLLED if written_out(graph.body) <= UNFOLD_LIMIT else FOLDED
        facts = {
            name: relisted(graph, partial(self.owned, figure), visits)
            for name, figure in (("relisted", "params"), ("relisted_trainable", "params_trainable"))
        }
        return {
            (convention.name, name): value
            for convention in counting
            for name, value in convention.count("network", facts).items()
        }

    def owned(self, figure: str, layer: Layer, state: State) -> Any:
        """A figure of the tensors that a layer owns."""
        return self.call(layer, state).sums.get(("", figure), 0)

    def inputs(self, graph: Graph) -> Sums:
        """What conventions count for the network's inputs."""
        figures: Sums = {}
        for value in graph.inputs.values():
            facts = {"numel": prod(value.shape), "in_itemsize": self.size_of(value), "samples": self.samples}
            for convention in self.conventions:
                counted = convention.count("input", facts)
                add(figures, {(convention.name, name): value for name, value in counted.items()}, 1)
        return figures


def count_layer(convention: Convention, call: Layer, facts: Figures, idle: bool) -> tuple[Figures, str]:
    """One layer under one convention: its columns, and whether it was counted, is free by the rule, or is unknown.

    ``idle``: it does no operations here, be it that it runs in training only or that a later call stands for it.
    """
    kind = call.traits.kind.kind
    if idle or kind in convention.free:
        status = "free"
    else:
        unseen = convention.sees == "modules" and call.node.call in UNHOOKED
        unclear = convention.experts == "unknown" and inside_experts(facts)
        status = "unknown" if convention.rule(kind) is None or unseen or unclear else "counted"
    try:
        counted = convention.count(kind, facts) if status == "counted" else convention.count_idle(facts)
        return {**dict.fromkeys(convention.columns, 0), **counted}, status
    except ArchspecError as error:
        # The place in the file is the formula's; the layer it fails for is part of the message.
        error.message += f", counting `{call.name}` of {call.node.file}:{call.node.span.line}"
        raise


def inside_experts(facts: Figures) -> bool:
    """Whether a layer stands for several, each of which meets some of the rows."""
    experts = facts["experts"]
    return type(experts) is not int or experts > 1


def why_nothing(convention: Convention, kind: str, status: str, facts: Figures) -> str:
    """Why a layer that is not counted counts no operations."""
    if status == "free":
        idle = "runs only in training"
        if convention.repeated == "last call":
            idle += ", or its module is called again later and counts there"
        return convention.free.get(kind, idle)
    if convention.rule(kind) is None:
        return convention.unknown
    return (
        "one of several experts, of which its rule is not known"
        if inside_experts(facts)
        else "no module, so it is not seen"
    )


def identity(value: Any) -> Any:
    """The value: plain numbers are the caller's own."""
    return value


def add(total: Sums, figures: Sums, times: Any) -> None:
    """Add figures to a total, ``times`` over."""
    for key, value in figures.items():
        more = value if type(times) is int and times == 1 else value * times
        total[key] = total[key] + more if key in total else more
