"""Whether a network fits into a memory, and the largest batch or length that does."""

from __future__ import annotations

import re

from archspec.analysis.report import Report
from archspec.analysis.run import run
from archspec.errors import UsageError
from archspec.hardware.amount import amount
from archspec.hardware.model import Chip
from archspec.hardware.search import Largest, Of, largest
from archspec.memory.measure import measure
from archspec.memory.measured import Memory
from archspec.memory.settings import MemorySettings
from archspec.records import NamedTuple, Record

INFERENCE = ("weights_bytes", "buffers_bytes", "inference_peak_bytes", "kv_cache_bytes")
TRAINING = ("weights_bytes", "buffers_bytes", "gradients_bytes", "optimizer_bytes", "saved_for_backward_bytes")
OTHERS = "other_bytes"  # of training, what is no total of its own


class Place(NamedTuple):
    """A memory: whose it is, its bytes, and how many of them are kept for others."""

    name: str
    bytes: int
    reserve: int = 0

    @property
    def free(self) -> int:
        """What a network can have."""
        return self.bytes - self.reserve


class Fit(Record):
    """What a network needs, by the totals that are added up, beside what there is."""

    memory: Memory
    place: Place
    needs: dict[str, int]
    needed: int
    solved: Largest | None = None

    @property
    def fits(self) -> bool:
        """Whether it does; of a search, whether anything does."""
        return self.solved.number > 0 if self.solved else self.needed <= self.place.free


def place(chip: Chip | None, memory: str | None, reserve: str) -> Place:
    """The memory of a chip, or so much of it as is given. Raises UsageError."""
    if memory is not None:
        size = _bytes("--memory", memory)
        name = chip.chip if chip else "memory"
    elif chip is None:
        raise UsageError("neither --chip nor --memory is given", hint="`archspec hardware` lists chips; --memory 24Gi")
    else:
        of = chip.memory
        size, name = (of.usable or of.bytes or 0) if of else 0, chip.chip
        if not size:
            raise UsageError(f"{name} has no memory of its own that is known", hint="--memory says how much there is")
    share = reserve.strip().removesuffix("%")
    if share != reserve.strip():
        if not re.fullmatch(r"\d{1,3}", share) or int(share) > 100:
            raise UsageError(f"--reserve {reserve} is no share", hint="a whole number from 0% to 100%, or bytes")
        kept = -(-size * int(share) // 100)
    else:
        kept = 0 if share == "0" else _bytes("--reserve", reserve)
    if kept > size:
        raise UsageError(f"--reserve keeps {kept:,} bytes of {size:,}")
    return Place(name, size, kept)


def _bytes(option: str, text: str) -> int:
    size = amount(text.strip().removesuffix("B"))
    if not size:
        hint = "a whole number above 0, or one with a prefix: 24GB is 24 * 10^9 bytes, 24GiB is 24 * 2^30"
        raise UsageError(f"{option} {text} is no number of bytes", hint=hint)
    return size


def fit(memory: Memory, place: Place, solved: Largest | None = None) -> Fit:
    """What a network needs beside what there is."""
    needs = summands(memory)
    return Fit(memory=memory, place=place, needs=needs, needed=sum(needs.values()), solved=solved)


def summands(memory: Memory) -> dict[str, int]:
    """The totals that are added up: of an evaluation, or of a training step."""
    totals = memory.totals
    if not memory.settings.train:
        return {name: totals[name] for name in INFERENCE if name in totals}
    needs = {name: totals[name] for name in TRAINING if name in totals}
    others = totals["training_total_bytes"] - sum(needs.values())
    return {**needs, **({OTHERS: others} if others else {})}


def solve(report: Report, settings: MemorySettings, place: Place, of: Of) -> Fit:
    """The largest batch or length that fits, and what is needed then; at 1 where none does. Raises UsageError."""

    def measured(number: int) -> Memory:
        if of == "batch":
            return measure(run(report.spec, report.setting._replace(batch=number)), settings)
        return measure(report, settings.model_copy(update={"length": number}))

    if of == "length" and not settings.kv:
        raise UsageError(
            "--solve length asks for the length of a cache, and there is none", hint="--kv kv-architecture"
        )
    found = largest(lambda number: sum(summands(measured(number)).values()), place.free, of)
    return fit(measured(max(found.number, 1)), place, found)
