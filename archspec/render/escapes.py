"""How text of any origin is written, a function for each form of output: none of them lets it be more than text.

`printable`, in `archspec.errors`, is that of plain text, and the first step of all others. Markdown has a file
of its own.
"""

from __future__ import annotations

import re
from html import escape

from archspec.errors import printable

_FORMULA, _NUMBER = "[-=+@].", r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?"


def html_text(text: str) -> str:
    """Text in HTML, also in an attribute."""
    return escape(printable(text))


def xml_text(text: str) -> str:
    """Text in XML, also in an attribute: what XML cannot write is shown as an escape."""
    return escape(printable(text))


def command_message(text: str) -> str:
    """The message of one of GitHub's workflow commands; its lines are those of ``text``."""
    lines = "\n".join(map(printable, text.split("\n")))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of one of GitHub's workflow commands."""
    return command_message(printable(text)).replace(":", "%3A").replace(",", "%2C")


def csv_cell(value: object) -> object:
    """A cell of CSV: a text that a spreadsheet would take for a formula has an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if re.match(_FORMULA, text) and not re.fullmatch(_NUMBER, text) else text
