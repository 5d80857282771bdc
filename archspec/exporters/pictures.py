"""Pictures as text: Mermaid, which GitHub draws, and Graphviz's dot."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import printable
from archspec.exporters.picture import Box, Picture


def mermaid(drawn: Picture) -> str:
    """A flowchart of Mermaid."""
    arrows = [f"  {start} --> {end}" for start, end in drawn.arrows]
    lines = [f"%% {_safe(drawn.name)}", "flowchart TD"]
    return "\n".join([*lines, *_mermaid_boxes(drawn.boxes, "  "), *arrows]) + "\n"


def _mermaid_boxes(boxes: tuple[Box, ...], indent: str) -> Iterator[str]:
    for box in boxes:
        text = "<br>".join([_safe(line) for line in box.lines if line])
        if box.inside is None:
            yield f'{indent}{box.key}["{text}"]'
        else:
            yield f'{indent}subgraph {box.key}["{" ".join([_safe(line) for line in box.lines[:2]])}"]'
            yield from _mermaid_boxes(box.inside, f"{indent}  ")
            yield f"{indent}end"


def dot(drawn: Picture) -> str:
    """A graph of Graphviz."""
    lines = [f'digraph "{_safe(drawn.name)}" {{', "  node [shape=box];", *_dot_boxes(drawn.boxes, "  ")]
    return "\n".join([*lines, *(f"  {start} -> {end};" for start, end in drawn.arrows), "}"]) + "\n"


def _dot_boxes(boxes: tuple[Box, ...], indent: str) -> Iterator[str]:
    for box in boxes:
        if box.inside is None:
            text = "\\n".join([_safe(line) for line in box.lines if line])
            yield f'{indent}{box.key} [label="{text}"];'
        else:
            yield f"{indent}subgraph cluster_{box.key} {{"
            yield f'{indent}  label="{" ".join([_safe(line) for line in box.lines[:2]])}";'
            yield from _dot_boxes(box.inside, f"{indent}  ")
            yield f"{indent}}}"


def _safe(text: str) -> str:
    """A text that ends no label and begins no tag."""
    return "".join([letter if letter.isalnum() or letter in " _-.,|:+" else "_" for letter in printable(text)])
