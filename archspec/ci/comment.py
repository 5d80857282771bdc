"""The comment on a pull request: what it says, behind the marker that it is known by, within its room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archspec.errors import UsageError, show

LIMIT = 65_536  # of a body on GitHub; others take more, https://github.com/orgs/community/discussions/41331
WHENS = ("changes", "failures", "always", "never")
UNCHANGED = (
    "### archspec: no numeric change\n\nAn earlier state of this pull request changed figures; this one does not.\n"
)
KEPT = (
    "### archspec: no failure\n\nAn earlier state of this pull request had a finding that fails; this one has none.\n"
)
CUT = "\n\n_Shortened to fit into a comment; the step's summary and `report.html` show all of it._\n"
_KEY = re.compile(r"[A-Za-z0-9._-]{1,60}")


class State(NamedTuple):
    """What a report says of a change: whether a figure changed, whether something fails."""

    changed: bool
    failed: bool


def marker(key: str) -> str:
    """The first line of the comment. Raises UsageError for a key that could end the marker."""
    if not _KEY.fullmatch(key):
        raise UsageError(f"a key holds letters, digits, `.`, `_` and `-`, at most 60, got {show(key)}")
    return f"<!-- archspec:{key} -->"


def body(key: str, text: str) -> str:
    """The comment's text behind its marker; where GitHub would refuse it, without the last of its blocks."""
    whole = f"{marker(key)}\n{text}"
    if length(whole) < LIMIT:
        return whole
    kept = marker(key) + "\n"
    for block in blocks(text):
        if length(kept) + length(block) + length(CUT) >= LIMIT:
            break
        kept += block
    return kept.rstrip("\n") + CUT


def blocks(text: str) -> Iterator[str]:
    """The parts of a text that can stand alone: what is folded or fenced is one."""
    block, depth, fenced = "", 0, False
    for line in text.splitlines(keepends=True):
        block += line
        fenced ^= line.startswith("```")
        depth += 0 if fenced else line.startswith("<details>") - line.startswith("</details>")
        if not (line.strip() or fenced or depth):
            yield block
            block = ""
    yield block


def length(text: str) -> int:
    """Characters as JavaScript and GitHub's form count them: one beyond the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def chosen(state: State, when: str, text: str) -> tuple[str | None, str | None]:
    """What a new comment would say, and what an earlier one is to say; None where nothing is to be done.

    ``when`` is one of ``WHENS``. An earlier comment is never left with what does not hold any more.
    """
    if when == "never":
        return None, None
    if (
        when == "always"
        or (when == "failures" and state.failed)
        or (when == "changes" and (state.changed or state.failed))
    ):
        return text, text
    return None, UNCHANGED if when == "changes" else KEPT
