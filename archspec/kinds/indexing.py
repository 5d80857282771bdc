"""Elements chosen by whole numbers: gather, index, scatter; and the numbers themselves: topk, argmax, one_hot."""

from typing import Any, ClassVar

from archspec.errors import ShapeError
from archspec.kinds.args import Axis, Flag, Ids, Positive, WholeAxes
from archspec.kinds.axes import axis_index, listed
from archspec.kinds.base import Kind, Role, Saved, Shape
from archspec.kinds.broadcasting import axes_hint
from archspec.kinds.dtypes import ANY, INDICES, NUMBERS, DtypeRule
from archspec.kinds.strides import Operand, Sizes, contiguous, elementwise
from archspec.sizes import prod, require, shown


class Gather(Kind, kind="gather", main="axis"):
    """Along one axis, the elements that a second tensor numbers, one for each of its own: y[i][j] = x[i][index[i][j]].

    The index has as many axes as the first tensor, and in the others at most its sizes.
    """

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""
    of: Ids = None
    """Ids of the two layers, the index second; `prev` is the layer before."""

    role, sees, memory = "shape", "axis", "new"
    moves, linear, saves = True, True, ("input", "indices")
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    dtypes = DtypeRule(ANY, kept=True, then=(INDICES,), of=slice(1))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.gather.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return indexed_by(self.kind, axis_index(self.axis, inputs[0]), *inputs)


class Index(Kind, kind="index", main="axis"):
    """Along one axis, the positions that a second tensor or a list numbers.

    The axis is replaced by the index' own axes. An index that is one for the whole batch (batch 1) chooses alike in
    every sample; a table that is one for the whole batch serves every sample's index.
    """

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""
    positions: WholeAxes | None = None
    """The positions, where there is one input; negative ones count from the end."""
    of: Ids = None
    """Ids of the two layers, the index second; `prev` is the layer before."""

    role, sees, memory, layout = "shape", "axis", "new", "own"
    moves, linear, saves = True, True, ("indices",)
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    dtypes = DtypeRule(ANY, kept=True, then=(INDICES,), of=slice(1))
    fact_names = {
        "chosen": "positions chosen, for each sample where they differ",
        "own": "true where each of several samples has an index of its own",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.index_select.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        axis = axis_index(self.axis, x)
        if (self.positions is None) == (len(inputs) == 1):
            both = "both" if self.positions is not None else "none"
            raise ShapeError(f"index takes either positions or a second input, got {both}")
        if self.positions is not None:
            for position in listed(self.positions):
                message = "position {position} is out of range: axis {axis} has {size} positions"
                for fits in (-x[axis] <= position, position < x[axis]):
                    require(fits, message, argument="positions", position=position, axis=axis, size=x[axis])
            return (*x[:axis], len(listed(self.positions)), *x[axis + 1 :])
        index = inputs[1]
        batch = x[0]
        if not (type(index[0]) is int and index[0] == 1):
            if type(batch) is int and batch == 1:
                batch = index[0]
            else:
                message = "index needs one batch size, got {a} and {b}"
                require(batch == index[0], message, a=batch, b=index[0])
        return (batch, *x[1:axis], *index[1:], *x[axis + 1 :])

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """The axes of the indices come first, in PyTorch, those of the input lie as they did; then all are moved.

        aten/src/ATen/native/TensorAdvancedIndexing.cpp, make_info and AdvancedIndex.
        """
        x = inputs[0]
        axis = axis_index(self.axis, x.shape)
        if len(inputs) == 1 or inputs[1].shape[0] == 1 or (x.shape[0] == 1 and axis == 1):
            return contiguous(output)
        new = len(inputs[1].shape) - 1
        chosen = output[axis : axis + new]
        rest = (*output[1:axis], *output[axis + new :])
        shape = (output[0], *chosen, *rest)
        steps = elementwise(
            Operand(shape, (*[0] * (1 + new), *x.strides[1:axis], *x.strides[axis + 1 :])),
            Operand(shape, (*contiguous((output[0], *chosen)), *[0] * len(rest))),
        )
        places = (0, *range(1 + new, axis + new), *range(1, 1 + new), *range(axis + new, len(output)))
        return tuple(steps[place] for place in places)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        if self.positions is not None:
            return {"chosen": len(listed(self.positions)), "own": False}
        samples: Any = inputs[0][0]
        return {"chosen": prod(inputs[1]), "own": (samples == inputs[1][0]) & (samples > 1)}


class Scatter(Kind, kind="scatter", main="axis"):
    """Write the third tensor's elements into the first, along one axis where the second numbers: x[index[i][j]][j] = y.

    The index has as many axes as both, at most the third's sizes, and in the other axes at most the first's.
    """

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""
    of: Ids = None
    """Ids of the three layers, in order; `prev` is the layer before."""

    role: ClassVar[Role] = "shape"
    sees, memory = "axis", "new"
    moves, linear = True, True
    saves: ClassVar[tuple[Saved, ...]] = ("indices",)
    arity: ClassVar[tuple[int, int | None]] = (3, 3)
    dtypes = DtypeRule(ANY, kept=True, then=(INDICES, ANY), of=slice(1), alike=True)
    fact_names = {"moved": "elements written"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        x, index, values = inputs
        indexed_by(self.kind, axis_index(self.axis, x), x, index)
        indexed_by(self.kind, -1, values, index)
        return x

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"moved": prod(inputs[1])}


class ScatterAdd(Scatter, kind="scatter_add", main="axis"):
    """Add the third tensor's elements to the first's, along one axis where the second numbers."""

    role = "arithmetic"
    moves = False
    source = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html"


class TopK(Kind, kind="topk", main="k"):
    """The largest elements along one axis, and as a second output their places, of int64."""

    k: Positive
    """How many; at most the axis' size."""
    axis: Axis = -1
    """The axis: 1 is the first after the batch, -1 the last."""

    role, sees, memory = "reduction", "axis", "new"
    moves, linear, saves = False, False, ("indices",)
    dtypes = DtypeRule(NUMBERS, kept=True)
    further = ("int64",)
    fact_names = {"k": "elements taken of each row", "axis_size": "size of that axis"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.topk.html"

    def out_shape(self, *inputs: Shape) -> list[Shape]:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        message = "topk takes {k} of the {size} positions of axis {axis}"
        require(self.k <= shape[axis], message, argument="k", k=self.k, size=shape[axis], axis=axis)
        return [(*shape[:axis], self.k, *shape[axis + 1 :])] * 2

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"k": self.k, "axis_size": inputs[0][axis_index(self.axis, inputs[0])]}


class ArgMax(Kind, kind="argmax", main="axis"):
    """The place of the largest element along one axis, as int64."""

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""
    keepdim: Flag = False
    """Leave the axis in place with size 1."""

    role, sees, memory = "reduction", "axis", "new"
    moves, linear, saves = False, False, ()
    dtypes = DtypeRule(NUMBERS, gives="int64")
    fact_names = {"axis_size": "size of that axis"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.argmax.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        return (*shape[:axis], *([1] if self.keepdim else []), *shape[axis + 1 :])

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"axis_size": inputs[0][axis_index(self.axis, inputs[0])]}


class ArgMin(ArgMax, kind="argmin", main="axis"):
    """The place of the smallest element along one axis, as int64."""

    source = "https://docs.pytorch.org/docs/stable/generated/torch.argmin.html"


class OneHot(Kind, kind="one_hot", main="classes"):
    """For each whole number a row of zeros with a one in its place: [...] to [..., classes]."""

    classes: Positive
    """Size of a row: the integers run from 0 to classes - 1."""

    role, sees, memory = "shape", "element", "new"
    moves, linear, saves = False, False, ()
    dtypes = DtypeRule(frozenset({"int64"}), gives="int64")
    bounds = (0, 1)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return (*inputs[0], self.classes)


def indexed_by(kind: str, axis: int, x: Shape, index: Shape) -> Shape:
    """The index' shape, which may be smaller than that of x in the other axes. Raises ShapeError."""
    if len(x) != len(index):
        message = f"{kind} needs an index with as many axes, got {shown(x)} and {shown(index)}"
        raise ShapeError(message, hint=axes_hint(x, index))
    message = f"{kind} along axis {{axis}} needs an index within the other axes, got {{x}} and {{index}}"
    for place, (size, chosen) in enumerate(zip(x, index, strict=True)):
        if place == 0:
            require(chosen == size, f"{kind} needs one batch size, got {{a}} and {{b}}", a=size, b=chosen)
        elif place != axis:
            require(chosen <= size, message, axis=axis, x=x, index=index)
    return index
