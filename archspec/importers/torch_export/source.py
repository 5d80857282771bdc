"""A program of `torch.export` made into a spec. Its nodes become layers by the rules that ONNX's operators have."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from archspec.errors import SpecError, UsageError, clipped, did_you_mean, show
from archspec.importers.archives import text_in, texts_in
from archspec.importers.composing.compose import spec_of
from archspec.importers.composing.layers import Input, Layer, Weight
from archspec.importers.composing.opening import opened
from archspec.importers.headers.base import MAX_JSON
from archspec.importers.onnx.applying import applied
from archspec.importers.onnx.network import Network
from archspec.importers.onnx.patterns import RULES as PATTERNS
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.rewriting import Rewriting
from archspec.importers.onnx.values import Dim, Flow, Samples
from archspec.importers.sources import Converted
from archspec.importers.torch_export.calls import Call
from archspec.importers.torch_export.naming import left_out, name_weights, unread
from archspec.importers.torch_export.operators import RULES
from archspec.importers.torch_export.reading import Operation, Program, Ref, read_program, with_aliases
from archspec.importers.torch_export.sizes import is_check, is_size, size_of

WEIGHTS = "data/weights/model_weights_config.json"
ENDS = ("models/model.json", "serialized_exported_program.json")
ATEN = "torch.ops.aten."
OPSET = 21
OTHER = 32  # more positions of an axis that is left open, to see whether an argument follows from them


def convert(file: str, architecture: str | None) -> Converted:
    """The spec of an exported program. Raises ArchspecError."""
    if architecture is not None:
        raise UsageError("--architecture is of configs: an exported program is one network")
    _, content = text_in(file, ENDS, MAX_JSON, "program of torch.export")
    program = read_program(content, file)
    for _, config in texts_in(file, (WEIGHTS,), MAX_JSON):
        program = with_aliases(program, config, file)
    dims = _open_axes(program)
    network, rewriting = rewritten(program, {})
    if dims:
        _, other = rewritten(program, {symbol: size + OTHER for symbol, (_, size) in dims.items()})
        _check_open(rewriting.layers, other.layers)
    name = os.path.splitext(os.path.basename(file))[0]
    inputs = {label: _shown(program, label, flow, dims) for label, flow in network.inputs.items()}
    name_weights(rewriting.layers, program)
    layers, ends = unread(rewriting.layers, rewriting.outputs, program)
    spec = spec_of(name, inputs, layers, ends)
    head = {"archspec": 1, "name": spec.pop("name"), "summary": "A program of torch.export."}
    spec.pop("archspec")
    further = {"dims": dict(dims.values())} if dims else {}
    learned = [entry.name for entry in program.stored if entry.sort == "parameter" and entry.owner == entry.full]
    params = sum(_numel(program, name) for name in learned)
    return Converted({**head, **further, **spec, "expect": {"params": params}}, left_out(layers, program))


def rewritten(program: Program, sizes: dict[str, int]) -> tuple[Network, Rewriting]:
    """The layers of a program, those put together again that it takes apart."""
    network, outputs = trace(program, sizes)
    rewriting = Rewriting(network.layers, [(output.layer, output.output) for output in outputs])
    rewriting.run(PATTERNS)
    return network, rewriting


def _numel(program: Program, name: str) -> int:
    total = 1
    for size in program.tensors[name].nominal:
        total *= size
    return total


def trace(program: Program, sizes: dict[str, int]) -> tuple[Network, list[Flow]]:
    """The layers that a program's nodes are, and its outputs; ``sizes`` are those of axes left open, by symbol."""
    inputs, fixed = _inputs(program, sizes)
    needed = _needed(program)
    uses = Counter(name for operation in needed for name in _names(list(operation.args.values())))
    uses.update(program.outputs)
    network = Network(inputs, fixed, OPSET, uses)
    network.apply = lambda node, given: applied(network, node, given)
    values: dict[str, Any] = {**inputs}
    for entry in program.stored:
        stated = _stated(program, entry.name)
        values[entry.name] = Weight(entry.owner, stated.nominal, stated.dtype)
        if entry.sort != "parameter":
            network.unlearned.add(entry.full)
    for operation in needed:
        network.node = Node(operation.name, operation.target.removeprefix("torch.ops."), (), (), {})
        network.scope = tuple(operation.module.split(".")) if operation.module else ()
        made = _results(network, operation, values)
        if any(network.uses[name] for name in operation.outputs[len(made) :]):
            raise network.fail(f"makes {len(operation.outputs)} tensors, {len(made)} are known")
        for name, value in zip(operation.outputs, made, strict=False):
            _compare(network, program, name, value)
            values[name] = value
    ends = []
    for name in program.outputs:
        if not isinstance(values.get(name), (Flow, Weight)):
            raise SpecError(f"nothing makes the output {show(name)}")
        ends.append(network.spread(values[name]))
    return network, ends


def _results(network: Network, operation: Operation, values: dict[str, Any]) -> list[Any]:
    args = {key: _filled(value, values) for key, value in operation.args.items()}
    call = Call(network, operation, args)
    if is_size(operation.target):
        return [size_of(call)]
    rule = RULES.get(operation.target.removeprefix(ATEN)) if operation.target.startswith(ATEN) else None
    if rule is None:
        hint = did_you_mean(operation.target.removeprefix(ATEN), RULES)
        message = "there is no kind of layer for this operator"
        raise network.fail(message, hint or "operators that archspec has no kind for are not left out")
    try:
        made = rule(call)
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Arguments may be of any type and number: what a rule stumbles over is not that operator's.
        raise network.fail(f"its arguments are none of this operator's ({type(error).__name__})") from None
    call.done()
    return made


def _filled(value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, Ref):
        return values.get(value.name)
    return [_filled(item, values) for item in value] if isinstance(value, list) else value


def _needed(program: Program) -> list[Operation]:
    """The nodes that an output depends on, and those that write in place, in their order."""
    wanted, kept = set(program.outputs), []
    for operation in reversed(program.nodes):
        if is_check(operation.target):
            continue
        if not wanted.isdisjoint(operation.outputs) or ".fill_." in operation.target:
            wanted.update(_names(list(operation.args.values())))
            kept.append(operation)
    return kept[::-1]


def _names(values: list[Any]) -> list[str]:
    names: list[str] = []
    for value in values:
        if isinstance(value, Ref):
            names.append(value.name)
        elif isinstance(value, list):
            names += _names(value)
    return names


def _stated(program: Program, name: str) -> Any:
    stated = program.tensors.get(name)
    if stated is None:
        raise SpecError(f"the file does not say the shape of {show(name)}")
    return stated


def _inputs(program: Program, sizes: dict[str, int]) -> tuple[dict[str, Flow], int | None]:
    """The inputs, and the batch size where the program has one number for it."""
    inputs: dict[str, Flow] = {}
    batches = set()
    for place, name in enumerate(program.inputs):
        stated = _stated(program, name)
        if not stated.sizes:
            raise SpecError(f"the input {show(name)} has no axes")
        if stated.dtype == "unknown":
            raise SpecError(f"the input {show(name)} is of a dtype that no tensor here has")
        batches.add(stated.sizes[0])
        dims: list[Dim] = [Samples()]
        for size, nominal, symbol in zip(stated.sizes[1:], stated.nominal[1:], stated.symbols[1:], strict=True):
            dims.append(sizes.get(symbol, nominal) if size is None else size)
        inputs[name] = Flow(-1 - place, 0, tuple(dims), True, stated.dtype)
    if not inputs or len(batches) > 1:
        raise SpecError("its inputs have no batch axis in common, the first of each")
    return inputs, batches.pop()


def _open_axes(program: Program) -> dict[str, tuple[str, int]]:
    """Axes that are left open, the batch apart: by symbol what they are called, and their nominal size."""
    dims: dict[str, tuple[str, int]] = {}
    for name in program.inputs:
        stated = _stated(program, name)
        for axis, symbol in enumerate(stated.symbols):
            if axis and symbol and symbol not in dims:
                rank = len(stated.sizes)
                label = "HW"[axis - 2] if rank == 4 and axis > 1 else "T"
                label = label if all(label != other for other, _ in dims.values()) else f"{label}{len(dims)}"
                dims[symbol] = (label, stated.nominal[axis])
    return dims


def _check_open(ours: list[Layer], theirs: list[Layer]) -> None:
    """Raise SpecError where an argument follows from an axis that is left open."""
    layer = opened(ours, theirs)
    if layer is not None:
        message = f"an argument of {layer.kind} follows from a size that is left open"
        where = clipped(".".join(layer.scope), 120) or None
        raise SpecError(message, hint="export it with that size fixed", path=where)


def _shown(program: Program, name: str, flow: Flow, dims: dict[str, tuple[str, int]]) -> Input:
    symbols = program.tensors[name].symbols[1:]
    sizes = [f"${dims[symbol][0]}" if symbol else size for symbol, size in zip(symbols, flow.sizes, strict=True)]
    return Input(flow.layer, tuple(sizes), flow.dtype)


def _compare(network: Network, program: Program, name: str, value: Any) -> None:
    """Raise SpecError where the file says another shape than the layers give."""
    stated = program.tensors.get(name)
    if stated is None or not isinstance(value, Flow) or not value.batched:
        return
    pairs = zip(stated.sizes, value.dims, strict=False)
    apart = any(size is not None and not isinstance(dim, Samples) and size != dim for size, dim in pairs)
    if apart or len(stated.sizes) != len(value.dims):
        raise network.fail(f"the file says that it gives {list(stated.sizes)}, its layer gives {network.sizes(value)}")
