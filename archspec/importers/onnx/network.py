"""The layers of a model, put down one after the other while its nodes are read in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import numpy as np

from archspec.importers.composing.layers import FLOATS, MAX_DEPTH, MAX_LAYERS, Layer, Weight, traits_of
from archspec.importers.onnx.read import Node, OnnxError, show_text
from archspec.importers.onnx.values import Dim, Flow, Known, Moved, Samples, Value, sizes_of


class Network:
    """The layers so far, and what every name of the graph stands for."""

    def __init__(self, inputs: dict[str, Flow], fixed: int | None, opset: int, uses: Counter[str]) -> None:
        self.inputs = inputs
        self.layers: list[Layer] = []
        self.fixed = fixed
        self.opset = opset
        self.uses = uses
        self._parameters: dict[str, Flow] = {}
        self.unlearned: set[str] = set()  # stored tensors that are no parameters
        self._moved: dict[Moved, Flow] = {}
        self._folds: dict[int, Any] = {}  # of a layer's output, the positions that its samples were
        self.node = Node("", "Graph", (), (), {})
        self.scope: tuple[str, ...] = ()
        self.apply: Callable[[Node, list[Value | None]], list[Value]]

    def fail(self, message: str, hint: str | None = None) -> OnnxError:
        """An error of the node that is read."""
        return OnnxError(self.node, message, hint)

    def put(
        self,
        kind: str,
        inputs: list[Flow],
        arguments: dict[str, Any] | None = None,
        weights: dict[str, Weight] | list[Weight] | None = None,
    ) -> tuple[int, list[tuple[int, ...]]]:
        """A layer; its number, and the shapes of its outputs without the batch. A list of weights is in its order."""
        arguments = arguments or {}
        if len(self.layers) >= MAX_LAYERS:
            raise self.fail(f"the network has more than {MAX_LAYERS:,} layers")
        folds = [self._folds.get(flow.layer, 1) for flow in inputs]
        shapes_in = tuple([(fold, *flow.sizes) for fold, flow in zip(folds, inputs, strict=True)])
        traits = traits_of(kind, arguments, shapes_in, self.fail)
        if isinstance(weights, list):
            if len(weights) != len(traits.weights):
                raise self.fail(f"takes {len(traits.weights)} weights, got {len(weights)}")
            for weight, value in zip(traits.weights, weights, strict=True):
                if weight.shape != value.shape:
                    message = f"its {weight.name} is of {list(weight.shape)}"
                    raise self.fail(f"{message}, `{show_text(value.name)}` of {list(value.shape)}")
            weights = {weight.name: value for weight, value in zip(traits.weights, weights, strict=True)}
        batched = any(flow.batched for flow in inputs) and not arguments.get("once")
        shapes: Any = tuple(shape[1:] for shape in traits.outputs)
        read = [(flow.layer, flow.output) for flow in inputs]
        dtypes = [flow.dtype for flow in inputs if flow.dtype not in FLOATS] if kind not in ("embedding",) else []
        dtype = dtypes[0] if dtypes and len(dtypes) == len(inputs) else "float32"
        self.layers.append(Layer(kind, arguments, read, self.scope, weights or {}, shapes, batched, dtype))
        number = len(self.layers) - 1
        if traits.outputs[0][0] != 1:
            self._folds[number] = traits.outputs[0][0]
        return number, list(shapes)

    def flow(
        self,
        kind: str,
        inputs: list[Flow],
        dims: Iterable[Dim],
        arguments: dict[str, Any] | None = None,
        weights: dict[str, Weight] | None = None,
    ) -> Flow:
        """The one output of a new layer, whose axes are ``dims``."""
        number, (shape,) = self.put(kind, inputs, arguments, weights)
        layer = self.layers[number]
        made = Flow(number, 0, tuple(dims), layer.batched, layer.dtype)
        if made.sizes != shape:
            raise self.fail(f"its output should have the sizes {list(made.sizes)}, {kind} gives {list(shape)}")
        return made

    # Values as layers.

    def spread(self, value: Value, like: Flow | None = None) -> Flow:
        """A value as what a layer puts out; ``like`` is what it meets, whose batch axis is left out of it."""
        behind = None if like is None or like.place is None else len(like.dims) - like.place
        if isinstance(value, Flow):
            return value if value.batched else self.remarked(self._unrepeated(value, behind), behind, like)
        if isinstance(value, Moved):
            if value not in self._moved:
                (made,) = self.apply(
                    value.node,
                    [self.spread(item) if isinstance(item, (Weight, Moved)) else item for item in value.inputs],
                )
                assert isinstance(made, Flow)
                self._moved[value] = made
            return self.remarked(self._moved[value], behind, like)
        shape = value.shown if isinstance(value, Weight) else value.shape
        dims = marked(shape, None if behind is None else len(shape) - behind, like)
        if isinstance(value, Weight):
            return self._parameter(value, dims, behind, like)
        if prod(shape) < 1:
            raise self.fail("has an empty input")
        dtype = {} if value.dtype in FLOATS else {"dtype": value.dtype}
        number, _ = self.put("constant", [], {"shape": short(sizes_of(dims)) or [1], **dtype})
        self.layers[number].dtype = value.dtype
        return Flow(number, 0, dims, False, value.dtype)

    def _parameter(self, value: Weight, dims: tuple[Dim, ...], behind: int | None, like: Flow | None) -> Flow:
        """The layer of a learned tensor that no other layer owns; the same for all who read it so."""
        made = self._parameters.get(value.name)
        if made is None:
            dims = value.shape if value.turned else dims
            shape = {"shape": short(sizes_of(dims)) or 1}
            if value.dtype not in FLOATS:
                number, _ = self.put("constant", [], {**shape, "dtype": value.dtype})
            else:
                stored = {"buffer": True} if value.name in self.unlearned else {}
                number, _ = self.put("parameter", [], {**shape, "once": True, **stored}, {"weight": value})
            made = Flow(number, 0, dims if sizes_of(dims) else (*dims, 1), False, value.dtype)
            self._parameters[value.name] = made
        if value.turned:
            made = self.transposed(self.remarked(made, None, None), (1, 0))
        return self.remarked(made, behind, like)

    def remarked(self, value: Flow, behind: int | None, like: Flow | None) -> Flow:
        """A tensor that is one for all samples, with the axis left out that the batch is in where it is used."""
        full = tuple([1 if isinstance(dim, Samples) else dim for dim in value.dims])
        dims = marked(full, None if behind is None else len(full) - behind, like)
        return value if dims == value.dims else self.reshaped(value, dims)

    def _unrepeated(self, value: Flow, behind: int | None) -> Flow:
        """A tensor that the file repeats for each of a fixed number of samples, as there is one of it."""
        place = None if behind is None else len(value.dims) - behind
        if self.fixed in (None, 1) or place is None or place < 0 or value.dims[place] != self.fixed:
            return value
        layer = self.layers[value.layer]
        before = (*value.dims[:place], 1, *value.dims[place + 1 :])
        if layer.kind != "expand" or layer.inputs[0][0] < 0:
            return value
        source, output = layer.inputs[0]
        if self.layers[source].shapes[output] != sizes_of(before):
            return value
        return Flow(source, output, before, False, value.dtype)

    def reshaped(self, value: Flow, dims: tuple[Dim, ...]) -> Flow:
        """The same elements under other axes; no layer where archspec's shape stays."""
        before, after = value.sizes, sizes_of(dims)
        if before == after:
            return Flow(value.layer, value.output, dims, value.batched, value.dtype)
        if len(after) == len(before) - 1:
            for axis, size in enumerate(before):
                if size == 1 and before[:axis] + before[axis + 1 :] == after:
                    return self.flow("squeeze", [value], dims, {"axis": axis + 1})
        if len(after) == len(before) + 1:
            for axis, size in enumerate(after):
                if size == 1 and after[:axis] + after[axis + 1 :] == before:
                    return self.flow("unsqueeze", [value], dims, {"axis": axis + 1})
        for start in range(len(before) - 1):
            end = start + len(before) - len(after)
            if start < end < len(before) and after == (
                *before[:start],
                prod(before[start : end + 1]),
                *before[end + 1 :],
            ):
                sides = {"start": start + 1} if start else {}
                return self.flow("flatten", [value], dims, sides | ({"end": end + 1} if end < len(before) - 1 else {}))
        if not after:
            after = (1,)
            dims = (*dims, 1)
        return self.flow("reshape", [value], dims, {"shape": list(after)})

    def transposed(self, value: Flow, order: tuple[int, ...]) -> Flow:
        """The axes in another order."""
        if sorted(order) != list(range(len(value.dims))):
            raise self.fail(f"its order {list(order)} is none of {len(value.dims)} axes")
        dims = tuple(value.dims[place] for place in order)
        axes: list[int] = []
        for place in order:
            dim, first = value.dims[place], value.axis(place)
            axes += range(first, first + len(sizes_of((dim,))))
        if axes == sorted(axes):
            return Flow(value.layer, value.output, dims, value.batched, value.dtype)
        return self.flow("permute", [value], dims, {"order": axes})

    # The batch.

    def over_batch(self, value: Flow, like: Flow | None) -> Flow:
        """A tensor that is one for all samples, once for each of them."""
        like = like or next(iter(self.inputs.values()))
        layer = self.layers[value.layer]
        if layer.kind == "parameter":
            layer.arguments.pop("once", None)
            layer.inputs, layer.batched = [(like.layer, like.output)], True
            return Flow(value.layer, 0, value.dims, True, value.dtype)
        return self.flow("expand", [value, like], value.dims, {"shape": list(value.sizes)})

    def without_batch(self, value: Flow, place: int, what: str = "its axis") -> int:
        """The axis of archspec that ONNX calls ``place``. Raises OnnxError where the batch is in it."""
        place = self.place(value, place)
        if isinstance(value.dims[place], Samples):
            if not value.batched:
                raise AssertionError("the caller has given every axis a size")
            raise self.fail(f"{what} {place} is the batch axis: samples would mix")
        return value.axis(place)

    def place(self, value: Flow, axis: int) -> int:
        """An axis counted from the front. Raises OnnxError."""
        rank = len(value.dims)
        if not -rank <= axis < rank:
            raise self.fail(f"axis {axis} is out of range: its input has {rank}")
        return axis % rank

    def opened(self, value: Flow) -> Flow:
        """A tensor that is one for all samples with every axis a size of its own."""
        return value if value.batched else self.remarked(value, None, None)

    def image(self, value: Flow) -> tuple[Flow, int]:
        """The batch in front and by itself: with positions of the batch axis folded into samples, and how many."""
        if not value.batched:
            value = self.remarked(value, len(value.dims), None)
        first = value.dims[0]
        if not isinstance(first, Samples) or (not value.batched and first != Samples()):
            raise self.fail(f"its input {self.sizes(value)} does not have the batch as its first axis")
        if first == Samples():
            return value, 1
        dims = (Samples(), *value.dims[1:])
        number, _ = self.put("fold_batch", [value], {"axes": len(sizes_of((first,)))})
        return Flow(number, 0, dims, value.batched, value.dtype), first.times

    def sizes(self, value: Flow) -> str:
        """Its axes as an error shows them."""
        words = [
            "batch" if dim == Samples() else f"batch * {dim.times}" if isinstance(dim, Samples) else str(dim)
            for dim in value.dims
        ]
        return f"[{', '.join(words)}]"


def marked(shape: tuple[int, ...], place: int | None, like: Flow | None) -> tuple[Dim, ...]:
    """The axes of a tensor that is one for all samples, where ``place`` is the batch axis of what it meets."""
    if place is None or place < 0 or place >= len(shape) or shape[place] != 1:
        return shape
    if like is not None and like.place is not None and like.dims[like.place] != Samples():
        return shape
    return (*shape[:place], Samples(), *shape[place + 1 :])


def short(sizes: Iterable[int]) -> Any:
    """One number for a list of one."""
    listed = [int(size) for size in sizes]
    return listed[0] if len(listed) == 1 else listed


def per_axis(sizes: Iterable[int]) -> Any:
    """One number where all axes have the same."""
    listed = [int(size) for size in sizes]
    return listed[0] if len(set(listed)) == 1 else listed


def number(value: float) -> float | int:
    """A float of 32 bits as the decimal it was written as."""
    plain = float(str(np.float32(value)))
    return int(plain) if plain.is_integer() and abs(plain) < 1e15 else plain


def scope_of(name: str) -> tuple[str, ...]:
    """The module a node stands in, of the name that PyTorch's exporter gives: /blocks/blocks.0/attn/MatMul."""
    if not name.startswith("/"):
        return ()
    scope: list[str] = []
    before = ""
    for part in name.split("/")[1:-1]:
        if before and part.startswith(before + "."):
            scope += part[len(before) + 1 :].split(".")
        else:
            scope += part.split(".")
        before = part
    return tuple(scope) if len(scope) <= MAX_DEPTH else ()


def known_scalar(value: Value) -> float | None:
    """The one number of a constant."""
    if isinstance(value, Known) and value.array.size == 1 and value.array.dtype != object:
        return float(value.array.reshape(-1)[0])
    return None
