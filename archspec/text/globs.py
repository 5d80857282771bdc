"""Patterns of paths, as in configuration files: ``**`` is any folders, ``*`` and ``?`` stay within one."""

from __future__ import annotations

import re
from functools import cache


def matches(pattern: str, path: str) -> bool:
    """Whether a path with ``/`` matches a pattern. ``specs/**/*.yaml`` takes ``specs/a.yaml`` too."""
    return _compiled(pattern).fullmatch(path) is not None


def matches_name(pattern: str, name: str) -> bool:
    """Whether a name of a variant or a layer matches; ``*`` is any text, dots included."""
    return _compiled_name(pattern).fullmatch(name) is not None


@cache
def _compiled_name(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    return re.compile("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts), re.DOTALL)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./"))
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts), re.DOTALL)
