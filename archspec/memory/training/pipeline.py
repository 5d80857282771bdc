"""Pipeline parallelism: which stage has which layers, and how many micro-batches it keeps at once.

Narayanan et al. 2021, https://arxiv.org/abs/2104.04473: one forward, one backward. Of p stages stage k has p - k
micro-batches under way; with v stretches of layers each 2 (p - k - 1) + (v - 1) p + 1 of one stretch.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from archspec.errors import UsageError
from archspec.graph.graph import Graph, Group
from archspec.graph.walk import UNROLLED, walk
from archspec.records import NamedTuple


class Pipeline(NamedTuple):
    """Stages, the stretches that each has, the stage of each layer by its path."""

    stages: int
    stretches: int
    stage_of: Mapping[str, int]

    def under_way(self, stage: int, micro_batches: int | None) -> Fraction:
        """Micro-batches of which a stage keeps what is saved for backward at once."""
        if self.stretches == 1:
            most = Fraction(self.stages - stage)
        else:
            warm = 2 * (self.stages - stage - 1) + (self.stretches - 1) * self.stages + 1
            most = Fraction(warm, self.stretches)
        return most if micro_batches is None else min(most, Fraction(micro_batches))


def pipeline(graph: Graph, stages: int, stretches: int) -> Pipeline:
    """The longest repeat cut into stages; what is before it belongs to the first, what is behind it to the last.

    Raises UsageError where its instances cannot be shared out evenly.
    """
    counts: dict[str, list[str]] = {}
    for step in walk(graph, UNROLLED):
        around = step.place.group
        if isinstance(step.item, Group) and around is not None and around.label == "repeat":
            counts.setdefault(step.place.path, []).append(step.path)
    if not counts:
        raise UsageError(f"--pipeline {stages}: the network repeats no block that stages could share")
    repeat, instances = max(counts.items(), key=lambda found: len(found[1]))
    parts = stages * stretches
    if len(instances) % parts:
        over = f"{stages} stages" + (f" of {stretches} stretches" if stretches > 1 else "")
        raise UsageError(f"--pipeline {stages}: {over} do not divide the {len(instances)} of {repeat.rstrip('.')}")
    each = len(instances) // parts
    place = {path: number // each % stages for number, path in enumerate(instances)}
    found: dict[str, int] = {}
    stage, depth = 0, None  # of the instance that the walk is in
    for step in walk(graph, UNROLLED):
        if step.path in place:
            stage, depth = place[step.path], step.depth
        elif depth is None or step.depth <= depth:
            stage, depth = stages - 1 if instances[-1] in found else 0, None
        found[step.path] = stage
    return Pipeline(stages, stretches, found)
