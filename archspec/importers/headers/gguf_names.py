"""What llama.cpp calls the tensors of networks of transformers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from archspec.records import NamedTuple
from archspec.text.reader import read_text
from archspec.text.shipped import shipped

NUMBER = "*"  # in place of an expert's
_EXPERT = re.compile(r"(?<=\.experts)\.\d+(?=\.)")


class Candidate(NamedTuple):
    """What a tensor may be in a GGUF: one tensor, or several that are parts of it; rows and columns may be swapped."""

    names: tuple[str, ...]
    transposed: bool


class Table(NamedTuple):
    """The table: groups around blocks, what names of the network and of a block are called."""

    blocks: re.Pattern[str]
    network: Mapping[str, list[str]]
    block: Mapping[str, list[str]]
    transposed: frozenset[str]
    made_up: frozenset[str]


def stacked_name(name: str) -> str:
    """A tensor's name with `*` for an expert's number: llama.cpp has one tensor for all of them."""
    return _EXPERT.sub(f".{NUMBER}", name)


def candidates(name: str) -> list[Candidate]:
    """What a tensor of transformers may be called; none where the table does not have it."""
    table = _table()
    match = table.blocks.match(name)
    tail = name[match.end() :] if match else name
    known, before = (table.block, f"blk.{match['number']}.") if match else (table.network, "")
    stem, _, suffix = tail.rpartition(".")
    if tail in known:
        stem, suffix = tail, "weight"
    found = []
    for theirs in known.get(stem, []):
        parts = [part if "." in part else f"{part}.{suffix}" for part in theirs.split("+")]
        found.append(Candidate(tuple([before + part.rstrip(".") for part in parts]), stem in table.transposed))
    return found


def is_made_up(name: str) -> bool:
    """Whether the converter works a tensor out of no tensor of the network."""
    stem = re.sub(r"^blk\.\d+\.", "", name).removesuffix(".weight")
    return stem in _table().made_up


@cache
def _table() -> Table:
    file = shipped("importers/headers")["gguf_names"]
    data: Any = read_text(file.read_text("utf-8"), "archspec/importers/headers/gguf_names.yaml").data
    blocks = "|".join(map(re.escape, sorted(data["blocks"], key=len, reverse=True)))
    turned: list[dict[str, list[str]]] = [{}, {}]
    for names, part in zip(turned, ("network", "block"), strict=True):
        for theirs, ours in data[part].items():
            for name in ours:
                names.setdefault(name, []).append(theirs)
    return Table(
        re.compile(rf"(?:{blocks})\.(?P<number>\d+)\."),
        turned[0],
        turned[1],
        frozenset(data["transposed"]),
        frozenset(data["made_up"]),
    )
