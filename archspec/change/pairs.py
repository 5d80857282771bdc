"""Which file of the base became which file of the head."""

from __future__ import annotations

from typing import NamedTuple

from archspec.errors import ArchspecError
from archspec.language.files import is_spec
from archspec.text.reader import decoded, read_text

ALIKE = 0.5  # of the lines of two files, for one to be the other under a new name; as git does


class Pair(NamedTuple):
    """A file's content on both sides."""

    path: str
    old_path: str
    base: bytes | None
    head: bytes | None


def recognised(pair: Pair) -> Pair:
    """The pair without what is no spec. What cannot be read is one that is broken where the other side is a spec."""
    base, head = (content if content is not None and is_spec(content) else None for content in (pair.base, pair.head))
    if base is None and head is not None and _is_unreadable(pair.base):
        base = pair.base
    elif head is None and base is not None and _is_unreadable(pair.head):
        head = pair.head
    return pair._replace(base=base, head=head, old_path=pair.path if base is None else pair.old_path)


def _is_unreadable(content: bytes | None) -> bool:
    """Whether a file is there and no YAML that is accepted."""
    try:
        return content is not None and not read_text(decoded(content), "")
    except ArchspecError:
        return True


def renamed(pairs: list[Pair]) -> list[Pair]:
    """The pairs with a file that is gone and one that came made one, which git does not: alike ones, since it does not
    track the new one yet, then those of one `name`, which no others have."""
    gone = [pair for pair in pairs if pair.head is None]
    come = [pair for pair in pairs if pair.base is None]
    moves: list[tuple[Pair, Pair]] = []
    for new in come:
        old = max(gone, key=lambda old: likeness(old.base, new.head), default=None)
        if old is not None and likeness(old.base, new.head) >= ALIKE:
            gone.remove(old)
            moves.append((old, new))
    come = [pair for pair in come if all(pair is not new for _, new in moves)]
    if gone and come:
        before, after = ([name_of(pair) for pair in side] for side in (gone, come))
        moves += [
            (old, come[after.index(name)])
            for old, name in zip(gone, before, strict=True)
            if name is not None and before.count(name) == after.count(name) == 1
        ]
    settled = {id(pair) for move in moves for pair in move}
    made = [Pair(new.path, old.path, old.base, new.head) for old, new in moves]
    return [*(pair for pair in pairs if id(pair) not in settled), *made]


def name_of(pair: Pair) -> str | None:
    """The `name` that a file on one side says; None where it cannot be read."""
    content = pair.base if pair.base is not None else pair.head
    try:
        data = read_text(decoded(content or b""), pair.path).data
    except ArchspecError:
        return None
    name = data.get("name") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None


def likeness(old: bytes | None, new: bytes | None) -> float:
    """The share of lines that two files have in common."""
    left, right = set((old or b"").split(b"\n")), set((new or b"").split(b"\n"))
    return len(left & right) / max(len(left | right), 1)
