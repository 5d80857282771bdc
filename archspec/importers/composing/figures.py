"""Numbers that differ between alike modules: which become parameters, and how the others follow from them."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

from archspec.importers.composing.layers import Layer
from archspec.importers.composing.likeness import Family, Label
from archspec.records import NamedTuple

Text = str


class Parameter(NamedTuple):
    """A parameter of a block: its name, what it is where a call does not say, and the label it stands for."""

    name: str
    default: Any
    label: Label | None  # None for a flag
    values: tuple[Any, ...]  # in each member
    leaf: int = -1  # of a flag: the first leaf that is there only with it


class Figures:
    """The parameters of a family, and every number of its model as a number or an expression of them."""

    def __init__(self, family: Family, layers: list[Layer]) -> None:
        self.family = family
        self.layers = layers
        self.params: list[Parameter] = []
        self.texts: dict[Label, Any] = {}
        self.flags: dict[int, str] = {}  # of an optional leaf
        self.members = list(family.members)
        self._flags()
        for label in family.body.values:
            self.texts[label] = self._text(label)

    def value(self, member: Any, label: Label) -> Any:
        """A number of a member; None where it lacks the leaf."""
        place, name, spot = label
        leaf = self.family.members[member][place]
        if leaf is None:
            return None
        value = self.layers[leaf.number].arguments[name]
        return value if spot < 0 else value[spot]

    def _flags(self) -> None:
        found: dict[tuple[bool, ...], str] = {}
        for place in sorted(self.family.optional):
            there = tuple(self.family.members[member][place] is not None for member in self.members)
            if there not in found:
                leaf = self.family.body.leaves[place]
                name = self._named((leaf.name or self.layers[leaf.number].kind).replace("-", "_").split(".")[0])
                found[there] = name
                default = Counter(there).most_common(1)[0][0]
                self.params.append(Parameter(name, default, None, there, place))
            self.flags[place] = found[there]

    def _text(self, label: Label) -> Any:
        values = tuple(self.value(member, label) for member in self.members)
        there = [value for value in values if value is not None]
        if len({(type(value), value) for value in there}) == 1:
            return there[0]
        whole = all(isinstance(value, int) for value in there)
        for param in self.params if whole else ():
            factor = self._factor(param, values)
            if factor is not None:
                return times(f"${param.name}", factor)
        place, name, _ = label
        leaf = self.family.body.leaves[place]
        default: Any = "int" if whole else "number"
        (most, count), *_ = Counter(there).most_common(1)
        if 2 * count > len(self.members) or name in ("stride", "kernel", "padding", "groups"):
            default = most
        filled = tuple(most if value is None else value for value in values)
        stem = leaf.name.split(".")[-1].replace("-", "_")
        param_name = self._named(
            name if name not in ("shape", "order", "axes") else f"{stem or self.layers[leaf.number].kind}_size", stem
        )
        self.params.append(Parameter(param_name, default, label, filled))
        return f"${param_name}"

    def _factor(self, param: Parameter, values: tuple[Any, ...]) -> Fraction | None:
        """What every value is of the parameter's, where that is the same."""
        if param.label is None:
            return None
        factors = {
            Fraction(value, base) if base else None
            for value, base in zip(values, param.values, strict=True)
            if value is not None and isinstance(base, int)
        }
        factor = factors.pop() if len(factors) == 1 else None
        plain = factor is not None and (factor.denominator == 1 or factor.numerator == 1) and factor > 0
        return factor if plain and param.default in ("int", *param.values) else None

    def _named(self, name: str, stem: str = "") -> str:
        taken = {param.name for param in self.params} | {"in", "index"}
        options = [name, f"{stem}_{name}"] if stem and not stem.isdigit() else [name]
        for option in options:
            if option not in taken and option.isidentifier():
                return option
        number = 2
        while f"{options[-1]}{number}" in taken:
            number += 1
        made = f"{options[-1]}{number}"
        return made if made.isidentifier() else f"p{len(self.params) + 1}"


def times(text: str, factor: Fraction) -> str:
    """An expression times a number."""
    if factor == 1:
        return text
    return f"{factor.numerator} * {text}" if factor.denominator == 1 else f"{text} // {factor.denominator}"


def by_index(values: list[Any]) -> Any:
    """Values of a repeat's instances as one: a value, or an expression of `$index`. Raises ValueError."""
    kinds = [(type(value), value) for value in values]
    if len(set(kinds)) == 1:
        return values[0]
    plain = [_inner(value) for value in values]
    if len(set(kinds[1:])) == 1:
        return _choice("$index == 0", plain[0], plain[1])
    if len(set(kinds[:-1])) == 1:
        return _choice(f"$index < {len(values) - 1}", plain[0], plain[-1])
    if len(set(kinds[::2])) == 1 and len(set(kinds[1::2])) == 1:
        return _choice("$index % 2 == 0", plain[0], plain[1])
    steps = {b - a for a, b in pairwise(values)} if all(type(v) is int for v in values) else set()
    if len(steps) == 1:
        step = steps.pop()
        return f"{values[0]} + {step} * $index" if step > 0 else f"{values[0]} - {-step} * $index"
    raise ValueError


def _choice(condition: str, then: str, other: str) -> str:
    if (then, other) == ("true", "false"):
        return condition
    if (then, other) == ("false", "true"):
        return condition.replace("==", "!=") if "==" in condition else f"not ({condition})"
    return f"{then} if {condition} else {other}"


def _inner(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"({value})" if isinstance(value, str) and " " in value else str(value)
