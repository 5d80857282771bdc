"""How tensors lie in memory, as PyTorch lays them: what is dense, what a view of it is, when a reshape has to copy."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

Sizes = tuple[int, ...]  # of a program, whose sizes are plain numbers


def contiguous(shape: Sizes) -> Sizes:
    """One axis after the other, the last one dense."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def ordered(shape: Sizes, order: Sequence[int]) -> Sizes:
    """Dense, with the axes from the outermost to the innermost in this order."""
    strides = [0] * len(shape)
    step = 1
    for axis in reversed(order):
        strides[axis] = step
        step *= max(shape[axis], 1)
    return tuple(strides)


def channels_last(shape: Sizes) -> Sizes:
    """Dense, with the channels innermost: PyTorch's memory format of images and volumes."""
    return ordered(shape, (0, *range(2, len(shape)), 1))


def lies_as(shape: Sizes, strides: Sizes, wanted: Sizes) -> bool:
    """Whether the strides are these, but for axes of size 1, along which nothing is walked."""
    return all(size == 1 or a == b for size, a, b in zip(shape, strides, wanted, strict=True))


def is_contiguous(shape: Sizes, strides: Sizes) -> bool:
    """Whether the elements follow each other, axis after axis."""
    return lies_as(shape, strides, contiguous(shape))


def is_channels_last(shape: Sizes, strides: Sizes) -> bool:
    """Whether an image or a volume lies with its channels innermost, and not also axis after axis."""
    return len(shape) in (4, 5) and lies_as(shape, strides, channels_last(shape)) and not is_contiguous(shape, strides)


def is_dense(shape: Sizes, strides: Sizes) -> bool:
    """Whether the elements fill a stretch of memory, each place once, in whatever order of the axes."""
    expected = 1
    for step, size in sorted((step, size) for step, size in zip(strides, shape, strict=True) if size != 1):
        if step != expected:
            return False
        expected *= size
    return True


def reshaped(shape: Sizes, strides: Sizes, wanted: Sizes) -> Sizes | None:
    """The strides of the same elements under another shape, None where they have to be copied.

    Axes that follow each other in memory make one stretch, and each stretch is cut anew: PyTorch's computeStride_impl,
    aten/src/ATen/TensorUtils.cpp.
    """
    if prod(shape) == 0:
        return contiguous(wanted)
    found = [0] * len(wanted)
    place = len(wanted) - 1
    base = strides[-1] if strides else 1
    stretch = 1  # elements of the stretch so far
    for axis in reversed(range(len(shape))):
        stretch *= shape[axis]
        if axis and (shape[axis - 1] == 1 or strides[axis - 1] == stretch * base):
            continue
        cut = 1
        while place >= 0 and (cut < stretch or wanted[place] == 1):
            found[place] = cut * base
            cut *= wanted[place]
            place -= 1
        if cut != stretch:
            return None
        if axis:
            stretch, base = 1, strides[axis - 1]
    return tuple(found) if place == -1 else None
