"""What one of the devices keeps beside what is saved for backward: weights, gradients, masters, the optimizer's state.

ZeRO, Rajbhandari et al. 2020, https://arxiv.org/abs/1910.02054: of the data-parallel devices each keeps a share of the
optimizer's state and the masters (1), of the gradients too (2), of the weights too (3). Shares are equal, rounded up:
of all scalars in a row for 1 and 2, of each tensor for 3, as DeepSpeed partitions them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.kinds.dtypes import DTYPES
from archspec.memory.measured import Part
from archspec.memory.training.optimizers import STATE, Optimizer
from archspec.memory.training.parameters import Parameter
from archspec.memory.training.policies import Policy
from archspec.records import NamedTuple

STATES, GRADIENTS, WEIGHTS, NEVER = 1, 2, 3, 4  # from which stage of ZeRO on they are shared


class Shares(NamedTuple):
    """``data`` devices with a batch each, and what they share out: nothing where ``zero`` is 0."""

    data: int = 1
    zero: int = 0

    def of(self, counts: Iterable[tuple[int, int]], stage: int) -> tuple[int, str]:
        """A device's share of tensors of so many elements, so many times, if ``stage`` shares them; and the words."""
        counts = list(counts)
        whole = sum(elements * times for elements, times in counts)
        if self.zero < stage or self.data == 1:
            return whole, f"{whole:,}"
        if self.zero == WEIGHTS:
            return sum(-(-elements // self.data) * times for elements, times in counts), f"{whole:,} / {self.data}"
        return -(-whole // self.data), f"{whole:,} / {self.data}"


def held(
    parameters: Sequence[Parameter],
    copied: Sequence[Parameter],
    chosen: Policy,
    name: str,
    optimizer: Optimizer,
    shares: Shares,
) -> list[Part]:
    """The parts of a device that has these parameters; those ``copied`` a policy may copy to multiply with."""
    trained = [each for each in parameters if each.trained]
    parts = [part("weights", "weights_bytes", _scalars(parameters), chosen.weights, "parameters", shares, WEIGHTS)]
    if chosen.copies is not None:
        what = "scalars of matrices"
        parts.append(
            part("copies of weights", "weight_copies_bytes", _scalars(copied), chosen.copies, what, shares, NEVER)
        )
    own = _scalars(trained)
    parts.append(part("gradients", "gradients_bytes", own, chosen.gradients, "trained parameters", shares, GRADIENTS))
    if chosen.masters is not None:
        parts.append(part("master weights", STATE, own, chosen.masters, "trained parameters once more", shares, STATES))
    parts = [each._replace(source=chosen.source) for each in parts]
    states = []
    for word, tensor in optimizer.state.items():
        counts = [(tensor.of(each.facts), each.times) for each in trained]
        dtype = tensor.dtype or chosen.optimized
        states.append(part(f"{name}: {word}", STATE, counts, dtype, f"({tensor.elements} of each)", shares, STATES))
    for word, tensor in optimizer.once.items() if trained else ():
        states.append(
            part(
                f"{name}: {word}", STATE, [(tensor.of({}), 1)], tensor.dtype or chosen.optimized, "once", shares, NEVER
            )
        )
    states = [each._replace(source=optimizer.source) for each in states if each.value]
    return parts + (states or [Part(name, STATE, 0, optimizer.summary, optimizer.source)])


def part(
    name: str, total: str, counts: Iterable[tuple[int, int]], dtype: str, what: str, shares: Shares, stage: int
) -> Part:
    """A device's share of some tensors, which stages of ZeRO from ``stage`` on share out."""
    count, words = shares.of(counts, stage)
    return Part(name, total, count * DTYPES[dtype], f"{words} {what} x {DTYPES[dtype]} bytes ({dtype})")


def _scalars(of: Iterable[Parameter]) -> list[tuple[int, int]]:
    return [(each.numel, each.times) for each in of]
