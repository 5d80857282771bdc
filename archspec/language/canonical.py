"""`archspec fmt`: a spec in its canonical layout, with its comments and its meaning."""

from __future__ import annotations

from typing import Any

from archspec.errors import SpecError
from archspec.language.header import BlockHeader, Header
from archspec.language.keys import LAYER_KEYS, STRUCTURES, Experts, Parallel, Residual
from archspec.text.comments import Comment, comments
from archspec.text.document import Document
from archspec.text.edits import LINE_END
from archspec.text.json_text import is_json
from archspec.text.layout.json_layout import json_layout
from archspec.text.layout.shapes import OTHERS, Shape
from archspec.text.layout.tree import tree
from archspec.text.layout.yaml_layout import yaml_layout
from archspec.text.reader import read_text

# Structures hold layers, a line each: they come last, so that a layer's name stands above what is in it.
_LAST = tuple(key for key in STRUCTURES if key != "use")
SHAPES = {
    "value": Shape(),
    "document": Shape("always"),
    "spec": Shape(
        "always",
        (*Header.model_fields, OTHERS),
        {"source": "lines", "blocks": "blocks", "layers": "layers", "outputs": "value", "inputs": "inputs"},
        "section",
    ),
    "lines": Shape("always"),
    "section": Shape("mappings"),
    "inputs": Shape("long"),
    "blocks": Shape("always", others="block"),
    "block": Shape(
        "always",
        (*BlockHeader.model_fields, OTHERS),
        {"params": "section", "require": "lines", "layers": "layers"},
    ),
    "layers": Shape("always", others="layer"),
    "layer": Shape(
        "long",
        (OTHERS, *LAYER_KEYS, *_LAST),
        {"seq": "layers", "residual": "residual", "parallel": "parallel", "experts": "experts"},
        layer=True,
    ),
    "residual": Shape(
        "always", (*Residual.model_fields, OTHERS), {"body": "layers", "shortcut": "layers", "act": "value"}, "layer"
    ),
    "parallel": Shape("always", (OTHERS, *Parallel.model_fields), {"branches": "branches"}),
    "experts": Shape(
        "always",
        (*Experts.model_fields, OTHERS),
        dict.fromkeys(("router", "weigh", "body", "shared"), "layers"),
    ),
    "branches": Shape("always", others="layers"),
}


def formatted(text: str, name: str) -> str:
    """The text of a spec in its canonical layout.

    Formatting it again changes nothing. Raises SpecError with the place where the text is no YAML or JSON.
    """
    return format_document(read_text(text, name))


def format_document(document: Document, notes: list[Comment] | None = None) -> str:
    """The canonical layout of a document that is read already, ``notes`` its comments where they are known.

    Raises SpecError where it would change the meaning.
    """
    if "\r" in document.text:
        document, notes = read_text(LINE_END.sub("\n", document.text), document.name), None
    notes = comments(document) if notes is None else notes
    json = document.name.lower().endswith(".json") or is_json(document.text)
    root = tree(document, notes, SHAPES, _shape(document.data), json)
    after = json_layout(root) if json else yaml_layout(root)
    # A formatter that is wrong must not write: one more reading is cheap.
    if after != document.text and not _alike(document, notes, after):
        message = "cannot be laid out anew without changing its meaning"
        raise SpecError(message, hint="please report this file", file=document.name)
    return after


def _shape(data: Any) -> str:
    return "spec" if isinstance(data, dict) and "archspec" in data else "document"


def _alike(document: Document, notes: list[Comment], after: str) -> bool:
    """Whether a text holds the data and the comments of a document."""
    try:
        new = read_text(after, document.name)
    except SpecError:
        return False
    before, kept = (sorted(comment.text.rstrip() for comment in there) for there in (notes, comments(new)))
    return before == kept and same(ordered(document.data, _shape(document.data)), new.data)


def ordered(data: Any, shape: str) -> Any:
    """The data with the keys in their order."""
    if isinstance(data, dict):
        order = SHAPES[shape]
        return {key: ordered(data[key], order.of(key)) for key in order.ordered(data)}
    if isinstance(data, list):
        return [ordered(value, SHAPES[shape].others) for value in data]
    return data


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal, down to their types and the order of their keys."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right
