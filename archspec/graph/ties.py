"""Weights that stand in two places and are owned by one; modules that are called in several."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import SpecError
from archspec.graph.graph import Call, Group, Item
from archspec.kinds.base import Weight, alike
from archspec.sizes import require


def shared_weights(item: Item, owner: Item | None, name: str) -> Item:
    """The item with the weights it shares with ``owner`` marked. Raises SpecError where they do not match.

    A layer shares every weight whose name the owner has too (a tied output head has the embedding's ``weight`` and may
    have a bias of its own); a group shares all of them, in order. A layer of the same kind and arguments is the owner's
    module called again, and may have no weights at all.
    """
    if owner is None:
        raise SpecError(f"`tie: {name}` names an input, which has no weights")
    if isinstance(item, Group):
        mine, theirs = list(weights(item)), list(weights(owner))
        if len(mine) != len(theirs):
            raise SpecError(f"`tie: {name}`: {len(mine)} weights here, {len(theirs)} in `{name}`")
        for one, other in zip(mine, theirs, strict=True):
            _same(one, other, name)
        return item.replace(shared=True)
    known = {weight.name: weight for weight in weights(owner)} if isinstance(owner, Call) else {}
    again = isinstance(owner, Call) and owner.traits.kind.key() == item.traits.kind.key()
    # Buffers are the module's: a layer that only takes another's weights keeps its own.
    common = [weight for weight in item.traits.weights if weight.name in known and (again or not weight.buffer)]
    if not (common or again):
        ours = ", ".join(weight.name for weight in item.traits.weights) or "none"
        raise SpecError(f"`tie: {name}`: no weight of `{name}` has a name of this layer's ({ours})")
    for weight in common:
        _same(weight, known[weight.name], name)
    return item.replace(shared=frozenset(weight.name for weight in common), again=again)


def weights(item: Item) -> Iterator[Weight]:
    """Every weight of an item; those of a repeated part once for each."""
    for call in calls(item):
        yield from call.traits.weights


def calls(item: Item) -> Iterator[Call]:
    """Every layer of an item; those of a repeated part once."""
    if isinstance(item, Call):
        yield item
    else:
        for inner in item.items:
            yield from calls(inner)


def _same(one: Weight, other: Weight, name: str) -> None:
    require(
        alike(one.shape, other.shape),
        "`tie: {name}`: `{weight}` is {ours} here and {theirs} there",
        name=name,
        weight=one.name,
        ours=one.shape,
        theirs=other.shape,
    )
