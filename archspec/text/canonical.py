"""`archspec fmt`: a spec in its canonical layout, with its comments and its meaning."""

from __future__ import annotations

import re
from typing import Any

from archspec.errors import SpecError
from archspec.text.comments import comments
from archspec.text.document import Document
from archspec.text.json_text import is_json
from archspec.text.reader import read_text

_LINE_BREAK = re.compile(r"\r\n?")


def formatted(text: str, name: str) -> str:
    """The text of a spec in its canonical layout (see :mod:`archspec.text.layout`).

    Formatting it again changes nothing. Raises SpecError with the place where the text is no YAML or JSON.
    """
    return format_document(read_text(text, name))


def format_document(document: Document) -> str:
    """The canonical layout of a document that is read already. Raises SpecError where it would change the meaning."""
    before = _LINE_BREAK.sub("\n", document.text)
    if document.name.lower().endswith(".json") or is_json(before):
        from archspec.text.layout.json_layout import json_layout

        after = json_layout(before)
    else:
        from archspec.text.layout.yaml_layout import yaml_layout

        after = yaml_layout(before)
    # A formatter that is wrong must not write: one more reading is cheap.
    if after != before and not _alike(document, before, after):
        message = "cannot be laid out anew without changing its meaning"
        raise SpecError(message, hint="please report this file", file=document.name)
    return after


def _alike(document: Document, before: str, after: str) -> bool:
    """Whether two texts hold the same data and the same comments."""
    try:
        data = read_text(after, document.name).data
    except SpecError:
        return False
    kept = [comment.text.rstrip() for comment in comments(before, document.name)]
    return same(document.data, data) and kept == [comment.text for comment in comments(after, document.name)]


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal, down to their types and the order of their keys."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right
