"""A model's JSON as plain records: its layers, and the calls of each, in the forms of both generations."""

from __future__ import annotations

from typing import Any

from archspec.errors import SpecError, show
from archspec.importers.keras.config import MAX_RANK, is_whole, mapping
from archspec.language.validate import fail
from archspec.records import NamedTuple
from archspec.text.document import Map

FUNCTIONAL = ("Functional", "Model")
MODELS = (*FUNCTIONAL, "Sequential")
MAX_LAYERS = 50_000
MAX_CALLS = 100_000
MAX_NESTING = 12  # of models in each other


class Ref(NamedTuple):
    """What a call gives: of which layer, which of its calls, which output; and the shape that the file says."""

    layer: str
    call: int
    output: int
    shape: tuple[int | None, ...] | None = None


class Call(NamedTuple):
    """A layer called: its arguments, in which a `Ref` stands for each tensor."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Item(NamedTuple):
    """A layer of a model."""

    kind: str
    module: str
    name: str
    data: Any  # the entry
    config: Any
    calls: tuple[Call, ...]
    path: str


class Model(NamedTuple):
    """A model: its layers by name, in the file's order; of a Sequential no calls are said."""

    name: str
    items: dict[str, Item]
    inputs: tuple[Ref, ...]
    outputs: tuple[Ref, ...]
    sequential: bool
    data: Any
    path: str


def read_model(entry: Any, path: str = "", depth: int = 0) -> Model:
    """The model that an entry of the file is. Raises SpecError."""
    kind, config = entry.get("class_name"), entry.get("config")
    if depth > MAX_NESTING:
        raise fail(f"models in models, more than {MAX_NESTING} deep", entry, path=path)
    if kind not in MODELS:
        message = f"{show(kind)} is no Sequential or Functional model: only its code says what it does"
        raise fail(message, entry, "class_name", path=path)
    sequential = kind == "Sequential"
    if sequential and isinstance(config, list):  # before Keras 2.2.3
        listed: Any = config
        name: Any = ""
    else:
        config = mapping(config, "`config`", path)
        listed = config.get("layers")
        name = config.get("name")
    if not isinstance(listed, list) or not listed:
        raise fail(f"`layers` must be a list of layers, got {show(listed)}", entry, "config", path=path)
    if len(listed) > MAX_LAYERS:
        raise fail(f"has {len(listed):,} layers: at most {MAX_LAYERS:,} are read", entry, "config", path=path)
    items: dict[str, Item] = {}
    for number, layer in enumerate(listed):
        item = _item(layer, number, path, sequential)
        if item.name in items:
            raise fail(f"two layers are called {show(item.name)}", layer, path=item.path)
        items[item.name] = item
    inputs: tuple[Ref, ...] = ()
    outputs: tuple[Ref, ...] = ()
    if not sequential:
        inputs, outputs = _refs(config, "input_layers", path), _refs(config, "output_layers", path)
        if not outputs:
            raise fail("the model has no outputs", entry, "config", path=path)
        _count_built(items, outputs)
    return Model(name if isinstance(name, str) else "", items, inputs, outputs, sequential, entry, path)


def _count_built(items: dict[str, Item], outputs: tuple[Ref, ...]) -> None:
    """Count calls of models as Keras 2 does: the first is that with its own inputs, which the file leaves out."""
    models = {name: item for name, item in items.items() if item.kind in MODELS}
    if not models:
        return
    read = {(ref.layer, ref.call) for ref in refs_in([outputs, *(item.calls for item in items.values())])}
    for name, item in models.items():
        if (name, 0) not in read:
            items[name] = item._replace(calls=(Call((), {}), *item.calls))


def refs_in(value: Any) -> list[Ref]:
    """All tensors of an argument, without recursion: nesting is that of the file."""
    found, left = [], [value]
    while left:
        value = left.pop()
        if isinstance(value, Ref):
            found.append(value)
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, (list, tuple)):
            left += value
    return found


def _item(layer: Any, number: int, path: str, sequential: bool) -> Item:
    below = f"{path}.layers.{number}" if path else f"layers.{number}"
    layer = mapping(layer, "a layer", below)
    kind, config = layer.get("class_name"), layer.get("config")
    if not isinstance(kind, str):
        raise fail(f"`class_name` must be text, got {show(kind)}", layer, path=below)
    name = layer.get("name") or (config.get("name") if isinstance(config, Map) else None)
    if name is None and sequential:
        name = f"{kind.lower()}_{number}"
    if not isinstance(name, str) or not 0 < len(name) <= 1024:
        raise fail(f"its name must be text of 1 to 1,024 characters, got {show(name)}", layer, path=below)
    shown = f"{path}.{name}" if path else name
    nodes = layer.get("inbound_nodes") or []
    if not isinstance(nodes, list) or len(nodes) > MAX_CALLS:
        raise fail("`inbound_nodes` must be a list", layer, path=shown)
    calls = tuple([_call(node, layer, shown) for node in nodes])
    module = layer.get("module")
    return Item(kind, module if isinstance(module, str) else "", name, layer, config, calls, shown)


def _call(node: Any, layer: Any, path: str) -> Call:
    if isinstance(node, Map):  # since Keras 3
        args: Any = node.get("args")
        kwargs: Any = node.get("kwargs") or {}
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise fail("a call must have `args`, a list, and `kwargs`, a mapping", layer, "inbound_nodes", path=path)
        return Call(
            tuple([_argument(value, layer, path) for value in args]),
            {key: _argument(value, layer, path) for key, value in kwargs.items()},
        )
    if not isinstance(node, list) or not node:
        raise fail(f"a call must be a list of tensors, got {show(node)}", layer, "inbound_nodes", path=path)
    taken: list[Any] = []
    named: dict[str, Any] = {}
    for entry in [node] if isinstance(node[0], str) else node:
        if not isinstance(entry, list) or not 3 <= len(entry) <= 4 or not isinstance(entry[0], str):
            message = f"a tensor must be [layer, call, output, arguments], got {show(entry)}"
            raise fail(message, layer, "inbound_nodes", path=path)
        taken.append(entry[2] if entry[0] == "_CONSTANT_VALUE" else _ref(entry, layer, path))
        said = entry[3] if len(entry) == 4 else {}
        if not isinstance(said, dict):
            raise fail(f"arguments must be a mapping, got {show(said)}", layer, "inbound_nodes", path=path)
        named.update({key: _old_argument(value, layer, path) for key, value in said.items()})
    return Call(tuple(taken) if len(taken) == 1 else (taken,), named)


def _argument(value: Any, layer: Any, path: str) -> Any:
    """A value of Keras 3 with its tensors as references."""
    if isinstance(value, Map):
        if value.get("class_name") != "__keras_tensor__":
            raise fail(f"an argument that archspec does not know: {show(value)}", layer, "inbound_nodes", path=path)
        config = mapping(value.get("config"), "the config of a tensor", path)
        shape = config.get("shape")
        ref = _ref(config.get("keras_history"), layer, path)
        return ref._replace(shape=shape_of(shape, layer, path)) if shape is not None else ref
    if isinstance(value, list):
        return [_argument(item, layer, path) for item in value]
    return value


def _old_argument(value: Any, layer: Any, path: str) -> Any:
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        return _ref(value, layer, path)
    return value


def _ref(value: Any, data: Any, path: str) -> Ref:
    if (
        not isinstance(value, list)
        or len(value) < 3
        or not isinstance(value[0], str)
        or not all(is_whole(number, 0) for number in value[1:3])
    ):
        raise SpecError(f"a tensor must be [layer, call, output], got {show(value)}", path=path)
    return Ref(value[0], value[1], value[2])


def _refs(config: Any, key: str, path: str) -> tuple[Ref, ...]:
    """Inputs or outputs: one, a list of them, or a mapping."""
    value = config.get(key)
    if isinstance(value, Map):
        value = list(value.values())
    if isinstance(value, list) and value and isinstance(value[0], str):
        value = [value]
    if not isinstance(value, list):
        raise fail(f"must be a list of tensors, got {show(value)}", config, key, path=path)
    return tuple([_ref(entry, config, path) for entry in value])


def shape_of(value: Any, data: Any, path: str) -> tuple[int | None, ...]:
    """A shape with its batch axis; None for a size that the file leaves open. Raises SpecError."""
    plain = isinstance(value, list) and all(size is None or is_whole(size, 1) for size in value)
    if not plain or not 1 <= len(value) <= MAX_RANK:
        message = f"a shape must be a list of sizes of at least 1, the batch in front, got {show(value)}"
        raise SpecError(message, path=path)
    return tuple(value)
