"""What autograd keeps of each operation of a forward pass, by a convention's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any

from archspec.errors import ArchspecError, SpecError
from archspec.expr import Expr
from archspec.kinds.base import Shape
from archspec.kinds.broadcasting import broadcast
from archspec.kinds.dtypes import DTYPES, FLOATS
from archspec.kinds.strides import Operand
from archspec.memory.autograd.model import MOST_INPUTS, OWN, Autograd, Keep, KeepRule
from archspec.memory.program import Operation, Program
from archspec.memory.storages import Storages
from archspec.records import NamedTuple


class Kept(NamedTuple):
    """Something that an operation keeps: in a ``storage`` of the program, None for memory that nothing else has."""

    operation: int
    path: str
    what: str
    bytes: int
    storage: int | None


class Saved(NamedTuple):
    """All that is kept, in the order it is, and what the convention does not know, with the layers."""

    kept: tuple[Kept, ...]
    unknown: Mapping[str, tuple[str, ...]]


class Item(NamedTuple):
    """An input or output of an operation as it is kept: where it is, how large, whether its gradient is needed."""

    storage: int | None
    bytes: int
    shape: Shape
    needs: bool


def kept(program: Program, storages: Storages, convention: Autograd, dtype: str) -> Saved:
    """What is kept of a program in training, whose values lie as ``storages`` says; ``dtype`` is the analysis' own.

    A storage comes again with each operation that keeps a tensor in it. Raises ArchspecError for a formula without a
    value.
    """
    convention = convention.known()
    needed = gradients(program)
    keeper = _Keeper(program, storages, needed, dtype)
    records: list[Kept] = []
    unknown: dict[str, list[str]] = {}
    for number, operation in enumerate(program.operations):
        kind = operation.layer.traits.kind.kind
        if kind in convention.free or not (operation.trained or any(needed[value] for value in operation.inputs)):
            continue
        rule = convention.rules.get(kind)
        try:
            found = None if rule is None else keeper.kept(number, operation, rule)
        except ArchspecError as error:
            raise error.located(path=f"{convention.autograd}: rules.{kind}") from None
        if found is None:
            unknown.setdefault(f"what is kept of {kind}", []).append(operation.path)
            continue
        records += found
        if rule is not None and rule.uncounted:
            unknown.setdefault(f"{rule.uncounted} of {kind}", []).append(operation.path)
    return Saved(tuple(records), {what: tuple(paths) for what, paths in unknown.items()})


def gradients(program: Program) -> list[bool]:
    """Of each value, whether a gradient goes through it: something that is trained lies before it."""
    needed = [False] * len(program.values)
    for operation in program.operations:
        if operation.trained or any(needed[value] for value in operation.inputs):
            for value in operation.outputs:
                needed[value] = program.values[value].dtype in FLOATS
    return needed


class _Keeper:
    def __init__(self, program: Program, storages: Storages, needed: list[bool], dtype: str) -> None:
        self.program, self.storages, self.needed = program, storages, needed
        self.itemsize = DTYPES[dtype]
        self._calls: dict[int, tuple[tuple[str, ...], Callable[..., Any]]] = {}

    def kept(self, number: int, operation: Operation, rule: KeepRule) -> list[Kept] | None:
        """What an operation keeps, None where the rule does not know."""
        kind = operation.layer.traits.kind
        values, places = self.program.values, self.storages.places
        taken = [Operand(values[each].shape, places[each].strides, self.needed[each]) for each in operation.inputs]
        copies = kind.copies(taken, learns=bool(operation.trained))
        inputs = [
            self.item(value)._replace(storage=None, bytes=copy * self.size(value)) if copy else self.item(value)
            for value, copy in zip(operation.inputs, copies, strict=True)
        ]
        outputs = [self.item(value) for value in operation.outputs]
        given = {
            **{name: getattr(kind, name) for name in type(kind).model_fields},
            **operation.layer.traits.facts,
            "itemsize": self.itemsize,
            "learns": bool(operation.trained),
            "learns_weight": "weight" in operation.trained,
            **kind.lying(taken),
            **{
                f"bool_{place}": values[each].dtype == "bool"
                for place, each in enumerate(operation.inputs[:MOST_INPUTS])
            },
            **{f"again_{place}": again for place, again in enumerate(repeated(operation.inputs[:MOST_INPUTS]))},
        }
        if rule.knows is not None and not self.value(rule.knows, facts(given, inputs)):
            return None
        pairs = self.pairs(inputs) if rule.pairwise else [inputs]
        return [
            Kept(number, operation.path, keep.what, each.bytes, each.storage)
            for pair in pairs
            for keep in rule.keeps
            for each in self.each(keep, pair, outputs, facts(given, pair))
        ]

    def item(self, value: int) -> Item:
        """A value as it lies."""
        storage, shape = self.storages.places[value].storage, self.program.values[value].shape
        return Item(storage, prod(shape) * self.size(value), shape, self.needed[value])

    def size(self, value: int) -> int:
        """Bytes of an element."""
        dtype = self.program.values[value].dtype
        return DTYPES[dtype] if dtype else self.itemsize

    def pairs(self, inputs: list[Item]) -> Iterator[list[Item]]:
        """The operations on two tensors that one on several is: each takes the result of that before it."""
        first = inputs[0]
        for second in inputs[1:]:
            yield [first, second]
            shape = broadcast("", first.shape, second.shape)
            size: Any = prod(shape)
            first = Item(None, size * self.itemsize, shape, first.needs or second.needs)

    def each(self, keep: Keep, inputs: list[Item], outputs: list[Item], values: dict[str, Any]) -> Iterator[Item]:
        """What one entry of a rule keeps."""
        if keep.when is not None and not self.value(keep.when, values):
            return
        formula = next((getattr(keep, word) for word in OWN if getattr(keep, word) is not None), None)
        if formula is not None:
            elements = self.value(formula, values)
            if type(elements) is not int or elements < 0:
                raise SpecError(f"`{formula.text}` is {elements!s:.40}, not a number of elements")
            size = DTYPES.get(keep.dtype, max(self.itemsize, 4)) if keep.dtype else self.itemsize
            yield Item(None, elements * size, (), False)
            return
        operands, which = (outputs, keep.output) if keep.input is None else (inputs, keep.input)
        copied = keep.copied is not None and self.value(keep.copied, values)
        for place, operand in enumerate(operands):
            if which not in ("all", place):
                continue
            if copied or operand.storage is None:
                yield operand._replace(storage=None)
            elif self.storages.storages[operand.storage].holds != "weight":
                yield operand._replace(bytes=self.storages.storages[operand.storage].bytes)

    def value(self, formula: Expr, values: Mapping[str, Any]) -> Any:
        """A formula's value. Raises ExpressionFault."""
        call = self._calls.get(id(formula))
        if call is None:
            names = tuple(sorted(formula.names))
            call = self._calls[id(formula)] = names, formula.function(names)
        return call[1](*[values[name] for name in call[0]])


def repeated(inputs: tuple[int, ...]) -> list[bool]:
    """Whether each input is the very tensor that the input before it is."""
    return [place > 0 and inputs[place - 1] == value for place, value in enumerate(inputs)]


def facts(given: Mapping[str, Any], inputs: list[Item]) -> dict[str, Any]:
    """What the formulas of a rule may name."""
    needs = [each.needs for each in inputs[:MOST_INPUTS]]
    none = MOST_INPUTS - len(needs)
    return {
        **{f"{name}_{place}": False for name in ("bool", "again") for place in range(MOST_INPUTS)},
        **given,
        "needs": any(each.needs for each in inputs),
        **{f"needs_{place}": needs for place, needs in enumerate([*needs, *[False] * none])},
        **{f"numel_{place}": 0 for place in range(MOST_INPUTS)},
        **{f"numel_{place}": prod(each.shape) for place, each in enumerate(inputs[:MOST_INPUTS])},
    }
