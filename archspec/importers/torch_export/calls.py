"""The arguments of a node, each of which has to be read; and what its operator becomes, by ONNX's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from archspec.errors import show
from archspec.importers.composing.layers import FLOATS, Weight
from archspec.importers.onnx.network import Network
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Batch, Flow, Known, Moved, Samples, Value
from archspec.importers.torch_export.reading import Operation

Size = int | Batch
Rule = Callable[["Call"], list[Value]]
MAX_LIST = 64


class Call:
    """A node while it is read: its arguments with values in the place of names."""

    def __init__(self, net: Network, operation: Operation, args: dict[str, Any]) -> None:
        self.net = net
        self.operation = operation
        self.args = args
        self.read: set[str] = set()

    def take(self, name: str, default: Any = None) -> Any:
        """An argument, whatever it is."""
        self.read.add(name)
        return self.args.get(name, default)

    def value(self, name: str) -> Value:
        """A tensor that has to be there."""
        value = self.optional(name)
        if value is None:
            raise self.net.fail(f"has no `{name}`")
        return value

    def optional(self, name: str) -> Value | None:
        """A tensor that may be left out; a number is a tensor of one."""
        value = self.take(name)
        if isinstance(value, (bool, int, float)):
            return Known(np.array(value))
        if isinstance(value, Batch):
            return Known(np.array(value, dtype=object))
        if value is not None and not isinstance(value, (Known, Flow, Moved, Weight)):
            raise self.net.fail(f"`{name}` is no tensor: {show(value)}")
        return value

    def values(self, name: str) -> list[Value]:
        """A list of tensors."""
        listed = self.take(name)
        if not isinstance(listed, list) or not all(isinstance(item, (Known, Flow, Moved, Weight)) for item in listed):
            raise self.net.fail(f"`{name}` is no list of tensors")
        return listed

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number, which the batch has no part in."""
        value = self.take(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.net.fail(f"`{name}` must be a whole number, got {shown(value)}")
        return value

    def number(self, name: str, default: float) -> float:
        """A number."""
        value = self.take(name, default)
        value = default if value is None else value
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.net.fail(f"`{name}` must be a number, got {shown(value)}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.take(name, default)
        if not isinstance(value, (bool, int)):
            raise self.net.fail(f"`{name}` must be true or false, got {shown(value)}")
        return bool(value)

    def text(self, name: str, default: str) -> str:
        """A text."""
        value = self.take(name, default)
        if not isinstance(value, str):
            raise self.net.fail(f"`{name}` must be text, got {shown(value)}")
        return value

    def sizes(self, name: str) -> list[Size]:
        """Sizes, which may be multiples of the batch."""
        value = self.take(name)
        listed = value if isinstance(value, list) else [value]
        plain = all(isinstance(item, (int, Batch)) and not isinstance(item, bool) for item in listed)
        if not plain or len(listed) > MAX_LIST:
            raise self.net.fail(f"`{name}` must be sizes, got {shown(value)}")
        return listed

    def numbers(self, name: str, rank: int | None = None, default: Any = None) -> list[int]:
        """Whole numbers, one for all of ``rank`` axes or one for each."""
        value = self.take(name, default)
        value = default if value in (None, []) else value
        listed = value if isinstance(value, list) else [value]
        if rank is not None and len(listed) == 1:
            listed = listed * rank
        plain = all(isinstance(item, int) and not isinstance(item, bool) for item in listed)
        if not plain or len(listed) > MAX_LIST or (rank is not None and len(listed) != rank):
            raise self.net.fail(f"`{name}` must be {rank or 'a list of'} whole numbers, got {shown(value)}")
        return listed

    def only(self, name: str, *values: Any) -> None:
        """An argument that may be left out, or one of these."""
        value = self.take(name, values[0])
        if not any(value is known or value == known for known in (None, *values)):
            raise self.net.fail(f"`{name}` is {shown(value)}, which is not known")

    def ignore(self, *names: str) -> None:
        """Arguments that nothing here follows from."""
        self.read.update(names)

    def done(self) -> None:
        """Raise SpecError where an argument was not read."""
        for name, value in self.args.items():
            if name not in self.read and value is not None:
                raise self.net.fail(f"its argument {show(name)} is not known here")

    def rank(self, name: str) -> int:
        """How many axes a tensor has."""
        value = self.value(name)
        if isinstance(value, Flow):
            return len(value.dims)
        return len(self.net.spread(value).dims) if isinstance(value, Moved) else len(shape_of(value))

    def on(self, op: str, inputs: list[Value | None], outputs: int = 1, **attributes: Any) -> list[Value]:
        """What one of ONNX's operators makes of values."""
        names = tuple([str(place) for place in range(outputs)])
        return self.net.apply(Node(self.operation.name, op, ("",) * len(inputs), names, attributes), inputs)


def shown(value: Any) -> str:
    """A value as an error may show it."""
    return show(value) if value is None or isinstance(value, (bool, int, float, str)) else "something else"


def shape_of(value: Known | Weight) -> tuple[int, ...]:
    """The shape of what is known or learned."""
    return value.shown if isinstance(value, Weight) else value.shape


def known(sizes: list[Any]) -> Known:
    """Numbers as a tensor."""
    mixed = any(isinstance(size, Batch) for size in sizes)
    array = np.empty(len(sizes), dtype=object if mixed else np.int64)
    for place, size in enumerate(sizes):
        array[place] = size
    return Known(array)


def size_at(call: Call, value: Value, axis: int) -> Size:
    """The size of an axis."""
    if isinstance(value, Moved):
        value = call.net.spread(value)
    if isinstance(value, Flow):
        value = value if value.batched else call.net.opened(value)
        dim = value.dims[call.net.place(value, axis)]
        return Batch(dim.times) if isinstance(dim, Samples) else dim
    return shape_of(value)[axis]


def is_float(value: Value) -> bool:
    """Whether a tensor is of floating-point numbers."""
    return not isinstance(value, Moved) and value.dtype in FLOATS
