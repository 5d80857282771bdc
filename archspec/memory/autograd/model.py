"""What a convention of autograd holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from archspec.conventions.facts import CALL_FACTS
from archspec.conventions.model import Formula, Version
from archspec.errors import did_you_mean
from archspec.expr import Expr
from archspec.kinds import kinds
from archspec.kinds.base import BASE_FACTS, Kind
from archspec.kinds.dtypes import DTYPES
from archspec.memory.files import load
from archspec.models.base import Model
from archspec.models.types import Invalid, Taken, Text, unfit

MOST_INPUTS = 4  # of a kind that does not take any number
# Facts that follow from where a layer stands in a network, beside those of its kind and its arguments.
FACTS = {
    "itemsize": CALL_FACTS["itemsize"],
    "learns": "true where a weight of it is trained",
    "learns_weight": "true where the one called `weight` is trained",
    "needs": "true where the gradient of an input is needed",
    **{f"needs_{place}": f"true where the gradient of input {place} is needed" for place in range(MOST_INPUTS)},
    **{f"numel_{place}": f"elements of input {place}" for place in range(MOST_INPUTS)},
    **{f"bool_{place}": f"true where input {place} is of bools" for place in range(MOST_INPUTS)},
    **{
        f"again_{place}": f"true where input {place} is the tensor that the one before it is"
        for place in range(MOST_INPUTS)
    },
}


def _which(value: Any) -> Any:
    if value == "all" or (type(value) is int and 0 <= value < MOST_INPUTS):
        return value
    raise unfit(f"must be `all` or a number below {MOST_INPUTS}, counted from 0")


WIDER = "float32+"  # the analysis' own, or float32 where that is narrower


def _dtype(value: Any) -> Any:
    if value in DTYPES or value == WIDER:
        return value
    raise unfit("must be " + ", ".join((*DTYPES, WIDER)))


Which = Annotated[int | Literal["all"] | None, Taken(_which, {"type": ["integer", "string"]})]
Dtype = Annotated[Text | None, Taken(_dtype, {"enum": [*DTYPES, WIDER]})]


class Keep(Model):
    """One thing that is kept: an input or output, or something that the layer works out, so many elements of it."""

    input: Which = None
    """Which input, counted from 0, or `all`."""
    output: Which = None
    """Which output, or `all`."""
    mask: Formula | None = None
    """Elements of what is drawn at random."""
    indices: Formula | None = None
    """Elements of whole numbers: where a maximum was."""
    statistics: Formula | None = None
    """Elements of means, variances, sums."""
    other: Formula | None = None
    """Elements of other tensors that are worked out on the way."""
    dtype: Dtype = None
    """Of what has elements; left out, that of the analysis. `float32+` is that, or float32 where it is narrower."""
    when: Formula | None = None
    """On which layers; left out, on all."""
    copied: Formula | None = None
    """Of an input, where a copy is kept instead; beside what the kind copies for how it lies in memory."""

    @property
    def what(self) -> str:
        """What is kept, in a word."""
        return next(word for word in WORDS if getattr(self, word) is not None)

    @property
    def formulas(self) -> Mapping[str, Expr]:
        """The formulas by the keys that have them."""
        keys = (*OWN, "when", "copied")
        return {key: getattr(self, key) for key in keys if getattr(self, key) is not None}


OWN = ("mask", "indices", "statistics", "other")  # in memory that nothing else has
WORDS = ("input", "output", *OWN)


def _one(keep: Keep) -> Keep:
    named = [word for word in WORDS if getattr(keep, word) is not None]
    if len(named) != 1:
        raise Invalid(f"what is kept is one of {', '.join(WORDS)}, this names {' and '.join(named) or 'none'}")
    return keep


class KeepRule(Model):
    """What is kept of the layers of one kind, where a gradient goes through them."""

    keeps: list[Annotated[Keep, AfterValidator(_one)]]
    """What, in the order of the operators that keep it."""
    pairwise: bool = False
    """Of more than two inputs: the first two make a tensor, this and the third the next, and so on."""
    knows: Formula | None = None
    """The layers it holds for; of others the convention knows nothing. Left out, all."""
    uncounted: Text = ""
    """What is kept beside and cannot be said, which a warning names."""
    source: Text = ""
    """Where it was read."""
    note: Text = ""
    """What it means."""


def _rules(rules: dict[str, KeepRule]) -> dict[str, KeepRule]:
    for kind, rule in rules.items():
        names = {*names_of(_kind(kind))}
        checked: list[tuple[Expr, tuple[str | int, ...]]] = [] if rule.knows is None else [(rule.knows, ("knows",))]
        for place, keep in enumerate(rule.keeps):
            checked += [(formula, ("keeps", place, key)) for key, formula in keep.formulas.items()]
        for formula, keys in checked:
            for name in sorted(formula.names - names):
                hint = f"{did_you_mean(name, names) or ''} {kind} has {', '.join(sorted(names))}".strip()
                raise Invalid(f"unknown fact `{name}`", kind, *keys, hint=hint)
    return rules


def _free(free: dict[str, str]) -> dict[str, str]:
    for kind in free:
        _kind(kind)
    return free


def _kind(kind: str) -> type[Kind]:
    if kind not in kinds():
        hint = did_you_mean(kind, kinds()) or "`archspec kinds` lists them"
        raise Invalid(f"unknown kind `{kind}`", kind, hint=hint, of_key=True)
    return kinds()[kind]


def names_of(kind: type[Kind]) -> list[str]:
    """What a formula of a kind's rule may name."""
    return [*kind.model_fields, *BASE_FACTS, *kind.fact_names, *kind.lying_names, *FACTS]


class Autograd(Model):
    """What is kept of a forward pass for the backward pass, kind by kind."""

    autograd: Text
    """The name."""
    version: Version = ""
    """The version of the framework."""
    summary: Text = ""
    """Whose rules these are, and where they hold."""
    source: Text = ""
    """Where they are from."""
    like: Text = ""
    """The convention whose rules hold for the kinds that this one says nothing of."""
    dtype: Dtype = None
    """What activations are kept in whatever the analysis computes in; left out, in the analysis' own."""
    rules: Annotated[dict[str, KeepRule], AfterValidator(_rules)]
    """What is kept of each kind."""
    free: Annotated[dict[str, Text], AfterValidator(_free)] = {}
    """Kinds of which nothing is kept, each with the reason."""

    def known(self) -> Autograd:
        """With the rules of the convention that it is like. Raises ArchspecError."""
        if not self.like:
            return self
        base = load("autograd", self.like, Autograd, "convention of autograd").known()
        free = {kind: reason for kind, reason in base.free.items() if kind not in self.rules}
        rules = {kind: rule for kind, rule in base.rules.items() if kind not in self.free}
        return self.model_copy(update={"rules": {**rules, **self.rules}, "free": {**free, **self.free}, "like": ""})
