"""The roofline: the least time that a chip's peaks leave each layer, and which of them holds it up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from archspec.analysis.report import Report, of_one_point
from archspec.errors import UsageError, suggestion
from archspec.hardware.model import Chip
from archspec.memory.program import program
from archspec.memory.storages import place
from archspec.memory.traffic import traffic
from archspec.records import NamedTuple, Record

By = Literal["compute", "bandwidth", "nothing"]


class Utilisation(NamedTuple):
    """The parts of its peaks that a chip is taken to reach: an input, never worked out. All of both is a bound."""

    compute: Fraction = Fraction(1)
    bandwidth: Fraction = Fraction(1)


class Peaks(NamedTuple):
    """What a chip can do in a dtype, in operations and bytes a second.

    Without a matrix unit for it the vector units do all; of a chip whose vector rate is not known these bound nothing.
    """

    dtype: str
    matrix: int | None
    vector: int | None
    bandwidth: int

    @property
    def compute(self) -> int:
        """The rate at which multiply-accumulates are done."""
        rate = self.matrix or self.vector
        assert rate is not None
        return rate

    @property
    def ridge(self) -> Fraction:
        """Operations for each byte above which the arithmetic holds a layer of multiply-accumulates up."""
        return Fraction(self.compute, self.bandwidth)


class Cost(NamedTuple):
    """What a layer, or a network, does and moves, and the seconds that each takes by itself."""

    macs: int
    flops: int
    read: int
    written: int
    matrix: Fraction
    vector: Fraction
    bandwidth: Fraction

    @property
    def moved(self) -> int:
        """Bytes that go through the memory."""
        return self.read + self.written

    @property
    def intensity(self) -> Fraction | None:
        """Operations for each byte."""
        return Fraction(self.flops, self.moved) if self.moved else None

    @property
    def compute(self) -> Fraction:
        """The units work at the same time, so the slower one counts."""
        return max(self.matrix, self.vector)

    @property
    def seconds(self) -> Fraction:
        """Arithmetic and traffic overlap at best: the larger of the two."""
        return max(self.compute, self.bandwidth)

    @property
    def by(self) -> By:
        """What holds it up."""
        if not self.seconds:
            return "nothing"
        return "compute" if self.compute >= self.bandwidth else "bandwidth"


class Bound(NamedTuple):
    """A layer and its cost."""

    path: str
    kind: str
    cost: Cost


class Roofline(Record):
    """A network on a chip. ``seconds`` is the sum of its layers' bounds, ``whole`` what it does and moves in all."""

    report: Report
    chip: Chip
    weights: str | None
    peaks: Peaks
    utilisation: Utilisation
    layers: tuple[Bound, ...]
    whole: Cost
    seconds: Fraction
    warnings: tuple[str, ...]

    @property
    def is_bound(self) -> bool:
        """Whether nothing can be faster layer by layer; at less than the peaks it is an estimate."""
        return self.utilisation == Utilisation()


def roofline(
    report: Report, chip: Chip, utilisation: Utilisation, compute: str | None = None, weights: str | None = None
) -> Roofline:
    """The bound of each layer that runs in an evaluation, each by itself; weights are read as `--weights` stores them.

    Raises UsageError.
    """
    of_one_point(report, "roofline")
    peak = peaks(chip, compute or report.setting.dtype)
    ran = program(report.graph, training=False)
    moves = traffic(report, ran, place(ran, report.setting.dtype), weights).layers
    macs = {row.path: row.figures["macs"] for row in report.rows(full=True) if not row.group}
    layers = tuple(
        Bound(
            operation.path,
            operation.layer.traits.kind.kind,
            cost(
                peak,
                utilisation,
                macs[operation.path],
                *(int(moves[operation.path][name]) for name in ("flops", "read_bytes", "written_bytes")),
            ),
        )
        for operation in ran.operations
    )
    sums = (sum(getattr(layer.cost, name) for layer in layers) for name in ("macs", "flops", "read", "written"))
    whole = cost(peak, utilisation, *sums)
    beyond = whole.flops - 2 * whole.macs
    unknown = (
        f"the vector rate of {chip.chip} is not known: {beyond:,} operations beside multiply-accumulates take no time"
    )
    return Roofline(
        report=report,
        chip=chip,
        weights=weights,
        peaks=peak,
        utilisation=utilisation,
        layers=layers,
        whole=whole,
        seconds=sum((layer.cost.seconds for layer in layers), Fraction(0)),
        warnings=(unknown,) if peak.vector is None and beyond else (),
    )


def cost(peak: Peaks, utilisation: Utilisation, macs: int, flops: int, read: int, written: int) -> Cost:
    """Two operations for each multiply-accumulate on the matrix unit, all others on the vector units."""
    beyond = flops - 2 * macs
    on_matrix, on_vector = (2 * macs, beyond) if peak.matrix else (0, flops)
    return Cost(
        macs,
        flops,
        read,
        written,
        Fraction(on_matrix, peak.matrix) / utilisation.compute if peak.matrix else Fraction(0),
        Fraction(on_vector, peak.vector) / utilisation.compute if peak.vector else Fraction(0),
        Fraction(read + written, peak.bandwidth) / utilisation.bandwidth,
    )


def peaks(chip: Chip, dtype: str) -> Peaks:
    """What a chip can do in a dtype. Raises UsageError.

    Where its vector rate in that dtype is not known, the fastest it has stands for it: a bound must not be too high.
    """
    if dtype not in chip.rates:
        hint = f"it has {', '.join(chip.rates)}; --compute says in which of them the units work"
        raise UsageError(f"{chip.chip} has no rate in {dtype}", hint=hint)
    if chip.memory is None or chip.memory.bandwidth is None:
        hint = "a chip file of your own can say it: `archspec schema --for chip`"
        raise UsageError(f"the bandwidth of {chip.chip} is not known", hint=hint)
    own = chip.rates[dtype]
    vector = own.vector or max((of.vector for of in chip.rates.values() if of.vector), default=None)
    if own.matrix_dense is None and own.vector is None:
        raise UsageError(f"{chip.chip} has a sparse rate alone in {dtype}")
    return Peaks(dtype, own.matrix_dense, vector, chip.memory.bandwidth)


def utilised(texts: Sequence[str]) -> Utilisation:
    """`0.5` or `50%` for both, `compute=0.4`, `bandwidth=80%` for one. Raises UsageError."""
    found: dict[str, Fraction] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if equals and name not in Utilisation._fields:
            raise UsageError(f"--utilisation of `{name}`", hint=suggestion(name, Utilisation._fields))
        for field in (name,) if equals else Utilisation._fields:
            if field in found:
                raise UsageError(f"--utilisation of {field} is given twice")
            found[field] = _share(value)
    return Utilisation(**found)


def _share(text: str) -> Fraction:
    written = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(%?)", text)
    share = Fraction(written[1]) / (100 if written[2] else 1) if written else Fraction(0)
    if not 0 < share <= 1:
        raise UsageError(f"--utilisation {text} is no share", hint="above 0, at most 1: 0.5 or 50%")
    return share
