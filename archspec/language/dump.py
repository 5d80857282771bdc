"""A spec as YAML: one line for each layer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# What may stand plain in flow style and reads back as the same text under YAML 1.2's core schema.
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*")
_WORDS = {"true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"}


def dump_spec(spec: Mapping[str, Any]) -> str:
    """The text of a spec given as data; it reads back as the same data."""
    lines = []
    for key, value in spec.items():
        if key == "layers":
            lines += ["layers:", *(f"  - {_flow(layer)}" for layer in value)]
        elif isinstance(value, Mapping) and key != "expect":
            lines += [f"{key}:", *(f"  {_flow(name)}: {_flow(item)}" for name, item in value.items())]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        if list(value.values()) == [None]:
            return _flow(next(iter(value)))
        return "{" + ", ".join(f"{_flow(key)}: {_named(key, item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _WORDS:
        return value
    written = json.dumps(value, ensure_ascii=False)
    shown = "".join(sign if sign.isprintable() else _number(sign) for sign in written)
    return shown.replace("##[", "#\\u0023[")  # see `printable`


def _named(key: str, value: Any) -> str:
    """What stands behind a key; the values of names are written out, null too."""
    if key in ("params", "with") and isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(item)}" for name, item in value.items()) + "}"
    return _flow(value)


def _number(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
