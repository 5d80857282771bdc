"""What would change in a text, as a unified diff."""

from __future__ import annotations

from difflib import unified_diff

from archspec.errors import printable

COLORS = {"+": "32", "-": "31", "@": "36"}


def unified(before: str, after: str, name: str, title: str, *, color: bool = False) -> str:
    """The lines that differ, with those around them; ``title`` is what the new text is called."""
    lines = []
    colors = COLORS if color else {}
    texts = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in unified_diff(*texts, name, f"{name} ({title})"):
        text = line[:1] + printable(line[1:].rstrip("\r\n"))
        text += "\\r" if line.endswith("\r\n") else ""
        lines.append(f"\033[{colors[line[0]]}m{text}\033[0m" if line[:1] in colors else text)
        if not line.endswith("\n"):
            lines.append("\\ No newline at end of file")
    return "".join(f"{line}\n" for line in lines)
