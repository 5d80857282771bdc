"""Mixtures of experts: rows to the experts that a router chooses, and their outputs back into one."""

from typing import Any, ClassVar

from archspec.errors import ShapeError
from archspec.kinds.args import Positive
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.dtypes import MOVES, NUMBERS, DtypeRule
from archspec.sizes import prod, require, shown


class Dispatch(Kind, kind="dispatch"):
    """Send each row [..., D] to the experts with its highest scores: [..., active, D], and these scores [..., active].

    The second input, where there is one, has the scores: [..., count]. Without them the experts are fixed.
    """

    count: Positive
    """Experts there are."""
    active: Positive
    """Experts that each row is sent to."""

    role, sees, memory = "shape", "last", "new"
    moves, linear, saves = False, False, ("indices",)
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    dtypes = MOVES
    fact_names = {
        "rows": "rows of the input",
        "count": "experts there are",
        "active": "experts that each row is sent to",
        "scored": "true where scores choose them",
    }
    source = "https://arxiv.org/abs/1701.06538"

    def out_shape(self, *inputs: Shape) -> list[Shape]:
        rows, *scores = inputs
        if len(rows) < 2:
            raise ShapeError(f"dispatch takes rows [..., D], got {shown(rows[1:])}")
        require(
            self.active <= self.count, "`active` is {active} of {count} experts", active=self.active, count=self.count
        )
        wanted = (*rows[:-1], self.count)
        for shape in scores:
            require(
                alike(shape, wanted),
                "the router gives {shape}, not a score for each of the {count} experts: {wanted}",
                shape=shape[1:], count=self.count, wanted=wanted[1:],
            )  # fmt: skip
        chosen = (*rows[:-1], self.active)
        return [(*chosen, rows[-1]), chosen] if scores else [(*chosen, rows[-1])]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        rows = prod(inputs[0][:-1])
        return {"rows": rows, "count": self.count, "active": self.active, "scored": len(inputs) > 1}


class Combine(Kind, kind="combine"):
    """The sum of what the experts made of each row, [..., active, D] to [..., D], weighed by [..., active].

    Without the second input it is the plain sum.
    """

    role, sees, memory = "reduction", "last", "new"
    moves, linear, saves = False, False, ("input",)
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    dtypes = DtypeRule(NUMBERS, kept=True, alike=True)
    fact_names = {"active": "experts whose outputs are summed", "weighed": "true where scores weigh them"}
    source = "https://arxiv.org/abs/1701.06538"

    def out_shape(self, *inputs: Shape) -> Shape:
        rows, *scores = inputs
        if len(rows) < 3:
            raise ShapeError(f"combine takes rows [..., active, D], got {shown(rows[1:])}")
        for shape in scores:
            require(
                alike(shape, rows[:-1]),
                "weights {weights} for rows {rows}: one for each is needed",
                weights=shape[1:], rows=rows[1:],
            )  # fmt: skip
        return (*rows[:-2], rows[-1])

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"active": inputs[0][-2], "weighed": len(inputs) > 1}
