"""Columns of text, aligned.

tabulate makes the Markdown and HTML tables; loading it would be a fifth of the time that a whole summary takes, and the
plain table needs only padding, so that is done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def aligned(rows: Sequence[Sequence[str]], right: Sequence[bool], gap: str = "  ") -> list[str]:
    """Rows padded to common widths; ``right`` says which columns stand on their right edge."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(right))]
    return [
        gap.join(
            cell.rjust(width) if side else cell.ljust(width)
            for cell, width, side in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]


def width(lines: Iterable[str]) -> int:
    """Length of the longest line."""
    return max(map(len, lines), default=0)
