"""Which tensor of a file each tensor of a network is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.importers.headers.base import Entry
from archspec.importers.headers.gguf_names import Candidate, candidates, stacked_name
from archspec.records import NamedTuple
from archspec.studies.tensors import Tensor


class Pair(NamedTuple):
    """A tensor of a network, or ``number`` of them, one for each expert, and what it is in a file: nothing, a tensor,
    or several parts.

    ``shapes`` are those it may have there; parts are put together along ``axis``. ``copies`` are tensors of the file by
    other names of it. ``bare``: it is a parameter by itself.
    """

    name: str
    shape: tuple[int, ...]
    number: int
    buffer: bool
    bare: bool
    there: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    axis: int = 0
    copies: tuple[str, ...] = ()
    says: str = ""


def same_names(own: Sequence[Tensor], names: Mapping[str, list[str]], entries: Mapping[str, Entry]) -> list[Pair]:
    """Tensors by their names, or by one that they are tied to; ``names`` are other names by the owner's."""
    pairs = []
    for tensor in own:
        there = [name for name in (tensor.name, *names.get(tensor.name, ())) if name in entries]
        pairs.append(_pair(tensor, 1, tuple(there[:1]), copies=tuple(there[1:])))
    return pairs


def of_gguf(own: Sequence[Tensor], names: Mapping[str, list[str]], entries: Mapping[str, Entry]) -> list[Pair]:
    """Tensors by llama.cpp's names. Those of which fewer names may be meant come first; a name is given once."""
    groups: dict[str, list[Tensor]] = {}
    for tensor in own:
        groups.setdefault(stacked_name(tensor.name), []).append(tensor)
    order = sorted(groups, key=lambda name: len(candidates(name)))
    taken: set[str] = set()
    pairs: dict[str, Pair] = {}
    for name in order:
        possible = candidates(name)
        choice = next((part for part in possible if _is_free(part, entries, taken)), None)
        taken.update(choice.names if choice else ())
        others = [other for alias in names.get(groups[name][0].name, ()) for other in candidates(alias)]
        copies = [other.names[0] for other in others if _is_free(other, entries, taken)]
        taken.update(copies)
        pairs[name] = _of_gguf(name, groups[name], choice, possible, tuple(copies))
    return [pairs[name] for name in groups]


def _is_free(candidate: Candidate, entries: Mapping[str, Entry], taken: set[str]) -> bool:
    return all(name in entries and name not in taken for name in candidate.names)


def _of_gguf(
    name: str, tensors: list[Tensor], choice: Candidate | None, possible: list[Candidate], copies: tuple[str, ...]
) -> Pair:
    first = tensors[0]
    shape: tuple[int, ...] = first.shape  # type: ignore[assignment]  # of a network of plain numbers
    whole = (len(tensors), *shape) if name != first.name else shape
    shapes = [whole]
    if len(whole) == 3 and name == first.name and ".experts." in name:  # stacked, of either layout
        shapes.append((whole[0], whole[2], whole[1]))
    if choice is not None and choice.transposed:
        shapes = [whole[::-1]]
    shapes += [tuple(size for size in shape if size != 1) for shape in shapes]  # a converter leaves sizes of 1 out
    says = ""
    if choice is None:
        says = (
            f"{' or '.join(possible[0].names)} in a GGUF" if possible else "of no name that llama.cpp is known to have"
        )
    pair = _pair(first, len(tensors), choice.names if choice else (), copies=copies)
    return pair._replace(name=name, shape=whole, shapes=tuple(shapes), axis=1, says=says)


def _pair(tensor: Tensor, count: int, there: tuple[str, ...], copies: tuple[str, ...]) -> Pair:
    shape: tuple[int, ...] = tensor.shape  # type: ignore[assignment]  # of a network of plain numbers
    bare = tensor.name == tensor.layer
    return Pair(tensor.name, shape, count, tensor.buffer, bare, there, (shape,), copies=copies)
