"""Spec -> graph: variables, blocks, repeats and conditions resolved, every layer's shapes known.

Expansion and shape propagation are one walk, because a condition may ask for a shape (``when: $in.c != $w``). An
instance of a repeat whose shapes come out as they went in stands for all that follow it, so a thousand blocks cost what
two cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archspec.errors import ArchspecError, Instance, ShapeError, SpecError
from archspec.graph.arguments import arguments_of, block_of, built
from archspec.graph.frame import Entry, Frame, resolve
from archspec.graph.graph import Call, Graph, Group, Item, Value
from archspec.graph.names import uses_index
from archspec.graph.places import (
    called,
    condition,
    evaluated,
    misfit,
    outputs_of,
    repeat_count,
    self_call,
    sources_of,
    tied,
    unlike,
)
from archspec.graph.ties import calls
from archspec.kinds.base import Kind, Shape, Traits, bounded_sizes, infer
from archspec.language.building import frozen
from archspec.language.followers import chosen
from archspec.language.nodes import BranchesNode, ChosenNode, Home, LayerNode, Node, SeqNode, Spec, UseNode
from archspec.language.validate import fail
from archspec.sizes import Size, Undecided, require, same

MAX_CALLS = 30_000  # beyond what the file writes out; blocks that call blocks could grow without end
MAX_UNFOLDED = 10_000  # instances of one repeat that differ from each other
MAX_DEPTH = 100  # structures and blocks inside each other, each a few calls deep here


def expand(spec: Spec, env: dict[str, Any], inputs: Mapping[str, Value]) -> Graph:
    """Walk a spec with its variables' values ``env`` and its inputs' shapes. Raises ArchspecError, located."""
    first = next(iter(inputs.values()))
    frame = Frame(env, first)
    frame.ids.update((name, Entry((value,))) for name, value in inputs.items())
    expander = Expander(env, spec.home)
    items: list[Item] = []
    last = expander.walk(spec.layers, frame, (first,), items)
    outputs = outputs_of(spec.outputs, frame, last, spec.document.data, "", spec.file)
    return Graph(dict(inputs), tuple(items), outputs, frozenset(expander.repeated))


class Body(NamedTuple):
    """A block expanded once for its arguments and input shapes."""

    items: tuple[Item, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    inside: Mapping[str, Entry]
    calls: int  # below it, each counted once however often it repeats


class Expander:
    """One walk. Layers and blocks met again with the same arguments and shapes are not worked out again."""

    def __init__(self, file_env: dict[str, Any], home: Home) -> None:
        self.file_env = file_env  # what blocks of the spec's own file see beside their parameters
        self.home = home
        self.traits: dict[tuple[Any, ...], Traits] = {}
        self.bodies: dict[tuple[Any, ...], Body] = {}
        self.latest: dict[Item, Item] = {}  # last call of each module that is called again, by its first
        self.first: dict[Item, Item] = {}  # first call of the module, by each later one
        self.repeated: set[Call] = set()  # calls whose module is called again
        self.stack: list[tuple[str, str]] = []  # blocks around the layer at hand
        self.depth = 0
        self.calls = 0

    def walk(
        self, nodes: tuple[Node, ...], frame: Frame, current: tuple[Value, ...], items: list[Item]
    ) -> tuple[Value, ...]:
        """Expand a list of layers behind ``current``; append to ``items`` and return the last one's outputs."""
        for node in nodes:
            current = self.step(node, frame, current, items)
        return current

    def step(self, node: Node, frame: Frame, current: tuple[Value, ...], items: list[Item]) -> tuple[Value, ...]:
        """Expand one node."""
        try:
            sources = current
            if node.sources is not None:
                sources = sources_of(node, frame, current)
            frame.here = sources[0] if sources else current[0]
            if node.when is not None and not condition(node, frame):
                if node.name:
                    frame.ids[node.name] = Entry(sources)
                return sources if node.sources is None else current
            if node.repeat is None:
                entry = self.instance(node, frame, sources, items, node.name)
            else:
                entry = self.instances(node, frame, sources, items)
        except ArchspecError as error:
            raise error.located(file=node.file, span=node.span, path=node.path) from None
        if node.name:
            frame.ids[node.name] = entry
        return entry.values

    def instances(self, node: Node, frame: Frame, sources: tuple[Value, ...], items: list[Item]) -> Entry:
        """All instances of a repeat, one below the other in the path; alike ones as one with a count."""
        count = repeat_count(node, frame)
        indexed = uses_index(node)
        inner: list[Item] = []
        inside: dict[str, Entry] = {}
        current, index, left = sources, 0, count
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
            child = Frame({**frame.env, "index": index}, current[0], frame)
            made: list[Item] = []
            try:
                entry = self.instance(node, child, current, made, str(index))
            except ArchspecError as error:
                if index:
                    error.calls.append(Instance(node.path, index))
                raise
            run = self.run_length(node, child, index, left, indexed, same(current, entry.values))
            if run is not left and not certain:
                raise fail(
                    f"`repeat: {count}` needs a number here: its instances differ from each other", node.data, "repeat",
                    hint="a symbol can repeat only what keeps its shape and does not use `$index`", path=node.path,
                )  # fmt: skip
            inner.extend(numbered(item, index, run) for item in made)
            inside[str(index)] = entry
            current, index = entry.values, index + (run if type(run) is int else 1)
            left = 0 if run is left else left - run
        group = Group(name=node.name, node=node, label="repeat", items=tuple(inner), inputs=sources, outputs=current)
        items.append(group)
        return Entry(current, group, inside)

    def run_length(self, node: Node, child: Frame, index: int, left: Size, indexed: bool, stays: bool) -> Size:
        """How many instances from ``index`` on are alike: all the rest where shapes stay and none uses the index."""
        if stays and not indexed:
            return left
        run = 1
        if stays and isinstance(node, UseNode) and type(left) is int:
            key = resolve(dict(node.arguments), child), resolve(node.block, child)
            while run < min(left, MAX_UNFOLDED):
                child.env["index"] = index + run
                if not same((resolve(dict(node.arguments), child), resolve(node.block, child)), key):
                    break
                run += 1
        return run

    def instance(self, node: Node, frame: Frame, sources: tuple[Value, ...], items: list[Item], name: str) -> Entry:
        """One instance of a node, repeat and condition done with; appended to ``items`` under ``name``."""
        if isinstance(node, LayerNode):
            return self.layer(node, frame, sources, items, name)
        if isinstance(node, UseNode):
            return self.use(node, frame, sources, items, name)
        if isinstance(node, ChosenNode):
            choice = evaluated(node.choice, frame, node, *node.keys)
            return (
                Entry(sources)
                if choice in (None, "none")
                else self.layer(chosen(node, choice), frame, sources, items, name)
            )
        made: list[Item] = []
        self.enter()
        inline = isinstance(node, (SeqNode, BranchesNode)) and node.inline and node.repeat is None
        inner = frame if inline else Frame(frame.env, sources[0], frame)
        target = items if inline else made
        if isinstance(node, SeqNode):
            values, label = self.walk(node.body, inner, sources, target), "seq"
        else:
            assert isinstance(node, BranchesNode)
            values, label = self.branches(node, inner, sources, target), node.merge.kind.kind
        self.depth -= 1
        if inline:
            done = frame.ids.get(node.name)
            return Entry(values, done.item if done else None)
        return self.close(node, frame, name, label, made, sources, values, inner.ids, items)

    def branches(
        self, node: BranchesNode, frame: Frame, sources: tuple[Value, ...], items: list[Item]
    ) -> tuple[Value, ...]:
        """Every branch on the same input, then the merge of their outputs."""
        ends: list[Value] = []
        for branch in node.branches:
            if branch.inline:
                ends.append(self.walk(branch.body, frame, sources, items)[0])
                continue
            made: list[Item] = []
            inner = Frame(frame.env, sources[0], frame)
            values = self.walk(branch.body, inner, sources, made)
            if made:
                self.close(branch, frame, branch.name, "seq", made, sources, values, inner.ids, items)
            ends.append(values[0])
        try:
            entry = self.layer(node.merge, frame, tuple(ends), items, node.merge.name)
        except ShapeError as error:
            raise unlike(error, node, ends) from None
        for act in node.act:
            entry = self.instance(act, frame, entry.values, items, act.name)
        return entry.values

    def close(
        self, node: Node, frame: Frame, name: str, label: str, made: list[Item], sources: tuple[Value, ...],
        values: tuple[Value, ...], inside: Mapping[str, Entry], items: list[Item],
    ) -> Entry:  # fmt: skip
        """Make a group of what was expanded and append it."""
        group = Group(name=name, node=node, label=label, items=tuple(made), inputs=sources, outputs=values)
        items.append(self.tied(group, node, frame))
        return Entry(values, group, inside)

    def layer(self, node: LayerNode, frame: Frame, sources: tuple[Value, ...], items: list[Item], name: str) -> Entry:
        """One call of a kind."""
        self.count(1)
        try:
            layer = node.layer or built(node, frame)
            traits = self.inferred(layer, tuple([value.shape for value in sources]))
        except ArchspecError as error:
            raise misfit(error, node) from None
        moves = layer.moves and sources
        outputs = tuple([Value(shape, sources[0].dtype if moves else "") for shape in traits.outputs])
        call = self.tied(Call(name=name, node=node, traits=traits, inputs=sources, outputs=outputs), node, frame)
        items.append(call)
        return Entry(outputs, call)

    def tied(self, item: Item, node: Node, frame: Frame) -> Item:
        """The item with the weights it shares, where the layer has a `tie`."""
        if node.tie is None:
            return item
        owner = frame.entry(node.tie).item
        item = tied(item, owner, node)
        if owner is not None and (isinstance(item, Group) or item.again):
            first = self.first[item] = self.first.get(owner, owner)
            self.repeated.update(calls(self.latest.get(first, first)))
            self.latest[first] = item
        return item

    def inferred(self, layer: Kind, shapes: tuple[Shape, ...]) -> Traits:
        """What follows from a layer and its input shapes, worked out once."""
        key = (layer.key(), shapes)
        traits = self.traits.get(key)
        if traits is None:
            traits = self.traits[key] = infer(layer, shapes)
            bounded_sizes(traits)
        return traits

    def use(self, node: UseNode, frame: Frame, sources: tuple[Value, ...], items: list[Item], name: str) -> Entry:
        """One call of a block."""
        block = block_of(node, frame)
        label = block.home.file, block.name
        if label in self.stack:
            raise self_call([name for _, name in self.stack], block.name)
        if block.inputs and len(block.inputs) != len(sources):
            wanted = f"{len(block.inputs)} input{'s' * (len(block.inputs) != 1)} ({', '.join(block.inputs)})"
            message, hint = f"block `{block.name}` takes {wanted}, got {len(sources)}", "name them with `from: [a, b]`"
            raise fail(message, node.data, "use", path=node.path, hint=hint)
        env = arguments_of(node, block, frame, self.file_env if block.home is self.home else {})
        key = (label, *[frozen(value) for value in env.values()], *sources)
        body = self.bodies.get(key)
        if body is None:
            self.stack.append(label)
            self.enter()
            inner = Frame(env, sources[0])
            names = block.inputs or ("in",)
            inner.ids.update((given, Entry((value,))) for given, value in zip(names, sources, strict=False))
            inner.ids["in"] = Entry(sources[:1])
            made: list[Item] = []
            before = self.calls
            try:
                values = self.walk(block.layers, inner, sources, made)
                values = outputs_of(block.outputs, inner, values, block.data, f"blocks.{block.name}", block.home.file)
            except ArchspecError as error:
                raise called(error, node) from None
            self.stack.pop()
            self.depth -= 1
            body = self.bodies[key] = Body(tuple(made), sources, values, inner.ids, self.calls - before)
        else:
            self.count(body.calls)
            values = tuple([Value(*value) for value in body.outputs])
        group = Group(
            name=name, node=node, label=block.name, items=body.items, inputs=sources, outputs=values,
            body_inputs=body.inputs, body_outputs=body.outputs,
        )  # fmt: skip
        items.append(self.tied(group, node, frame))
        return Entry(values, items[-1], body.inside)

    def enter(self) -> None:
        """Go one level down; what is too deep for Python's stack is refused before."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SpecError(f"blocks and structures are nested more than {MAX_DEPTH} deep")

    def count(self, calls: int) -> None:
        """Take note of so many calls more. Raises ShapeError where they are too many."""
        self.calls += calls
        if self.calls > MAX_CALLS + self.home.layers:
            raise ShapeError(
                f"the network would have more than {MAX_CALLS + self.home.layers} layers",
                hint="repeat blocks with `repeat`",
            )


def numbered(item: Item, index: int, run: Size) -> Item:
    """An instance of a repeat with its place and count."""
    return item.replace(index=index, repeat=run)
