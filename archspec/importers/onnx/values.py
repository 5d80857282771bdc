"""What a name of the graph stands for while it is read: known numbers, a learned tensor, or what a layer puts out."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from archspec.importers.composing.layers import Weight

# TensorProto's element types by number.
TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "int64",  # uint32, uint64: as positions
    13: "int64",
    16: "bfloat16",
}


class Batch:
    """A number that is a multiple of the batch size, while shapes are worked out."""

    __slots__ = ("times",)

    def __init__(self, times: int) -> None:
        self.times = times

    def __repr__(self) -> str:
        return f"batch * {self.times}" if self.times != 1 else "batch"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Batch) and other.times == self.times

    def __hash__(self) -> int:
        return hash(self.times)

    def __mul__(self, other: Any) -> Any:
        return Batch(self.times * int(other)) if _whole(other) else NotImplemented

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        if isinstance(other, Batch):
            if self.times % other.times == 0:
                return self.times // other.times
        elif _whole(other) and self.times % int(other) == 0:
            return Batch(self.times // int(other))
        raise Mixed

    def __rfloordiv__(self, other: Any) -> Any:
        raise Mixed

    __truediv__ = __floordiv__
    __rtruediv__ = __rfloordiv__

    def __mod__(self, other: Any) -> Any:
        if _whole(other) and self.times % int(other) == 0:
            return 0
        raise Mixed

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Batch):
            return Batch(self.times + other.times)
        if _whole(other) and other == 0:
            return self
        raise Mixed

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, Batch):
            return 0 if self.times == other.times else Batch(self.times - other.times)
        if _whole(other) and other == 0:
            return self
        raise Mixed

    def __rsub__(self, other: Any) -> Any:
        raise Mixed

    def __lt__(self, other: Any) -> Any:
        raise Mixed

    __gt__ = __le__ = __ge__ = __lt__

    def __neg__(self) -> Any:
        raise Mixed


class Mixed(Exception):
    """Arithmetic whose result is no multiple of the batch size."""


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) or (isinstance(value, float) and value.is_integer())


@dataclass(frozen=True)
class Known:
    """Numbers that are in the file or follow from shapes; those of a shape may be multiples of the batch."""

    array: np.ndarray[Any, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return tuple(self.array.shape)

    @property
    def dtype(self) -> str:
        """Its dtype, object arrays being whole numbers."""
        kind = self.array.dtype.kind
        return "float32" if kind == "f" else "bool" if kind == "b" else "int64"


@dataclass(frozen=True)
class Initializer:
    """A tensor that is stored with the graph; its values where they are small and there."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    known: Known | None = None


@dataclass(frozen=True)
class Samples:
    """The size of an axis that the batch is in: before * batch * behind."""

    before: int = 1
    behind: int = 1

    @property
    def times(self) -> int:
        """What the batch size is multiplied by."""
        return self.before * self.behind


Dim = int | Samples


@dataclass(frozen=True)
class Flow:
    """An output of a layer, axis by axis as ONNX has them.

    archspec's shape is that without the batch, and what the batch shares an axis with stands in axes of its own.
    ``batched``: there is one for each sample. Otherwise the axis that holds Samples has size 1, or there is none.
    """

    layer: int  # number of the layer; -1, -2, ... are the inputs
    output: int
    dims: tuple[Dim, ...]
    batched: bool
    dtype: str = "float32"

    @property
    def place(self) -> int | None:
        """The axis that the batch is in."""
        return next((place for place, dim in enumerate(self.dims) if isinstance(dim, Samples)), None)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape without the batch."""
        return sizes_of(self.dims)

    def axis(self, place: int) -> int:
        """The number archspec gives to an axis that the batch is not in."""
        return 1 + len(sizes_of(self.dims[:place]))

    @property
    def numel(self) -> int:
        """Elements of a sample."""
        return prod(self.sizes)


def sizes_of(dims: tuple[Dim, ...]) -> tuple[int, ...]:
    """Sizes without the batch."""
    sizes: list[int] = []
    for dim in dims:
        if isinstance(dim, Samples):
            sizes += [size for size in (dim.before, dim.behind) if size != 1]
        else:
            sizes.append(dim)
    return tuple(sizes)


@dataclass(frozen=True, eq=False)
class Moved:
    """Learned tensors cut and joined, which a recurrent layer takes as they were and any other as layers."""

    sources: tuple[Weight, ...]
    node: Any
    inputs: tuple[Any, ...]
    steps: int  # one after the other


Value = Known | Weight | Flow | Moved
