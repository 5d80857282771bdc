"""Which layer feeds which: the data flow of an expanded network, from the tensors that layers hand on."""

from __future__ import annotations

from math import prod

from archspec.graph.graph import Call, Graph, Group, Item

MAX_TWICE = 2  # repeats inside repeats that are walked a second time, each doubling the work


class Use:
    """One call of a layer in the network. ``sources`` are by input; None is an input of the network.

    ``again``: the second instance of a repeat whose instances are alike, there to see what follows the first; it stands
    for the ``times`` instances behind the first.
    """

    __slots__ = ("again", "call", "consumers", "groups", "is_output", "path", "sources", "times")

    def __init__(
        self, call: Call, path: str, groups: tuple[Group, ...], sources: tuple[Use | None, ...], behind: tuple[int, ...]
    ) -> None:
        self.call = call
        self.path = path
        self.groups = groups
        self.sources = sources
        self.consumers: list[Use] = []
        self.is_output = False
        self.again = bool(behind)
        self.times = prod(behind)

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.call.traits.kind.kind

    @property
    def source(self) -> Use | None:
        """The layer that its first input comes from."""
        return self.sources[0] if self.sources else None


def flow(graph: Graph) -> list[Use]:
    """Every call in the order of the network, each instance of a folded repeat but the first two left out."""
    walk = _Walk()
    walk.items(graph.items, "", (), ())
    for value in graph.outputs:
        made = walk.made.get(id(value))
        if made is not None:
            made.is_output = True
    return walk.uses


class _Walk:
    """Follows tensors by identity. A block's items are shared between its calls: each walk names its inputs anew."""

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.made: dict[int, Use | None] = {}  # by the id of a tensor: what made it

    def items(self, items: tuple[Item, ...], prefix: str, groups: tuple[Group, ...], behind: tuple[int, ...]) -> None:
        for item in items:
            self.item(item, prefix, groups, behind)
            if type(item.repeat) is int and item.repeat > 1 and len(behind) < MAX_TWICE:
                before = {id(given): self.made.get(id(given)) for given in item.inputs}
                for given, made in zip(item.inputs, item.outputs, strict=False):
                    self.made[id(given)] = self.made.get(id(made))
                self.item(item, prefix, groups, (*behind, item.repeat - 1))
                self.made.update(before)

    def item(self, item: Item, prefix: str, groups: tuple[Group, ...], behind: tuple[int, ...]) -> None:
        path = prefix + item.name
        if isinstance(item, Call):
            use = Use(item, path, groups, tuple(self.made.get(id(value)) for value in item.inputs), behind)
            self.uses.append(use)
            for source in dict.fromkeys(use.sources):
                if source is not None:
                    source.consumers.append(use)
            self.made.update((id(value), use) for value in item.outputs)
            return
        for given, inner in zip(item.inputs, item.body_inputs, strict=False):
            self.made[id(inner)] = self.made.get(id(given))
        self.items(item.items, path + ".", (*groups, item), behind)
        for given, inner in zip(item.outputs, item.body_outputs, strict=False):
            self.made[id(given)] = self.made.get(id(inner))
