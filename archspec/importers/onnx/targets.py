"""Where the batch goes in a reshape: the axis before which as many elements stand as before."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from archspec.importers.onnx.values import Batch, Dim, Flow, Samples

if TYPE_CHECKING:
    from archspec.importers.onnx.network import Network


def target_dims(net: Network, value: Flow, target: list[Any]) -> tuple[Dim, ...]:
    """The axes of ``value`` under a shape of numbers, multiples of the batch, and one -1. Raises OnnxError."""
    place = value.place
    total = prod(dim.times if isinstance(dim, Samples) else dim for dim in value.dims)
    marks = [number for number, size in enumerate(target) if isinstance(size, Batch)]
    free = [number for number, size in enumerate(target) if not isinstance(size, Batch) and size == -1]
    known = prod(size.times if isinstance(size, Batch) else size for size in target if size != -1)
    shown = f"{net.sizes(value)} does not become {target}"
    if len(free) > 1 or len(marks) > 1 or known < 1:
        raise net.fail(shown)
    fixed = net.fixed or 1
    whole = total * (fixed if place is not None and not marks else 1)
    if free:
        if whole % known:
            # A size that the batch has no part in, where the batch is not fixed: what is left is the batch.
            raise net.fail(shown)
        target = [whole // known if number == free[0] else size for number, size in enumerate(target)]
    elif whole != known:
        raise net.fail(shown)
    if place is None:
        return tuple(target)
    dim = value.dims[place]
    assert isinstance(dim, Samples)
    ahead = prod(value.dims[:place]) * dim.before  # type: ignore[arg-type]
    if net.fixed is None and not marks and not free:
        raise net.fail(f"{shown}: its batch is any size, the shape is fixed")
    choices = _choices(target, marks, free, ahead, fixed, any_size=net.fixed is None)
    if not choices:
        raise net.fail(f"{shown} with samples apart")
    number, mark = choices[0]
    return tuple(mark if spot == number else size for spot, size in enumerate(target))


def _choices(
    target: list[Any], marks: list[int], free: list[int], ahead: int, fixed: int, *, any_size: bool
) -> list[tuple[int, Samples]]:
    """Axes that may hold the batch, the likeliest first: it alone, what is worked out, any."""
    found: list[tuple[int, int, Samples]] = []
    before = 1
    for number, size in enumerate(target):
        named = isinstance(size, Batch)
        times = size.times if named else size // fixed if size % fixed == 0 else 0
        possible = number in marks if marks else number in free if any_size else bool(times)
        if possible and ahead % before == 0 and times and times % (ahead // before) == 0:
            mark = Samples(ahead // before, times // (ahead // before))
            found.append((0 if mark == Samples() else 1 if number in free else 2, number, mark))
        before *= size.times if named else size
        if ahead % before:
            break
    # Of a batch of 1 each axis may be the one: rather none of features, and one that begins with it.
    last = len(target) - 1
    found.sort(key=lambda choice: (choice[0], choice[1] == last, choice[2].before > 1))
    return [(number, mark) for _, number, mark in found]
