"""What a change does to the policy: each key of the configuration with its old and its new value (AB109)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from archspec.policy.config import Config
from archspec.text.findings import Finding
from archspec.text.toml_text import Keys

ABSENT: Any = object()
MOST = 200  # characters of a value


def altered(base: Config, head: Config, ref: str) -> Iterator[Finding]:
    """A finding for each key that differs; budgets are compared with those that they most likely were."""
    old, new = base.data, head.data
    for keys, before, after in _differences(_without(old), _without(new), ()):
        yield _finding(base, head, ref, keys, keys, before, after)
    for left, right in _matched(old.get("budget", []), new.get("budget", [])):
        was = {} if left is None else old["budget"][left]
        now = {} if right is None else new["budget"][right]
        for keys, before, after in _differences(was, now, ()):
            there = ("budget", left, *keys) if left is not None else ()
            here = ("budget", right, *keys) if right is not None else ()
            yield _finding(base, head, ref, there or here, here or there, before, after)


def _without(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "budget"}


def _differences(old: Any, new: Any, keys: Keys) -> Iterator[tuple[Keys, Any, Any]]:
    """Each key whose value differs, down to what is no table."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), (*keys, key))
    elif isinstance(old, dict) and old and new is ABSENT:
        yield from _differences(old, {}, keys)
    elif isinstance(new, dict) and new and old is ABSENT:
        yield from _differences({}, new, keys)
    elif type(old) is not type(new) or old != new:
        yield keys, old, new


def _matched(old: list[Any], new: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """The numbers of the budgets that differ: alike ones together, then in their order, those that are left alone."""
    left, right = list(range(len(old))), list(range(len(new)))
    for equal in LIKE:
        places: dict[str, list[int]] = {}
        for number in right:
            places.setdefault(equal(new[number]), []).append(number)
        for number in list(left):
            alike = places.get(equal(old[number]))
            if alike:
                other = alike.pop(0)
                left.remove(number)
                right.remove(other)
                if old[number] != new[other]:
                    yield number, other
    yield from zip_longest(left, right)


def _only(*names: str) -> Callable[[Any], str]:
    return lambda budget: _key({name: budget.get(name) for name in names})


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


# What makes two budgets one that was changed, the surest first.
LIKE: tuple[Callable[[Any], str], ...] = (
    _key,
    _only("match", "layer", "at"),
    lambda budget: _key({name: value for name, value in budget.items() if name != "match"}),
    _only("match", "layer"),
    _only("match"),
)


def _finding(base: Config, head: Config, ref: str, there: Keys, here: Keys, before: Any, after: Any) -> Finding:
    name = ".".join(map(str, there))
    message = f"`{name}` is changed: {_shown(before)} -> {_shown(after)}; that of {ref} holds until this is merged"
    return Finding(
        code="AB109",
        severity="info",
        message=message,
        file=head.file or base.file,
        span=head.toml.span(*head.section, *here) if head.file else None,
        values=(name, _shown(before), _shown(after)),
    )


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "not set"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST else text[:MOST] + "..."
