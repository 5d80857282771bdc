"""The budgets of a configuration, each with its place, and what they say together."""

from __future__ import annotations

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
    line = (toml.span(*old.keys) or (0,))[0]
    for name in BOUNDS:
        first: Amount | None = getattr(old, name)
        second: Amount | None = getattr(new, name)
        if first and second and first.value != second.value:
            key = name.replace("_", "-")
            message = f"`{key}` {second.text} contradicts `{key}` {first.text} for the same specs on line {line}"
            raise toml.error(message, *new.keys, key, hint="keep one of them")
    for low, high, key in ((old.min, new.max, "max"), (new.min, old.max, "min")):
        if low and high and high.value < low.value:
            message = f"`max` {high.text} is below `min` {low.text}, with the budget of the same specs on line {line}"
            raise toml.error(message, *new.keys, key)
