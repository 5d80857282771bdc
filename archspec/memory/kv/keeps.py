"""Which layers keep something from token to token: read off the graph, not off names.

- Causal attention whose query and key come from the same sequence keeps keys and values, of the last `window` tokens
  where it has one.
- Attention that is not causal keeps nothing where query and key come from the same sequence (an encoder sees later
  tokens, so nothing can be kept), and the other sequence's keys and values where they do not (cross attention).
- A recurrent layer keeps its state; one that also runs backwards keeps nothing.

The same sequence: going back from the query and from the key, a tensor is met that both come from, before a pool or a
reduction. Nothing in common at all: another sequence. Attention in between is followed to its query, its keys are the
other sequence's. What cannot be told is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archspec.conventions.model import Formula
from archspec.memory.files import table
from archspec.memory.kv.model import FACTS, evaluated
from archspec.memory.program import OUTSIDE, Operation, Program
from archspec.models.base import Model
from archspec.models.types import Text
from archspec.records import NamedTuple

MOST_STEPS = 5_000_000  # back from all attentions together


class KeepsEntry(Model):
    """What a kind keeps."""

    keeps: Text
    """`keys and values`, or the sort of the conventions' rules."""
    facts: dict[str, Formula]
    """What the rules name, over the facts of the kind."""
    causal: Formula
    """Whether no token sees a later one."""


class KeepsTable(Model):
    """What kinds keep."""

    kinds: dict[str, KeepsEntry]
    """By kind."""


class Kept(NamedTuple):
    """A layer that keeps something: the sort of rule, and what that names."""

    path: str
    sort: str
    facts: tuple[tuple[str, int], ...]


class Found(NamedTuple):
    """The layers that keep something, those that keep nothing, and those that cannot be told, with the reason."""

    kept: tuple[Kept, ...]
    encoders: tuple[str, ...]
    unclear: Mapping[str, tuple[str, ...]]


def keeping(program: Program, samples: int) -> Found:
    """What each attention and each recurrent layer of an evaluation keeps."""
    known = table("keeps", KeepsTable).kinds
    back = Back(program)
    kept: list[Kept] = []
    encoders: list[str] = []
    unclear: dict[str, list[str]] = {}
    for operation in program.operations:
        kind = operation.layer.traits.kind
        if kind.role not in ("attention", "recurrent"):
            if kind.role == "activation" and kind.sees == "axis" and back.between_products(operation):
                unclear.setdefault("attention written out of matrix products and softmax", []).append(operation.path)
            continue
        entry = known.get(kind.kind)
        sort = (
            f"nothing is known of what a {kind.kind} keeps" if entry is None else told(operation, entry, back, samples)
        )
        if sort == "":
            encoders.append(operation.path)
        elif entry is None or sort not in ("full", "sliding", "cross", entry.keeps):
            unclear.setdefault(sort, []).append(operation.path)
        else:
            facts = ((name, evaluated(entry.facts[name], operation.layer.traits.facts)) for name in FACTS[sort])
            kept.append(Kept(operation.path, sort, tuple(facts)))
    return Found(tuple(kept), tuple(encoders), {reason: tuple(paths) for reason, paths in unclear.items()})


def told(operation: Operation, entry: KeepsEntry, back: Back, samples: int) -> str:
    """The sort of rule for a layer, nothing for one that keeps nothing, a reason where it cannot be told."""
    facts = operation.layer.traits.facts
    causal = bool(evaluated(entry.causal, facts))
    if entry.keeps != "keys and values":
        return entry.keeps if causal else ""
    if facts["batch"] != samples:
        return "attention over windows that are folded into the batch"
    same = back.same(operation)
    if same is None:
        return "attention whose key may be of the query's sequence or of another"
    if causal:
        return ("sliding" if facts.get("window") else "full") if same else "causal attention to another sequence"
    if not same:
        return "cross"
    if len(operation.inputs) > 3 and not back.learned(operation.inputs[3]):
        return "attention with a fourth input, which may be a causal mask"
    return ""


class Back:
    """Walks back through a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps = 0

    def same(self, operation: Operation) -> bool | None:
        """Whether query and key come from one sequence; None where it cannot be told."""
        if len(operation.inputs) < 2:
            return True
        query, key = operation.inputs[:2]
        if query == key or self._meet(query, key, _in_step):
            return True
        return None if self.steps >= MOST_STEPS or self._meet(query, key, _anything) else False

    def learned(self, value: int) -> bool:
        """Whether a value is made of weights alone, as a bias by relative positions is."""
        seen, values = {value}, [value]
        while values:
            number = values.pop()
            before = self._before(number, _anything)
            maker = self.program.values[number].maker
            if not before and (maker == OUTSIDE or not self.program.operations[maker].layer.traits.weights):
                return False
            values += [source for source in before if source not in seen]
            seen.update(before)
        return True

    def between_products(self, operation: Operation) -> bool:
        """Whether it weighs a product of matrices for another one: what comes in is a product of two activations."""
        maker = self.program.values[operation.inputs[0]].maker
        while maker != OUTSIDE:
            before = self.program.operations[maker]
            kind = before.layer.traits.kind
            if kind.role == "product":
                return True
            if kind.role not in ("arithmetic", "shape", "regularisation") or not before.inputs:
                return False
            maker = self.program.values[before.inputs[0]].maker
        return False

    def _meet(self, query: int, key: int, through: Callable[[Operation], bool]) -> bool:
        """Whether two walks back come to one value that is no weight; both wholly of one weight meet there too."""
        seen: tuple[set[int], set[int]] = ({query}, {key})
        ends = ([query], [key])
        while (ends[0] or ends[1]) and self.steps < MOST_STEPS:
            for side in (0, 1):
                if not ends[side]:
                    continue
                self.steps += 1
                for value in self._before(ends[side].pop(), through):
                    if value in seen[1 - side] and not self._weight(value):
                        return True
                    if value not in seen[side]:
                        seen[side].add(value)
                        ends[side].append(value)
        roots = [{value for value in walked if not self._before(value, through)} for walked in seen]
        return roots[0] == roots[1]

    def _before(self, value: int, through: Callable[[Operation], bool]) -> tuple[int, ...]:
        maker = self.program.values[value].maker
        if maker == OUTSIDE:
            return ()
        operation = self.program.operations[maker]
        role = operation.layer.traits.kind.role
        if role == "attention":
            return operation.inputs[:1]
        return operation.inputs if role != "source" and through(operation) else ()

    def _weight(self, value: int) -> bool:
        maker = self.program.values[value].maker
        return maker != OUTSIDE and self.program.operations[maker].layer.traits.kind.role == "source"


def _in_step(operation: Operation) -> bool:
    """Places in the sequence stay, or are near: no pool, no reduction, no product over them."""
    return operation.layer.traits.kind.role not in ("pool", "reduction", "product")


def _anything(operation: Any) -> bool:
    return True
