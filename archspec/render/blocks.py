"""Markdown in blocks, each shown whole or not at all: where there is no room for all, it says what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archspec.render.numbers import plural

NOTE = 400  # characters kept free for the note


class Block(NamedTuple):
    """A part of a comment. Of the highest ``rank`` it is the first to go; ``what`` is what the note calls it."""

    text: str
    rank: int = 0
    what: str = ""


def fitted(blocks: Sequence[Block], last: str, room: int, whole: str, size: Callable[[str], int] = len) -> str:
    """The blocks, without those there is no room for, and the last one; ``whole`` says where all of them are."""
    left = room - size(last) - NOTE
    kept = set()
    for index, block in sorted(enumerate(blocks), key=lambda item: item[1].rank):
        if size(block.text) + 2 <= left:
            left -= size(block.text) + 2
            kept.add(index)
    texts = [block.text for index, block in enumerate(blocks) if index in kept]
    missing = Counter(block.what for index, block in enumerate(blocks) if index not in kept)
    if missing:
        said = ", ".join(plural(count, what) for what, count in missing.items())
        texts.append(f"_Shortened to fit, without {said}: {whole} all of it._")
    return "\n\n".join([*texts, last]) + "\n"


def bullets(title: str, lines: Iterable[str]) -> str:
    """A list below its title. Without one two lists in a row would be one list."""
    return "\n".join([title, "", *(f"- {line}" for line in lines)])


def folded(summary: str, *texts: str) -> str:
    """What a click opens; the summary is HTML."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *texts, "</details>"])
