"""A reference to a layer by its automatic name.

What:
    `from`, `tie`, `outputs` or a list of inputs names a layer that has no `id`, by its kind and number (`conv2`).
Why:
    Another layer of the kind put in above takes the name, and the reference means that one from then on.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
      - relu
      - add: [conv1, relu1]
    expect: {params: 448}
Cure:
    Give the layer an `id`.

    layers:
      - {conv: {out: 16, kernel: 3, padding: 1}, id: conv1}
      - {relu: , id: relu1}
      - add: [conv1, relu1]
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archspec.language.nodes import LayerNode, Node, SeqNode
from archspec.lint.context import Context, below
from archspec.lint.editing import fix, named
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS103", "automatic-name", "error", "safe"


def check(context: Context) -> Iterator[Finding]:
    """Each list of layers with its own names."""
    lists = [(context.spec.layers, context.spec.outputs)]
    lists += [(block.layers, block.outputs) for block in context.home.blocks.values()]
    for nodes, outputs in lists:
        yield from _in_list(context, nodes, outputs)


def _in_list(context: Context, nodes: Iterable[Node], outputs: tuple[str, ...]) -> Iterator[Finding]:
    every = [inner for node in nodes for inner in below(node)]
    ids = {node.name for node in every if node.named}
    references = {name for node in every for name in (*(node.sources or ()), node.tie) if name} | set(outputs)
    heads = {name.partition(".")[0] for name in references} - ids
    for node in every:
        if node.named or not node.name or node.name not in heads:
            continue
        heads.discard(node.name)
        advice = f"write id: {node.name}"
        yield context.finding(
            CODE,
            f"`{node.name}` is referred to but has no id",
            span=node.span,
            path=node.path,
            hint=advice,
            values=(node.name,),
            fix=fix(advice, named(context, context.steps(node.path), "id", node.name), safe=True)
            if _plain(node)
            else None,
        )


def _plain(node: Node) -> bool:
    """Whether an id at the node's own entry names it: not a normalisation or merge that the entry implies."""
    if isinstance(node, LayerNode):
        return len(node.keys) == 1
    return not isinstance(node, SeqNode) or bool(node.data)
