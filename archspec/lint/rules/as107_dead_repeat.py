"""A repeat that never repeats.

What:
    `repeat: 0`, or an expression that gives 0, or 1, wherever it is worked out, in every variant and every call of its
    block. Exempt are counts that come from a variable which no variant sets: such a variable is there to be set.
Why:
    Repeated 0 times, layers are in the file and not in the network; repeated once, `repeat` adds a level to names and
    says of the text what is not so.
Example:
    layers:
      - {conv: {out: 3, kernel: 3, padding: 1, act: relu}, repeat: 0}
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
Cure:
    Leave the layers out, or the `repeat`.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.expr import Expr
from archspec.graph.graph import Body, Group
from archspec.language.nodes import Node
from archspec.lint.context import Context, Run
from archspec.lint.origin import terms
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS107", "dead-repeat", "error"


def check(context: Context) -> Iterator[Finding]:
    """The repeats of this file. A plain `repeat: 1` is AS106's."""
    counts: dict[Node, set[Any]] = {}
    kept: set[Node] = set()
    for run in context.runs:
        for group, around in groups_in(run.report.graph.body):
            if group.label != "repeat" or group.node.file != context.file:
                continue
            counts.setdefault(group.node, set()).add(sum(item.repeat for item in group.body.items))
            count = group.node.repeat
            if isinstance(count, Expr) and group.node not in kept and settable(context, run, count, around):
                kept.add(group.node)
    for node, several in counts.items():
        if node not in kept and node.repeat != 1 and several in ({0}, {1}):
            count, text = *several, node.repeat.text if isinstance(node.repeat, Expr) else node.repeat
            where = f"`{text}` is {count} wherever it stands" if isinstance(node.repeat, Expr) else f"`repeat: {text}`"
            message = f"{where}: {'its layers are never there' if count == 0 else 'it repeats nothing'}"
            yield context.finding(CODE, message, path=(*context.steps(node.path), "repeat"))


def groups_in(body: Body) -> Iterator[tuple[Group, tuple[Group, ...]]]:
    """Every group of a body and below, once whatever repeats it, with those around it, outermost first."""
    left: list[tuple[Body, tuple[Group, ...]]] = [(body, ())]
    for inner, around in left:
        for item in inner.items:
            if isinstance(item, Group):
                yield item, around
                left.append((item.body, (*around, item)))


def settable(context: Context, run: Run, count: Expr, groups: tuple[Group, ...]) -> bool:
    """Whether a count comes from a variable that no variant sets: what it is worth is up to who analyses the file."""
    names = {term.path[1] for _, term in terms(context, run, count, groups) if term.path[0] in ("vars", "dims")}
    return any(not any(name in values for values in context.spec.variants.values()) for name in names)
