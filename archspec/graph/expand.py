"""Spec -> graph: variables, blocks, repeats and conditions resolved, every layer's shapes known.

Expansion and shape propagation are one walk, because a condition may ask for a shape (``when: $in.c != $w``). An
instance of a repeat whose shapes come out as they went in stands for all that follow it, so a thousand blocks cost what
two cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import ArchspecError, Instance, Member, SpecError
from archspec.graph.addresses import Entry, Run
from archspec.graph.arguments import arguments_of, block_of, built, handed_over
from archspec.graph.calls import Calls
from archspec.graph.families import handed, members
from archspec.graph.frame import Frame, Level
from archspec.graph.graph import Body, Copies, Group, Item, Layer, Tensor, Tie
from archspec.graph.kept import KEPT, Expanded
from archspec.graph.modules import Modules
from archspec.graph.names import MAX_UNFOLDED, asked, run_length
from archspec.graph.places import (
    called,
    condition,
    copies_of,
    decided,
    evaluated,
    left_out,
    misfit,
    of_instance,
    outputs_of,
    repeat_count,
    self_call,
    settled,
    sources_of,
    tied,
)
from archspec.graph.sharing import closed
from archspec.graph.splice import until, values_of
from archspec.graph.stored import declared
from archspec.graph.structures import Structures
from archspec.graph.work import Together, Work
from archspec.language.building import frozen
from archspec.language.followers import chosen
from archspec.language.nodes import (
    Block,
    BranchesNode,
    ChosenNode,
    Each,
    ExpertsNode,
    LayerNode,
    Node,
    SeqNode,
    Spec,
    UseNode,
)
from archspec.language.validate import fail
from archspec.sizes import Undecided, require, same

LABELS = {SeqNode: "seq", ExpertsNode: "experts"}  # of groups; that of branches is their merge's kind
MAX_DEPTH = 100  # structures and blocks inside each other, each a few calls deep here


class Expander(Structures):
    """One walk. Layers and blocks met again with the same arguments and shapes are not worked out again."""

    def __init__(
        self, file_env: dict[str, Any], spec: Spec, together: Together | None, *, plain: bool, keeps: bool
    ) -> None:
        self.file_env = file_env  # what blocks of the spec's own file see beside their parameters
        self.home = spec.home
        self.network: tuple[str, ...] = ()  # where the part stands that the layer at hand is in
        self.work = Work(spec.written, together)
        self.keeps = keeps  # blocks for the analyses to come, and takes those of the analyses before
        self.calls = Calls(plain=plain)
        self.blocks: dict[tuple[Any, ...], Expanded] = {}
        self.stack: list[tuple[str, str]] = []  # blocks around the layer at hand
        self.depth = 0
        self.ties = False  # whether any module is called again
        self.modules = Modules()
        self.experts: tuple[Copies, ...] = ()  # around the layer at hand, outermost first

    def walk(self, nodes: tuple[Node, ...], frame: Frame, current: tuple[int, ...]) -> tuple[int, ...]:
        """Expand a list of layers behind ``current`` and return the last one's outputs."""
        for node in nodes:
            current = self.step(node, frame, current)
        return current

    def step(self, node: Node, frame: Frame, current: tuple[int, ...]) -> tuple[int, ...]:
        """Expand one node."""
        try:
            if node.each is None:
                entry = self.member(node, frame, current, node.name)
            else:
                entry = self.family(node, node.each, frame, current)
        except ArchspecError as error:
            raise error.located(file=node.file, span=node.span, path=node.path) from None
        if node.name:
            frame.ids[node.name] = entry
        return entry.values

    def family(self, node: Node, each: Each, frame: Frame, current: tuple[int, ...]) -> Entry:
        """The instances of an `each`, beside each other in a level of their own, called by their values."""
        level = Level(frame.level)
        taken = handed(node, level, frame, current)
        made: dict[str, Entry] = {}
        self.modules.trail.append(node.name)
        for name, value in members(node, each, frame):
            child = Frame({**frame.env, each.variable: value}, frame.here, level, frame)
            try:
                made[name] = self.member(node, child, taken, name)
            except ArchspecError as error:
                error.calls.append(Member(node.path, each.variable, value))
                raise
        self.modules.trail.pop()
        values = tuple([number for entry in made.values() for number in entry.values])
        level.body.given = len(level.body.inputs)
        done = self.close(node, frame, node.name, "each", level, (), values, {})
        return done._replace(inside=None, members=made)

    def member(self, node: Node, frame: Frame, current: tuple[int, ...], name: str) -> Entry:
        """A node that stands once, or so often in a row, called ``name``; left out where its condition fails."""
        absent = decided(node) and not condition(node, frame)
        sources = settled(current) if node.sources is None else sources_of(node, frame, current, first=absent)
        frame.here = frame.level.body.tensors[sources[0] if sources else current[0]]
        if absent or (node.when is not None and not condition(node, frame)):
            return left_out(node, frame, sources, current)
        if node.repeat is None:
            return self.instance(node, frame, sources, name)
        return self.instances(node, frame, sources, name)

    def instances(self, node: Node, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """All instances of a repeat, one below the other in the path; alike ones as one with a count."""
        count = repeat_count(node, frame)
        level = Level(frame.level)
        body = level.body
        current = level.given(frame.level.body.tensors[source] for source in sources)
        results, index, left = current, 0, count
        runs: list[Run] = []
        while True:
            try:
                if left == 0:  # design points without a further instance part from the others: it need not fit for them
                    break
                certain = True
            except Undecided:
                require(left >= 1, "`repeat` must be at least 1, got {left}", left=left)
                certain = False
            if index >= MAX_UNFOLDED:
                raise fail(
                    f"`repeat: {count}` would write out more than {MAX_UNFOLDED} instances", node.data, "repeat",
                    hint="only instances whose shapes stay the same, and that do not use `$index`, are counted as one",
                    path=node.path,
                )  # fmt: skip
            child = Frame({**frame.env, "index": index}, body.tensors[current[0]], level, frame)
            made, known = len(body.items), len(self.modules.owners)
            self.modules.trail.append(name)
            try:
                instance = of_instance(node, child, count)
                entry = self.instance(instance, child, current, str(index))
            except ArchspecError as error:
                if index:
                    error.calls.append(Instance(node.path, index))
                raise
            self.modules.trail.pop()
            # Inputs that no output follows are the same for each instance.
            carried = current[: len(entry.values)]
            stays = known == len(self.modules.owners) and same(body.sizes(carried), body.sizes(entry.values))
            run = run_length(node, child, index, left, stays) if instance is node else 1
            if run is not left and not certain:
                raise fail(
                    f"`repeat: {count}` needs a number here: its instances differ from each other", node.data, "repeat",
                    hint="a symbol can repeat only what keeps its shape and does not use `$index`", path=node.path,
                )  # fmt: skip
            for number in range(made, len(body.items)):
                body.items[number] = body.items[number]._replace(first=index, repeat=run)
            runs.append(Run(index, run, entry))
            results = entry.values
            current, index = (*results, *current[len(results) :]), index + (run if type(run) is int else 1)
            left = 0 if run is left else left - run
        done = self.close(node, frame, name, "repeat", level, sources, results, {})
        return done._replace(inside=None, runs=tuple(runs), instances=count)

    def instance(self, node: Node, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """One instance of a node, repeat and condition done with, called ``name``."""
        if node.copies is None:
            return self.made(node, frame, sources, name)
        around, copies = self.experts, copies_of(node.copies, frame, node)
        self.experts = (*around, copies)
        entry = self.made(node, frame, sources, name)
        self.experts = around
        assert entry.item is not None
        entry.body.items[entry.item] = entry.body.items[entry.item]._replace(copies=copies)
        return entry

    def made(self, node: Node, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """What a node makes of its sources."""
        if isinstance(node, LayerNode):
            return self.layer(node, frame, sources, name)
        if isinstance(node, UseNode):
            return self.use(node, frame, sources, name)
        body = frame.level.body
        if isinstance(node, ChosenNode):
            choice = evaluated(node.choice, frame, node, *node.keys)
            if choice in (None, "none"):
                return Entry(body, sources)
            return self.layer(chosen(node, choice), frame, sources, name)
        assert isinstance(node, (SeqNode, BranchesNode, ExpertsNode))
        self.enter()
        if node.inline and not node.several:
            values = self.parts(node, frame, sources)
            done = frame.ids.get(node.name)
            entry = Entry(body, values, done.item if done else None)
        else:
            level, inner = self.below(frame, sources)
            self.modules.trail.append(name)
            values = self.parts(node, inner, tuple(level.body.inputs))
            self.modules.trail.pop()
            label = LABELS.get(type(node)) or node.merge.kind.kind  # type: ignore[union-attr]
            entry = self.close(node, frame, name, label, level, sources, values, inner.ids)
        self.depth -= 1
        return entry

    def close(
        self, node: Node, frame: Frame, name: str, label: str, level: Level, sources: tuple[int, ...],
        values: tuple[int, ...], inside: Mapping[str, Entry],
    ) -> Entry:  # fmt: skip
        """Make a group of a level that is filled."""
        body = level.body
        body.outputs = list(settled(values))
        body.results = len(body.outputs)
        return self.group(node, frame, name, label, body, (*sources, *level.seen), inside)

    def group(
        self, node: Node, frame: Frame, name: str, label: str, body: Body, inputs: tuple[int, ...],
        inside: Mapping[str, Entry],
    ) -> Entry:  # fmt: skip
        """A body's call."""
        around = frame.level.body
        number, first = len(around.items), len(around.tensors)
        for port, output in enumerate(body.outputs[: body.results]):
            made = body.tensors[output]
            around.tensors.append(Tensor(made.shape, made.dtype, number, port))
        outputs = tuple(range(first, len(around.tensors)))
        item = Group(name, node, label, body, inputs, outputs)
        # Of a repeat and a family each instance is tied.
        around.items.append(item if item.several else self.tied(item, node, frame))
        return Entry(around, outputs, number, inside)

    def layer(self, node: LayerNode, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """One call of a kind."""
        self.work.one_more()
        body = frame.level.body
        tensors = body.tensors
        inputs = tuple([tensors[source][:2] for source in sources])
        try:
            layer = node.layer or built(node, frame)
            call = self.calls.of(layer, inputs, self.experts)
        except ArchspecError as error:
            raise misfit(error, node) from None
        traits, dtypes, made, _ = call
        number, first = len(body.items), len(tensors)
        tensors.extend([Tensor(shape, made[port], number, port) for port, shape in enumerate(traits.outputs)])
        outputs = tuple(range(first, len(tensors)))
        item = Layer(name, node, traits, sources, outputs, dtypes)
        if node.weights is not None:
            item = item._replace(stored=declared(item, frame))
        body.items.append(item if node.tie is None else self.tied(item, node, frame))
        return Entry(body, outputs, number)

    def tied(self, item: Item, node: Node, frame: Frame) -> Item:
        """The item with the weights it shares, where the layer has a `tie`."""
        if node.tie is None:
            return item
        target = frame.find(node.tie)
        tie = Tie(frame.level.height(target.body), target.names)
        self.ties = True
        return tied(item, target.item, tie, node, node.tie, "tie")

    def use(self, node: UseNode, frame: Frame, sources: tuple[int, ...], name: str) -> Entry:
        """One call of a block."""
        block = block_of(node, frame)
        label = block.home.file, block.name
        if label in self.stack:
            raise self_call([name for _, name in self.stack], block.name)
        sources = handed_over(node, block, sources)
        file_env = self.file_env if block.home is self.home and not block.network else {}
        tensors = [frame.level.body.tensors[source] for source in sources]
        part = block.network is not None
        env = values_of(node, block, frame, tensors) if part else arguments_of(node, block, frame, file_env)
        params = tuple([frozen(env[name]) for name in block.params])
        seen = asked(block, file_env)
        key = (label, node.outputs, params, seen, self.experts, *[tensor[:2] for tensor in tensors])
        around = (block, self.depth, *self.stack, *key)
        expanded = self.blocks.get(key) or (KEPT.blocks.get(around) if self.keeps else None)
        if expanded is None:
            expanded = self.expanded(node, block, env, tensors, name)
            if self.keeps and not expanded.fresh and closed(expanded.body):
                KEPT.keep(around, expanded)
        else:
            self.work.count(expanded.layers)
        if not expanded.fresh:
            self.blocks[key] = expanded
        entry = self.group(node, frame, name, block.name, expanded.body, sources, expanded.inside)
        if block.shared:
            self.ties |= self.modules.again((self.network, label, seen, *params), entry, node, name)
        return entry

    def expanded(self, node: UseNode, block: Block, env: dict[str, Any], tensors: list[Tensor], name: str) -> Expanded:
        """A block for its parameters' values and its inputs, called as ``name``."""
        self.stack.append((block.home.file, block.name))
        self.modules.trail.append(name)
        self.enter()
        level = Level()
        ports = level.given(tensors)
        inner = Frame(env, tensors[0], level)
        for given, port in zip(block.inputs or ("in",), ports, strict=False):
            inner.entry(given, (port,))
        for open_input in block.inputs[len(ports) :]:
            inner.entry(open_input, ())
        before, known = self.work.layers, len(self.modules.owners)
        here = self.home, self.file_env, self.network
        if block.network is None:
            inner.entry("in", ports[:1] if block.inputs else ports)
        else:
            ports = ports[:1]
            self.home, self.file_env, self.network = block.home, env, tuple(self.modules.trail)
        try:
            if node.outputs:
                until(node.outputs, block.layers, inner, ports, self.step)
            else:
                values = self.walk(block.layers, inner, ports)
                values = outputs_of(block.outputs, inner, values, block.data, block.path, block.home.file)
        except ArchspecError as error:
            raise called(error, node) from None
        self.home, self.file_env, self.network = here
        if node.outputs:
            values = outputs_of(node.outputs, inner, (), node.data, node.path, node.file)
        self.stack.pop()
        self.modules.trail.pop()
        self.depth -= 1
        level.body.outputs = list(values)
        level.body.results = len(values)
        return Expanded(level.body, inner.ids, self.work.layers - before, known != len(self.modules.owners))

    def enter(self) -> None:
        """Go one level down; what is too deep for Python's stack is refused before."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SpecError(f"blocks and structures are nested more than {MAX_DEPTH} deep")
