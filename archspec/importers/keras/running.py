"""The calls of a model in an order that they can run in, modules together; then each call as layers."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from archspec.errors import SpecError, did_you_mean, show
from archspec.importers.keras.config import Config, mapping
from archspec.importers.keras.groups import adopted, groups_of, is_unnamed, joined
from archspec.importers.keras.layers import OPERATIONS, RULES
from archspec.importers.keras.network import Network, Tensor
from archspec.importers.keras.reading import MODELS, Call, Item, Model, Ref, read_model, refs_in
from archspec.language.validate import fail
from archspec.text.document import Map

KERAS = ("", "keras", "tf_keras", "tensorflow.python.keras", "tensorflow.keras")
Step = tuple[str, int]  # a layer, and which of its calls


def run(net: Network, model: Model, feeds: list[Tensor]) -> list[Tensor]:
    """The layers of a model on its inputs, and its outputs. Raises SpecError."""
    return _in_a_row(net, model, feeds) if model.sequential else _functional(net, model, feeds)


def _in_a_row(net: Network, model: Model, feeds: list[Tensor]) -> list[Tensor]:
    items = [item for item in model.items.values() if item.kind != "InputLayer"]
    groups = joined([item.name for item in items], groups_of([item.name for item in items]))
    for item in items:
        feeds = _called(net, item, Call((feeds[0] if len(feeds) == 1 else feeds,), {}), groups.get(item.name), 0)
    return feeds


def _functional(net: Network, model: Model, feeds: list[Tensor]) -> list[Tensor]:
    made: dict[Step, list[Tensor]] = {}
    if len(feeds) != len(model.inputs):
        raise SpecError(f"takes {len(model.inputs)} tensors, got {len(feeds)}", path=model.path or None)
    for ref, feed in zip(model.inputs, feeds, strict=True):
        made[ref.layer, ref.call] = [feed]
    steps = _needed(model, set(made))
    groups = groups_of([name for name, item in model.items.items() if item.kind != "InputLayer"])
    kinds = {name: item.kind for name, item in model.items.items()}
    reads: dict[str, list[str]] = defaultdict(list)
    for (name, _), sources in steps.items():
        reads[name] += [source for source, _ in sources]
    plain = _ordered(model, steps, set(made), groups)
    groups = adopted(kinds, reads, [name for name, _ in plain], groups)
    order = _ordered(model, steps, set(made), groups)
    groups = joined([name for name, _ in order], groups)
    seen: Counter[str] = Counter()
    for name, call in order:
        item = model.items[name]

        def tensor(ref: Ref, item: Item = item) -> Tensor:
            outputs = made[ref.layer, ref.call]
            if ref.output >= len(outputs):
                raise SpecError(
                    f"output {ref.output} of {show(ref.layer)} is none of its {len(outputs)}", path=item.path
                )
            _check_shape(outputs[ref.output], ref, item)
            return outputs[ref.output]

        said = item.calls[call]
        args = Call(_filled(said.args, tensor), _filled(said.kwargs, tensor))
        made[name, call] = _called(net, item, args, groups.get(name), seen[name])
        seen[name] += 1
    outputs = []
    for ref in model.outputs:
        if ref.output >= len(made[ref.layer, ref.call]):
            raise SpecError(f"the output {show(ref.layer)} has no tensor {ref.output}", path=model.path or None)
        outputs.append(made[ref.layer, ref.call][ref.output])
    return outputs


def _filled(value: Any, tensor: Any) -> Any:
    """Arguments with tensors in the place of references."""
    if isinstance(value, Ref):
        return tensor(value)
    if isinstance(value, dict):
        return {key: _filled(item, tensor) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        made = [_filled(item, tensor) for item in value]
        return made if isinstance(value, list) else tuple(made)
    return value


def _check_shape(tensor: Tensor, ref: Ref, item: Item) -> None:
    if ref.shape is None:
        return
    stated = ref.shape[1:]
    alike = len(stated) == len(tensor.shape)
    if not alike or any(size not in (None, ours) for size, ours in zip(stated, tensor.shape, strict=True)):
        message = f"the file says that {show(ref.layer)} gives {list(stated)}, its layers give {list(tensor.shape)}"
        raise SpecError(message, path=item.path)


def _needed(model: Model, fed: set[Step]) -> dict[Step, list[Step]]:
    """The calls that the outputs depend on, and what each reads. Raises SpecError."""
    steps: dict[Step, list[Step]] = {}
    wanted: list[tuple[Ref, str]] = [(ref, model.path) for ref in model.outputs]
    while wanted:
        ref, path = wanted.pop()
        step = ref.layer, ref.call
        if step in steps or step in fed:
            continue
        item = model.items.get(ref.layer)
        if item is None:
            raise SpecError(
                f"reads {show(ref.layer)}, which is no layer of the model",
                hint=did_you_mean(ref.layer, model.items),
                path=path or None,
            )
        if item.kind == "InputLayer" or ref.call >= len(item.calls):
            what = "is no input of the model" if item.kind == "InputLayer" else f"is called {len(item.calls)} times"
            raise SpecError(f"reads call {ref.call} of {show(ref.layer)}, which {what}", path=path or None)
        refs = refs_in([item.calls[ref.call].args, item.calls[ref.call].kwargs])
        steps[step] = [(source.layer, source.call) for source in refs]
        wanted += [(source, item.path) for source in refs]
    return steps


def _ordered(model: Model, steps: dict[Step, list[Step]], fed: set[Step], groups: dict[str, str]) -> list[Step]:
    """An order in which each call stands behind what it reads, the file's as far as groups stay together."""
    rank = {name: number for number, name in enumerate(model.items)}
    missing = {step: {source for source in sources if source not in fed} for step, sources in steps.items()}
    readers: dict[Step, list[Step]] = defaultdict(list)
    for step, sources in missing.items():
        for source in sources:
            readers[source].append(step)
    ready = sorted(
        [step for step, sources in missing.items() if not sources], key=lambda step: (rank[step[0]], step[1])
    )
    order: list[Step] = []
    group = None
    while ready:
        near = [step for step in ready if group is not None and groups.get(step[0]) == group]
        step = near[0] if near else ready[0]
        ready.remove(step)
        order.append(step)
        group = groups.get(step[0])
        for reader in readers[step]:
            missing[reader].discard(step)
            if not missing[reader]:
                ready.append(reader)
        ready.sort(key=lambda step: (rank[step[0]], step[1]))
    if len(order) < len(steps):
        left = next(step for step in steps if step not in set(order))
        raise SpecError("its inputs depend on its own output", path=model.items[left[0]].path)
    return order


def _called(net: Network, item: Item, call: Call, group: str | None, again: int) -> list[Tensor]:
    """What a call of a layer gives. Only the first call of a layer has its name."""
    name = item.name
    if group:
        name = "" if is_unnamed(name, item.kind) else name[len(group) + 1 :]
    name = f"layer_{name}" if name.isdigit() else name
    before = net.scope, net.owner, net.name, net.config, net.keys, net.again
    above = (group,) if group else ()
    net.scope, net.owner = (*net.scope, *above), (*net.owner, *above)
    try:
        if item.kind in MODELS:
            net.owner = (*net.owner, name)
            net.scope = (*net.scope, f"{name}_{again + 1}" if again else name)
            net.again = net.again or again > 0
            if item.config is not None and isinstance(item.config, Map) and item.config.get("trainable") is False:
                net.keys = {"freeze": True}
            feeds = [value for value in _flat([*call.args, *call.kwargs.values()]) if isinstance(value, Tensor)]
            return run(net, read_model(item.data, item.path, len(net.scope)), feeds)
        net.name, net.again = name, net.again or again > 0
        return _applied(net, item, call)
    finally:
        net.scope, net.owner, net.name, net.config, net.keys, net.again = before


def _flat(values: list[Any]) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _applied(net: Network, item: Item, call: Call) -> list[Tensor]:
    operation = ".ops." in item.module
    rules = OPERATIONS if operation else RULES
    registered = item.data.get("registered_name")
    custom = isinstance(registered, str) and ">" in registered
    kind = item.kind.rpartition(">")[2]
    if kind == "Lambda":
        raise fail("holds code: nothing of a source is executed", item.data, path=item.path)
    known = any(item.module == start or item.module.startswith(f"{start}.") for start in KERAS)
    if custom or not known or kind not in rules:
        what = "operation" if operation else "custom layer" if custom or not known else "layer"
        message = f"the {what} {show(item.kind)} is not known: only its code says what it does"
        hint = did_you_mean(kind, rules) if known and not custom else None
        raise fail(message, item.data, "class_name", path=item.path, hint=hint)
    net.config = Config(mapping(item.config, "`config`", item.path), item.path)
    if net.config.data.get("trainable", True) is False:
        net.keys = {"freeze": True}
    kwargs = {key: value for key, value in call.kwargs.items() if value is not None and key not in ("training", "name")}
    try:
        made = rules[kind](net, net.config, list(call.args), kwargs)
    except SpecError as error:
        raise error.located(path=item.path) from None
    if not operation:
        net.config.done()
    return made if isinstance(made, list) else [made]
