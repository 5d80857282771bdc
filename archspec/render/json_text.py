"""JSON as text for people and diffs: two levels are spread over lines, what is below stands on one line."""

from __future__ import annotations

import json
from typing import Any

SPREAD = 2


def dumps(data: Any, spread: int = SPREAD) -> str:
    """The data as JSON with a line for each layer, and a newline at the end; ``spread`` levels have lines of theirs."""
    # A sign that GitHub reads as a command anywhere in a log, spelled as JSON has it too.
    return _dump(data, 0, spread).replace("##[", "#\\u0023[") + "\n"


def _dump(value: Any, level: int, spread: int) -> str:
    pad, end = "  " * (level + 1), "  " * level
    if level < spread and isinstance(value, dict) and value:
        inner = ",\n".join(f"{pad}{json.dumps(key)}: {_dump(item, level + 1, spread)}" for key, item in value.items())
        return f"{{\n{inner}\n{end}}}"
    if level < spread and isinstance(value, list) and value:
        inner = ",\n".join(pad + _dump(item, level + 1, spread) for item in value)
        return f"[\n{inner}\n{end}]"
    return json.dumps(value)
