"""Operators that move elements."""

from __future__ import annotations

from math import prod
from typing import Any

from archspec.importers.onnx.operators.shapes import padded
from archspec.importers.onnx.values import Batch, Known, Value
from archspec.importers.torch_export.calls import Call, Rule, known, size_at


def reshape(call: Call) -> list[Value]:
    """The same elements under other sizes."""
    name = "shape" if "shape" in call.args else "size"
    return call.on("Reshape", [call.value("self"), known(call.sizes(name))], allowzero=1)


def flatten(call: Call) -> list[Value]:
    """Axes from one to another joined."""
    value, rank = call.value("self"), call.rank("self")
    start, end = (call.whole(name, standard) for name, standard in (("start_dim", 0), ("end_dim", -1)))
    start, end = start % max(rank, 1), end % max(rank, 1)
    sizes = [size_at(call, value, axis) for axis in range(rank)]
    return call.on("Reshape", [value, known([*sizes[:start], prod(sizes[start : end + 1]), *sizes[end + 1 :]])])


def unflatten(call: Call) -> list[Value]:
    """One axis cut into several."""
    value, rank = call.value("self"), call.rank("self")
    axis = call.whole("dim") % rank
    sizes: list[Any] = [size_at(call, value, place) for place in range(rank)]
    cut = call.sizes("sizes")
    if -1 in cut:
        rest = sizes[axis] // prod(size for size in cut if size != -1)
        cut = [rest if size == -1 else size for size in cut]
    return call.on("Reshape", [value, known([*sizes[:axis], *cut, *sizes[axis + 1 :]])])


def permute(call: Call) -> list[Value]:
    """Axes in another order."""
    rank = call.rank("self")
    return call.on("Transpose", [call.value("self")], perm=[axis % rank for axis in call.numbers("dims")])


def transpose(first: str, second: str) -> Rule:
    """Two axes exchanged."""

    def rule(call: Call) -> list[Value]:
        rank = call.rank("self")
        order = list(range(rank))
        a, b = call.whole(first) % rank, call.whole(second) % rank
        order[a], order[b] = order[b], order[a]
        return call.on("Transpose", [call.value("self")], perm=order)

    return rule


def matrix_transposed(call: Call) -> list[Value]:
    """t: a matrix transposed."""
    return call.on("Transpose", [call.value("self")], perm=list(range(call.rank("self")))[::-1])


def movedim(call: Call) -> list[Value]:
    """Axes taken to other places."""
    rank = call.rank("self")
    taken = [axis % rank for axis in call.numbers("source")]
    goals = [axis % rank for axis in call.numbers("destination")]
    left = iter([axis for axis in range(rank) if axis not in taken])
    order = [taken[goals.index(place)] if place in goals else next(left) for place in range(rank)]
    return call.on("Transpose", [call.value("self")], perm=order)


def squeeze(call: Call) -> list[Value]:
    """Axes of size 1 dropped; one of another size stays."""
    value, rank = call.value("self"), call.rank("self")
    listed = range(rank) if call.take("dim") is None else call.numbers("dim")
    axes = [axis % rank for axis in listed if size_at(call, value, axis) == 1]
    return call.on("Squeeze", [value, known(axes)]) if axes else [value]


def unsqueeze(call: Call) -> list[Value]:
    """An axis of size 1."""
    return call.on("Unsqueeze", [call.value("self"), known([call.whole("dim")])])


def expand(call: Call) -> list[Value]:
    """Axes of size 1 stretched; -1 keeps one."""
    call.ignore("implicit")
    sizes = [1 if size == -1 else size for size in call.sizes("size")]
    return call.on("Expand", [call.value("self"), known(sizes)])


def expand_as(call: Call) -> list[Value]:
    """Stretched to another tensor's shape."""
    other = call.value("other")
    sizes = [size_at(call, other, axis) for axis in range(call.rank("other"))]
    return call.on("Expand", [call.value("self"), known(sizes)])


def repeat(call: Call) -> list[Value]:
    """The whole several times along axes."""
    value, times = call.value("self"), call.sizes("repeats")
    missing = len(times) - call.rank("self")
    if missing > 0:
        (value,) = call.on("Unsqueeze", [value, known(list(range(missing)))])
    return call.on("Tile", [value, known(times)])


def concat(call: Call) -> list[Value]:
    """Side by side."""
    return call.on("Concat", list(call.values("tensors")), axis=call.whole("dim", 0))


def stack(call: Call) -> list[Value]:
    """Side by side along a new axis."""
    axis = call.whole("dim", 0)
    made = [call.on("Unsqueeze", [value, known([axis])])[0] for value in call.values("tensors")]
    return call.on("Concat", list(made), axis=axis)


def split(call: Call) -> list[Value]:
    """Parts of one size, or of these sizes."""
    value, axis = call.value("self"), call.whole("dim", 0)
    size: Any = size_at(call, value, axis)
    said = call.take("split_sizes", call.take("split_size"))
    if isinstance(said, list):
        sizes = said
    else:
        if isinstance(size, Batch) or not isinstance(said, int) or said < 1:
            raise call.net.fail("cuts the batch, or into parts that are worked out")
        sizes = [min(said, size - start) for start in range(0, size, said)]
    return call.on("Split", [value, known(sizes)], len(sizes), axis=axis)


def chunk(call: Call) -> list[Value]:
    """So many parts."""
    value, axis, count = call.value("self"), call.whole("dim", 0), call.whole("chunks")
    size: Any = size_at(call, value, axis)
    if isinstance(size, Batch) or count < 1:
        raise call.net.fail("cuts the batch")
    part = -(-size // count)
    sizes = [min(part, size - start) for start in range(0, size, part)]
    return call.on("Split", [value, known(sizes)], len(sizes), axis=axis)


def unbind(call: Call) -> list[Value]:
    """Every position of an axis."""
    value, axis = call.value("self"), call.whole("dim", 0)
    size = size_at(call, value, axis)
    if isinstance(size, Batch):
        raise call.net.fail("takes the batch apart")
    return [call.on("Gather", [value, Known(known([index]).array[0])], axis=axis)[0] for index in range(size)]


def slice_(call: Call) -> list[Value]:
    """A range of an axis."""
    start, end, step = call.take("start"), call.take("end"), call.whole("step", 1)
    value, axis = call.value("self"), call.whole("dim", 0)
    size = size_at(call, value, axis)
    start = 0 if start is None else start
    end = 2**62 if end is None or end == size else end
    if isinstance(start, Batch) or isinstance(end, Batch):
        raise call.net.fail("its range depends on the batch size")
    if start == 0 and step == 1 and end >= 2**31:
        return [value]
    return call.on("Slice", [value, known([start]), known([end]), known([axis]), known([step])])


def narrow(call: Call) -> list[Value]:
    """A range by its length."""
    start, length = call.whole("start"), call.whole("length")
    return call.on(
        "Slice", [call.value("self"), known([start]), known([start + length]), known([call.whole("dim")]), known([1])]
    )


def select(call: Call) -> list[Value]:
    """One position of an axis."""
    index = Known(known([call.whole("index")]).array[0])
    return call.on("Gather", [call.value("self"), index], axis=call.whole("dim"))


def index(call: Call) -> list[Value]:
    """Positions that one tensor says."""
    listed = call.take("indices")
    places = [place for place, item in enumerate(listed) if item is not None] if isinstance(listed, list) else []
    if len(places) != 1:
        raise call.net.fail(f"takes positions along {len(places)} axes: one is known")
    return call.on("Gather", [call.value("self"), listed[places[0]]], axis=places[0])


def embedding(call: Call) -> list[Value]:
    """Rows of a table."""
    call.ignore("padding_idx", "scale_grad_by_freq", "sparse")
    return call.on("Gather", [call.value("weight"), call.value("indices")], axis=0)


def roll(call: Call) -> list[Value]:
    """Positions moved around."""
    net = call.net
    value = net.opened(net.spread(call.value("self")))
    shifts, places = call.numbers("shifts"), [net.place(value, axis) for axis in call.numbers("dims")]
    axes = [net.without_batch(value, place) for place in places]
    return [net.flow("roll", [value], value.dims, {"shift": shifts, "axes": axes})]


def pad(call: Call) -> list[Value]:
    """Positions added, the last axis first."""
    net = call.net
    call.ignore("value")
    modes = {"constant": "zeros", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}
    mode = call.text("mode", "constant")
    if mode not in modes:
        raise net.fail("pads in a way that is not known")
    value = net.opened(net.spread(call.value("self")))
    pads, rank = call.numbers("pad"), len(value.dims)
    if not any(pads):
        return [value]
    pairs = {rank - 1 - number: (pads[2 * number], pads[2 * number + 1]) for number in range(len(pads) // 2)}
    return [padded(net, value, pairs, modes[mode])]


RULES: dict[str, Rule] = {
    "cat.default": concat,
    "chunk.default": chunk,
    "constant_pad_nd.default": pad,
    "embedding.default": embedding,
    "expand.default": expand,
    "expand_as.default": expand_as,
    "flatten.using_ints": flatten,
    "index.Tensor": index,
    "movedim.int": movedim,
    "movedim.intlist": movedim,
    "narrow.default": narrow,
    "pad.default": pad,
    "permute.default": permute,
    "repeat.default": repeat,
    "reshape.default": reshape,
    "roll.default": roll,
    "select.int": select,
    "slice.Tensor": slice_,
    "split.Tensor": split,
    "split.sizes": split,
    "split_with_sizes.default": split,
    "squeeze.default": squeeze,
    "squeeze.dim": squeeze,
    "squeeze.dims": squeeze,
    "stack.default": stack,
    "swapaxes.default": transpose("axis0", "axis1"),
    "t.default": matrix_transposed,
    "transpose.int": transpose("dim0", "dim1"),
    "unbind.int": unbind,
    "unflatten.int": unflatten,
    "unsqueeze.default": unsqueeze,
    "view.default": reshape,
    "_unsafe_view.default": reshape,
}
