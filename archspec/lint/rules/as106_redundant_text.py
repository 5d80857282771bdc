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

from archspec.language.nodes import BranchesNode, LayerNode, SeqNode
from archspec.lint.context import Context
from archspec.lint.editing import remove
from archspec.lint.origin import node_path
from archspec.models.base import default_of
from archspec.text.edits import Fix
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS106", "redundant-text", "error", "safe"
FLAGS = {"freeze": False, "train_only": False, "call": "module", "when": True, "from": "prev"}
SAID = {"padding"}
RECURRENT = {"rnn", "lstm", "gru"}


def check(context: Context) -> Iterator[Finding]:
    """Each node's own keys, then its arguments."""
    for node, _ in context.nodes():
        if not isinstance(node.data, dict) or (isinstance(node, LayerNode) and len(node.keys) > 1):
            continue
        path = node_path(node.path)
        if context.at(path) is not node.data:
            continue  # a merge or a branch, whose entry is another node's
        for key, value in FLAGS.items():
            if key in node.data and node.data[key] == value and type(node.data[key]) is type(value):
                yield _entry(context, f"`{key}: {_word(value)}` says what holds anyway", (*path, key))
        if type(node.data.get("repeat")) is int and node.data["repeat"] == 1:
            yield context.found(
                CODE, "`repeat: 1` repeats nothing", path=(*path, "repeat"), fix=_unsafe(context, (*path, "repeat"))
            )
        if (
            isinstance(node, SeqNode)
            and node.inline
            and "seq" in node.data
            and len(node.body) == 1
            and len(node.data) == 1
        ):
            yield context.found(CODE, "`seq` of one layer", path=(*path, "seq"), key=True)
        if isinstance(node, LayerNode):
            yield from _arguments(context, node, path)
        if isinstance(node, BranchesNode) and isinstance(node.data.get("parallel"), dict):
            yield from _given(context, node.data["parallel"], {"merge": "concat"}, (*path, "parallel"))


def _arguments(context: Context, node: LayerNode, path: tuple[str | int, ...]) -> Iterator[Finding]:
    given: Any = node.data.get(node.keys[0])
    set_elsewhere = context.at(("defaults", node.kind.kind)) or {}
    if not isinstance(given, dict):
        return
    exempt = SAID | ({"bias"} if node.kind.kind in RECURRENT else set()) | set(set_elsewhere) | {node.kind.main}
    usual = {
        name: default_of(node.kind, name) for name in given if name in node.kind.model_fields and name not in exempt
    }
    yield from _given(context, given, usual, (*path, node.keys[0]))


def _given(context: Context, given: Any, usual: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Finding]:
    for name, default in usual.items():
        if name in given and type(given[name]) is type(default) and given[name] == default:
            yield _entry(context, f"`{name}: {_word(default)}` is the default", (*path, name))


def _entry(context: Context, message: str, path: tuple[str | int, ...]) -> Finding:
    edit = remove(context, path)
    fix = Fix("leave it out", (edit,), True) if edit else None
    return context.found(CODE, message, path=path, key=True, fix=fix)


def _unsafe(context: Context, path: tuple[str | int, ...]) -> Fix | None:
    """Without its repeat a layer loses a level of its name, by which reviews know it."""
    edit = remove(context, path)
    return Fix("leave it out", (edit,), False) if edit else None


def _word(value: Any) -> str:
    return (
        {True: "true", False: "false", None: "null"}[value] if value is None or isinstance(value, bool) else str(value)
    )
