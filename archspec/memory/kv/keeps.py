"""Which layers keep something from token to token: read off the graph, not off names.

- Causal attention whose query and key come from the same sequence keeps keys and values, of the last `window` tokens
  where it has one.
- Attention that is not causal keeps nothing where query and key come from the same sequence (an encoder sees later
  tokens, so nothing can be kept), and the other sequence's keys and values where they do not (cross attention).
- A recurrent layer keeps its state; one that also runs backwards keeps nothing. So does a scan, with the last inputs of
  the causal convolution before it; one that stands by itself keeps its last inputs.

One sequence: going back from the query and from the key, a tensor is met that both come from, before a pool, a
reduction or a product. Another one: they come from different inputs of the network. Attention in between is followed to
its query, since its keys may be another sequence's. What cannot be told is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from archspec.conventions.model import Formula
from archspec.memory.files import table
from archspec.memory.kv.model import FACTS, evaluated
from archspec.memory.program import OUTSIDE, Operation, Program
from archspec.models.base import Model
from archspec.models.types import Text
from archspec.records import NamedTuple

MOST_STEPS = 2_000_000  # back from all attentions together
MIXING = frozenset(("pool", "reduction", "product"))


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
    convs = {number: back.convolution(operation) for number, operation in enumerate(program.operations)}
    before_scans = {*convs.values()} - {None}
    for number, operation in enumerate(program.operations):
        kind = operation.layer.traits.kind
        if number in before_scans:
            continue
        if kind.role not in ("attention", "recurrent", "scan"):
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
            conv = convs[number]
            kernel = 1 if conv is None else program.operations[conv].layer.traits.facts["kernel"]
            known_facts = {**operation.layer.traits.facts, "conv_kernel": kernel}
            facts = ((name, evaluated(entry.facts[name], known_facts)) for name in FACTS[sort])
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
    """Looks back from values of a program to what they come from."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps = 0
        self.inputs = self._inputs()

    def same(self, operation: Operation) -> bool | None:
        """Whether query and key come from one sequence; None where it cannot be told."""
        if len(operation.inputs) < 2:
            return True
        query, key = operation.inputs[:2]
        if query == key:
            return True
        of_query, of_key = self.inputs[query], self.inputs[key]
        if of_query.isdisjoint(of_key) and (of_query or of_key):
            return False
        return True if self._meet(query, key) else None

    def learned(self, value: int) -> bool:
        """Whether a value is made of weights alone, as a bias by relative positions is."""
        seen, values = {value}, [value]
        while values:
            number = values.pop()
            before = self._before(number)
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

    def convolution(self, operation: Operation) -> int | None:
        """The causal convolution that a scan's first input comes from, through activations and changes of shape."""
        if operation.layer.traits.kind.role != "scan" or operation.layer.traits.kind.kind == "causal_conv":
            return None
        maker = self.program.values[operation.inputs[0]].maker
        while maker != OUTSIDE:
            before = self.program.operations[maker]
            if before.layer.traits.kind.kind == "causal_conv":
                return maker
            if before.layer.traits.kind.role not in ("activation", "arithmetic", "normalisation", "shape"):
                return None
            maker = self.program.values[before.inputs[0]].maker if before.inputs else OUTSIDE
        return None

    def _inputs(self) -> list[frozenset[int]]:
        """Of each value the network's inputs that it comes from, those of a query alone through attention."""
        found: list[frozenset[int]] = []
        unions: dict[frozenset[frozenset[int]], frozenset[int]] = {}
        for number, value in enumerate(self.program.values):
            if value.maker == OUTSIDE:
                found.append(frozenset((number,)))
                continue
            parts = frozenset(found[source] for source in self._before(number))
            found.append(unions.setdefault(parts, frozenset().union(*parts)))
        return found

    def _meet(self, query: int, key: int) -> bool:
        """Whether walks back from both come to one value that is no weight, or to nothing but the same weights.

        They end at pools, reductions and products, which put something else in the places of the sequence.
        """
        seen: tuple[set[int], set[int]] = ({query}, {key})
        ends = ([query], [key])
        while ends[0] or ends[1]:
            for side in (0, 1):
                if not ends[side]:
                    continue
                self.steps += 1
                if self.steps > MOST_STEPS:
                    return False
                value = ends[side].pop()
                for before in () if self._role(value) in MIXING else self._before(value):
                    if before in seen[1 - side] and self._role(before) != "source":
                        return True
                    if before not in seen[side]:
                        seen[side].add(before)
                        ends[side].append(before)
        return self.inputs[query] == self.inputs[key] == frozenset() and not seen[0].isdisjoint(seen[1])

    def _before(self, value: int) -> tuple[int, ...]:
        """What it is made of; of attention the query, of a weight nothing."""
        maker = self.program.values[value].maker
        if maker == OUTSIDE:
            return ()
        role, inputs = self._role(value), self.program.operations[maker].inputs
        return () if role == "source" else inputs[:1] if role == "attention" else inputs

    def _role(self, value: int) -> str:
        """What the layer is there for that makes it."""
        maker = self.program.values[value].maker
        return "" if maker == OUTSIDE else self.program.operations[maker].layer.traits.kind.role
