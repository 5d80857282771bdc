"""A shortcut with weights although the shapes are equal.

What:
    A residual whose shortcut has a convolution or linear layer where input and output have the same shape.
Why:
    The input could be added as it is: the projection costs weights and blocks the way that makes deep networks
    trainable. The fix is not a safe one because figures change.
Example:
    inputs: {image: [16, 32, 32]}
    layers:
      - residual:
          body:
            - conv: {out: 16, kernel: 3, padding: 1}
          shortcut:
            - conv: {out: 16, kernel: 1}
          act: relu
    expect: {params: 2592}
Cure:
    Leave the shortcut out, or make it conditional: `when: $in.c != 16`.

    inputs: {image: [16, 32, 32]}
    layers:
      - residual:
          body:
            - conv: {out: 16, kernel: 3, padding: 1}
          act: relu
    expect: {params: 2320}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.graph import Group
from archspec.graph.ties import weights
from archspec.language.nodes import BranchesNode, SeqNode
from archspec.lint.context import Context
from archspec.lint.editing import fix, remove
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS307", "needless-projection", "warning", "unsafe"


def check(context: Context) -> Iterator[Finding]:
    """The shortcuts of this file's residuals that are needless wherever they stand."""
    branches = [node for node, _ in context.nodes() if isinstance(node, BranchesNode) and len(node.branches) == 2]
    shortcuts = {node.branches[1] for node in branches if "residual" in node.data}
    needed: set[SeqNode] = set()
    findings: dict[SeqNode, Finding] = {}
    for run, use in context.uses if shortcuts else ():
        for group in use.groups:
            node = group.node
            if not isinstance(node, SeqNode) or node not in shortcuts or use.layer.role != "projection":
                continue
            if not needless(group):
                needed.add(node)
            elif node not in findings:
                path = context.steps(node.path)
                findings[node] = context.finding(
                    CODE,
                    "the shortcut projects although its input has the output's shape",
                    path=path,
                    key=True,
                    run=run,
                    fix=fix("remove the shortcut", remove(context, path), safe=False),
                )
    yield from (finding for node, finding in findings.items() if node not in needed)


def needless(group: Group) -> bool:
    """Whether a shortcut with weights leaves the shape as it is."""
    return any(True for _ in weights(group)) and group.body.shapes_in()[0] == group.body.shapes_out()[0]
