"""What a body holds as attributes, and what it does in `forward`: repeats and families opened into it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from archspec.errors import UsageError
from archspec.exporters.refusal import Unsayable, refused
from archspec.exporters.torch.functions import expression
from archspec.exporters.torch.modules import MODULES, call, constructor
from archspec.exporters.torch.steps import Step, Write
from archspec.exporters.torch.texts import below, is_attribute, mark
from archspec.graph.graph import Body, Group, Item, Layer
from archspec.graph.stored import of_kind

FORM = "torch"
EXPERTS = "it stands for experts, of which PyTorch has no module"
Made = Callable[[Group], str]  # the call that makes a group's module
Scope = dict[int, int]  # values by the numbers of a body's tensors


class Opened:
    """The lines of a class for a body."""

    def __init__(self, body: Body, made: Made, path: str) -> None:
        self.made = made
        self.path = path
        self.attributes: list[str] = []
        self.steps: list[Step] = []
        self.numbers = count()
        self.inputs = tuple([next(self.numbers) for _ in body.inputs])
        scope = dict(zip(body.inputs, self.inputs, strict=True))
        for item in sorted(body.items, key=lambda item: "." in item.name):  # what others stand in comes first
            self.attribute(item)
        for item in body.items:
            taken = tuple([scope[number] for number in item.inputs])
            self.item(body, item, scope, [self.once(item, taken, _access("self", item.name))])
        self.outputs = tuple([scope[number] for number in body.outputs])

    # Attributes

    def attribute(self, item: Item) -> None:
        """Write what makes an item of the body itself."""
        text = self.construction(item)
        if text is None:
            return
        parts = item.name.split(".")
        holder = "self"
        for end in range(1, len(parts)):
            inner = _access("self", ".".join(parts[:end]))
            if not any(line.startswith((f"{inner} = ", f"{inner}:")) for line in self.attributes):
                self.attributes.append(f"{inner} = nn.Module()")
            holder = inner
        text = below(item.name, text)
        if isinstance(item, Layer) and item.traits.kind.bare and item.traits.weights[0].buffer:
            self.attributes.append(f"{holder}.register_buffer({parts[-1]!r}, {text})")
        else:
            self.attributes.append(f"{_access('self', item.name)} = {text}")

    def construction(self, item: Item) -> str | None:
        """What makes an item's module or parameter; None where it has none. Raises UsageError."""
        if isinstance(item, Layer):
            try:
                return self.of_layer(item)
            except Unsayable as error:
                raise self.refused(item, error.reason) from None
        if item.copies is not None:
            raise self.refused(item, EXPERTS)
        if not item.several:
            return self.made(item)
        entries: dict[str, tuple[str, str]] = {}
        for inner in item.body.items:
            text = self.construction(inner)
            if text is not None:
                first = inner.name if inner.first is None else str(inner.first)
                entries[first] = text, "" if _once(inner) else f"for _ in range({mark('count', inner.repeat)})"
        if not entries:
            return None
        if _listed(item):
            return _list(list(entries.values()))
        return "nn.ModuleDict({" + ", ".join([f"{name!r}: {text}" for name, (text, _) in entries.items()]) + "})"

    def of_layer(self, layer: Layer) -> str | None:
        """What makes a layer's module or parameter. Raises Unsayable."""
        if layer.copies is not None:
            raise Unsayable(EXPERTS)
        if layer.stored is not None and layer.stored != of_kind(layer):
            raise Unsayable("its `weights` say other names or shapes than PyTorch's module has")
        if layer.traits.kind.bare:
            (weight,) = layer.traits.weights
            shape = ", ".join([mark("size", size) for size in weight.shape])
            return f"torch.zeros({shape})" if weight.buffer else f"nn.Parameter(torch.zeros({shape}))"
        return constructor(layer)

    # Steps

    def item(self, body: Body, item: Item, scope: Scope, results: list[tuple[int, ...]]) -> None:
        """Note what an item's instances give, by their ports."""
        for number in item.outputs:
            tensor = body.tensors[number]
            turn: Any = -1 if tensor.turn is None else tensor.turn
            scope[number] = results[turn][tensor.port]

    def once(self, item: Item, inputs: tuple[int, ...], access: str) -> tuple[int, ...]:
        """Write one call of an item; the values that it gives."""
        if isinstance(item, Group):
            if item.several:
                return self.opened(item, inputs, access)
            outputs = tuple([next(self.numbers) for _ in item.body.outputs])
            self.steps.append(Step(inputs, outputs, lambda names: f"{access}({', '.join(names)})"))
            return outputs
        if item.traits.kind.kind == "identity":
            return inputs
        outputs = tuple([next(self.numbers) for _ in item.traits.outputs])
        self.steps.append(Step(inputs, outputs, self.writing(item, access)))
        return outputs

    def writing(self, layer: Layer, access: str) -> Write:
        """How a layer's call is written. Raises UsageError."""

        def write(names: list[str]) -> str:
            if layer.traits.kind.bare:
                return _spread(layer, access, names)
            text = call(layer, access, names) if layer.traits.kind.kind in MODULES else expression(layer, names)
            return below(layer.name, f"{text}[0]" if _alone(layer) else text)

        try:
            write([f"x{number}" for number in range(len(layer.inputs))])
        except Unsayable as error:
            raise self.refused(layer, error.reason) from None
        return write

    def opened(self, group: Group, inputs: tuple[int, ...], access: str) -> tuple[int, ...]:
        """Write the instances of a repeat or a family; the values that the group gives."""
        body = group.body
        scope = dict(zip(body.inputs, inputs, strict=True))
        looped = self.looped(group, access)
        if looped is not None:
            carried, extras, head, write = looped
            outputs = tuple([next(self.numbers) for _ in range(carried)])
            taken = tuple([scope[number] for number in (*body.items[0].inputs[:carried], *extras)])
            self.steps.append(Step(taken, outputs, write, head))
            self.item(body, body.items[-1], scope, [outputs])
            return tuple([scope[number] for number in body.outputs])
        listed = _listed(group)
        for item in body.items:
            results: list[tuple[int, ...]] = []
            repeat: Any = item.repeat
            for turn in range(repeat):
                taken = tuple([scope[number] for number in item.inputs])
                if turn:
                    taken = (*results[-1][: _carried(item)], *taken[_carried(item) :])
                name = item.name if item.first is None else str(item.first + turn)
                results.append(self.once(item, taken, f"{access}[{name if listed else repr(name)}]"))
            self.item(body, item, scope, results)
        return tuple([scope[number] for number in body.outputs])

    def looped(self, group: Group, access: str) -> tuple[int, tuple[int, ...], str, Write] | None:
        """A repeat whose instances are called alike: how many values go along, the others, the loop, the call."""
        items = group.body.items
        if group.label != "repeat" or (len(items) == 1 and _once(items[0])):
            return None
        first = items[0]
        carried, extras = _carried(first), first.inputs[_carried(first) :]
        before: tuple[int, ...] = first.inputs[:carried]
        plain = all(isinstance(item, Layer) and item.traits.kind.kind not in MODULES for item in items)
        if not (_listed(group) or (plain and len(items) == 1)):
            return None
        writes: list[Write] = []
        for item in items:
            if isinstance(item, Group):
                if len(item.body.outputs) != carried:
                    return None
                writes.append(_of_group)
            elif item.traits.kind.bare or item.traits.kind.kind == "identity":
                return None
            else:
                writes.append(self.writing(item, "layer"))
            turns = [group.body.tensors[number].turn for number in item.outputs]
            if item.inputs != (*before, *extras) or any(turn is not None for turn in turns):
                return None
            before = item.outputs
        probe = [f"x{number}" for number in range(len(first.inputs))]
        if len({write(probe) for write in writes}) > 1 or not set(group.body.outputs) <= set(items[-1].outputs):
            return None
        times = mark(f"{group.name}.count", first.repeat)
        return carried, extras, f"for _ in range({times}):" if plain else f"for layer in {access}:", writes[0]

    def refused(self, item: Item, reason: str) -> UsageError:
        """The error for an item."""
        return refused(
            f"{self.path}{item.name}", item.traits.kind.kind if isinstance(item, Layer) else item.label, reason, FORM
        )


def _of_group(names: list[str]) -> str:
    """A group's call in a loop."""
    return f"layer({', '.join(names)})"


def _spread(layer: Layer, access: str, names: list[str]) -> str:
    """A learned tensor for the samples."""
    (weight,) = layer.traits.weights
    if not names or getattr(layer.traits.kind, "once", False):
        return f"{access}[None]"
    return f"{access}.expand({', '.join([f'{names[0]}.shape[0]', *['-1'] * len(weight.shape)])})"


def _alone(layer: Layer) -> bool:
    """Whether the function gives a tuple of one."""
    return layer.traits.kind.kind == "split" and len(layer.traits.outputs) == 1


def _carried(item: Item) -> int:
    """How many of the inputs of a repeated item are what the instance before gave."""
    if isinstance(item, Layer):
        return len(item.traits.outputs)
    return min(item.body.given, item.body.results)


def _once(item: Item) -> bool:
    return type(item.repeat) is int and item.repeat == 1


def _listed(group: Group) -> bool:
    """Whether the modules of a repeat or a family are numbered from 0 on."""
    place: Any = 0
    for item in group.body.items:
        if isinstance(item, Layer) and item.traits.kind.kind not in MODULES:
            return False
        if item.name != str(place):
            return False
        place += item.repeat
    return True


def _list(entries: list[tuple[str, str]]) -> str:
    """A list of modules, of which some stand several times."""
    if len(entries) == 1 and entries[0][1]:
        return f"nn.ModuleList({' '.join(entries[0])})"
    lines = [f"            *({text} {times})," if times else f"            {text}," for text, times in entries]
    return "\n".join(["nn.ModuleList([", *lines, "        ])"])


def _access(holder: str, name: str) -> str:
    """An item of a module."""
    for part in name.split("."):
        holder = f"{holder}.{part}" if is_attribute(part) else f"{holder}._modules[{part!r}]"
    return holder
