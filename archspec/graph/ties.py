"""Weights that stand in two places and are owned by one; modules that are called in several."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import SpecError
from archspec.graph.graph import Group, Item, Layer, Tie
from archspec.kinds.base import Weight, alike
from archspec.sizes import require


def shared_weights(item: Item, owner: Item | None, tie: Tie, name: str) -> Item:
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
        for weight, owned in zip(mine, theirs, strict=True):
            _same(weight, owned, name)
        return item._replace(tie=tie)
    known = {weight.name: weight for weight in weights(owner)} if isinstance(owner, Layer) else {}
    again = isinstance(owner, Layer) and owner.traits.kind.key() == item.traits.kind.key()
    # Buffers are the module's: a layer that only takes another's weights keeps its own.
    common = [weight for weight in item.traits.weights if weight.name in known and (again or not weight.buffer)]
    if not (common or again):
        ours = ", ".join(weight.name for weight in item.traits.weights) or "none"
        raise SpecError(f"`tie: {name}`: no weight of `{name}` has a name of this layer's ({ours})")
    for weight in common:
        _same(weight, known[weight.name], name)
    return item._replace(tie=tie, shared=frozenset(weight.name for weight in common), again=again)


def weights(item: Item) -> Iterator[Weight]:
    """Every weight of an item; those of a repeated part once for each."""
    if isinstance(item, Layer):
        yield from item.traits.weights
    else:
        for inner in item.body.items:
            yield from weights(inner)


def _same(weight: Weight, owned: Weight, name: str) -> None:
    require(
        alike(weight.shape, owned.shape),
        "`tie: {name}`: `{weight}` is {ours} here and {theirs} there",
        name=name,
        weight=weight.name,
        ours=weight.shape,
        theirs=owned.shape,
    )
