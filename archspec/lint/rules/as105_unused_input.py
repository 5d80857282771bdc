"""An input that nothing takes.

What:
    An input of the network, or of a block, that in no variant goes into a layer or is a result. An input of a block
    counts as taken where another block may be put in its place (`use: $block`).
Why:
    Whoever runs the network has to feed it; whoever reads the file believes that it matters.
Example:
    inputs: {image: [3, 32, 32], mask: [1, 32, 32]}
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
Cure:
    Remove it, or use it.

    inputs: {image: [3, 32, 32]}
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.expr import Expr
from archspec.graph.graph import Body
from archspec.language.blocks import block_called
from archspec.language.nodes import UseNode
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS105", "unused-input", "error"
Path = tuple[str | int, ...]


def check(context: Context) -> Iterator[Finding]:
    """The network's inputs, then those of the file's blocks that have names."""
    paths: dict[Path, str] = {}
    used: set[Path] = set()
    for body, inputs in _bodies(context):
        paths.update(inputs)
        used.update(path for path, number in zip(inputs, body.inputs, strict=False) if number in _taken(body))
    for path, name in paths.items():
        if path not in used:
            message = f"nothing takes the input `{name}`"
            yield context.finding(CODE, message, path=path, key=path[0] == "inputs", hint="remove it, or use it")


def _bodies(context: Context) -> Iterator[tuple[Body, dict[Path, str]]]:
    """The bodies that this file's inputs go into, each with the places and names of these, in order."""
    chosen = any(isinstance(node, UseNode) and isinstance(node.block, Expr) for node, _ in context.nodes())
    for run in context.runs:
        yield run.report.graph.body, {("inputs", name): name for name in run.report.graph.inputs}
        calls = {} if chosen else {id(group.body): group for use in run.uses for group in use.groups}
        for group in calls.values():
            if not isinstance(group.node, UseNode) or group.several:
                continue
            block = block_called(group.label, group.node)
            if block.home is context.home:
                names = enumerate(block.inputs)
                yield group.body, {("blocks", block.name, "inputs", index): name for index, name in names}


def _taken(body: Body) -> set[int]:
    """The tensors of a body that its items take, or that are its results."""
    return {*body.outputs, *(number for item in body.items for number in item.inputs)}
