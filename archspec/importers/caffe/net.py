"""The layers and blobs of a definition while it is read, and what rules have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.importers.caffe.reading import Message
from archspec.importers.composing.layers import MAX_DEPTH, Output
from archspec.importers.composing.sheet import Sheet


class Net:
    """The layers and blobs so far."""

    def __init__(self, inputs: list[tuple[int, ...]]) -> None:
        self.sheet = Sheet(inputs)
        self.blobs: dict[str, Output] = {}
        self.scope: tuple[str, ...] = ()
        self.name = ""

    def named(self, name: str) -> None:
        """The layer that is read; slashes in its name are modules."""
        *scope, self.name = name.split("/")
        self.scope = tuple(scope[:MAX_DEPTH])

    def shape(self, source: Output) -> tuple[int, ...]:
        """The shape of an output, without the batch."""
        return self.sheet.shape(source)

    def put(
        self, layer: Message, kind: str, sources: list[Output], arguments: Any = None, *, name: str | None = None
    ) -> Output:
        """A layer, called as the source calls it where nothing else is said."""
        made = self.sheet.put(layer.fail, kind, sources, arguments, self.name if name is None else name)
        self.sheet.layers[made[0]].scope = self.scope
        return made


Rule = Callable[[Net, Message, list[Output]], list[Output]]


def sides(param: Message, stem: str, rank: int, default: int, least: int) -> list[int]:
    """Sizes of a window: one, one for each axis, or by the names of height and width."""
    names = {"kernel_size": ("kernel_h", "kernel_w")}.get(stem, (f"{stem}_h", f"{stem}_w"))
    if rank == 2 and any(name in param.fields for name in names):
        return [param.whole(name, default, least) for name in names]
    values = param.wholes(stem, least) or [default]
    values = values * rank if len(values) == 1 else values
    if len(values) != rank:
        raise param.fail(f"has {len(values)} numbers for {rank} axes", stem)
    return values


def per_axis(sizes: list[int]) -> Any:
    """One number where all axes have the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def said(**arguments: Any) -> dict[str, Any]:
    """Arguments that are not what they are where nothing is said."""
    plain = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True}
    return {name: value for name, value in arguments.items() if name not in plain or value != plain[name]}


def only_one(layer: Message, sources: list[Output]) -> Output:
    """The one bottom of a layer."""
    if len(sources) != 1:
        raise layer.fail(f"takes one blob, got {len(sources)}", "bottom")
    return sources[0]
