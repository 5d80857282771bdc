"""A network's tensors against those of a file: which are missing, extra, reshaped, transposed, tied otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from archspec.importers.headers.base import Entry, Header
from archspec.importers.headers.onnx import FLOATS
from archspec.records import NamedTuple
from archspec.studies.counterparts import Pair, of_gguf, same_names
from archspec.studies.tensors import Tensor

Shape = tuple[int, ...]
Sort = Literal["missing", "extra", "reshaped", "transposed", "tied", "renamed"]
FOLDED = "folded by the exporter into the layer before?"
LATE = "num_batches_tracked"  # of a batch norm, which older and smaller files lack


class Difference(NamedTuple):
    """A tensor on which network and file differ; a name is empty, and a shape None, on the side that has none."""

    sort: Sort
    name: str
    shape: Shape | None
    there: str
    there_shape: Shape | None
    says: str = ""


class Verdict(NamedTuple):
    """What comes of it: how many of the network's tensors were found as they should be, by name and shape or, where the
    file tells no shapes, by name alone."""

    agreed: int
    by_name: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def verify(tensors: Sequence[Tensor], header: Header) -> Verdict:
    """Tensor by tensor. ``tensors`` are all of a network's, tied ones under each of their names."""
    names: dict[str, list[str]] = {}
    own = [tensor for tensor in tensors if tensor.tied_to is None]
    for tensor in tensors:
        if tensor.tied_to is not None:
            names.setdefault(tensor.tied_to, []).append(tensor.name)
    entries, renamed = header.tensors, ""
    if header.format == "gguf":
        pairs = of_gguf(own, names, entries)
    else:
        entries, renamed = _without_prefix(own, entries)
        pairs = same_names(own, names, entries)
    return _Comparison(header, entries, pairs, renamed).verdict()


class _Comparison:
    def __init__(self, header: Header, entries: Mapping[str, Entry], pairs: Sequence[Pair], renamed: str) -> None:
        self.header = header
        self.entries = entries
        self.pairs = pairs
        self.names = {pair.name for pair in pairs}
        self.alike: dict[Shape, list[Pair]] = {}
        for pair in pairs:
            self.alike.setdefault(pair.shape, []).append(pair)
        self.agreed = self.by_name = 0
        self.differences = [Difference("renamed", "", None, "", None, renamed)] if renamed else []
        self.notes = list(header.notes)
        self.left: Counter[str] = Counter()  # buffers that the file lacks, by the last part of their names
        self.unknown = 0  # of a part of the file that is not here
        self.used: set[str] = set()

    def verdict(self) -> Verdict:
        """What comes of it."""
        for pair in self.pairs:
            self.used.update(pair.there, pair.copies)
        missing = [pair for pair in self.pairs if not pair.there]
        if self.header.format == "onnx":
            missing = self.by_shape(missing)
        for pair in self.pairs:
            if pair.there:
                self.compare(pair)
        for pair in missing:
            self.miss(pair)
        extra = [entry for name, entry in self.entries.items() if name not in self.used]
        self.differences += [Difference("extra", "", None, entry.name, entry.shape) for entry in self.more(extra)]
        self.tell()
        return Verdict(self.agreed, self.by_name, tuple(self.differences), tuple(self.notes))

    def compare(self, pair: Pair) -> None:
        """A tensor that both have."""
        there = " + ".join(self.entries[name].name for name in pair.there)
        for copy in pair.copies:
            entry = self.entries[copy]
            says = f"the network ties it to {pair.name}, the file holds it beside"
            self.differences.append(Difference("tied", copy, pair.shape, entry.name, entry.shape, says))
        shapes = [self.entries[name].shape for name in pair.there]
        if None in shapes:
            self.by_name += pair.number
            return
        shape = joined([shape for shape in shapes if shape is not None], pair.axis)
        if shape in pair.shapes:
            self.agreed += pair.number
            return
        turned = shape is not None and len(shape) > 1 and sorted(shape) == sorted(pair.shapes[0])
        sort: Sort = "transposed" if turned else "reshaped"
        self.differences.append(Difference(sort, pair.name, pair.shapes[0], there, shape))

    def miss(self, pair: Pair) -> None:
        """A tensor that the file lacks."""
        last = pair.name.rpartition(".")[2]
        if pair.buffer and (self.header.format in ("gguf", "onnx") or pair.bare or last == LATE):
            self.left[last] += 1
        elif not self.header.complete:
            self.unknown += 1
        else:
            like = [
                other
                for other in self.pairs
                if other is not pair and other.shape == pair.shape and len(other.shape) > 1
            ]
            if len(like) == 1 and like[0].there and pair.there == ():
                says = f"the file has one tensor of this shape, {like[0].name}: tied there?"
                self.differences.append(Difference("tied", pair.name, pair.shape, "", None, says))
            else:
                says = FOLDED if self.header.format == "onnx" and self.is_folded(pair) else pair.says
                self.differences.append(Difference("missing", pair.name, pair.shape, "", None, says))

    def is_folded(self, pair: Pair) -> bool:
        """Whether a tensor is one of a batch norm of which the file has nothing."""
        layer = pair.name.rpartition(".")[0]
        return f"{layer}.running_mean" in self.names and not any(
            f"{layer}.{name}" in self.used for name in ("weight", "bias", "running_mean", "running_var")
        )

    def by_shape(self, missing: Sequence[Pair]) -> list[Pair]:
        """What an exporter of ONNX renamed, in order: a matrix that it transposed, a tensor whose name it made up."""
        free: dict[Shape, list[Entry]] = {}
        for name, entry in self.entries.items():
            if name not in self.used and entry.shape and entry.dtype in FLOATS:
                free.setdefault(entry.shape, []).append(entry)
        left: list[Pair] = []
        found = 0
        for pair in missing:
            shapes = [pair.shape, pair.shape[::-1]] if len(pair.shape) == 2 else [pair.shape]
            like = next((free[shape].pop(0) for shape in shapes if free.get(shape)), None)
            if like is None:
                left.append(pair)
            else:
                self.used.add(like.name)
                self.agreed += 1
                found += 1
        if found:
            self.notes.append(f"{found:,} tensors have names that the exporter made up: found by shape, in their order")
        return left

    def more(self, extra: Iterable[Entry]) -> list[Entry]:
        """The tensors that the network lacks, without what a converter makes up."""
        if self.header.format == "gguf":
            from archspec.importers.headers.gguf_names import is_made_up

            return [entry for entry in extra if not is_made_up(entry.name)]
        if self.header.format == "onnx":
            buffers = self.header.metadata["buffers"]
            kept = [entry for entry in extra if entry.dtype in FLOATS and entry.name not in buffers]
            constants = [entry for entry in kept if (entry.shape or (1,)) == (1,)]
            if constants:
                self.notes.append(f"{len(constants):,} constants of one number are not looked at")
            return [entry for entry in kept if entry not in constants]
        return list(extra)

    def tell(self) -> None:
        """Note what could not be looked at."""
        for last, count in self.left.items():
            self.notes.append(f"{count:,} buffer{'s' * (count != 1)} `{last}` of the network: not in the file")
        if self.unknown:
            self.notes.append(f"{self.unknown:,} tensors of the network: not in the files that are here")


def joined(shapes: Sequence[Shape], axis: int) -> Shape | None:
    """The shape of tensors put together along an axis; None where they differ in another."""
    first = shapes[0]
    if len(shapes) == 1:
        return first
    rest = {(shape[:axis], shape[axis + 1 :]) for shape in shapes}
    if len(rest) > 1 or len(first) <= axis:
        return None
    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])


def _without_prefix(own: Sequence[Tensor], entries: dict[str, Entry]) -> tuple[dict[str, Entry], str]:
    """The file's tensors by the network's names, where one side has a group around that the other lacks; in words."""
    names = {tensor.name for tensor in own}
    best, found = "", sum(name in entries for name in names)
    choice = entries
    if found > len(names) // 2:
        return choice, best
    for prefix in _heads(names) | _heads(entries):
        for theirs, says in (
            ({prefix + name: entry for name, entry in entries.items()}, f"without `{prefix}` in the file"),
            (
                {name.removeprefix(prefix): entry for name, entry in entries.items()},
                f"with `{prefix}` before them in the file",
            ),
        ):
            common = sum(name in theirs for name in names)
            if common > found and common > len(names) // 2 and len(theirs) == len(entries):
                best, found, choice = f"the names stand {says}", common, theirs
    return choice, best


def _heads(names: Iterable[str]) -> set[str]:
    """The groups around all, one or two deep, that most names begin with."""
    heads: Counter[str] = Counter()
    for name in names:
        first, _, rest = name.partition(".")
        second, dot, _ = rest.partition(".")
        heads[f"{first}."] += bool(rest)
        heads[f"{first}.{second}."] += bool(dot)
    return {head for head, _ in heads.most_common(4)}


def counted(verdict: Verdict) -> dict[Sort, int]:
    """How many tensors differ, by sort."""
    counts = Counter(difference.sort for difference in verdict.differences)
    return {sort: counts[sort] for sort in get_args(Sort) if sort in counts}
