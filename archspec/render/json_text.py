"""JSON as text for people and diffs: two levels are spread over lines, what is below stands on one line."""

from __future__ import annotations

import json
from typing import Any

SPREAD = 2


def dumps(data: Any) -> str:
    """The data as JSON with a line for each layer, and a newline at the end."""
    # A sign that GitHub reads as a command anywhere in a log, spelled as JSON has it too.
    return _dump(data, 0).replace("##[", "#\\u0023[") + "\n"


def _dump(value: Any, level: int) -> str:
    pad, end = "  " * (level + 1), "  " * level
    if level < SPREAD and isinstance(value, dict) and value:
        inner = ",\n".join(f"{pad}{json.dumps(key)}: {_dump(item, level + 1)}" for key, item in value.items())
        return f"{{\n{inner}\n{end}}}"
    if level < SPREAD and isinstance(value, list) and value:
        inner = ",\n".join(pad + _dump(item, level + 1) for item in value)
        return f"[\n{inner}\n{end}]"
    return json.dumps(value)
