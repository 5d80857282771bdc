"""The table of metrics: every figure there is, with its unit, what it means, how it adds up and where it comes from.

Rows and totals, the columns of tables, `expect`, budgets, diffs, JSON and the docs are read off it. A new metric is an
entry here with its computation: of a layer's tensors, a count of a convention, or of the metrics before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from archspec.kinds.base import Weight
from archspec.records import NamedTuple
from archspec.sizes import unwrap

Figures = dict[str, Any]
OWN = "archspec"
TOOLS = ("torchinfo", "torchsummary")  # whose memory figures are worked out in every analysis


class Held(NamedTuple):
    """What a layer holds that no layer before it holds already; ``size_of`` gives the bytes of a tensor's element."""

    weights: Sequence[Weight]
    buffers: Sequence[Weight]
    frozen: bool
    size_of: Callable[[Weight], int]


class OfTensors(NamedTuple):
    """Of the tensors that a layer holds."""

    compute: Callable[[Held], Any]


class OfConvention(NamedTuple):
    """A column of a convention, which each layer has by its kind's rule."""

    convention: str
    column: str


class OfMetrics(NamedTuple):
    """Of the metrics that stand before it in the table, and of the same thing."""

    compute: Callable[[Mapping[str, Any]], Any]


class OfMemory(NamedTuple):
    """A figure of the room `memory`, worked out where it is asked for: a total, of layers the sum of these of theirs.

    ``train``: it is of a training step.
    """

    layers: tuple[str, ...] = ()
    train: bool = False


Source = OfTensors | OfConvention | OfMetrics | OfMemory


class Metric(NamedTuple):
    """One figure. ``adds`` is how a whole has it from its parts.

    ``of_layers``: layers and groups have it too, not the network alone. ``lead``: one of those that a network is known
    by. ``diffed``: a diff follows it; ``across``: it is a column where changed networks stand side by side.
    ``follows`` is a metric that it moves with, and that is enough to see where there is little room. ``tool``: it is
    the memory that a tool would print, which is shown where that is asked for.
    """

    name: str
    title: str
    unit: str
    meaning: str
    source: Source
    adds: Literal["sum", "maximum", "ratio"] = "sum"
    of_layers: bool = True
    lead: bool = False
    diffed: bool = False
    across: bool = False
    follows: str = ""
    tool: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Under what it stands among an analysis' sums."""
        source = self.source
        return (source.convention, source.column) if isinstance(source, OfConvention) else ("", self.name)


def _scalars(tensors: Sequence[Weight]) -> Any:
    return sum(tensor.numel for tensor in tensors)


def _bytes(tensors: Sequence[Weight], size_of: Callable[[Weight], int]) -> Any:
    return sum(tensor.numel * size_of(tensor) for tensor in tensors)


def _memory(tool: str, unit: str) -> tuple[Metric, ...]:
    """What a tool prints of memory: three counts of its convention and their sum."""
    parts = {
        "input_bytes": "the network's inputs",
        "forward_backward_bytes": "activations and their gradients",
        "params_bytes": "parameters",
    }
    counts = tuple(
        Metric(
            f"{tool}.{name}", title, "bytes", f"bytes of {meaning} as {tool} has them, which prints {unit}",
            OfConvention(tool, name), of_layers=False, diffed=True, tool=tool,
        )
        for (name, meaning), title in zip(parts.items(), ("input", "forward/backward", "params"), strict=True)
    )  # fmt: skip
    total = OfMetrics(lambda figures: sum(figures[metric.name] for metric in counts))
    whole = Metric(
        f"{tool}.total_bytes", "total", "bytes", "the sum of these three", total,
        of_layers=False, diffed=True, tool=tool,
    )  # fmt: skip
    return *counts, whole


METRICS: tuple[Metric, ...] = (
    Metric(
        "params", "params", "scalars", "learnable scalars, shared ones once",
        OfTensors(lambda held: _scalars(held.weights)), lead=True, diffed=True, across=True,
    ),
    Metric(
        "params_trainable", "trainable", "scalars", "those of `params` that are not frozen",
        OfTensors(lambda held: 0 if held.frozen else _scalars(held.weights)), follows="params",
    ),
    Metric(
        "params_frozen", "frozen", "scalars", "those of `params` that are frozen",
        OfMetrics(lambda figures: figures["params"] - figures["params_trainable"]), of_layers=False,
        follows="params",
    ),
    Metric(
        "active_params", "active", "scalars", "those of `params` that a token meets: of experts those it is sent to",
        OfTensors(lambda held: sum(tensor.active for tensor in held.weights)), follows="params",
    ),
    Metric(
        "macs", "MACs", "MACs", "multiply-accumulates of contractions",
        OfConvention(OWN, "macs"), lead=True, diffed=True, across=True,
    ),
    Metric(
        "flops", "FLOPs", "FLOPs", "every arithmetic operation, two to a multiply-accumulate",
        OfConvention(OWN, "flops"), lead=True, diffed=True, follows="macs",
    ),
    Metric(
        "unmasked_macs", "unmasked MACs", "MACs",
        "those of `macs` that a kernel computes which skips the pairs a causal mask or a window hides",
        OfConvention(OWN, "unmasked_macs"), follows="macs",
    ),
    Metric(
        "activations", "activations", "elements", "output elements of layers with multiply-accumulates",
        OfConvention(OWN, "activations"), diffed=True, across=True,
    ),
    Metric(
        "buffers", "buffers", "scalars", "scalars that are kept and not learned, such as running means",
        OfTensors(lambda held: _scalars(held.buffers)), diffed=True,
    ),
    Metric(
        "weights_bytes", "weights", "bytes", "bytes of `params` in the analysis' dtype",
        OfTensors(lambda held: _bytes(held.weights, held.size_of)), diffed=True, across=True, follows="params",
    ),
    Metric(
        "buffers_bytes", "buffer memory", "bytes", "bytes of `buffers`, each in its dtype: a count of batches is int64",
        OfTensors(lambda held: _bytes(held.buffers, held.size_of)), follows="buffers",
    ),
    *_memory("torchinfo", "MB of 10^6 bytes"),
    *_memory("torchsummary", "MiB of 2^20 bytes"),
)  # fmt: skip
# What no analysis works out: `expect`, budgets, the history and columns of tables ask for it by name.
MEMORY: tuple[Metric, ...] = (
    Metric(
        "inference_peak_bytes", "inference peak", "bytes",
        "most bytes of tensors alive at once in an evaluation, weights left out", OfMemory(("live_bytes",)),
        adds="maximum",
    ),
    Metric(
        "best_order_peak_bytes", "peak of the best order", "bytes", "the same in the best order of the layers",
        OfMemory(), adds="maximum", of_layers=False,
    ),
    Metric(
        "all_tensors_bytes", "all tensors", "bytes", "bytes of every tensor of an evaluation, weights left out",
        OfMemory(), of_layers=False,
    ),
    Metric(
        "largest_layer_bytes", "largest layer", "bytes", "most bytes of inputs and outputs of one layer",
        OfMemory(), adds="maximum", of_layers=False,
    ),
    Metric("read_bytes", "read", "bytes", "bytes that the layers read", OfMemory(("read_bytes",))),
    Metric("written_bytes", "written", "bytes", "bytes that the layers write", OfMemory(("written_bytes",))),
    Metric(
        "saved_for_backward_bytes", "saved for backward", "bytes",
        "bytes of the tensors that autograd keeps of a forward pass in training",
        OfMemory(("saved_bytes",), train=True),
    ),
    Metric(
        "backward_flops", "backward FLOPs", "FLOPs", "operations of the backward pass' contractions",
        OfMemory(("grad_input_flops", "grad_weight_flops"), train=True),
    ),
    Metric(
        "step_flops", "step FLOPs", "FLOPs", "those of a training step's contractions, forward and backward",
        OfMemory(train=True), of_layers=False,
    ),
)  # fmt: skip
BY_NAME = {metric.name: metric for metric in (*METRICS, *MEMORY)}
OF_LAYERS = tuple(metric for metric in METRICS if metric.of_layers)
OF_TENSORS = {metric.name: metric.source for metric in METRICS if isinstance(metric.source, OfTensors)}
LEAD = tuple(metric for metric in METRICS if metric.lead)
USUAL = tuple(metric for metric in LEAD if not metric.follows)
DIFFED = tuple(metric for metric in METRICS if metric.diffed)


def metric_called(name: str) -> Metric:
    """The metric of a name; for a column of another convention, as in ``fvcore/flops``, what that says of it, which of
    a file of one's own its name says alone."""
    whose, slash, column = name.partition("/")
    if not slash:
        return BY_NAME[name]
    from archspec.conventions.loader import convention, convention_names

    in_bytes = column.endswith("_bytes")
    if whose in convention_names():
        in_bytes = convention(whose).columns[column].unit == "byte"
    return Metric(name, column, "bytes" if in_bytes else "", "", OfConvention(whose, column), lead=True, across=True)


def figures(sums: Mapping[tuple[str, ...], Any], metrics: Sequence[Metric] = METRICS) -> Figures:
    """The metrics out of an analysis' sums, which leave out what is 0."""
    made: Figures = {}
    for metric in metrics:
        source = metric.source
        made[metric.name] = source.compute(made) if isinstance(source, OfMetrics) else sums.get(metric.key, 0)
    return made


def unwrapped(value: Any) -> Any:
    """Sizes inside mappings and tuples as the caller's own numbers."""
    if type(value) is int:
        return value
    if isinstance(value, dict):
        return type(value)({key: item if type(item) is int else unwrapped(item) for key, item in value.items()})
    if isinstance(value, tuple):
        return tuple([item if type(item) is int else unwrapped(item) for item in value])
    return unwrap(value)
