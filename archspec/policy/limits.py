"""The budgets of a configuration, each with its place, and what they say together."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.analysis.setting import Setting
from archspec.policy.toml import Toml
from archspec.text.toml_text import Keys

if TYPE_CHECKING:
    from archspec.policy.config_model import Amount, Configuration

BOUNDS = ("max", "min", "max_increase")


class Limit(NamedTuple):
    """The limits of one figure; ``keys`` is their place in the file."""

    metric: str
    keys: Keys
    max: Amount | None
    min: Amount | None
    max_increase: Amount | None
    ignore_below: Amount | None
    warn_at: Amount | None


class Budget(NamedTuple):
    """Limits for some specs: ``path`` and ``variant`` are patterns, ``layer`` one of layer paths or empty."""

    path: str
    variant: str
    layer: str
    at: Setting
    limits: tuple[Limit, ...]
    keys: Keys


class Broken(NamedTuple):
    """A limit that a figure breaks or comes near: what of it, by how much, and what to say."""

    code: str
    key: str
    amount: Amount
    by: int
    message: str


def budgets_of(toml: Toml, model: Configuration, section: Keys) -> tuple[Budget, ...]:
    """Every budget. Raises ConfigError for two that contradict each other."""
    budgets = []
    seen: dict[Any, dict[str, Limit]] = {}
    for index, budget in enumerate(model.budget):
        keys = (*section, "budget", index)
        path, _, variant = budget.match.rpartition("@") if "@" in budget.match else (budget.match, "", "*")
        at = Setting.of({**model.at.said(), **budget.at.said()})
        limits = tuple(Limit(metric, (*keys, *steps), **dict(limits)) for metric, steps, limits in budget.limits())
        budgets.append(Budget(path, variant, budget.layer, at, limits, keys))
        for limit in limits:
            alike = seen.setdefault((path, variant, budget.layer, at.key, limit.metric), {})
            for before in dict.fromkeys(alike.values()):
                _compatible(toml, before, limit)
            for name in BOUNDS:
                if getattr(limit, name):
                    alike.setdefault(name, limit)  # those behind it say the same
    return tuple(budgets)


def _compatible(toml: Toml, old: Limit, new: Limit) -> None:
    """Raise ConfigError where two limits of one figure of the same specs cannot both be meant."""
    span = toml.span(*old.keys)
    assert span is not None, "a limit that was read stands somewhere"
    same = f"same specs on line {span.line}"
    for name in BOUNDS:
        first: Amount | None = getattr(old, name)
        second: Amount | None = getattr(new, name)
        if first and second and first.value != second.value:
            key = name.replace("_", "-")
            message = f"`{key}` {second.text} contradicts `{key}` {first.text} for the {same}"
            raise toml.error(message, *new.keys, key, hint="keep one of them")
    for low, high, key in ((old.min, new.max, "max"), (new.min, old.max, "min")):
        if low and high and high.value < low.value:
            message = f"`max` {high.text} is below `min` {low.text}, with the budget of the {same}"
            raise toml.error(message, *new.keys, key)


def broken_by(limit: Limit, actual: Any, base: Any | None) -> Iterator[Broken]:
    """The limits that a figure breaks or comes near."""
    share = limit.warn_at
    name = limit.metric
    if limit.max is not None:
        if actual > limit.max.value:
            above = ceil(actual - limit.max.value)
            message = f"{name} is {actual:,}, {above:,} above its max of {limit.max.text}"
            yield Broken("AB101", "max", limit.max, above, message)
        elif share is not None and actual > share.value * limit.max.value:
            message = f"{name} is {actual:,}, {_percent(actual, limit.max.value)} of its max of {limit.max.text}"
            yield Broken("AB104", "max", limit.max, actual, message)
    if limit.min is not None and actual < limit.min.value:
        below = ceil(limit.min.value - actual)
        message = f"{name} is {actual:,}, {below:,} below its min of {limit.min.text}"
        yield Broken("AB102", "min", limit.min, below, message)
    if limit.max_increase is None or base is None:
        return
    increase = actual - base
    if increase <= 0 or (limit.ignore_below is not None and increase <= limit.ignore_below.value):
        return
    allowed = limit.max_increase.value * base
    grown = f"{name} grew from {base:,} to {actual:,}, by {increase:,}"
    grown += f" or {_percent(increase, base)}" if base else ""
    if increase > allowed:
        message = f"{grown}; its max-increase is {limit.max_increase.text}"
        if limit.ignore_below is not None:
            message += f", {limit.ignore_below.text} would pass"
        yield Broken("AB103", "max-increase", limit.max_increase, increase, message)
    elif share is not None and increase > share.value * allowed:
        message = f"{grown}, near its max-increase of {limit.max_increase.text}"
        yield Broken("AB104", "max-increase", limit.max_increase, increase, message)


def _percent(part: Any, whole: Any) -> str:
    """A share in percent with two decimals, rounded exactly: figures may be larger than floats are."""
    hundredths = int(part * 20000 // whole + 1) // 2
    return f"{hundredths // 100:,}.{hundredths % 100:02}%"
