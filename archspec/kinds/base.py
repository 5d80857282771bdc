"""What a kind is: arguments, shape rule, weights, facts."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict

from archspec.errors import ShapeError
from archspec.kinds.args import MAX_SIZE_DIGITS
from archspec.kinds.dtypes import COMPUTES, MOVES, DtypeRule
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, Sizes
from archspec.models.base import Model
from archspec.records import NamedTuple
from archspec.sizes import Size, prod, require

MAX_AXES = 65  # the batch and 64 more, as PyTorch has them
MAX_SIZE = 10**MAX_SIZE_DIGITS

Shape = tuple[Size, ...]
registry: dict[str, "type[Kind]"] = {}

# Facts that every layer has; a kind adds its own (`fact_names`).
BASE_FACTS: dict[str, str] = {
    "batch": "samples in the batch",
    "inputs": "number of input tensors",
    "in_numel": "elements of the first input, batch included",
    "inputs_numel": "elements of all inputs, batch included",
    "out_numel": "elements of all outputs, batch included",
    "c_in": "channels: the first axis after the batch axis of the first input",
    "c_out": "channels of the first output",
    "in_spatial": "product of the axes after the channels, first input",
    "out_spatial": "product of the axes after the channels, first output",
    "in_last": "size of the last axis of the first input",
    "out_last": "size of the last axis of the first output",
    "out_axis0": "first axis of the first output: the batch, with windows folded into it where there are any",
    "rank": "axes of the first input without the batch axis",
    "params": "learnable scalars of this layer, shared ones included",
    "tensors": "learnable tensors of this layer, shared ones included",
    "weight_scalars": "scalars of the learnable tensor called `weight`, 0 where none is called so",
    "bias_scalars": "scalars of the learnable tensor called `bias`, 0 where none is called so",
}

# What a layer is there for.
Role = Literal[
    "activation",
    "arithmetic",
    "attention",
    "embedding",
    "normalisation",
    "pool",
    "product",
    "projection",
    "recurrent",
    "reduction",
    "regularisation",
    "resampling",
    "scan",
    "shape",
    "source",
]
# What of its inputs an element of the output is worked out from: the element in the same place, all channels of that
# position, the last axis, the axes its arguments name, a window with kernel and stride, what is otherwise near, all.
Sees = Literal["element", "channels", "last", "axis", "window", "near", "all", "nothing"]
# Whose memory the output is: its own; the input's in another view, always or where its strides allow that; that of the
# very tensor that came in; a weight's.
Memory = Literal["new", "view", "reshape", "input", "weight"]
# How a new output lies: axis after axis; as the inputs do, element by element; as the input does, where that is dense;
# channels first or last, as the input has them; as the kind's own `lies` says.
Layout = Literal["contiguous", "elementwise", "like", "channels", "own"]
# What autograd keeps of a layer for its backward pass; `indices` are whole numbers or bools that choose elements,
# `other` is what is worked out on the way.
Saved = Literal["input", "output", "weight", "mask", "indices", "statistics", "other"]


class Weight(NamedTuple):
    """A tensor a layer owns: PyTorch's name for it, its shape, whether it is a buffer, and the rule of the shape.

    ``dtype`` is empty where it is that of the analysis. In a layer of experts there are as many ``copies`` as
    experts, or a ``stacked`` one that holds all, and a row meets the scalars ``met`` only; None is all of them.
    """

    name: str
    shape: Shape
    buffer: bool
    rule: str
    dtype: str = ""
    copies: Size = 1
    met: Size | None = None
    stacked: bool = False

    @property
    def numel(self) -> Size:
        """Number of scalars, those of all copies."""
        return prod(self.shape) * self.copies

    @property
    def experts(self) -> Size:
        """How many experts it is of, each with a share of its own; 1 where it is of none."""
        return self.copies * (self.shape[0] if self.stacked else 1)

    @property
    def active(self) -> Size:
        """Number of scalars that a row meets."""
        return self.numel if self.met is None else self.met

    def copied(self, count: Size, active: Size, *, stacked: bool) -> "Weight":
        """The weight of ``count`` experts, of which a row meets ``active``; ``stacked`` along a first axis."""
        if stacked:
            return self._replace(shape=(count, *self.shape), met=self.active * active, stacked=True)
        return self._replace(copies=self.copies * count, met=self.active * active)


class Kind(Model):
    """A layer kind. Its fields are its arguments; an instance is one layer's validated arguments.

    A subclass names itself in the class statement: ``class Conv(Kind, kind="conv", main="out")``. ``main`` is the
    argument that a bare scalar sets (``linear: 1000``).
    """

    # pydantic evaluates the annotations of class variables again for each kind, so only type checkers see these.
    if TYPE_CHECKING:
        kind: ClassVar[str]
        main: ClassVar[str | None]
        arity: ClassVar[tuple[int, int | None]]  # least and most inputs; None = any number
        dtypes: ClassVar[DtypeRule]  # which ones it takes, and which comes out
        foldable: ClassVar[bool]  # takes `norm` and `act`, unfolded into layers of their own
        fact_names: ClassVar[dict[str, str]]
        lying_names: ClassVar[dict[str, str]]
        weight_rules: ClassVar[tuple[WeightRule, ...]]
        source: ClassVar[str]

        # Traits: what is true of the kind in evaluation, for whoever would list kinds otherwise. Each kind, or its
        # family, says all of these, as PyTorch has them (tests/golden/traits.json).
        role: ClassVar[Role]
        sees: ClassVar[Sees]
        moves: ClassVar[bool]  # only moves elements, and adds zeros: of any dtype, which stays
        linear: ClassVar[bool]  # the output is an affine map of all inputs together
        memory: ClassVar[Memory]
        saves: ClassVar[tuple[Saved, ...]]  # in training
        # These, where they hold.
        layout: ClassVar[Layout]
        upsamples: ClassVar[bool]  # the output has a higher resolution than the input
        bounds: ClassVar[tuple[float, float]]  # no element of the output lies outside
        clamps: ClassVar[bool]  # leaves what lies within its bounds as it is
        further: ClassVar[tuple[str, ...]]  # dtypes of the outputs after the first, where they are others
        looks_up: ClassVar[bool]  # reads of a table as many elements as it puts out
        bare: ClassVar[bool]  # its weight is a module's own, called as the layer is, and no module's called `weight`

    model_config = ConfigDict(ignored_types=(str, bool, tuple, dict, type(None)))  # of class variables, see above

    kind, main = "", None
    arity = (1, 1)
    dtypes = COMPUTES
    foldable = False
    fact_names = {}
    lying_names = {}
    weight_rules = ()
    source = ""
    layout = "contiguous"
    upsamples, clamps, looks_up, bare = False, False, False, False
    bounds = (-inf, inf)
    further = ()

    def __init_subclass__(cls, *, kind: str = "", main: str | None = None) -> None:
        if kind:
            cls.kind = kind
            cls.main = main
            registry[kind] = cls
            if cls.moves and "dtypes" not in vars(cls):
                cls.dtypes = MOVES

    def out_shape(self, *inputs: Shape) -> Shape | list[Shape]:
        """Shape of the output, a list where there are several; axis 0 of each is the batch. Raises ShapeError."""
        raise NotImplementedError

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        """Of a view, the strides of its outputs on a tensor that lies so."""
        raise NotImplementedError

    def keeps_last(self, output: Shape) -> bool:
        """Of the layout `channels`, whether an output may have its channels innermost."""
        return True

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """Of the layout `own`, how a new output lies for inputs that lie so."""
        raise NotImplementedError

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """Of each input that lies so, the elements of the copy that PyTorch's function makes for its operator, or 0.

        ``learns``: the layer's weights are trained.
        """
        return [0] * len(inputs)

    def lying(self, inputs: list[Operand]) -> dict[str, Any]:
        """Facts that follow from how the inputs lie, named in ``lying_names``; rules of what autograd keeps may ask."""
        return {}

    def rearranged(self, taken: Operand) -> Operand | None:
        """Of a new output that is the input's axes cut and permuted, then reshaped: the view that is reshaped."""
        return None

    def takes_elements(self) -> bool:
        """Whether it looks at what its inputs hold, not at their sizes alone."""
        return self.sees != "nothing"

    def out_dtype(self, dtypes: tuple[str, ...]) -> str:
        """The dtype of the first output, empty for the analysis' own. Raises ShapeError for inputs it does not take."""
        self.dtypes.check(self.kind, dtypes)
        return self.dtypes.output(dtypes)

    def out_dtypes(self, dtypes: tuple[str, ...], outputs: int) -> tuple[str, ...]:
        """The dtype of each output. Raises ShapeError for inputs it does not take."""
        first = self.out_dtype(dtypes)
        return (first, *self.further) if self.further else (first,) * outputs

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        """The kind's own facts, named in ``fact_names``; what else it returns serves the weight rules only."""
        return {}

    def weights(self, facts: Mapping[str, Any]) -> Iterable[Weight]:
        """The tensors the layer owns, in PyTorch's order."""
        for rule in self.weight_rules:
            if rule.when is None or facts[rule.when]:
                yield Weight(rule.name, rule.shape(facts), rule.buffer, rule.dims, rule.dtype)

    def key(self) -> tuple[Any, ...]:
        """What makes two layers of this kind the same: their arguments."""
        return self._key

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        # The types too: True and 1 are equal, but not the same argument.
        values = [getattr(self, name) for name in type(self).model_fields]
        return (self.kind, *map(type, values), *values)


class Traits(NamedTuple):
    """All that follows from a kind's arguments and its input shapes."""

    kind: Kind
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    weights: tuple[Weight, ...]
    facts: dict[str, Any]


def infer(kind: Kind, inputs: tuple[Shape, ...]) -> Traits:
    """Apply a kind to input shapes. Raises ShapeError where they do not fit."""
    least, most = kind.arity
    if len(inputs) < least or (most is not None and len(inputs) > most):
        wanted = f"{least}" if most == least else f"{least} or more" if most is None else f"{least} to {most}"
        raise ShapeError(f"{kind.kind} takes {wanted} input{'s' * (wanted != '1')}, got {len(inputs)}")
    result = kind.out_shape(*inputs)
    outputs = tuple(result) if isinstance(result, list) else (result,)
    for shape in outputs:
        if len(shape) > MAX_AXES:
            raise ShapeError(f"{kind.kind} would give {len(shape) - 1} axes: at most {MAX_AXES - 1} are possible")
        for size in shape:
            if type(size) is not int or size < 1:
                require(size >= 1, f"{kind.kind} of {{inputs}} would be {{shape}}", inputs=inputs[0], shape=shape)
    numels = list(map(prod, inputs))
    facts: dict[str, Any] = {
        "batch": inputs[0][0] if inputs else outputs[0][0],
        "inputs": len(inputs),
        "in_numel": numels[0] if inputs else 0,
        "inputs_numel": sum(numels),
        "out_numel": prod(outputs[0]) if len(outputs) == 1 else sum(map(prod, outputs)),
        "c_in": _axis(inputs, 1),
        "c_out": _axis(outputs, 1),
        "in_spatial": prod(inputs[0][2:]) if inputs else 0,
        "out_spatial": prod(outputs[0][2:]),
        "in_last": _axis(inputs, -1),
        "out_last": _axis(outputs, -1),
        "out_axis0": outputs[0][0],
        "rank": len(inputs[0]) - 1 if inputs else 0,
    }
    facts.update(kind.facts(inputs, outputs))
    weights = tuple(kind.weights(facts))
    facts["params"] = sum(weight.numel for weight in weights if not weight.buffer)
    facts["tensors"] = sum(not weight.buffer for weight in weights)
    facts["weight_scalars"] = facts["bias_scalars"] = 0
    for weight in weights:
        if weight.name in ("weight", "bias") and not weight.buffer:
            facts[f"{weight.name}_scalars"] = weight.numel
    return Traits(kind, inputs, outputs, weights, facts)


def bounded_sizes(traits: Traits) -> None:
    """Raise ShapeError for an output so large that figures over a few of its kind could not be printed any more."""
    for shape in traits.outputs:
        for size in shape:
            if type(size) is int and size >= MAX_SIZE:
                found = f"a size of {len(str(size))} digits: at most {MAX_SIZE_DIGITS}"
                raise ShapeError(f"{traits.kind.kind} would give {found}")


def alike(a: Shape, b: Shape) -> Any:
    """Whether two shapes are equal, as a condition for ``require``: never the truth value of a symbol or a column."""
    if len(a) != len(b):
        return False
    result: Any = True
    for x, y in zip(a, b, strict=True):
        same: Any = x is y or x == y
        if same is False:
            return False
        if same is not True:
            result = same if result is True else result & same
    return result


def _axis(shapes: tuple[Shape, ...], axis: int) -> Size:
    """One axis of the first shape; 1 where a tensor has only its batch axis."""
    return shapes[0][axis] if shapes and len(shapes[0]) > 1 else 1
