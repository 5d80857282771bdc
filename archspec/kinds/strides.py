"""How tensors lie in memory, as PyTorch lays them: what is dense, what a view of it is, when a reshape has to copy."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from archspec.records import NamedTuple

Sizes = tuple[int, ...]  # of a program, whose sizes are plain numbers


class Operand(NamedTuple):
    """A tensor as a layer takes it: how it lies, and whether its gradient is needed."""

    shape: Sizes
    strides: Sizes
    needs: bool = False

    @property
    def numel(self) -> int:
        """Elements."""
        return prod(self.shape)


def contiguous(shape: Sizes) -> Sizes:
    """One axis after the other, the last one dense."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def spread(shape: Sizes) -> Sizes:
    """One for all samples: nothing is walked along the batch."""
    return (int(shape[0] == 1) and contiguous(shape)[0], *contiguous(shape[1:]))


def steps_first(shape: Sizes) -> Sizes:
    """Dense, with the steps of sequences outside, as PyTorch's recurrent layers and attention compute them."""
    return ordered(shape, (1, 0, 2))


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


def is_contiguous(taken: Operand) -> bool:
    """Whether the elements follow each other, axis after axis; along an axis of size 1 nothing is walked."""
    return lies_as(taken, contiguous(taken.shape))


def is_channels_last(taken: Operand) -> bool:
    """Whether an image or a volume lies with its channels innermost; perhaps it is contiguous as well."""
    return len(taken.shape) in (4, 5) and lies_as(taken, channels_last(taken.shape))


def lies_as(taken: Operand, wanted: Sizes) -> bool:
    """Whether it has these strides, but for axes of size 1."""
    return all(size == 1 or a == b for size, a, b in zip(taken.shape, taken.strides, wanted, strict=True))


def suggests_channels_last(taken: Operand) -> bool:
    """Whether PyTorch takes it for an image or a volume with its channels innermost.

    is_channels_last_strides_2d_s4 and _3d_s5, c10/core/MemoryFormat.h: axes of size 1 count with their strides.
    """
    shape, strides = taken.shape, taken.strides
    if len(shape) not in (4, 5) or strides[1] == 0:
        return False
    least = 0
    for axis in (1, *range(len(shape) - 1, 1, -1), 0):
        if strides[axis] < least or (axis == 0 and least == strides[1]):
            return False
        least = strides[axis] * max(shape[axis], 1)
    return True


def as_channels(taken: Operand, output: Sizes) -> Sizes:
    """How what comes of images or volumes lies: channels innermost where they have them so.

    Of a sequence PyTorch makes an image of one row.
    """
    shape, strides = taken.shape, taken.strides
    if len(shape) == 3:
        row = Operand((*shape[:2], 1, shape[2]), (*strides[:2], shape[2] * strides[2], strides[2]))
        batch, channel, _, step = as_channels(row, (*output[:2], 1, output[2]))
        return batch, channel, step
    return channels_last(output) if suggests_channels_last(taken) else contiguous(output)


def elementwise(*operands: Operand) -> Sizes:
    """How the result of operands lies that are combined element by element: dense, in the order of the first one's.

    TensorIteratorBase::reorder_dimensions, aten/src/ATen/TensorIterator.cpp. All have as many axes; one that stretches,
    or is spread over an axis with step 0, has no say in that axis' place.
    """
    shape = tuple(map(max, zip(*(operand.shape for operand in operands), strict=True)))
    if all(operand.shape == shape for operand in operands):
        if all(map(is_contiguous, operands)):
            return contiguous(shape)
        if all(map(is_channels_last, operands)):
            return channels_last(shape)
        if all(is_dense(operand) and operand.strides == operands[0].strides for operand in operands):
            return operands[0].strides
    steps = [
        [0 if size != whole else step for size, step, whole in zip(*operand[:2], shape, strict=True)]
        for operand in operands
    ]
    order = list(reversed(range(len(shape))))  # from the innermost axis

    def behind(a: int, b: int) -> int:
        for step in steps:
            if step[a] and step[b] and (step[a], shape[a]) != (step[b], shape[b]):
                if step[a] != step[b]:
                    return 1 if step[a] > step[b] else -1
                if shape[a] > shape[b]:
                    return 1
        return 0

    for place in range(1, len(shape)):
        moved = place
        for before in reversed(range(place)):
            swap = behind(order[before], order[moved])
            if swap > 0:
                order[before], order[moved] = order[moved], order[before]
                moved = before
            elif swap < 0:
                break
    return ordered(shape, tuple(reversed(order)))


def is_dense(taken: Operand) -> bool:
    """Whether the elements fill a stretch of memory, each place once, in whatever order of the axes."""
    expected = 1
    for step, size in sorted((step, size) for size, step in zip(*taken[:2], strict=True) if size != 1):
        if step != expected:
            return False
        expected *= size
    return True


def behind_batch(taken: Operand, missing: int) -> Operand:
    """An operand with the axes it has not inserted behind the batch, where shapes that stretch have them."""
    shape, strides = taken.shape, taken.strides
    step = shape[1] * strides[1] if len(shape) > 1 else 1
    return Operand(
        (*shape[:1], *(1,) * missing, *shape[1:]), (*strides[:1], *(step,) * missing, *strides[1:]), taken.needs
    )


def stretched(taken: Operand, shape: Sizes) -> Operand:
    """Spread out along the axes of size 1 that the shape has larger."""
    steps = (step if size == whole else 0 for size, step, whole in zip(*taken[:2], shape, strict=True))
    return Operand(shape, tuple(steps), taken.needs)


def rows(taken: Operand) -> int:
    """The elements that are copied to make a matrix of it, all axes but the last as one."""
    return folded(taken, (prod(taken.shape[:-1]), taken.shape[-1]))


def folded(taken: Operand, shape: Sizes) -> int:
    """The elements that a reshape of it to this shape copies: 0 where it is a view."""
    return 0 if reshaped(taken.shape, taken.strides, shape) is not None else taken.numel


def permuted(taken: Operand, order: Sequence[int]) -> Operand:
    """The axes in another order."""
    shape, strides = taken.shape, taken.strides
    return taken._replace(shape=tuple(shape[axis] for axis in order), strides=tuple(strides[axis] for axis in order))


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
