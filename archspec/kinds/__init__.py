"""Layer kinds: one class each, one module per family.

A kind knows its arguments, its shape rule, its weights and its facts. It holds no operation count: that is a
convention's. Modules of this folder are found by listing it, so adding a kind touches its module only.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.errors import UsageError, did_you_mean
from archspec.kinds.base import Kind, registry


@cache
def kinds() -> dict[str, type[Kind]]:
    """Every kind by name, in the order of the families' names and of their definition there."""
    for module in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"{__name__}.{module.stem}")
    return dict(sorted(registry.items(), key=lambda item: item[1].__module__))


def kind_called(name: str) -> type[Kind]:
    """The kind of that name. Raises UsageError."""
    if name not in kinds():
        hint = did_you_mean(name, kinds()) or "`archspec kinds` lists them"
        raise UsageError(f"no kind is called `{name}`", hint=hint)
    return kinds()[name]
