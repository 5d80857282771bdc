"""Low-rank adapters: two thin matrices beside a linear layer's own, which is frozen with all the rest.

Hu et al. 2021, https://arxiv.org/abs/2106.09685; as peft puts them beside a layer: y = W x + B (A x) * scale.
"""

from __future__ import annotations

from typing import Any

from archspec.errors import UsageError, show, suggestion
from archspec.kinds.dtypes import DTYPES
from archspec.memory.autograd.kept import Kept
from archspec.memory.program import Operation, Program
from archspec.memory.training.parameters import Parameter
from archspec.records import NamedTuple
from archspec.text.globs import matches_name

ADAPTER = "adapter"  # as what A's output is kept
SOURCE = "peft 5d602fd src/peft/tuners/lora/layer.py:263-264"
MOST_DIGITS = 9


class Lora(NamedTuple):
    """The rank of the adapters, and the layers that have one."""

    rank: int
    targets: tuple[str, ...]


def lora(text: str) -> Lora:
    """What ``r=16,targets=q,v`` says. Raises UsageError."""
    hint = "write r=16,targets=q,v"
    given: dict[str, list[str]] = {}
    for word in text.split(","):
        name, equals, value = word.partition("=")
        if equals and name.strip() in given:
            raise UsageError(f"--lora names `{name.strip()}` twice", hint=hint)
        if not (equals or given):
            raise UsageError(f"--lora takes r=RANK,targets=NAME,..., got {show(text)}", hint=hint)
        given.setdefault(name.strip() if equals else list(given)[-1], []).append((value if equals else word).strip())
    for name in given:
        if name not in ("r", "targets"):
            raise UsageError(f"--lora has no {show(name)}", hint=hint)
    rank, targets = given.get("r", []), given.get("targets", [])
    if len(rank) != 1 or not (rank[0].isdecimal() and len(rank[0]) <= MOST_DIGITS and int(rank[0])):
        cause = f"at least 1 and at most {MOST_DIGITS} digits, got {show(','.join(rank))}"
        raise UsageError(f"--lora needs a rank of {cause}", hint=hint)
    if not all(targets) or not targets:
        raise UsageError("--lora names no targets", hint=hint)
    return Lora(int(rank[0]), tuple(targets))


def adapted(program: Program, wanted: Lora) -> Program:
    """The program with nothing trained but the adapters: of their layers the input is kept, as if it were they.

    Raises UsageError for a target that is no linear layer, or nothing at all.
    """
    linear = [operation for operation in program.operations if operation.layer.traits.kind.kind == "linear"]
    for target in wanted.targets:
        if not any(_is(operation, target) for operation in linear):
            other = next((each for each in program.operations if _is(each, target)), None)
            names = dict.fromkeys(operation.path.rpartition(".")[2] for operation in linear)
            article = "an" if other and other.layer.traits.kind.kind[0] in "aeiou" else "a"
            found = f"is {article} {other.layer.traits.kind.kind}" if other else "matches no layer"
            raise UsageError(
                f"--lora target `{target}` {found}: adapters are of linear layers", hint=suggestion(target, names)
            )
    return program._replace(
        operations=tuple(
            operation._replace(trained=frozenset({"weight"}) if has_adapter(operation, wanted) else frozenset())
            for operation in program.operations
        )
    )


def has_adapter(operation: Operation, wanted: Lora) -> bool:
    """Whether a layer is a target."""
    linear = operation.layer.traits.kind.kind == "linear"
    return linear and any(_is(operation, target) for target in wanted.targets)


def adapters(program: Program, wanted: Lora) -> tuple[Parameter, ...]:
    """The matrices A and B of each target, those of a module that is called again once."""
    found = []
    for operation in program.operations:
        layer = operation.layer
        if has_adapter(operation, wanted) and not (layer.again or operation.state.shared):
            facts = layer.traits.facts
            shapes = {"lora_A": (wanted.rank, facts["in_features"]), "lora_B": (facts["out_features"], wanted.rank)}
            times: Any = next(weight.experts for weight in layer.traits.weights if weight.name == "weight")
            found += [Parameter(operation.path, name, shape, times, True, True) for name, shape in shapes.items()]
    return tuple(found)


def products(operation: Operation, wanted: Lora) -> tuple[int, int]:
    """Multiply-accumulates of the matrices A and B of a target: each position by rank and features."""
    facts = operation.layer.traits.facts
    positions = facts["in_numel"] // facts["in_features"]
    return positions * facts["in_features"] * wanted.rank, positions * wanted.rank * facts["out_features"]


def between(program: Program, wanted: Lora, dtype: str) -> tuple[Kept, ...]:
    """What A puts out, which B keeps: as many features as the rank."""
    found = []
    for number, operation in enumerate(program.operations):
        if has_adapter(operation, wanted):
            facts = operation.layer.traits.facts
            elements = facts["in_numel"] // facts["in_features"] * wanted.rank
            found.append(Kept(number, operation.path, ADAPTER, elements * DTYPES[dtype], None))
    return tuple(found)


def _is(operation: Operation, target: str) -> bool:
    return matches_name(target, operation.path) or matches_name(f"*.{target}", operation.path)
