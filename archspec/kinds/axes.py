"""What arguments say about axes: one value for each, or which axis is meant."""

from __future__ import annotations

from operator import index
from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.base import Shape
from archspec.sizes import Size


def per_axis(value: Any, rank: int, name: str) -> tuple[Size, ...]:
    """A size for each of ``rank`` spatial axes: a single one repeated, a list as it is. Raises ShapeError."""
    if not isinstance(value, tuple):
        return (value,) * rank
    if len(value) != rank:
        raise ShapeError(f"{name} has {len(value)} sizes, the input has {rank} spatial axes", argument=name)
    return value


def listed(value: Any) -> tuple[Any, ...]:
    """One or several as a tuple: ``shape: 768`` means ``shape: [768]``."""
    return value if isinstance(value, tuple) else (value,)


def axis_index(axis: int, shape: Shape, name: str = "axis") -> int:
    """``axis`` as an index from the front of ``shape``; negative ones count from the end. Raises ShapeError.

    The batch, axis 0, is refused: what happens across the samples of a batch is no layer of a network.
    """
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ShapeError(f"{name} {axis} is out of range: the input has axes 1 to {rank - 1}", argument=name)
    if axis % rank == 0:
        hint = "axis 1 is the first axis of a shape as written"
        raise ShapeError(f"{name} {axis} is the batch axis", hint=hint, argument=name)
    return axis % rank


def axis_indices(axes: Any, shape: Shape, name: str) -> tuple[int, ...]:
    """One axis or a tuple of them as indices from the front of ``shape``, in the order given. Raises ShapeError."""
    written = tuple(map(index, listed(axes)))
    if not written:
        raise ShapeError("the list of axes is empty", argument=name)
    places = tuple(axis_index(axis, shape, name) for axis in written)
    for count, axis in enumerate(places):
        if axis in places[:count]:
            raise ShapeError(f"axis {axis} is named twice in {list(written)}", argument=name)
    return places
