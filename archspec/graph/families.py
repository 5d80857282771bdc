"""Families: what an `each` goes through, what its instances are called, what they take from the level around."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.errors import ArchspecError, SpecError, show
from archspec.graph.frame import Frame, Level
from archspec.graph.names import MAX_UNFOLDED
from archspec.graph.places import evaluated, settled
from archspec.language.nodes import Each, Node
from archspec.language.templates import as_part
from archspec.language.validate import place
from archspec.sizes import Undecided, is_size, require, whole


def members(node: Node, each: Each, frame: Frame) -> Iterator[tuple[str, int | str]]:
    """The instances of a family: the name and the value of each. Raises SpecError where `each` says them."""
    values = evaluated(each.values, frame, node, "each", each.variable)
    met: set[str] = set()
    try:
        for value in values if isinstance(values, list) else _counted(values):
            name = as_part(value, f"${each.variable}")
            if name in met:
                hint = f"go through the numbers of a list, and ask it for its entries: {{{each.variable}: len($list)}}"
                raise SpecError(f"`each` goes through {show(value)} twice, which names the instance", hint=hint)
            met.add(name)
            yield name, value
        if not met:
            raise SpecError("`each` goes through no value", hint="`when` on a `seq` around it leaves it out")
    except ArchspecError as error:
        raise place(error, node.data, ("each", each.variable), node.path) from None


def _counted(count: Any) -> Iterator[int]:
    """The numbers below a count, which may be of many design points that agree."""
    if type(count) is int and count > MAX_UNFOLDED:
        raise SpecError(f"`each` would write out {show(count)} instances, at most {MAX_UNFOLDED} are possible")
    if not is_size(count):
        raise SpecError(f"`each` goes through a whole number of values or a list, got {show(count)}")
    require(whole(count), "`each` goes through a whole number of values, got {count}", count=count)
    index = 0
    try:
        while index < count:
            yield index
            index += 1
    except Undecided:
        raise SpecError(f"`each` needs a number here, got {show(count)}") from None


def handed(node: Node, level: Level, frame: Frame, current: tuple[int, ...]) -> tuple[int, ...]:
    """What the layer before hands to every instance, as the level of the instances has it; nothing that none takes."""
    if node.sources is not None and "prev" not in node.sources:
        return ()
    return tuple([level.take(frame.level.body, number) for number in settled(current)])
