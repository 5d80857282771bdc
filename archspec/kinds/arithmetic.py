"""Element by element, with a constant or with other tensors: powers, bounds, choices, comparisons, other dtypes."""

from typing import Annotated, Any, ClassVar, Literal

from archspec.errors import ShapeError, show
from archspec.kinds.args import Real
from archspec.kinds.base import Layout, Shape
from archspec.kinds.dtypes import ANY, DTYPES, MASK, MOVES, OWN, DtypeRule, NumberRule
from archspec.kinds.elements import DOCS, Arithmetic, Linear, Together
from archspec.models.types import EXPRESSION, Open, opened, unfit

WHOLE = NumberRule(ANY, kept=True)
Bound = Annotated[float | None, Open()]


TARGETS = ("float", *DTYPES)


def _dtype(value: Any) -> Any:
    if value in TARGETS:
        return value
    raise unfit(f"must be one of {', '.join(TARGETS)}, got {show(value)}")


class Minimum(Together, kind="minimum", main="of"):
    """The smaller of two tensors, or the smallest of several, element by element."""

    linear, saves = False, ("input",)
    dtypes = MOVES
    source = f"{DOCS}torch.minimum.html"


class Maximum(Together, kind="maximum", main="of"):
    """The larger of two tensors, or the largest of several, element by element."""

    linear, saves = False, ("input",)
    dtypes = MOVES
    source = f"{DOCS}torch.maximum.html"


class Compare(Together, kind="compare", main="op"):
    """Compare a tensor with a second one or with a constant, element by element: bools."""

    op: Annotated[Literal["eq", "ne", "lt", "le", "gt", "ge"], Open()]
    """Equal, not equal, less than, less or equal, greater than, greater or equal."""
    to: Real | None = None
    """The constant, where there is one input."""

    linear, saves = False, ()
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    dtypes = DtypeRule(ANY, gives="bool")
    bounds = (0, 1)
    source = f"{DOCS}torch.gt.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        with_constant(self.kind, "to", self.to, inputs)
        return super().out_shape(*inputs)


class Pow(Together, kind="pow", main="exponent"):
    """A power: of a constant exponent, or of a second tensor's, element by element."""

    exponent: Real | None = None
    """The exponent, where there is one input; a whole number keeps integers."""

    linear, saves = False, ("input",)
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    dtypes = WHOLE
    source = f"{DOCS}torch.pow.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        with_constant(self.kind, "exponent", self.exponent, inputs)
        return super().out_shape(*inputs)

    def out_dtype(self, dtypes: tuple[str, ...]) -> str:
        return unless_whole(super().out_dtype(dtypes), self.exponent)


class Where(Together, kind="where", main="of"):
    """Of three tensors, the elements of the second where the first, of bools, is true, else those of the third."""

    moves, linear, saves = True, True, ("indices",)
    arity: ClassVar[tuple[int, int | None]] = (3, 3)
    dtypes = DtypeRule(MASK, kept=True, then=(ANY, ANY), of=slice(1, None))
    source = f"{DOCS}torch.where.html"


class MaskedFill(Together, kind="masked_fill", main="value"):
    """A constant where the second tensor, of bools, is true, else the first tensor's elements."""

    value: Real
    """The constant; a large negative one hides scores from a softmax."""

    linear, saves = True, ("indices",)
    layout: ClassVar[Layout] = "contiguous"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    dtypes = DtypeRule(ANY, kept=True, then=(MASK,), of=slice(1))
    source = f"{DOCS}torch.Tensor.masked_fill_.html"


class Offset(Linear, kind="offset", main="by"):
    """Add a constant."""

    by: Real
    """The constant; a whole number keeps integers."""

    saves = ()
    dtypes = WHOLE
    source = f"{DOCS}torch.add.html"

    def out_dtype(self, dtypes: tuple[str, ...]) -> str:
        return unless_whole(super().out_dtype(dtypes), self.by)


class Clamp(Arithmetic, kind="clamp"):
    """y = min(max(x, min), max): no element lies outside of the bounds given."""

    min: Bound = None
    """The least value, none if left out."""
    max: Bound = None
    """The largest value, none if left out."""

    saves = ("input",)
    layout: ClassVar[Layout] = "like"
    dtypes = WHOLE
    fact_names = {"limits": "bounds that are given, 1 or 2"}
    source = f"{DOCS}torch.clamp.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        if self.min is None and self.max is None:
            raise ShapeError("clamp takes min, max or both", hint="clamp: {min: 0, max: 6}")
        return inputs[0]

    def out_dtype(self, dtypes: tuple[str, ...]) -> str:
        return unless_whole(super().out_dtype(dtypes), self.min, self.max)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"limits": (self.min is not None) + (self.max is not None)}


class Cast(Arithmetic, kind="cast", main="to"):
    """The same numbers in another dtype."""

    to: Annotated[str, opened(_dtype, {"enum": list(TARGETS)}, EXPRESSION)]
    """The dtype; `float` is the analysis' own."""

    saves = ()
    dtypes = DtypeRule(ANY)
    source = f"{DOCS}torch.Tensor.to.html"

    def out_dtype(self, dtypes: tuple[str, ...]) -> str:
        return OWN if self.to == "float" else self.to


def with_constant(kind: str, name: str, constant: float | None, inputs: tuple[Shape, ...]) -> None:
    """Either a constant or a second input. Raises ShapeError."""
    if (constant is None) == (len(inputs) == 1):
        both = "both" if constant is not None else "none"
        message = f"{kind} takes either {name} or a second input, got {both}"
        raise ShapeError(message, argument=None if constant is None else name)


def unless_whole(dtype: str, *constants: float | None) -> str:
    """The dtype of integers and a constant: floating point where that is not whole."""
    whole = all(constant is None or constant == constant // 1 for constant in constants)
    return OWN if dtype.startswith(("int", "uint")) and not whole else dtype
