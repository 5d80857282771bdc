"""A var, dim, parameter or block that nothing uses.

What:
    A var or dim that no expression of the file names, a parameter its block does not name, a block that no `use` calls.
    Parameters of blocks that a variable chooses (`use: $block`) are exempt: such blocks share one call.
Why:
    Dead text: a reader, or a variant that sets it, believes that it has an effect.
Example:
    vars: {width: 16, groups: 4}
    layers:
      - conv: {out: $width, kernel: 3, padding: 1}
    expect: {params: 448}
Cure:
    Remove it, or use it.

    vars: {width: 16}
    layers:
      - conv: {out: $width, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.errors import ArchspecError
from archspec.expr import Expr, parse
from archspec.language.nodes import UseNode
from archspec.language.templates import names_in
from archspec.lint.context import Context
from archspec.lint.editing import fix, remove
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS011", "unused-declaration", "error", "safe"


def check(context: Context) -> Iterator[Finding]:
    """Variables of the file, then each block and its parameters."""
    spec = context.spec
    data = context.document.data
    assert isinstance(data, dict)
    used = names({key: value for key, value in data.items() if key != "variants"})
    used |= names(data.get("variants"))
    for section, declared in (("vars", spec.vars), ("dims", spec.dims)):
        for name in declared:
            if name not in used:
                others = [("variants", variant, name) for variant, values in spec.variants.items() if name in values]
                what = section.removesuffix("s")
                yield _unused(context, f"{what} `{name}` is not used", (section, name), *others)
    yield from _blocks(context)


def _blocks(context: Context) -> Iterator[Finding]:
    calls = [node for node, _ in context.nodes() if isinstance(node, UseNode)]
    chosen = any(isinstance(node.block, Expr) for node in calls)
    called = {node.block for node in calls if isinstance(node.block, str)}
    for name, block in context.home.blocks.items():
        if name not in called and not chosen:
            yield _unused(context, f"block `{name}` is not used", ("blocks", name))
        used = names(block.data)
        for parameter in block.params:
            if parameter not in used and not chosen:
                users = [node for node in calls if node.block == name and parameter in node.arguments]
                paths = [(*context.steps(node.path), "with", parameter) for node in users]
                message = f"parameter `{parameter}` of block `{name}` is not used"
                yield _unused(context, message, ("blocks", name, "params", parameter), *paths)


def _unused(context: Context, message: str, *paths: tuple[str | int, ...]) -> Finding:
    """The finding; its fix takes the declaration out and every place that sets it."""
    removal = fix("remove it", *(remove(context, path) for path in paths), safe=True)
    return context.finding(CODE, message, path=paths[0], key=True, fix=removal)


def _addressed(text: str) -> set[str]:
    """The names in an address; none where it is a `$` in a note or a summary."""
    try:
        return set(names_in(text))
    except ArchspecError:
        return set()


def names(data: Any) -> set[str]:
    """The first names of every expression in the data."""
    if isinstance(data, str) and "$" in data:
        try:
            return set(parse(data, dollar=True).names)
        except ArchspecError:
            return _addressed(data)
    if isinstance(data, (list, dict)):
        return set().union(*(names(item) for item in (data.values() if isinstance(data, dict) else data)))
    return set()
