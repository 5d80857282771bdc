"""What structures hold: layers one after the other, branches, experts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from archspec.errors import ShapeError
from archspec.graph.addresses import Entry
from archspec.graph.frame import Frame, Level
from archspec.graph.modules import Modules
from archspec.graph.places import settled, unlike
from archspec.language.nodes import BranchesNode, ExpertsNode, LayerNode, Node, SeqNode


class Structures(ABC):
    """Expands structures, by means of what expands the nodes in them."""

    modules: Modules

    @abstractmethod
    def walk(self, nodes: tuple[Node, ...], frame: Frame, current: tuple[int, ...]) -> tuple[int, ...]:
        """Expand a list of layers behind ``current`` and return the last one's outputs."""

    @abstractmethod
    def step(self, node: Node, frame: Frame, current: tuple[int, ...]) -> tuple[int, ...]:
        """Expand one node."""

    @abstractmethod
    def instance(self, node: Node, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """One instance of a node, repeat and condition done with, called ``name``."""

    @abstractmethod
    def layer(self, node: LayerNode, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """One call of a kind."""

    @abstractmethod
    def close(
        self, node: Node, frame: Frame, name: str, label: str, level: Level, sources: tuple[int, ...],
        values: tuple[int, ...], inside: Mapping[str, Entry],
    ) -> Entry:  # fmt: skip
        """Make a group of a level that is filled."""

    def parts(
        self, node: SeqNode | BranchesNode | ExpertsNode, frame: Frame, sources: tuple[int, ...]
    ) -> tuple[int, ...]:
        """What a structure holds: layers one after the other, branches, or experts."""
        if isinstance(node, SeqNode):
            return self.walk(node.body, frame, sources)
        if isinstance(node, ExpertsNode):
            return self.expert_parts(node, frame, sources)
        return self.branches(node, frame, sources)

    def branches(self, node: BranchesNode, frame: Frame, sources: tuple[int, ...]) -> tuple[int, ...]:
        """Every branch on the same input, then the merge of their outputs."""
        ends: list[int] = []
        for branch in node.branches:
            if branch.inline:
                ends.append(settled(self.walk(branch.body, frame, sources))[0])
                continue
            level, inner = self.below(frame, sources)
            self.modules.trail.append(branch.name)
            values = self.walk(branch.body, inner, tuple(level.body.inputs))
            self.modules.trail.pop()
            if level.body.items:
                entry = self.close(branch, frame, branch.name, "seq", level, sources, values, inner.ids)
                frame.ids.setdefault(branch.name, entry)
                ends.append(entry.values[0])
            else:  # a branch without a layer is what comes in, or what it refers to
                ends.append(level.outer(settled(values)[0], sources))
        try:
            entry = self.layer(node.merge, frame, tuple(ends), node.merge.name)
        except ShapeError as error:
            raise unlike(error, node, [frame.level.body.tensors[end] for end in ends]) from None
        for act in node.act:
            entry = self.instance(act, frame, entry.values, act.name)
        return entry.values

    def expert_parts(self, node: ExpertsNode, frame: Frame, sources: tuple[int, ...]) -> tuple[int, ...]:
        """The router, the rows to the experts it chooses, these experts, and the sum of what comes out."""
        scores = settled(self.walk(node.router.body, frame, sources))[:1] if node.router.body else ()
        entry = self.layer(node.dispatch, frame, (*sources[:1], *scores), node.dispatch.name)
        frame.ids[node.dispatch.name] = entry
        rows, *chosen = entry.values
        done = self.step(node.body, frame, (rows,))
        if chosen:
            frame.here = frame.level.body.tensors[chosen[0]]
            chosen = [settled(self.walk(node.weigh.body, frame, tuple(chosen)))[0]]
        values = self.layer(node.combine, frame, (done[0], *chosen), node.combine.name).values
        if node.shared.body:
            beside = settled(self.walk(node.shared.body, frame, sources))[0]
            values = self.layer(node.add, frame, (values[0], beside), node.add.name).values
        return values

    def below(self, frame: Frame, sources: tuple[int, ...]) -> tuple[Level, Frame]:
        """A level inside, on the same input."""
        level = Level(frame.level)
        level.given(frame.level.body.tensors[source] for source in sources)
        return level, Frame(frame.env, frame.level.body.tensors[sources[0]], level, frame)
