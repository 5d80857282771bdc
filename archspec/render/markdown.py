"""Text of any origin in Markdown, where GitHub reads no mentions, links, references or tags in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archspec.errors import clipped, printable

MAX_CODE = 160
MAX_SENTENCE = 400
_PLAIN = re.compile(r"[^`|\\\n]+")
# GitHub looks for mentions, references, addresses and emoji in what is rendered already, where `&#64;` is `@` again: a
# space without width parts what it looks for. https://github.github.com/gfm/#autolinks-extension- and
# https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=//|[a-z+-][\w+-]*:)|\bwww(?=\.)", re.IGNORECASE)
_MARKUP = re.compile(r"[\\`*~<>|$\"]|&(?=#?\w)|(?<!\w)_|_(?!\w)|\](?=[(\[:])|!(?=\[)|\[(?=\^)")
_BLOCK = re.compile(r"\s*(?:[-+=#]|\d{1,9}(?=[.)]))")


def escaped(text: str) -> str:
    """Text in a line or a cell."""
    parted = _REFERENCE.sub(lambda sign: sign[0] + "\u200b", printable(text))
    return _MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", parted).replace("\u200b", "&#8203;")


def paragraph(text: str) -> str:
    """The same at the beginning of a line, where it opens no list and no heading."""
    text = text.strip()
    return ("&#8203;" if _BLOCK.match(text) else "") + escaped(text)


def spoken(text: str) -> str:
    """A sentence of archspec's, which may quote a spec."""
    return escaped(clipped(text, MAX_SENTENCE))


def code(text: str) -> str:
    """Text as code, in a table or out of it: GitHub looks for nothing there."""
    text = printable(clipped(text, MAX_CODE)).strip()
    if not text:
        return ""
    return f"`{text}`" if _PLAIN.fullmatch(text) else html_code(text)


def html_code(text: str) -> str:
    """Text as code where Markdown is not read, as in a summary."""
    # Between tags Markdown is still read elsewhere, so every sign that could mean something is written by its number.
    shown = printable(clipped(text, MAX_CODE))
    numbered = re.sub(r"[^\w ,.=+()%-]|_|(?<=w)\.", lambda sign: f"&#{ord(sign[0])};", shown)
    return f"<code>{numbered}</code>"


def fenced(lines: Sequence[str]) -> str:
    """Lines as a block of code, behind a fence that none of them is."""
    runs = re.findall("`{3,}", "\n".join(lines))
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    return "\n".join([fence, *lines, fence])
