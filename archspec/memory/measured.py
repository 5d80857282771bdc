"""What each study of memory gives, and what they make together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from archspec.analysis.report import Report
from archspec.memory.settings import MemorySettings
from archspec.records import NamedTuple, Record

# The totals there are, in their order, with what each is; docs/memory.md has the formulas.
FIGURES = {
    "weights_bytes": "bytes of all parameters in their weight format, shared ones once",
    "buffers_bytes": "bytes of the buffers, each in its own dtype",
    "inference_peak_bytes": "most bytes of tensors alive at once in an evaluation, weights left out",
    "best_order_peak_bytes": "the least that `inference_peak_bytes` can be in any order of the layers",
    "all_tensors_bytes": "bytes of every tensor of an evaluation, allocated all at once, weights left out",
    "largest_layer_bytes": "most bytes of inputs and outputs of one layer",
    "kv_cache_bytes": "bytes of keys, values and states that are kept from token to token",
    "kv_token_bytes": "bytes of keys and values of one more token of one sequence, no window being full",
    "saved_for_backward_bytes": "bytes of the tensors that autograd keeps of a forward pass in training, each storage "
    "once, parameters and buffers left out",
    "weight_copies_bytes": "bytes of the copies of weights that a precision policy multiplies with",
    "gradients_bytes": "bytes of the gradients of the parameters that are trained",
    "optimizer_bytes": "bytes of the optimizer's state, master weights included",
    "recomputed_bytes": "most bytes that one checkpointed block keeps while it runs again",
    "training_total_bytes": "the sum of what a training step keeps: weights, their copies, buffers, gradients, the "
    "optimizer's state, what is saved for backward and recomputed",
    "read_bytes": "bytes that the layers read, each tensor and weight each time",
    "written_bytes": "bytes that the layers write",
    "flops": "arithmetic operations of an evaluation, as archspec counts them",
    "backward_flops": "arithmetic operations of the backward pass' contractions",
    "step_flops": "arithmetic operations of a training step's contractions, forward and backward",
    "epoch_flops": "the same of all steps over so many samples",
}
# What a layer may have of its own, each where it was asked for.
OF_LAYERS = {
    "live_bytes": "bytes of tensors that are alive while it runs in an evaluation",
    "flops": "arithmetic operations of an evaluation, as archspec counts them",
    "read_bytes": "bytes that it reads: inputs, weights, buffers",
    "written_bytes": "bytes that it writes",
    "arithmetic_intensity": "its operations for each byte that it reads or writes",
    "grad_input_flops": "operations for the gradients of its inputs",
    "grad_weight_flops": "operations for the gradients of its weights",
    "kv_cache_bytes": "bytes that it keeps from token to token, of all sequences",
    "saved_bytes": "bytes that it is the first to keep for the backward pass",
}
RATIOS = frozenset({"arithmetic_intensity"})  # which are no whole numbers


class Part(NamedTuple):
    """A figure with its model: how it is worked out, with the values put in, and where that is from.

    ``total`` is the name that it goes by among the totals, or that of the total which it is a part of.
    """

    name: str
    total: str
    value: int
    formula: str
    source: str = ""


class Measured(NamedTuple):
    """What one study says: totals by name, the parts they are made of, figures of layers by path, what to know.

    ``beside`` are figures by several models side by side, the one among the totals with them.
    """

    totals: Mapping[str, int] = {}
    parts: tuple[Part, ...] = ()
    layers: Mapping[str, Mapping[str, float]] = {}
    warnings: tuple[str, ...] = ()
    beside: tuple[Part, ...] = ()


class Moment(NamedTuple):
    """What is alive while an operation runs, in bytes; ``own`` are those of its own inputs and outputs."""

    path: str
    kind: str
    live: int
    own: int


class Alive(NamedTuple):
    """A tensor that is alive at the peak: the layer that makes it or the input it is, and the last layer that uses it.

    ``until`` is empty for a result.
    """

    tensor: str
    bytes: int
    until: str


class Schedule(NamedTuple):
    """The operations as they run, the layer at which most is alive, and what is alive then."""

    order: Literal["file", "best"]
    moments: tuple[Moment, ...]
    peak: int
    path: str
    alive: tuple[Alive, ...]


class Memory(Record):
    """All that was asked about a network's memory."""

    report: Report
    settings: MemorySettings
    totals: Mapping[str, int]
    parts: tuple[Part, ...]
    layers: tuple[Mapping[str, Any], ...]
    schedule: Schedule
    warnings: tuple[str, ...]
    beside: tuple[Part, ...]
