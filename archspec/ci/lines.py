"""Which lines a change touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archspec.change.pairs import Pair
from archspec.ci.scope import Place
from archspec.text.top import real

MAX_LINES = 20_000  # of a file whose changed lines are looked for; of a longer one all count as changed


def touched(here: Place, pairs: Sequence[Pair]) -> dict[str, frozenset[int]]:
    """The lines that are new or changed, of each changed spec and of the configuration."""
    lines = {here.shown(pair.path): changed_lines(pair.base, pair.head) for pair in pairs if pair.head is not None}
    base, config = here.base, here.policies.head(Path.cwd())
    if config.file and Path(config.file).is_file() and base.top in real(config.file).parents:
        old = base.text(Path(config.file))
        lines[config.file] = changed_lines(None if old is None else old.encode(), Path(config.file).read_bytes())
    return lines


def changed_lines(old: bytes | None, new: bytes) -> frozenset[int]:
    """Numbers, from 1, of the lines of ``new`` that are not in ``old``."""
    after = new.split(b"\n")
    before = (old or b"").split(b"\n")
    if old is None or max(len(before), len(after)) > MAX_LINES:
        return frozenset(range(1, len(after) + 1))
    from difflib import SequenceMatcher

    steps = SequenceMatcher(None, before, after, autojunk=True).get_opcodes()
    return frozenset(line + 1 for tag, _, _, start, end in steps if tag != "equal" for line in range(start, end))
