"""Text of any origin in Markdown, where GitHub reads no mentions, links, references or tags in it."""

from __future__ import annotations

import re

from archspec.errors import clipped, printable

MAX_CODE = 160
MAX_SENTENCE = 400
_PLAIN = re.compile(r"[^`|\\\n]+")


def code(text: str) -> str:
    """Text as code, in a table or out of it; what would end the one or the other goes as a character's number."""
    text = printable(clipped(text, MAX_CODE)).strip()
    if not text:
        return ""
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    return html_code(text)


def html_code(text: str) -> str:
    """Text as code where Markdown is not read, as in a summary."""
    # Between tags Markdown is still read elsewhere, so every sign that could mean something is written by its number.
    return f"<code>{escaped(clipped(text, MAX_CODE))}</code>"


def escaped(text: str) -> str:
    """Text with everything but letters, digits and plain punctuation by its number."""
    return re.sub(r"[^\w ,.=+()%-]|_|(?<=w)\.", lambda sign: f"&#{ord(sign[0])};", printable(text))


def spoken(text: str) -> str:
    """A sentence of archspec's, which may quote a spec."""
    return escaped(clipped(text, MAX_SENTENCE))
