"""An exported program as plain records: its tensors, inputs and nodes. Nothing else of the archive is read."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from archspec.errors import SpecError, clipped, show
from archspec.importers.composing.layers import MAX_DEPTH
from archspec.importers.headers.base import parsed
from archspec.importers.onnx.read import MAX_NODES
from archspec.records import NamedTuple

# torch's ScalarType by number, in the schema of exported programs.
TYPES = {
    1: "uint8",
    2: "int8",
    3: "int16",
    4: "int32",
    5: "int64",
    6: "float16",
    7: "float32",
    8: "float64",
    12: "bool",
    13: "bfloat16",
}
MAX_SIZE = 2**40
SYMBOLS = ("as_sym_int", "as_sym_float", "as_sym_bool")


class Ref(NamedTuple):
    """A name of the graph: a tensor, or a size that is worked out."""

    name: str


class Stated(NamedTuple):
    """What the file says of a tensor: sizes, None where they are open, what these are nominally, and its dtype."""

    sizes: tuple[int | None, ...]
    nominal: tuple[int, ...]
    symbols: tuple[str, ...]
    dtype: str


class Stored(NamedTuple):
    """A tensor that the program stores: its name in the graph, that in the module, and of which sort it is."""

    name: str
    full: str
    sort: str  # parameter, buffer or constant
    persistent: bool
    owner: str  # the name of the first tensor that is the same one


class Operation(NamedTuple):
    """A node: its operator, its arguments by name, what it makes, and the module it stands in."""

    name: str
    target: str
    args: dict[str, Any]
    outputs: tuple[str, ...]
    module: str


class Program(NamedTuple):
    """A graph in its order."""

    stored: tuple[Stored, ...]
    inputs: tuple[str, ...]
    tensors: dict[str, Stated]
    nodes: tuple[Operation, ...]
    outputs: tuple[str, ...]


def wrong(message: str, where: str | None = None, hint: str | None = None) -> NoReturn:
    """Raise SpecError, at a node of the graph."""
    raise SpecError(message, path=None if where is None else clipped(show(where)[1:-1], 120), hint=hint)


def read_program(text: bytes, file: str) -> Program:
    """The program that a text holds. Raises SpecError."""
    data = parsed(text, file, "the program")
    module = _map(_map(data, "the program").get("graph_module"), "graph_module")
    graph, signature = _map(module.get("graph"), "graph"), _map(module.get("signature"), "signature")
    nodes = _list(graph.get("nodes"), "nodes")
    if not nodes or len(nodes) > MAX_NODES:
        wrong(f"has {len(nodes):,} nodes: 1 to {MAX_NODES:,} are read")
    tensors = {name: _stated(value, name) for name, value in _map(graph.get("tensor_values"), "tensor_values").items()}
    stored: list[Stored] = []
    inputs: list[str] = []
    for spec in _list(signature.get("input_specs"), "input_specs"):
        _input(spec, stored, inputs)
    outputs = [_output(spec) for spec in _list(signature.get("output_specs"), "output_specs")]
    made = {entry.name for entry in stored} | set(inputs)
    operations = []
    for node in nodes:
        operations.append(_operation(node, made))
    return Program(tuple(stored), tuple(inputs), tensors, tuple(operations), tuple(outputs))


def with_aliases(program: Program, config: bytes, file: str) -> Program:
    """A program whose tensors that lie at one place of one file are one. Raises SpecError."""
    entries = _map(_map(parsed(config, file, "the weights"), "the weights").get("config"), "config")
    places: dict[str, str] = {}
    stored = []
    for entry in program.stored:
        said = entries.get(entry.full)
        place = json.dumps([said.get("path_name"), said.get("tensor_meta")]) if isinstance(said, dict) else entry.full
        stored.append(entry._replace(owner=places.setdefault(place, entry.full)))
    return program._replace(stored=tuple(stored))


def _map(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        wrong(f"`{what}` must be a mapping, got {show(value)}: the file holds no exported program that is known")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        wrong(f"`{what}` must be a list, got {show(value)}: the file holds no exported program that is known")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > 10_000:
        wrong(f"`{what}` must be text, got {show(value)}")
    return value


def _stated(value: Any, name: str) -> Stated:
    value = _map(value, name)
    sizes: list[int | None] = []
    nominal: list[int] = []
    symbols: list[str] = []
    for size in _list(value.get("sizes"), "sizes"):
        entry = _map(size, "a size")
        if "as_int" in entry:
            sizes.append(_size(entry["as_int"], name))
            nominal.append(_size(entry["as_int"], name))
            symbols.append("")
            continue
        expression = _map(entry.get("as_expr"), "as_expr")
        hint = expression.get("hint")
        sizes.append(None)
        nominal.append(_size(hint.get("as_int"), name) if isinstance(hint, dict) else 1)
        symbols.append(_text(expression.get("expr_str"), "expr_str"))
    if len(sizes) > 64:
        wrong(f"has {len(sizes)} axes", name)
    dtype = TYPES.get(value.get("dtype", 0)) if isinstance(value.get("dtype"), int) else None
    return Stated(tuple(sizes), tuple(nominal), tuple(symbols), dtype or "unknown")


def _size(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SIZE:
        wrong(f"a size must be a whole number, got {show(value)}", name)
    return value


def _input(spec: Any, stored: list[Stored], inputs: list[str]) -> None:
    spec = _map(spec, "an input")
    for sort, key in (("parameter", "parameter_name"), ("buffer", "buffer_name"), ("tensor_constant", "")):
        if sort in spec:
            entry = _map(spec[sort], sort)
            name = _text(_map(entry.get("arg"), "arg").get("name"), "name")
            full = _text(entry.get(key or "tensor_constant_name"), "name")
            if full.count(".") > MAX_DEPTH:
                wrong(f"is a tensor of a module more than {MAX_DEPTH} deep", full)
            kept = bool(entry.get("persistent", True))
            stored.append(Stored(name, full, sort if key else "constant", kept, full))
            return
    if "user_input" in spec:
        arg = _map(_map(spec["user_input"], "user_input").get("arg"), "arg")
        if "as_tensor" in arg:
            inputs.append(_text(_map(arg["as_tensor"], "as_tensor").get("name"), "name"))
        elif set(arg) != {"as_none"}:
            wrong(f"an input that is no tensor: {show(next(iter(arg), None))}")
        return
    if "constant_input" not in spec and "token" not in spec:
        wrong(f"an input of a sort that is not known: {show(next(iter(spec), None))}")


def _output(spec: Any) -> str:
    spec = _map(spec, "an output")
    if "user_output" not in spec:
        hint = "export the module in evaluation mode"
        wrong(f"an output that is no tensor of the network: {show(next(iter(spec), None))}", hint=hint)
    arg = _map(_map(spec["user_output"], "user_output").get("arg"), "arg")
    if "as_tensor" not in arg:
        wrong(f"an output that is no tensor: {show(next(iter(arg), None))}")
    return _text(_map(arg["as_tensor"], "as_tensor").get("name"), "name")


def _operation(node: Any, made: set[str]) -> Operation:
    node = _map(node, "a node")
    target = _text(node.get("target"), "target")
    outputs = [name for output in _list(node.get("outputs"), "outputs") for name in _names(output, target)]
    name = outputs[0] if outputs else target
    args: dict[str, Any] = {}
    for argument in _list(node.get("inputs"), "inputs"):
        entry = _map(argument, "an argument")
        key = _text(entry.get("name") or f"arg{len(args)}", "name")
        if key in args:
            wrong(f"two arguments are called {show(key)}", name)
        args[key] = _argument(_map(entry.get("arg"), "arg"), name, made)
    for output in outputs:
        if output in made:
            wrong(f"makes {show(output)}, which is there already", name)
        made.add(output)
    metadata = node.get("metadata") or {}
    stack = _map(metadata, "metadata").get("nn_module_stack") or ""
    return Operation(name, target, args, tuple(outputs), _module(_text(stack, "nn_module_stack")))


def _module(stack: str) -> str:
    """The innermost module's name, of `key,name,class;key,name,class`."""
    parts = stack.rpartition(";")[2].split(",")
    return parts[1] if len(parts) >= 3 and parts[1].count(".") <= MAX_DEPTH else ""


def _names(output: Any, where: str) -> list[str]:
    output = _map(output, "an output")
    sort, value = next(iter(output.items()), ("", None))
    if sort in ("as_tensor", "as_sym_int", "as_sym_bool", "as_sym_float"):
        entry = _map(value, sort)
        return [_text(entry.get("name") or entry.get("as_name"), "name")]
    if sort == "as_tensors":
        return [_text(_map(entry, sort).get("name"), "name") for entry in _list(value, sort)]
    if sort == "as_none":
        return []
    wrong(f"makes what is no tensor: {show(sort)}", where)


def _argument(arg: dict[str, Any], where: str, made: set[str]) -> Any:
    """A value with the names of the graph as references."""
    if len(arg) != 1:
        wrong("an argument must be of one sort", where)
    ((sort, value),) = arg.items()
    if sort == "as_none":
        return None
    if sort == "as_tensor":
        return _ref(_map(value, sort).get("name"), where, made)
    if sort in ("as_tensors", "as_optional_tensors"):
        entries = [_map(entry, sort) for entry in _list(value, sort)]
        return [_argument({"as_tensor": entry} if "name" in entry else entry, where, made) for entry in entries]
    if sort == "as_float" and value in ("Infinity", "-Infinity", "NaN"):
        return float(value)
    if sort in SYMBOLS:
        return _symbol(_map(value, sort), where, made)
    if sort in ("as_sym_ints", "as_sym_floats", "as_sym_bools"):
        return [_symbol(_map(entry, sort), where, made) for entry in _list(value, sort)]
    if sort in ("as_int", "as_float", "as_bool", "as_string", "as_scalar_type"):
        if not isinstance(value, (int, float, str)):
            wrong(f"an argument must be a number or text, got {show(value)}", where)
        return value
    if sort in ("as_ints", "as_floats", "as_bools"):
        listed = _list(value, sort)
        if not all(isinstance(item, (int, float)) for item in listed):
            wrong(f"an argument must be of numbers, got {show(value)}", where)
        return listed
    if sort in ("as_device", "as_layout", "as_memory_format"):
        return None
    wrong(f"an argument of a sort that is not known: {show(sort)}", where)


def _symbol(entry: dict[str, Any], where: str, made: set[str]) -> Any:
    if "as_name" in entry:
        return _ref(entry["as_name"], where, made)
    value = next(iter(entry.values()), None)
    if not isinstance(value, (int, float)):
        wrong(f"a size must be a number or a name, got {show(value)}", where)
    return value


def _ref(name: Any, where: str, made: set[str]) -> Ref:
    if not isinstance(name, str) or name not in made:
        wrong(f"reads {show(name)}, which nothing before it makes", where)
    return Ref(name)
