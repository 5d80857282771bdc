"""The layers that differ, as ``archspec.diff/1`` and ``archspec.report/1`` have them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import WithJsonSchema

from archspec.analysis.metrics import DIFFED
from archspec.change.model import Follow, LayerChange, Layers
from archspec.render.outputs.base import Count, Output

_PROPERTIES = {metric.name: {"description": metric.meaning, "type": "integer"} for metric in DIFFED}
Figures = Annotated[
    dict[str, int],
    WithJsonSchema({"type": "object", "properties": _PROPERTIES, "additionalProperties": {"type": "integer"}}),
]


class ArgumentChange(Output):
    """A layer's argument on both sides."""

    from_: str
    to: str


class Times(Output):
    """How often a layer stands there."""

    base: Count
    head: Count


class LayerEntry(Output):
    """A layer or group that was added, removed, changed or moved (`>`), with the figures of all its instances."""

    op: Literal["+", "-", "~", ">"]
    path: str
    old_path: str
    kind: str
    line: int
    arguments: dict[str, ArgumentChange]
    times: Times
    base: Figures
    head: Figures


class FollowEntry(Output):
    """Layers that have their arguments still and follow one before them."""

    count: Count
    delta: Figures


class LayersEntry(Output):
    """The layers that differ."""

    changed: list[LayerEntry]
    unchanged: Count
    follow: FollowEntry
    """Those of `other_input` and of `shape_only`."""
    other_input: FollowEntry
    """Layers whose weights fit another input."""
    shape_only: FollowEntry
    """Layers of which the shapes alone changed."""


def layers_entry(layers: Layers) -> LayersEntry:
    """The layers of one variant."""
    return LayersEntry(
        changed=[_layer(change) for change in layers.changes],
        unchanged=layers.unchanged,
        follow=FollowEntry(count=layers.ripples, delta=layers.ripple),
        other_input=_follow(layers.inputs),
        shape_only=_follow(layers.shapes),
    )


def _follow(follow: Follow) -> FollowEntry:
    return FollowEntry(count=follow.layers, delta=follow.delta)


def _layer(change: LayerChange) -> LayerEntry:
    return LayerEntry(
        op=change.op,
        path=change.path,
        old_path=change.old_path,
        kind=change.kind,
        line=change.line,
        arguments={name: ArgumentChange(from_=old, to=new) for name, old, new in change.what},
        times=Times(base=change.base_times, head=change.head_times),
        base=change.base,
        head=change.head,
    )
