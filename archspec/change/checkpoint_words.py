"""What becomes of a checkpoint, in a sentence: names grouped by what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.change.checkpoint import Checkpoint, Rename
from archspec.kinds.base import Shape

MOST = 2  # groups of names that are shown of each sort

Parts = tuple[str, ...]


def sentence(checkpoint: Checkpoint) -> str:
    """``no longer loads: 4 tensors renamed (layer1.0.* -> stage1.0.*), 2 reshaped (...), 1 new (...), 1 gone``."""
    reshaped = [f"{tensor.name} {shape(tensor.old)} -> {shape(tensor.new)}" for tensor in checkpoint.reshaped]
    sorts = (
        (len(checkpoint.renamed), "renamed", renames(checkpoint.renamed)),
        (len(reshaped), "reshaped", reshaped),
        (len(checkpoint.added), "new", patterns(checkpoint.added)),
        (len(checkpoint.removed), "gone", patterns(checkpoint.removed)),
        (len(checkpoint.moved), "renamed as `moved` says", renames(checkpoint.moved)),
    )
    words: list[str] = []
    for count, word, names in sorts:
        if count:
            what = "" if words else "tensor " if count == 1 else "tensors "
            words.append(f"{count:,} {what}{word} ({listed(names)})")
    if not words:
        return "still loads"
    return f"{'loads once its names are changed' if checkpoint.loads else 'no longer loads'}: {', '.join(words)}"


def listed(names: Sequence[str]) -> str:
    """The first few of them."""
    rest = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {rest:,} more" if rest > 0 else "")


def shape(sizes: Shape) -> str:
    """``1000x2048``."""
    return "x".join(map(str, sizes)) or "scalar"


def renames(pairs: Iterable[Rename]) -> list[str]:
    """Pairs of names that differ in the same part, together: ``layer1.0.* -> stage1.0.*``."""
    groups: dict[tuple[Parts, Parts], list[tuple[Parts, Parts]]] = {}
    for pair in pairs:
        old, new = tuple(pair.old.split(".")), tuple(pair.new.split("."))
        common = start([old[::-1], new[::-1]])
        ours, theirs, tail = old[: len(old) - common], new[: len(new) - common], old[len(old) - common :]
        common = start([ours, theirs])
        groups.setdefault((ours[common:], theirs[common:]), []).append((ours[:common], tail))
    lines = []
    for parts, around in groups.items():
        before, behind = (pattern([sides[index] for sides in around]) for index in (0, 1))
        lines.append(" -> ".join(".".join((*before, *part, *behind)) for part in parts))
    return lines


def patterns(names: Iterable[str]) -> list[str]:
    """Names of one first part together: ``stage5.*``."""
    groups: dict[str, list[Parts]] = {}
    for name in names:
        groups.setdefault(name.partition(".")[0], []).append(tuple(name.split(".")))
    return [".".join(pattern(several)) for several in groups.values()]


def pattern(several: Sequence[Parts]) -> Parts:
    """The parts that all begin with, and `*` for what differs."""
    end = start(several)
    return several[0][:end] if all(len(parts) == end for parts in several) else (*several[0][:end], "*")


def start(several: Sequence[Parts]) -> int:
    """How many parts all begin with."""
    shortest = min(map(len, several))
    return next((at for at in range(shortest) if len({parts[at] for parts in several}) > 1), shortest)
