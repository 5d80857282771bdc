"""``archspec.history/1``: a spec's figures over the commits that touched it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archspec.change.history import History
from archspec.render.json import plain
from archspec.render.outputs.base import ARCHSPEC, Output, Tool


class HistorySetting(Output):
    """At what the figures are counted."""

    batch: Annotated[int, Field(ge=1)]
    dtype: str
    set: dict[str, Any]
    """Dims and vars, in the states that have them."""


class StateEntry(Output):
    """The spec as one commit left it."""

    sha: str | None
    """The commit; null for the working tree."""
    date: str
    """When it was committed, with the zone; empty for the working tree."""
    subject: str
    """The first line of the commit's message."""
    path: str
    """The spec's path there."""
    figures: dict[str, int] | None
    """Each metric; null where the state has none, and `remark` says why."""
    change: dict[str, int]
    """What each figure changed by since the last state that has it; without those that have no such state."""
    remark: str
    """What to know of the state: that the spec is broken, was removed or renamed."""


class HistoryDocument(Output):
    """A spec's figures over the commits of a branch that touched it, the oldest first. Figures are exact integers that
    may exceed 2^53: a reader of JSON must keep them whole."""

    schema_: Literal["archspec.history/1"]
    tool: Tool
    path: str
    variant: str | None
    settings: HistorySetting
    units: dict[str, str]
    """The unit of each metric."""
    states: list[StateEntry]


def history_document(history: History) -> HistoryDocument:
    """The history."""
    at = history.at
    return HistoryDocument(
        schema_="archspec.history/1",
        tool=ARCHSPEC,
        path=history.path,
        variant=history.variant,
        settings=HistorySetting(batch=at.batch, dtype=at.dtype, set=plain(dict(at.values))),
        units={metric.name: metric.unit for metric in history.metrics},
        states=[_state(history, index) for index in range(len(history.points))],
    )


def _state(history: History, index: int) -> StateEntry:
    changes = {metric.name: history.change(index, metric.name) for metric in history.metrics}
    known = {name: value for name, value in changes.items() if value is not None}
    return StateEntry(**history.points[index]._asdict(), change=known)
