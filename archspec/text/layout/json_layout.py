"""JSON in its canonical layout, every number and string as it is written.

The root and those of its members that hold collections stand on lines of their own; what is below stands on one line
where it fits, and is spread by the same rule where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

WIDTH = 100
STEP = "  "
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|[^\s,:\[\]{}"]+')

Tree: TypeAlias = "str | tuple[str, list[tuple[str, Tree]]]"  # the text of a scalar, or a bracket and (key, value)s


def json_layout(text: str) -> str:
    """The text, which is known to be JSON, in its layout."""
    return "\n".join(_lines("", _tree(text), 0)) + "\n"


def _tree(text: str) -> Tree:
    root: list[tuple[str, Tree]] = []
    stack = [("", root)]
    key = ""
    for token in _TOKEN.findall(text):
        bracket, items = stack[-1]
        if token in "}]":
            stack.pop()
        elif bracket == "{" and not key:
            key = f"{token}: "
        else:
            inside: list[tuple[str, Tree]] = []
            items.append((key, (token, inside) if token in "{[" else token))
            if token in "{[":
                stack.append((token, inside))
            key = ""
    return root[0][1]


def _lines(key: str, tree: Tree, level: int) -> Iterator[str]:
    """The lines of a value behind its key, without a comma behind the last."""
    pad = STEP * level
    spread = isinstance(tree, tuple) and any(isinstance(item, tuple) for _, item in tree[1])
    if isinstance(tree, str) or not tree[1] or not (level == 0 or (level == 1 and spread)):
        flat = pad + key + _flat(tree)
        if isinstance(tree, str) or not tree[1] or len(flat) < WIDTH:
            yield flat
            return
    bracket, items = tree
    yield f"{pad}{key}{bracket}"
    for index, (name, item) in enumerate(items):
        last = ""
        for line in _lines(name, item, level + 1):
            if last:
                yield last
            last = line
        yield last + "," * (index < len(items) - 1)
    yield pad + ("}" if bracket == "{" else "]")


def _flat(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    inner = ", ".join(key + _flat(item) for key, item in tree[1])
    return f"{{{inner}}}" if tree[0] == "{" else f"[{inner}]"
