"""How the language reports a fault: the cause, the text it is in, and the column in that text."""

from __future__ import annotations

from archspec.errors import ExpressionError, printable

_SHOWN = 72


class ExpressionFault(ExpressionError):
    """An ExpressionError that knows its place: ``text`` is the expression, ``column`` counts from 0 inside it.

    ``cause`` is the message without them.
    """

    def __init__(self, cause: str, *, text: str, column: int, hint: str | None = None) -> None:
        super().__init__(f"{cause} (column {column + 1} of `{excerpt(text, column)}`)", hint=hint)
        self.cause = cause
        self.text = text
        self.column = column
        self.inside = (text, column)


def excerpt(text: str, column: int) -> str:
    """At most 72 characters of the text, the given column among them."""
    if len(text) <= _SHOWN:
        return printable(text)
    start = min(max(0, column - _SHOWN // 2), len(text) - _SHOWN)
    end = start + _SHOWN
    return ("..." if start else "") + printable(text[start:end]) + ("..." if end < len(text) else "")
