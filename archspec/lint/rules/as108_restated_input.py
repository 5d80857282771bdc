"""The size of a layer's input, said again.

What:
    An argument such as `in_channels`, which no kind has; or a block's parameter of such a name that is given a number
    equal to what comes in.
Why:
    A layer knows its input. A number typed again drifts from it with the next edit, and the error is then somewhere
    else.
Example:
    layers:
      - conv: {in_channels: 3, out: 16, kernel: 3}
Cure:
    Leave it out; inside a block `$in.c` is the input's channels, `$in.last` its last axis.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.errors import ArchspecError
from archspec.language.nodes import Node, UseNode
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS108", "restated-input", "error"
NAMES = {"in", "inp", "inplanes", "cin", "c_in"} | {
    f"{side}_{size}"
    for side in ("in", "input", "num")
    for size in ("channels", "features", "planes", "dim", "size", "shape")
}


def check(context: Context) -> Iterator[Finding]:
    """Calls of this file's blocks with a number that is the input's."""
    calls: dict[Node, set[tuple[object, ...]]] = {node: set() for node, _ in context.nodes() if numbers(node)}
    for _, use in context.uses if calls else ():
        for group in use.groups:
            if group.node in calls and not group.several and group.inputs:
                shape = group.body.shapes_in()[0]
                calls[group.node].add((shape[1], shape[-1]) if len(shape) > 1 else ())
    for node, known in calls.items():
        for name, value in numbers(node):
            if known and all(value in sizes for sizes in known):
                yield context.finding(
                    CODE,
                    f"`{name}: {value}` restates the input's size",
                    path=(*context.steps(node.path), "with", name),
                    key=True,
                    hint=f"let the block say `{name}: $in.c` in its params",
                )


def numbers(node: Node) -> list[tuple[str, int]]:
    """The arguments of a call that are called as an input's size is, and are numbers."""
    arguments: Mapping[str, Any] = node.arguments if isinstance(node, UseNode) else {}
    return [(name, value) for name, value in arguments.items() if name in NAMES and type(value) is int]


def claims(error: ArchspecError) -> bool:
    """Whether an error is this fault."""
    return error.fault is not None and error.fault.sort == "unknown-argument" and error.fault.name in NAMES
