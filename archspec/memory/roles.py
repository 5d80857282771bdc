"""What a weight is there for in a transformer, read off the graph: names of layers are each author's own.

- attn_q, attn_k, attn_v: the linear layer that an attention's query, key, value comes from, through layers without
  matrices; attn_qkv where it gives several of them.
- attn_output: the linear layer behind an attention, before anything is added to it.
- ffn_down: a linear layer whose input comes from other linear layers elementwise; those are ffn_up, gates too.
- output: the linear layer that a result of the network comes from; the embedding that it is tied to.
- embedding: a table that is looked up. source: a weight that is a tensor itself, as embeddings of positions are.
- vector: whatever has fewer than two axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archspec.graph.walk import Step, owner
from archspec.memory.program import OUTSIDE, Operation, Program
from archspec.records import NamedTuple

MATRICES = frozenset(("projection", "product", "attention", "recurrent", "embedding", "source"))


class Role(NamedTuple):
    """What a layer's matrix is there for; ``queries``: heads of the query for one of key and value."""

    name: str
    queries: int = 1


def roles(program: Program) -> dict[str, Role]:
    """The roles of layers by their paths."""
    found: dict[str, Role] = {}
    users = _users(program)
    operations = program.operations
    for number, operation in enumerate(operations):
        role = operation.layer.traits.kind.role
        if role in ("embedding", "source"):
            found[operation.path] = Role(role)
        elif role == "attention" and len(operation.inputs) >= 3:
            facts = operation.layer.traits.facts
            queries = facts.get("q_heads", 1) // facts.get("kv_heads", 1)
            for letter, value in zip("qkv", operation.inputs, strict=False):
                for source in _behind(program, value, _plain):
                    known = found.get(operations[source].path)
                    found[operations[source].path] = Role("attn_qkv" if known else f"attn_{letter}", queries)
            for user in _ahead(program, users, number):
                found.setdefault(operations[user].path, Role("attn_output", queries))
    for value in program.outputs:
        for source in _behind(program, value, _multiplied):
            found.setdefault(operations[source].path, Role("output"))
    for operation in operations:
        if _linear(operation) and operation.path not in found:
            ups = [operations[source].path for source in _behind(program, operation.inputs[0], _multiplied)]
            if ups:
                found[operation.path] = Role("ffn_down")
                for path in ups:
                    found.setdefault(path, Role("ffn_up"))
    return found


def tied_outputs(steps: list[Step], known: dict[str, Role]) -> Iterator[str]:
    """The owners of weights that an output layer shares."""
    for step in steps:
        if step.item.tie is not None and known.get(step.path, Role("")).name == "output":
            yield owner(step.place, step.item.tie).path


def _linear(operation: Operation) -> bool:
    kind = operation.layer.traits.kind
    return kind.role == "projection" and kind.sees == "last"


def _plain(operation: Operation) -> bool:
    """Without a matrix: it turns, scales or moves what comes in."""
    return operation.layer.traits.kind.role not in MATRICES


def _multiplied(operation: Operation) -> bool:
    """Without a matrix, a norm or a sum: a block begins behind one, and a residual comes back with one."""
    kind = operation.layer.traits.kind
    return _plain(operation) and kind.role != "normalisation" and not (kind.role == "arithmetic" and kind.linear)


def _behind(program: Program, value: int, through: Callable[[Operation], bool]) -> Iterator[int]:
    """The linear layers that a value comes from, through such operations only."""
    seen: set[int] = set()
    values = [value]
    while values:
        number = program.values[values.pop()].maker
        if number == OUTSIDE or number in seen:
            continue
        seen.add(number)
        operation = program.operations[number]
        if _linear(operation):
            yield number
        elif through(operation):
            values += operation.inputs


def _ahead(program: Program, users: dict[int, list[int]], number: int) -> Iterator[int]:
    """The linear layers that an operation's output goes to."""
    seen: set[int] = set()
    values = list(program.operations[number].outputs)
    while values:
        for user in users.get(values.pop(), ()):
            if user in seen:
                continue
            seen.add(user)
            operation = program.operations[user]
            if _linear(operation):
                yield user
            elif _multiplied(operation):
                values += operation.outputs


def _users(program: Program) -> dict[int, list[int]]:
    users: dict[int, list[int]] = {}
    for number, operation in enumerate(program.operations):
        for value in operation.inputs:
            users.setdefault(value, []).append(number)
    return users
