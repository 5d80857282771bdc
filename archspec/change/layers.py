"""The layers of two networks, aligned: by written id, then by structure, level by level of the tree."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from archspec.analysis.count import Ledger
from archspec.analysis.metrics import OWN, TOOLS, Figures
from archspec.analysis.metrics import figures as figures_of
from archspec.analysis.report import Report
from archspec.change.checkpoint import following
from archspec.change.figures import followed
from archspec.change.lcs import common, gaps
from archspec.change.model import Follow, LayerChange, Layers
from archspec.change.names import short
from archspec.change.renames import Renames
from archspec.change.runs import Run, parted, runs, shown, whole
from archspec.change.semantic import Counterparts
from archspec.conventions.loader import convention
from archspec.errors import show
from archspec.graph.graph import Group, Item, Layer
from archspec.graph.walk import TOP, State
from archspec.language.nodes import LayerNode


def add(to: Figures, figures: Figures, times: int = 1) -> None:
    """Add figures to others, ``times`` over."""
    for name, value in figures.items():
        to[name] += value * times


def align(base: Report, head: Report, counterparts: Counterparts | None = None) -> Layers:
    """The layers that differ, in the order of the network, and how many do not; ``counterparts`` are those that the
    specs' texts have."""
    return Aligner(base, head, counterparts).layers()


class Loose(NamedTuple):
    """A change that is an item of one side alone, until the other side has the same one at another place."""

    number: int  # among the changes
    run: Run
    place: Place
    in_repeat: bool


class Place:
    """Where the walk stands on one side: the path, how often all of it repeats, and the state of the groups around."""

    __slots__ = ("path", "state", "times")

    def __init__(self, path: str = "", times: int = 1, state: State = TOP) -> None:
        self.path = path
        self.times = times
        self.state = state

    def below(self, run: Run, in_repeat: bool) -> Place:
        """Inside an item."""
        return Place(shown(self.path, run, in_repeat) + ".", self.times * run.times, self.state.inside(run.item))


def ledger(report: Report) -> Ledger:
    """What counts a report's layers anew, under the conventions that a diff's metrics need."""
    return Ledger(report.graph, report.setting.dtype, map(convention, (OWN, *TOOLS, report.setting.convention)))


class Aligner:
    """One comparison of two reports' trees."""

    def __init__(self, base: Report, head: Report, counterparts: Counterparts | None) -> None:
        self.counterparts = counterparts
        self.texts: dict[int, tuple[str, str]] = {}  # where items stand in the head's text, and their kinds
        self.base, self.head = ledger(base), ledger(head)
        self.metrics = followed(head)
        self.changes: list[LayerChange | None] = []
        self.gone: dict[Hashable, list[Loose]] = {}
        self.come: dict[Hashable, list[Loose]] = {}
        self.unchanged = 0
        self.inputs = Follow(0, self.nothing())
        self.shapes = Follow(0, self.nothing())
        self.hashes: dict[int, tuple[int, int]] = {}
        self.wires: dict[int, Hashable] = {}
        self.counts: dict[int, int] = {}
        self.renames = Renames(head.spec.moved)
        self.paths: list[tuple[str, ...]] = []  # of items that are elsewhere: now, and in the base
        self.ids: dict[int, str] = {}  # of the base's items that `moved` gives another

    def nothing(self) -> Figures:
        """All figures 0."""
        return {metric.name: 0 for metric in self.metrics}

    def layers(self) -> Layers:
        """The whole networks."""
        self.level(
            self.base.graph.body.items,
            self.head.graph.body.items,
            Place(state=State.of(self.base.graph)),
            Place(state=State.of(self.head.graph)),
            in_repeat=False,
        )
        for key, removed in self.gone.items():
            for before, after in zip(removed, self.come.get(key, ()), strict=False):
                self.moved(before, after)
        return Layers(tuple(filter(None, self.changes)), self.unchanged, self.inputs, self.shapes, tuple(self.paths))

    def level(self, old: Sequence[Item], new: Sequence[Item], at: Place, to: Place, in_repeat: bool) -> None:
        """The items under one level of the path."""
        self.ids |= self.renames.ids(old, at.path, to.path)
        ours, theirs = runs(old), runs(new)
        if in_repeat and sum(run.times for run in ours) == sum(run.times for run in theirs):
            for left, right in parted(ours, theirs):
                self.pair(left, right, at, to, in_repeat)
            return
        for before, after in self.matched(ours, theirs, in_repeat):
            if after is None:
                assert before is not None
                self.single("-", before, at, in_repeat)
            elif before is None:
                self.single("+", after, to, in_repeat)
            else:
                self.pair(before, after, at, to, in_repeat)

    def id_of(self, item: Item) -> str | None:
        """The id that was written for an item, or that it has now."""
        return self.ids.get(id(item)) or named(item)

    def read(self, ours: list[Run], theirs: list[Run]) -> bool:
        """Where items stand in the head's text, those of the base where what they became stands; if that is known."""
        if self.counterparts is not None:
            places = [(run.item, following(short(run.item.node.path), self.counterparts.now)) for run in ours]
            places += [(run.item, short(run.item.node.path)) for run in theirs]
            self.texts |= {id(item): (place, kind_of(item)) for item, place in places}
        return self.counterparts is not None

    def elsewhere(self, item: Item) -> bool:
        """Whether the text of an item stands at another place."""
        return self.counterparts is not None and self.counterparts.elsewhere(self.texts.get(id(item), ("", ""))[0])

    def matched(self, ours: list[Run], theirs: list[Run], in_repeat: bool) -> Iterator[tuple[Run | None, Run | None]]:
        """Items side by side: as the texts have them; of one id, or alike; alike but for shapes; of other ids; of one
        kind."""
        keys = (
            *([lambda item: self.texts[id(item)]] if not in_repeat and self.read(ours, theirs) else []),
            lambda item: (self.id_of(item), self.hash(item)),
            lambda item: self.id_of(item) or self.hash(item),
            lambda item: self.id_of(item) or self.hash(item)[1],
            self.hash,
            kind_of,
        )

        def side_by_side(left: range, right: range, level: int) -> Iterator[tuple[Run | None, Run | None]]:
            if not left or not right or level == len(keys):
                yield from ((ours[i], None) for i in left)
                yield from ((None, theirs[j]) for j in right)
                return
            items = [ours[i].item for i in left], [theirs[j].item for j in right]
            names = [[id(item) if self.elsewhere(item) else keys[level](item) for item in side] for side in items]
            pairs = common(*names)
            for index, (before, behind) in enumerate(gaps(pairs, len(left), len(right))):
                yield from side_by_side(left[before.start : before.stop], right[behind.start : behind.stop], level + 1)
                if index < len(pairs):
                    yield ours[left[pairs[index][0]]], theirs[right[pairs[index][1]]]

        yield from side_by_side(range(len(ours)), range(len(theirs)), 0)

    def pair(self, before: Run, after: Run, at: Place, to: Place, in_repeat: bool) -> None:
        """Two items that stand for each other."""
        old, new = before.item, after.item
        self.follow(before, after, at, to, in_repeat)
        alike = self.hash(old) == self.hash(new) and self.costs(old, new, at, to)
        other = not in_repeat and old.name != new.name and self.id_of(old) != named(new)
        renamed = (("id", old.name, new.name),) * other
        wired = self.wired(old) == self.wired(new)
        inputs = self.renames.inputs(sources(old), at.path, to.path), sources(new)
        rewired = () if inputs[0] == inputs[1] else (("from", *inputs),)
        if alike and ((wired and renamed) or rewired):
            self.change("~", before, after, at, to, in_repeat, (*renamed, *rewired))
        elif alike and wired and at.times * before.times == to.times * after.times:
            self.unchanged += to.times * after.times * self.count(new)
        elif alike and wired and before.times != after.times:
            self.change("~", before, after, at, to, in_repeat, ())
        elif isinstance(old, Group) and isinstance(new, Group):
            inside = old.label == new.label == "repeat"
            self.level(old.body.items, new.body.items, at.below(before, in_repeat), to.below(after, in_repeat), inside)
        elif isinstance(old, Layer) and isinstance(new, Layer) and kind_of(old) == kind_of(new):
            self.calls(before, after, at, to, in_repeat)
        else:
            self.single("-", before, at, in_repeat)
            self.single("+", after, to, in_repeat)

    def follow(self, before: Run, after: Run, at: Place, to: Place, in_repeat: bool) -> None:
        """Note the path that an item of the base has now, where that is another."""
        paths = shown(to.path, after, in_repeat), shown(at.path, before, in_repeat)
        if paths[0] != paths[1]:
            self.paths.append(paths)

    def calls(self, before: Run, after: Run, at: Place, to: Place, in_repeat: bool) -> None:
        """Two layers of one kind: changed themselves, or by those before them."""
        assert isinstance(before.item, Layer)
        assert isinstance(after.item, Layer)
        what = differing(before.item, after.item)
        if what or at.times * before.times != to.times * after.times:
            self.change("~", before, after, at, to, in_repeat, what)
            return
        delta = self.figures(self.head, after, to)
        add(delta, self.figures(self.base, before, at), -1)
        fitted = before.item.traits.inputs != after.item.traits.inputs
        fitted = fitted and self.held(self.base, before, at) != self.held(self.head, after, to)
        follow = self.inputs if fitted else self.shapes
        add(follow.delta, delta)
        follow = follow._replace(layers=follow.layers + to.times * after.times)
        self.inputs, self.shapes = (follow, self.shapes) if fitted else (self.inputs, follow)

    def single(self, op: Any, run: Run, place: Place, in_repeat: bool) -> None:
        """An item that only one side has, here at least."""
        loose = self.gone if op == "-" else self.come
        key: Hashable = named(run.item) or (place.path, self.hash(run.item)[1])
        key = self.texts[id(run.item)] if self.elsewhere(run.item) else key
        loose.setdefault((kind_of(run.item), key), []).append(Loose(len(self.changes), run, place, in_repeat))
        before, after = (run, None) if op == "-" else (None, run)
        self.change(op, before, after, place, place, in_repeat, ())

    def moved(self, gone: Loose, come: Loose) -> None:
        """An item taken out here and put in there is one change, at its new place."""
        old, new = gone.run.item, come.run.item
        self.paths.append(tuple(shown(at.place.path, at.run, at.in_repeat) for at in (come, gone)))
        what = differing(old, new) if isinstance(old, Layer) and isinstance(new, Layer) else ()
        self.change(">", gone.run, come.run, gone.place, come.place, come.in_repeat, what)
        self.changes[come.number], self.changes[gone.number] = self.changes.pop(), None

    def change(
        self, op: Any, before: Run | None, after: Run | None, at: Place, to: Place, in_repeat: bool, what: Any
    ) -> None:
        """Note a difference with both sides' figures."""
        run = after or before
        assert run is not None
        self.changes.append(
            LayerChange(
                op=op,
                path=shown(to.path, run, in_repeat),
                old_path=shown(at.path, before, in_repeat) if before else "",
                kind=kind_of(run.item),
                line=run.item.node.span.line,
                what=what,
                base=self.figures(self.base, before, at) if before else self.nothing(),
                head=self.figures(self.head, after, to) if after else self.nothing(),
                base_times=at.times * before.times if before else 0,
                head_times=to.times * after.times if after else 0,
            )
        )

    def figures(self, ledger: Ledger, run: Run, place: Place) -> Figures:
        """What all instances of an item cost."""
        figures = self.nothing()
        sums = ledger.item(run.item, place.state.inside(run.item))
        add(figures, figures_of(sums, self.metrics), place.times * run.times)
        return figures

    def held(self, ledger: Ledger, run: Run, place: Place) -> list[int]:
        """How many scalars one instance learns and keeps."""
        sums = ledger.item(run.item, place.state.inside(run.item))
        return [sums.get(("", name), 0) for name in ("params", "buffers")]

    def costs(self, old: Item, new: Item, at: Place, to: Place) -> bool:
        """Whether two alike items cost the same: they may be tied or frozen from outside."""
        ours = figures_of(self.base.item(old, at.state.inside(old)), self.metrics)
        return ours == figures_of(self.head.item(new, to.state.inside(new)), self.metrics)

    def hash(self, item: Item) -> tuple[int, int]:
        """Of all that an item is, and of all but its shapes; names and places do not count."""
        if isinstance(item, Layer):
            form = hash((item.traits.kind.key(), item.shared, item.again))
            return hash((form, item.traits.inputs, item.traits.outputs)), form
        hashes = self.hashes.get(id(item.body))
        if hashes is None:
            below = [(self.hash(inner), inner.repeat) for inner in item.body.items]
            hashes = (
                hash(tuple((both[0], times) for both, times in below)),
                hash(tuple((both[1], times) for both, times in below)),
            )
            self.hashes[id(item.body)] = hashes
        return hashes

    def wired(self, item: Item) -> Hashable:
        """What the layers inside an item name as their inputs."""
        if isinstance(item, Layer):
            return ()
        if id(item.body) not in self.wires:
            self.wires[id(item.body)] = tuple((sources(inner), self.wired(inner)) for inner in item.body.items)
        return self.wires[id(item.body)]

    def count(self, item: Item) -> int:
        """Layers in an item, repeats written out."""
        if isinstance(item, Layer):
            return 1
        layers = self.counts.get(id(item.body))
        if layers is None:
            layers = sum(self.count(inner) * whole(inner.repeat) for inner in item.body.items)
            self.counts[id(item.body)] = layers
        return layers


def named(item: Item) -> str | None:
    """The id that was written for an item."""
    return item.name if item.node.named else None


def sources(item: Item) -> str:
    """The inputs that were written for an item; `prev` where none were."""
    node = item.node
    written = node.sources
    if written is None and isinstance(node, LayerNode) and len(node.keys) == 1 and isinstance(node.data, dict):
        given = node.data.get("from")  # said of it together with its `norm` and `act`
        written = (given,) if isinstance(given, str) else given
    return ", ".join(written or ("prev",))


def kind_of(item: Item) -> str:
    """A layer's kind, or what a group is."""
    return item.traits.kind.kind if isinstance(item, Layer) else item.label


def differing(old: Layer, new: Layer) -> tuple[tuple[str, str, str], ...]:
    """The arguments in which two layers of one kind differ."""
    ours, theirs = arguments(old), arguments(new)
    return tuple((name, ours.get(name, ""), value) for name, value in theirs.items() if ours.get(name) != value)


def arguments(call: Layer) -> dict[str, str]:
    """A layer's arguments as a reader would write them, and what it inherits."""
    kind = call.traits.kind
    shown = {name: show(getattr(kind, name, None)) for name in type(kind).model_fields}
    shown["tied"] = show(sorted(call.shared))
    shown["from"] = sources(call)
    shown["weights"] = show({tensor.weight: [tensor.name, *tensor.shape] for tensor in call.stored or ()})
    shown["freeze"] = show(call.node.freeze)
    shown["train_only"] = show(call.node.train)
    shown["unused"] = show(call.node.unused)
    return shown
