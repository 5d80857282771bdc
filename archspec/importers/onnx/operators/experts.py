"""Layers that stand for experts, as `archspec export` writes them: with the weights of each, or one tensor of all."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from archspec.importers.composing.layers import Copied, Weight
from archspec.importers.onnx.network import Network
from archspec.records import NamedTuple

NUMBER = re.compile(r"\d+")


class Copies(NamedTuple):
    """Where a layer of experts stands: below the module that is one of them, or as one tensor of all."""

    copied: Copied | None
    keys: dict[str, Any]
    scope: tuple[str, ...]
    name: str


def of_experts(net: Network, learned: list[Weight], active: int) -> tuple[list[Weight], Copies]:
    """The weights of one expert, and how many there are. Names of several differ in one number. Raises OnnxError."""
    names = [weight.name.split(".") for weight in learned]
    level = _level(names)
    if level is None:
        counts = {weight.shape[0] if weight.shape else 0 for weight in learned}
        if len(counts) != 1 or not net.scope:
            raise net.fail("its tensors are not of as many experts")
        keys = {"copies": {"count": counts.pop(), "active": active, "stacked": True}}
        own = [replace(weight, shape=weight.shape[1:]) for weight in learned]
        return own, Copies(None, keys, net.scope[:-1], net.scope[-1])
    experts = list(dict.fromkeys(name[level] for name in names))
    numbers = [int(NUMBER.findall(expert)[-1]) for expert in experts]
    count, step = len(experts), numbers[1] - numbers[0]
    pattern = "*".join(experts[0].rsplit(NUMBER.findall(experts[0])[-1], 1))
    wanted = [pattern.replace("*", str(numbers[0] + step * place)) for place in range(count)]
    if len(learned) % count or experts != wanted or step < 1 or pattern.count("*") != 1:
        raise net.fail("its weights are not called by the numbers of experts")
    said: dict[str, Any] = {"count": count, "active": active}
    said |= {"names": pattern} if pattern != "*" else {}
    said |= {"first": numbers[0]} if numbers[0] else {}
    said |= {"step": step} if step != 1 else {}
    own = [
        replace(weight, name=".".join([*name[:level], *name[level + 1 :]]))
        for weight, name in list(zip(learned, names, strict=True))[::count]
    ]
    return own, Copies(Copied(level, said), {}, net.scope, "")


def _level(names: list[list[str]]) -> int | None:
    """Which part of their names numbers experts."""
    if len(names) < 2:
        return None
    for place, (one, other) in enumerate(zip(names[0], names[1], strict=False)):
        if one != other:
            numbered = NUMBER.search(one) and NUMBER.sub("*", one) == NUMBER.sub("*", other)
            return place if numbered and place < len(names[0]) - 1 else None
    return None
