"""The budgets of a configuration, checked: figures that exist, limits that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.errors import show, suggestion
from archspec.policy.config_model import Amount, BudgetModel, LimitModel
from archspec.text.toml_text import Keys
from archspec.validation import fields

if TYPE_CHECKING:
    from archspec.policy.config import Budget, Limit, Toml

LIMITS = ("max", "min", "max_increase")


def at_of(toml: Toml, at: Mapping[str, Any], *keys: str | int) -> Mapping[str, Any]:
    """A setting for counting, its batch and dtype checked; dims and vars depend on the spec. Raises ConfigError."""
    from archspec.language.load import DTYPES

    batch, dtype = at.get("batch", 1), at.get("dtype", "float32")
    if type(batch) is not int or batch < 1:
        raise toml.error(f"`batch` must be a whole number, at least 1, got {show(batch)}", *keys, "batch")
    if dtype not in DTYPES:
        raise toml.error(f"unknown dtype `{dtype}`", *keys, "dtype", hint=suggestion(str(dtype), DTYPES))
    return at


def budgets_of(toml: Toml, given: list[dict[str, Any]], at: Mapping[str, Any], keys: Keys) -> tuple[Budget, ...]:
    """Every budget. Raises ConfigError, also for two that contradict each other."""
    budgets = tuple(_budget(toml, one, at, (*keys, "budget", index)) for index, one in enumerate(given))
    seen: dict[Any, list[Limit]] = {}
    for budget in budgets:
        setting = tuple(sorted((name, repr(value)) for name, value in budget.at.items()))
        for limit in budget.limits:
            before = seen.setdefault((budget.path, budget.variant, budget.layer, setting, limit.metric), [])
            for other in before:
                _compatible(toml, other, limit)
            before.append(limit)
    return budgets


def _budget(toml: Toml, given: dict[str, Any], at: Mapping[str, Any], keys: Keys) -> Budget:
    from archspec.policy.config import Budget
    from archspec.policy.metrics import LAYER_METRICS, METRICS

    own = list(fields(BudgetModel))
    model = toml.checked(BudgetModel, {name: value for name, value in given.items() if name in own}, *keys)
    metrics = LAYER_METRICS if model.layer else METRICS
    limits = []
    for name, steps in _metric_paths(given, own):
        if name not in metrics:
            what = "figure of a layer" if model.layer and name in METRICS else "figure"
            hint = suggestion(name, (*metrics, *own))
            raise toml.error(f"no {what} is called `{name}`", *keys, *steps, hint=hint, of_key=True)
        value: Any = given
        for key in steps:
            value = value[key]
        if not isinstance(value, dict):
            hint = f'write {name} = {{max = "8.5G"}}'
            raise toml.error(f"`{name}` must be a table, got {show(value)}", *keys, *steps, hint=hint)
        limits.append(_limit(toml, name, value, (*keys, *steps)))
    if not limits:
        raise toml.error("a budget without limits", *keys, hint='name a figure: params = {max = "8.5G"}')
    path, _, variant = model.match.rpartition("@") if "@" in model.match else (model.match, "", "*")
    own_at = at_of(toml, model.at, *keys, "at")
    return Budget(path=path, variant=variant, layer=model.layer, at={**at, **own_at}, limits=tuple(limits), keys=keys)


def _metric_paths(given: dict[str, Any], own: list[str]) -> list[tuple[str, Keys]]:
    """The figures a budget names; ``torchinfo.total_bytes`` without quotes is a table in a table."""
    found: list[tuple[str, Keys]] = []
    known = {name.replace("_", "-") for name in fields(LimitModel)}
    for name, value in given.items():
        if name in own:
            continue
        tables = isinstance(value, dict) and value and all(isinstance(each, dict) for each in value.values())
        if tables and not known & set(value):
            found += [(f"{name}.{key}", (name, key)) for key in value]
        else:
            found.append((name, (name,)))
    return found


def _limit(toml: Toml, metric: str, given: dict[str, Any], keys: Keys) -> Limit:
    from archspec.policy.config import Limit

    limit = Limit(metric=metric, keys=keys, **toml.checked(LimitModel, given, *keys).__dict__)
    if not any(getattr(limit, name) for name in LIMITS):
        raise toml.error(f"`{metric}` has no limit", *keys, hint="give it max, min or max-increase")
    if limit.max and limit.min and limit.max.value < limit.min.value:
        raise toml.error(f"`max` {limit.max.text} is below `min` {limit.min.text}", *keys, "max")
    if limit.ignore_below and not limit.max_increase:
        raise toml.error("`ignore-below` without `max-increase`", *keys, "ignore-below", of_key=True)
    if limit.warn_at and not (limit.max or limit.max_increase):
        raise toml.error("`warn-at` without `max` or `max-increase`", *keys, "warn-at", of_key=True)
    return limit


def _compatible(toml: Toml, one: Limit, other: Limit) -> None:
    """Raise ConfigError where two limits of one figure of the same specs cannot both be meant."""
    line = (toml.span(*one.keys) or (0,))[0]
    for name in LIMITS:
        first: Amount | None = getattr(one, name)
        second: Amount | None = getattr(other, name)
        if first and second and first.value != second.value:
            key = name.replace("_", "-")
            message = f"`{key}` {second.text} contradicts `{key}` {first.text} for the same specs on line {line}"
            raise toml.error(message, *other.keys, key, hint="keep one of them")
    for low, high, key in ((one.min, other.max, "max"), (other.min, one.max, "min")):
        if low and high and high.value < low.value:
            message = f"`max` {high.text} is below `min` {low.text}, with the budget of the same specs on line {line}"
            raise toml.error(message, *other.keys, key)
