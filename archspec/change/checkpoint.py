"""Whether a checkpoint of the base still loads: the tensors of both state_dicts, by name and shape.

Tensors are those of `archspec weights`. Buffers belong to a state_dict too; a shared tensor is taken once, under its
owner's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archspec.change.lcs import common, gaps
from archspec.graph.graph import Body, Graph, Layer
from archspec.graph.stored import UP, full_name, name_below, stored
from archspec.graph.walk import Place
from archspec.kinds.base import Shape
from archspec.studies.tensors import experts, is_listable, tensors

Own = tuple[tuple[str, Shape], ...]  # names below its path and shapes of a layer's own tensors
Owned = list[tuple[str, Own]]  # by the layer's path in a body
Modules = dict[str, Own]  # by the layer's path


class Rename(NamedTuple):
    """A tensor under two names."""

    old: str
    new: str


class Reshape(NamedTuple):
    """A tensor of one name, or of two that `moved` makes one, with its shape in the base and in the head."""

    name: str
    old: Shape
    new: Shape


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a checkpoint of the base is to the head: ``kept`` tensors fit as they are.

    ``renamed`` are those that seem to be the same under another name, ``moved`` those of which the spec says so,
    ``added`` what the head has beside, ``removed`` what only the base had.
    """

    kept: int = 0
    renamed: tuple[Rename, ...] = ()
    moved: tuple[Rename, ...] = ()
    reshaped: tuple[Reshape, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def loads(self) -> bool:
        """Whether every tensor finds its place, once names are changed as `moved` says."""
        return not (self.renamed or self.reshaped or self.added or self.removed)


def compare(base: Graph, head: Graph, moved: Mapping[str, str]) -> Checkpoint | None:
    """The base's tensors against the head's; ``moved`` are new paths by old ones. None where they are too many."""
    old, new = modules(base), modules(head)
    if old is None or new is None:
        return None
    if old == new:
        return Checkpoint(kept=sum(map(len, old.values())))
    after = {path: following(path, moved) for path in old}
    claims: dict[str, str] = {}  # a name that `moved` gives away is not that of the layer which had it
    for path, name in after.items():
        if name != path:
            claims.setdefault(name, path)
    origins = {name: path for path, name in after.items() if claims.get(name, path) == path}
    ours = {name: old[path] for name, path in origins.items()}
    checkpoint = compared(ours, new, origins, renames(ours, new))
    left = [full_name(path, weight) for path in old if origins.get(after[path]) != path for weight, _ in old[path]]
    return replace(checkpoint, removed=(*checkpoint.removed, *left))


def compared(old: Modules, new: Modules, origins: Mapping[str, str], renamed: Mapping[str, str]) -> Checkpoint:
    """Tensor by tensor; ``renamed`` are paths of the head by those of the base, ``origins`` what these were before."""
    kept = 0
    names: list[Rename] = []
    moved: list[Rename] = []
    reshaped: list[Reshape] = []
    removed: list[str] = []
    met: set[str] = set()
    alike: set[str] = set()  # layers all of whose tensors are kept
    for path, weights in old.items():
        target, origin = renamed.get(path, path), origins[path]
        if target == origin and new.get(target) == weights:
            kept += len(weights)
            alike.add(target)
            continue
        theirs = dict(new.get(target, ()))
        for weight, shape in weights:
            name = full_name(target, weight)
            if weight not in theirs:
                removed.append(full_name(origin, weight))
                continue
            met.add(name)
            if theirs[weight] != shape:
                reshaped.append(Reshape(name, shape, theirs[weight]))
            elif target == origin:
                kept += 1
            else:
                (moved if path != origin else names).append(Rename(full_name(origin, weight), name))
    others = (full_name(path, weight) for path, own in new.items() if path not in alike for weight, _ in own)
    return Checkpoint(
        kept=kept,
        renamed=tuple(names),
        moved=tuple(moved),
        reshaped=tuple(reshaped),
        added=tuple(name for name in others if name not in met),
        removed=tuple(removed),
    )


def renames(old: Modules, new: Modules) -> dict[str, str]:
    """Layers that are gone with those that came at the corresponding place and hold alike tensors.

    Between layers that kept their names: those whose names agree but for the first part, then in the last, then any. A
    pair that another alignment would part is no rename: nothing is guessed.
    """
    paths, others = list(old), list(new)
    pairs: dict[str, str] = {}
    for left, right in gaps(common(paths, others), len(paths), len(others)):
        gone = [paths[i] for i in left if paths[i] not in new]
        come = [others[j] for j in right if others[j] not in old]
        pairs |= paired(gone, come, old, new, 0)
    return pairs


ENDS: Sequence[Callable[[str], str]] = (
    lambda path: path.partition(".")[2] or path,
    lambda path: path.rpartition(".")[2],
    lambda path: "",
)


def paired(gone: list[str], come: list[str], old: Modules, new: Modules, level: int) -> dict[str, str]:
    """The layers of one gap that stand for each other without a doubt."""
    if not gone or not come or level == len(ENDS):
        return {}
    end = ENDS[level]
    ours, theirs = [(end(path), old[path]) for path in gone], [(end(path), new[path]) for path in come]
    first = common(ours, theirs)
    last = {(len(ours) - 1 - i, len(theirs) - 1 - j) for i, j in common(ours[::-1], theirs[::-1])}
    sure = [pair for pair in first if pair in last]
    pairs = {gone[i]: come[j] for i, j in sure}
    for left, right in gaps(sure, len(gone), len(come)):
        pairs |= paired([gone[i] for i in left], [come[j] for j in right], old, new, level + 1)
    return pairs


def following(path: str, moved: Mapping[str, str]) -> str:
    """A path of the base as `moved` has it: the longest entry that it starts with decides."""
    head, rest = path, ""
    while head:
        if head in moved:
            return moved[head] + rest
        head, dot, last = head.rpartition(".")
        rest = dot + last + rest
    return path


def modules(graph: Graph) -> Modules | None:
    """The layers that own weights, by path, in the order they run; None where they are too many."""
    if not is_listable(graph):
        return None
    plain = owned(graph.body, {})
    if plain is not None:
        return dict(plain)
    listed: dict[str, list[tuple[str, Shape]]] = {}
    for tensor in tensors(graph):
        if tensor.tied_to is None:
            listed.setdefault(tensor.layer, []).append((name_below(tensor.layer, tensor.name), tensor.shape))
    return {path: tuple(own) for path, own in listed.items()}


def owned(body: Body, found: dict[int, Owned | None]) -> Owned | None:
    """The layers of a body that own weights, repeats written out; None where some are shared or are called by a
    level above: then each tensor is listed by itself. A body that is kept has them kept beside it."""
    known = found if body.known is None else body.known
    key: Any = id(body) if body.known is None else "owned"
    if key not in known:
        known[key] = _owned(body, found)
    result: Owned | None = known[key]
    return result


def _owned(body: Body, found: dict[int, Owned | None]) -> Owned | None:
    layers: Owned = []
    place = Place(body)
    for item in body.items:
        if item.tie is not None or type(item.repeat) is not int:
            return None
        if isinstance(item, Layer):
            held: Owned | None = [("", tuple([(tensor.name, tensor.shape) for tensor in stored(item)]))]
        else:
            held = owned(item.body, found)
        numbers = experts(item)
        above = isinstance(item, Layer) or numbers != [""]  # experts in experts have names from above already
        if held is None or (above and any(name.startswith(UP) for _, own in held for name, _ in own)):
            return None
        inside = [(f".{path}" if path else "", _of_each(numbers, path, own)) for path, own in held if own]
        if inside:
            for turn in range(item.repeat):
                name = place.name(item, turn)
                layers += [(name + path, own) for path, own in inside]
    return layers


def _of_each(numbers: list[str], path: str, own: Own) -> Own:
    """A layer's tensors for each expert; its number stands before the layer's path in their names, not in the path."""
    if numbers == [""]:
        return own
    up = UP * (path.count(".") + 1) if path else ""
    fronts = [f"{up}{number[1:]}{'.' * bool(path)}{path}" for number in numbers]
    return tuple([(f"{front}.{name}" if name else front, shape) for front in fronts for name, shape in own])
