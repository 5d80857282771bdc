"""Docstrings of attributes: the text under an annotation, which Python itself does not keep.

They are the manual of every argument and header key: the JSON Schema's hover text and the reference are made of them.
"""

from __future__ import annotations

import ast
from functools import cache


def field_docs(cls: type) -> dict[str, str]:
    """Attribute -> the docstring below it, on one line; a base class' where the class has none."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ != "builtins":
            found.update(_module_docs(base.__module__).get(base.__qualname__, {}))
    return found


@cache
def _module_docs(module: str) -> dict[str, dict[str, str]]:
    """Class -> attribute -> docstring, of one module of this package; empty for modules of others."""
    if module.partition(".")[0] != __name__.partition(".")[0]:
        return {}
    import inspect
    import sys

    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _class_docs(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _class_docs(node: ast.ClassDef) -> dict[str, str]:
    return {
        field.target.id: one_line(text.value.value)
        for field, text in zip(node.body, node.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def one_line(text: str | None) -> str:
    """A docstring as one line of Markdown: runs of spaces and line breaks as one space, code in single backticks."""
    return " ".join((text or "").split()).replace("``", "`")
