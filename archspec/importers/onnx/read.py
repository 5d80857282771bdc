"""An ONNX file as plain records: nodes in their order, initializers, inputs and outputs. No weights are read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from archspec.errors import SpecError, UsageError, show
from archspec.importers.composing.layers import FLOATS
from archspec.importers.onnx.values import TYPES, Initializer, Known
from archspec.records import NamedTuple

MAX_BYTES = 2**31  # protobuf's own bound for a message
MAX_NODES = 100_000
MAX_KNOWN = 2**23  # elements of a tensor whose values are looked at
NAMED = ("", "ai.onnx")
OWN = "archspec"  # the domain of functions that `archspec export` writes: each is a kind
MARK = "archspec.weight"  # metadata of inputs that are weights, as it writes them: parameter, frozen or buffer
IDLE = "archspec.idle"  # metadata of nodes that do not run in evaluation, which say why
IDLE_AS = ("train_only", "unused")


class Node(NamedTuple):
    """One operation: its operator, the names of what it reads and makes, and its attributes."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    idle: str | None = None

    def called(self) -> str:
        """The node in an error: its operator and its name, or that of its first output."""
        return f"{self.op} `{show_text(self.name or next(filter(None, self.outputs), ''))}`"


class Model(NamedTuple):
    """A graph in its order."""

    opset: int
    nodes: tuple[Node, ...]
    inputs: dict[str, tuple[str, list[int | str]]]  # dtype, sizes; a text is a size with a name
    initializers: dict[str, Initializer]
    outputs: tuple[str, ...]
    marks: dict[str, str]  # of weights that are inputs: parameter, frozen or buffer


class OnnxError(SpecError):
    """What is wrong with a model, or what archspec cannot say, and at which node."""

    def __init__(self, node: Node | None, message: str, hint: str | None = None) -> None:
        super().__init__(f"{node.called()}: {message}" if node else message, hint=hint)


def show_text(name: str) -> str:
    """A name of the file as it may be printed."""
    return show(name)[1:-1]


def text(value: str | bytes) -> str:
    """A text of the file; protobuf gives one that is no UTF-8 as bytes."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def read_model(path: str | os.PathLike[str]) -> Model:
    """Read a model's structure. Raises SpecError, UsageError where the `onnx` package is missing."""
    try:
        import onnx
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError:
        hint = "pip install 'archspec-nn[onnx]'"
        raise UsageError("reading ONNX needs the `onnx` package, which is not installed", hint=hint) from None
    size = os.stat(path).st_size
    if size > MAX_BYTES:
        hint = "save it with external data: the weights are not needed"
        raise SpecError(f"has {size:,} bytes: an ONNX file has at most {MAX_BYTES:,}", hint=hint)
    message = onnx.ModelProto()
    try:
        with open(path, "rb") as file:
            message.ParseFromString(file.read(MAX_BYTES + 1))
    except DecodeError:
        raise SpecError("is no ONNX model, or is cut off: it cannot be decoded") from None
    return model_of(message)


def model_of(message: Any) -> Model:
    """The records of a decoded model. Raises OnnxError."""
    graph = message.graph
    if not graph.node or not graph.output:
        raise OnnxError(None, "is no ONNX model: it has no graph with nodes and outputs")
    if len(graph.node) > MAX_NODES:
        raise OnnxError(None, f"has {len(graph.node):,} nodes: at most {MAX_NODES:,} are read")
    if graph.sparse_initializer:
        raise OnnxError(None, "sparse initializers have no layer")
    opsets = [entry.version for entry in message.opset_import if entry.domain in NAMED]
    initializers = _unique(((text(tensor.name), tensor) for tensor in graph.initializer), "initializers")
    inputs = _unique(((text(entry.name), entry) for entry in graph.input), "inputs")
    fed = {name: _input(name, entry) for name, entry in inputs.items() if name not in initializers}
    marks = {name: mark for name in fed for mark in [_mark(inputs[name], MARK)] if mark}
    weights = {name: _weight(name, *fed.pop(name)) for name in marks}
    nodes = tuple([_node(message) for message in graph.node])
    _check_order(nodes, {*fed, *weights, *initializers})
    known = weights | {name: _initializer(name, tensor) for name, tensor in initializers.items()}
    outputs = tuple(_unique(((text(entry.name), entry) for entry in graph.output), "outputs"))
    return Model(max(opsets, default=17), nodes, fed, known, outputs, marks)


def _unique(pairs: Iterable[tuple[str, Any]], what: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise OnnxError(None, f"two of the graph's {what} are called `{show_text(name)}`")
        found[name] = value
    return found


def _check_order(nodes: tuple[Node, ...], made: set[str]) -> None:
    """Every tensor is made once, before it is read: so there are no loops. Raises OnnxError."""
    for node in nodes:
        for name in node.inputs:
            if name and name not in made:
                hint = "nodes stand in the order they run in, without loops"
                raise OnnxError(node, f"reads `{show_text(name)}`, which nothing before it makes", hint)
        for name in filter(None, node.outputs):
            if name in made:
                raise OnnxError(node, f"makes `{show_text(name)}`, which is there already")
            made.add(name)


def _input(name: str, entry: Any) -> tuple[str, list[int | str]]:
    kind = entry.type.tensor_type
    dtype = TYPES.get(kind.elem_type)
    if not entry.type.HasField("tensor_type") or dtype is None:
        raise OnnxError(None, f"input `{show_text(name)}` is no tensor of numbers")
    if not kind.HasField("shape"):
        raise OnnxError(None, f"input `{show_text(name)}` has no shape")
    sizes: list[int | str] = []
    for place, dim in enumerate(kind.shape.dim):
        if dim.HasField("dim_value") and dim.dim_value < 1:
            raise OnnxError(None, f"input `{show_text(name)}` has a size of {dim.dim_value} on axis {place}")
        sizes.append(dim.dim_value if dim.HasField("dim_value") else text(dim.dim_param) or "?")
    return dtype, sizes


def _mark(entry: Any, key: str) -> str | None:
    """What the metadata of an input or a node say."""
    return next((text(pair.value) for pair in entry.metadata_props if text(pair.key) == key), None)


def _weight(name: str, dtype: str, sizes: list[int | str]) -> Initializer:
    """An input that is a weight, whose values are not in the file."""
    shape = tuple([size for size in sizes if isinstance(size, int)])
    if len(shape) != len(sizes):
        raise OnnxError(None, f"the weight `{show_text(name)}` has an axis of any size")
    return Initializer(name, shape, dtype)


def _initializer(name: str, tensor: Any) -> Initializer:
    dtype = TYPES.get(tensor.data_type)
    shape = tuple(tensor.dims)
    if dtype is None:
        raise OnnxError(None, f"initializer `{show_text(name)}` has a type that no tensor here has")
    if any(size < 0 for size in shape):
        raise OnnxError(None, f"initializer `{show_text(name)}` has the shape {list(shape)}")
    return Initializer(name, shape, dtype, _values(tensor, shape))


def _values(tensor: Any, shape: tuple[int, ...]) -> Known | None:
    """What a tensor holds, where that is in the file and not much."""
    from onnx import numpy_helper

    numel = 1
    for size in shape:
        numel *= size
        if numel > MAX_KNOWN:
            return None
    if tensor.data_location == 1:  # external
        return None
    try:
        array = numpy_helper.to_array(tensor)
    except Exception:
        # Whatever onnx, numpy and protobuf raise at data that is not what the header says.
        message = f"tensor `{show_text(text(tensor.name))}` of shape {list(shape)} does not hold as many elements"
        raise OnnxError(None, message) from None
    if array.dtype.kind not in "fiub":
        array = array.astype(np.float32) if TYPES[tensor.data_type] in FLOATS else array.astype(np.int64)
    return Known(array)


def _node(message: Any) -> Node:
    reads, makes = tuple(map(text, message.input)), tuple(map(text, message.output))
    domain, op = text(message.domain), text(message.op_type)
    idle = _mark(message, IDLE)
    node = Node(
        text(message.name), f"{OWN}:{op}" if domain == OWN else op, reads, makes, {}, idle if idle in IDLE_AS else None
    )
    if domain not in (*NAMED, OWN):
        hint = "archspec reads the operators of ONNX itself (domain ai.onnx)"
        raise OnnxError(node, f"is of the domain `{show_text(text(message.domain))}`, which is not read", hint)
    for attribute in message.attribute:
        node.attributes[text(attribute.name)] = _attribute(node, attribute)
    return node


def _attribute(node: Node, attribute: Any) -> Any:
    from onnx import AttributeProto

    kinds = AttributeProto
    plain = {kinds.FLOAT: "f", kinds.INT: "i", kinds.FLOATS: "floats", kinds.INTS: "ints"}
    if attribute.type in plain:
        value = getattr(attribute, plain[attribute.type])
        return value if attribute.type in (kinds.FLOAT, kinds.INT) else list(value)
    if attribute.type == kinds.STRING:
        return attribute.s.decode("utf-8", "replace")
    if attribute.type == kinds.STRINGS:
        return [part.decode("utf-8", "replace") for part in attribute.strings]
    if attribute.type == kinds.TENSOR:
        tensor = attribute.t
        if tensor.data_type not in TYPES or any(size < 0 for size in tensor.dims):
            raise OnnxError(node, f"attribute `{show_text(text(attribute.name))}` is no tensor of numbers")
        shape = tuple(tensor.dims)
        return Initializer("", shape, TYPES[tensor.data_type], _values(tensor, shape))
    hint = "loops and branches have no fixed count" if attribute.type in (kinds.GRAPH, kinds.GRAPHS) else None
    raise OnnxError(
        node, f"its attribute `{show_text(text(attribute.name))}` holds a graph or a type archspec cannot read", hint
    )
