"""Sums of products written by index letters."""

import math
import re
from collections.abc import Iterable
from string import ascii_letters
from typing import Annotated, Any

from archspec.errors import ShapeError, show
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import NUMBERS, DtypeRule
from archspec.kinds.strides import Operand, Sizes, contiguous, elementwise, folded, reshaped
from archspec.models.types import opened, unfit
from archspec.sizes import Size, prod, require

EQUATION = r"[A-Za-z]*,[A-Za-z]*->[A-Za-z]*"


def _equation(value: Any) -> str:
    text = value.replace(" ", "") if isinstance(value, str) else ""
    if not re.fullmatch(EQUATION, text):
        raise unfit(f"must be letters of two inputs and of the output, as hid,hjd->hij, got {show(value)}")
    inputs, _, output = text.partition("->")
    for letter in output:
        if letter not in inputs or output.count(letter) > 1:
            raise unfit(f"must have each letter of its output in an input, and once there: `{letter}` is not")
    return text


class Einsum(Kind, kind="einsum", main="equation"):
    """A sum of products of two tensors, by index letters: torch.einsum.

    Each letter is an axis. What the inputs share has one size, what the output does not have is summed over:
    `hid,hjd->hij` multiplies queries with keys.
    """

    equation: Annotated[str, opened(_equation, {"type": "string"})]
    """The letters of each input, and those of the output after `->`. The batch, which comes first, is left out."""

    role, sees, memory, layout = "product", "all", "new", "own"
    moves, linear, saves = False, False, ("input",)
    arity = (2, 2)
    dtypes = DtypeRule(NUMBERS, kept=True, alike=True)
    fact_names = {
        "index_numel": "sizes of all letters multiplied, batch included",
        "pairs_numel": "sizes of the letters that both inputs or the output have, multiplied, batch included: products",
        "summed": "letters that the output does not have",
        "contracted": "letters that both inputs have and the output does not",
        "contracted_numel": "their sizes multiplied",
        "lacks_0": "letters of the products that the first input does not have",
        "lacks_1": "letters of the products that the second input does not have",
        "own_sums": "additions over the letters that one input alone has: it is summed over them before any product",
        "pattern": "the equation, batch included, its letters renamed a, b, c in order",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.einsum.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        sizes, output = self._letters(inputs)
        return (inputs[0][0], *(sizes[letter] for letter in output))

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        sizes, output = self._letters(inputs)
        left, _, right = self.equation.partition("->")[0].partition(",")
        contracted = [letter for letter in sizes if letter in left and letter in right and letter not in output]
        own = [letter for letter in sizes if (letter in left) != (letter in right) and letter not in output]

        def numel(letters: Iterable[str]) -> Size:
            return inputs[0][0] * prod(tuple(sizes[letter] for letter in letters))

        names = str.maketrans(dict(zip(sizes, ascii_letters[1:], strict=False)))
        return {
            "index_numel": numel(sizes),
            "pairs_numel": numel(letter for letter in sizes if letter not in own),
            "summed": len(contracted) + len(own),
            "contracted": len(contracted),
            "contracted_numel": prod(tuple(sizes[letter] for letter in contracted)),
            "lacks_0": len({*right, *output} - {*left} - {*own}),
            "lacks_1": len({*left, *output} - {*right} - {*own}),
            "own_sums": sum(numel({*term}) - numel({*term} - {*own}) for term in (left, right)),
            "pattern": "a{},a{}->a{}".format(*(term.translate(names) for term in (left, right, output))),
        }

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return Pair(self.equation, inputs).lies(output)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        return Pair(self.equation, inputs).copies()

    def _letters(self, inputs: tuple[Shape, ...]) -> tuple[dict[str, Size], str]:
        """The size of every letter, and the output's letters. Raises ShapeError."""
        terms, _, output = self.equation.partition("->")
        sizes: dict[str, Size] = {}
        for letters, shape in zip(terms.split(","), inputs, strict=True):
            message = "einsum needs one batch size, got {a} and {b}"
            require(shape[0] == inputs[0][0], message, a=inputs[0][0], b=shape[0])
            if len(letters) != len(shape) - 1:
                message = f"einsum's `{letters}` names {len(letters)} axes, its input has {len(shape) - 1}"
                raise ShapeError(message, argument="equation")
            for letter, size in zip(letters, shape[1:], strict=True):
                known = sizes.setdefault(letter, size)
                message = f"einsum's `{letter}` is {{known}} and {{size}}"
                require(known == size, message, argument="equation", known=known, size=size)
        return sizes, output


class Pair:
    """The product as PyTorch computes it: each tensor summed over what it alone has, then the batched product of both.

    at::einsum and sumproduct_pair, aten/src/ATen/native/Linear.cpp. Axes of size 1 count as not there.
    """

    def __init__(self, equation: str, inputs: list[Operand]) -> None:
        terms, _, output = equation.partition("->")
        letters = [f"\0{term}" for term in terms.split(",")]  # the batch has a letter too
        sizes = [dict(zip(term, taken.shape, strict=True)) for term, taken in zip(letters, inputs, strict=True)]
        order = "\0" + output + "".join(sorted({*"".join(letters)} - {*output, "\0"}))
        there = [{letter for letter, size in own.items() if size != 1} for own in sizes]
        summed = [letter for letter in order[len(output) + 1 :] if letter in there[0] | there[1]]
        self.contracted = [letter for letter in summed if letter in there[0] & there[1]]
        self.output = order[: len(output) + 1]
        self.both = [letter for letter in self.output if letter in there[0] & there[1]]
        self.left = [letter for letter in self.output if letter in there[0] - there[1]]
        self.right = [letter for letter in self.output if letter not in there[0]]
        self.size = {letter: max(own.get(letter, 1) for own in sizes) for letter in order}
        self.alone = [[letter for letter in summed if letter in own - other] for own, other in (there, there[::-1])]
        self.operands = [
            self._ordered(term, taken, alone) for term, taken, alone in zip(letters, inputs, self.alone, strict=True)
        ]

    def _ordered(self, term: str, taken: Operand, alone: list[str]) -> dict[str, tuple[int, int]]:
        """Size and step of each letter of a tensor; after it was summed, those of the result."""
        if not alone:
            return dict(zip(term, zip(*taken[:2], strict=True), strict=True))
        shape = tuple(1 if letter in alone else size for letter, size in zip(term, taken.shape, strict=True))
        return dict(zip(term, zip(shape, contiguous(shape), strict=True), strict=True))

    def copies(self) -> list[int]:
        """Elements of each copy."""
        found = []
        groups = (self.both, self.left, self.contracted), (self.both, self.contracted, self.right)
        for operand, alone, three in zip(self.operands, self.alone, groups, strict=True):
            axes = [operand.get(letter, (1, 1)) for group in three for letter in group]
            taken = Operand(tuple(size for size, _ in axes), tuple(step for _, step in axes))
            wanted = tuple(math.prod(operand.get(letter, (1, 1))[0] for letter in group) for group in three)
            summed = taken.numel if alone else 0
            found.append(folded(taken, wanted) or summed if self.contracted else summed)
        return found

    def lies(self, output: Sizes) -> Sizes:
        """How the output lies."""
        if not self.contracted:
            axes = [[operand.get(letter, (1, 0)) for letter in self.output] for operand in self.operands]
            sides = [Operand(tuple(size for size, _ in side), tuple(step for _, step in side)) for side in axes]
            return elementwise(*sides)
        first, second = self.left, self.right
        if first and second and self.output.index(second[-1]) < self.output.index(first[0]):
            first, second = second, first  # the product of the other order, so that the output need not be permuted
        made = [*self.both, *first, *second]
        steps = dict(zip(made, contiguous(tuple(self.size[letter] for letter in made)), strict=True))
        lies = tuple(steps[letter] for letter in self.output)
        return reshaped(output, lies, output) or lies
