"""Arguments that name axes, one or several."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from archspec.errors import ShapeError
from archspec.kinds.base import Shape
from archspec.kinds.common import axis_index

Axis = Annotated[int, Field(strict=True)]
AxisList = Annotated[tuple[Axis, ...], Field(min_length=1)]


def axis_indices(axes: int | tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """One axis or several, each as an index from the front of ``shape``, in the order given. Raises ShapeError."""
    listed = axes if isinstance(axes, tuple) else (axes,)
    found = tuple(axis_index(axis, shape) for axis in listed)
    for place, axis in enumerate(found):
        if axis in found[:place]:
            raise ShapeError(f"axis {axis} is named twice in {list(listed)}")
    return found
