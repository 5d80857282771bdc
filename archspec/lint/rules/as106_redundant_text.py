"""Text without an effect.

What:
    A `seq` or `repeat` of one, `when: true`, a flag that says what holds anyway (`freeze: false`), and an argument
    spelled out that equals its default. Exempt are a main argument written alone (`flatten: 1`), `padding: 0` and the
    `bias` of recurrent layers, which other rules want said, and arguments that the file's `defaults` would set
    otherwise.
Why:
    Noise hides what differs from the usual.
Example:
    layers:
      - conv: {out: 16, kernel: 3, stride: 1, padding: 1}
    expect: {params: 448}
Cure:
    Leave it out.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.errors import show
from archspec.language.nodes import BranchesNode, LayerNode, Node, SeqNode
from archspec.lint.context import Context
from archspec.lint.editing import drops
from archspec.models.base import default_of
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS106", "redundant-text", "error", "safe"
FLAGS = {"freeze": False, "train_only": False, "unused": False, "call": "module", "when": True, "from": "prev"}
Path = tuple[str | int, ...]


def check(context: Context) -> Iterator[Finding]:
    """Each node's own keys, then its arguments."""
    for node, _ in context.nodes():
        if not isinstance(node.data, dict) or (isinstance(node, LayerNode) and len(node.keys) > 1):
            continue
        path = context.steps(node.path)
        if context.at(path) is not node.data:
            continue  # a merge or a branch, whose entry is another node's
        for name in _usual(node.data, FLAGS):
            yield _entry(context, f"`{name}: {_word(FLAGS[name])}` says what holds anyway", (*path, name))
        if type(node.data.get("repeat")) is int and node.data["repeat"] == 1:
            # Without its repeat a layer loses a level of its name, by which reviews know it.
            repeat = (*path, "repeat")
            removal = drops(context, repeat, safe=False)
            yield context.finding(CODE, "`repeat: 1` repeats nothing", path=repeat, fix=removal)
        if _wraps_one(node):
            yield context.finding(CODE, "`seq` of one layer", path=(*path, "seq"), key=True)
        if isinstance(node, LayerNode):
            yield from _defaults(context, (*path, node.keys[0]), _unexpected(context, node))
        if isinstance(node, BranchesNode):
            yield from _defaults(context, (*path, "parallel"), {"merge": "concat"})


def _wraps_one(node: Node) -> bool:
    """Whether a node is a `seq` of one layer that says nothing of its own."""
    plain = isinstance(node, SeqNode) and node.inline and list(node.data) == ["seq"]
    return plain and len(node.body) == 1  # type: ignore[attr-defined]


def _unexpected(context: Context, node: LayerNode) -> dict[str, Any]:
    """The defaults that nobody needs to see written out."""
    said = {"padding", node.kind.main, *(context.at(("defaults", node.kind.kind)) or ())}
    if node.kind.role == "recurrent":
        said.add("bias")
    return {name: default_of(node.kind, name) for name in node.kind.model_fields if name not in said}


def _defaults(context: Context, path: Path, defaults: dict[str, Any]) -> Iterator[Finding]:
    """The entries of the mapping at a path that equal their default."""
    written = context.at(path)
    for name in _usual(written, defaults) if isinstance(written, dict) else ():
        yield _entry(context, f"`{name}: {_word(defaults[name])}` is the default", (*path, name))


def _usual(written: dict[str, Any], usual: dict[str, Any]) -> list[str]:
    """The keys whose value is the usual one, type included: 1 is not true."""
    pairs = [(name, written[name], default) for name, default in usual.items() if name in written]
    return [name for name, value, default in pairs if type(value) is type(default) and value == default]


def _entry(context: Context, message: str, path: Path) -> Finding:
    return context.finding(CODE, message, path=path, key=True, fix=drops(context, path, safe=True))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else show(value)
