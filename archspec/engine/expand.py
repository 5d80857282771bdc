"""Spec -> graph: variables, blocks, repeats and conditions resolved, every layer's shapes known.

Expansion and shape propagation are one walk, because a condition may ask for a shape (``when: $in.c != $w``). An instance
of a repeat whose shapes come out as they went in stands for all that follow it, so a thousand blocks cost what two cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from archspec.engine.frame import Entry, Frame, resolve
from archspec.engine.graph import Call, Graph, Group, Item, Value
from archspec.engine.names import uses_index
from archspec.engine.ties import shared_weights
from archspec.errors import ArchspecError, ShapeError, SpecError, did_you_mean
from archspec.expr import Expr
from archspec.kinds.base import Kind, Shape, Traits, infer
from archspec.sizes import Partial, Size, Undecided, is_size, require, same
from archspec.spec.blocks import find_block
from archspec.spec.layers import build
from archspec.spec.load import fits
from archspec.spec.nodes import Block, BranchesNode, ChosenNode, Home, LayerNode, Node, SeqNode, Spec, UseNode

MAX_CALLS = 300_000  # a spec is untrusted: blocks that call blocks could grow without end
MAX_UNFOLDED = 10_000  # instances of one repeat that differ from each other
MAX_DEPTH = 64  # blocks inside blocks


def expand(spec: Spec, env: dict[str, Any], inputs: Mapping[str, Value]) -> Graph:
    """Walk a spec with its variables' values ``env`` and its inputs' shapes. Raises SpecError and ShapeError, located."""
    first = next(iter(inputs.values()))
    frame = Frame(env, first)
    frame.ids.update((name, Entry((value,))) for name, value in inputs.items())
    expander = Expander(env, spec.home)
    items: list[Item] = []
    last = expander.walk(spec.layers, frame, (first,), items)
    outputs = tuple(value for name in spec.outputs for value in frame.entry(name).values) or last
    return Graph(dict(inputs), tuple(items), outputs)


class Body(NamedTuple):
    """A block expanded once for its arguments and input shapes."""

    items: tuple[Item, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    inside: Mapping[str, Entry]
    size: int


class Expander:
    """One walk. Layers and blocks met again with the same arguments and shapes are not worked out again."""

    def __init__(self, file_env: dict[str, Any], home: Home) -> None:
        self.file_env = file_env  # what blocks of the spec's own file see beside their parameters
        self.home = home
        self.traits: dict[tuple[Any, ...], Traits] = {}
        self.bodies: dict[tuple[Any, ...], Body] = {}
        self.stack: list[str] = []
        self.calls = 0

    def walk(self, nodes: tuple[Node, ...], frame: Frame, current: tuple[Value, ...], items: list[Item]) -> tuple[Value, ...]:
        """Expand a list of layers behind ``current``; append to ``items`` and return the last one's outputs."""
        for node in nodes:
            current = self.step(node, frame, current, items)
        return current

    def step(self, node: Node, frame: Frame, current: tuple[Value, ...], items: list[Item]) -> tuple[Value, ...]:
        """Expand one node."""
        try:
            sources = current
            if node.sources is not None:
                sources = tuple(
                    value for name in node.sources for value in (current if name == "prev" else frame.entry(name).values[:1])
                )
            frame.here = sources[0] if sources else current[0]
            if node.when is not None and not self.condition(node, frame):
                if node.name:
                    frame.ids[node.name] = Entry(sources)
                return sources if node.sources is None else current
            if node.repeat is None:
                entry = self.instance(node, frame, sources, items, node.name)
            else:
                entry = self.repeated(node, frame, sources, items)
        except (ArchspecError, Partial) as error:
            raise error.located(file=node.file, span=node.span, path=node.path) from None
        if node.name:
            frame.ids[node.name] = entry
        return entry.values

    def condition(self, node: Node, frame: Frame) -> bool:
        value = node.when.evaluate(frame.lookup) if isinstance(node.when, Expr) else node.when
        return bool(value)

    def repeated(self, node: Node, frame: Frame, sources: tuple[Value, ...], items: list[Item]) -> Entry:
        """All instances of a repeat, one below the other in the path; alike ones as one with a count."""
        count = resolve(node.repeat, frame)
        if not is_size(count):
            raise SpecError(f"`repeat` must be a whole number, got {count!r}")
        require(count >= 0, "`repeat` must be at least 0, got {count}", count=count)
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
                certain = False
            if index >= MAX_UNFOLDED:
                raise SpecError(
                    f"`repeat: {count}` would write out more than {MAX_UNFOLDED} instances",
                    hint="only instances whose shapes stay the same, and that do not use `$index`, are counted as one",
                )
            child = Frame({**frame.env, "index": index}, current[0], frame)
            made: list[Item] = []
            entry = self.instance(node, child, current, made, str(index))
            run = self.run_length(node, child, index, left, indexed, same(current, entry.values))
            if run is not left and not certain:
                raise SpecError(
                    f"`repeat: {count}` needs a number here: its instances differ from each other",
                    hint="a symbol can repeat only what keeps its shape and does not use `$index`",
                )
            inner.extend(numbered(item, index, run) for item in made)
            inside[str(index)] = entry
            current, index = entry.values, index + (run if type(run) is int else 1)
            left = 0 if run is left else left - run
        group = Group(node.name, node, "repeat", tuple(inner), sources, current, size=sum(map(size_of, inner)))
        items.append(group)
        return Entry(current, group, inside)

    def run_length(self, node: Node, child: Frame, index: int, left: Size, indexed: bool, stays: bool) -> Size:
        """How many instances from ``index`` on are alike: all the rest where shapes stay and nothing asks for the index."""
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
            choice = resolve(node.choice, frame)
            return Entry(sources) if choice == "none" else self.layer(node.make(choice), frame, sources, items, name)
        made: list[Item] = []
        inline = isinstance(node, (SeqNode, BranchesNode)) and node.inline and node.repeat is None
        inner = frame if inline else Frame(frame.env, sources[0], frame)
        target = items if inline else made
        if isinstance(node, SeqNode):
            values, label = self.walk(node.body, inner, sources, target), "seq"
        else:
            assert isinstance(node, BranchesNode)
            values, label = self.branches(node, inner, sources, target), node.merge.kind.kind
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
        entry = self.layer(node.merge, frame, tuple(ends), items, node.merge.name)
        for act in node.act:
            entry = self.instance(act, frame, entry.values, items, act.name)
        return entry.values

    def close(
        self, node: Node, frame: Frame, name: str, label: str, made: list[Item], sources: tuple[Value, ...],
        values: tuple[Value, ...], inside: Mapping[str, Entry], items: list[Item],
    ) -> Entry:  # fmt: skip
        """Make a group of what was expanded and append it."""
        group = Group(name, node, label, tuple(made), sources, values, size=sum(map(size_of, made)))
        if node.tie is not None:
            group = shared_weights(group, frame.entry(node.tie).item, node.tie)  # type: ignore[assignment]
        items.append(group)
        return Entry(values, group, inside)

    def layer(self, node: LayerNode, frame: Frame, sources: tuple[Value, ...], items: list[Item], name: str) -> Entry:
        """One call of a kind."""
        self.count(1)
        layer = node.layer or self.built(node, frame)
        shapes: tuple[Shape, ...] = tuple([value.shape for value in sources])
        key = (layer.key(), shapes)
        traits = self.traits.get(key)
        if traits is None:
            traits = self.traits[key] = infer(layer, shapes)
        moves = layer.moves and sources
        outputs = tuple([Value(shape, sources[0].dtype if moves else "") for shape in traits.outputs])
        call: Item = Call(name, node, traits, sources, outputs)
        if node.tie is not None:
            call = shared_weights(call, frame.entry(node.tie).item, node.tie)
        items.append(call)
        return Entry(outputs, call)

    def built(self, node: LayerNode, frame: Frame) -> Kind:
        """The layer with its expressions' values put in; the same plain values give the same layer.

        The node outlives the analysis: columns are not kept, and what is assumed of symbols is assumed in each.
        """
        try:
            values = {name: resolve(value, frame) for name, value in node.expressions}
            key = _frozen(list(values.values()))
            layer = node.built.get(key) if _is_plain(key) else None
        except TypeError:
            raise SpecError("an argument is a list inside a list, or a mapping") from None
        if layer is None:
            layer = build(node.kind, {**node.arguments, **values}, node.data, node.path)
            if _is_plain(key):
                node.built[key] = layer
        return layer

    def use(self, node: UseNode, frame: Frame, sources: tuple[Value, ...], items: list[Item], name: str) -> Entry:
        """One call of a block."""
        block = self.block(node, frame)
        label = f"{block.home.file}:{block.name}"
        if label in self.stack or len(self.stack) >= MAX_DEPTH:
            chain = " -> ".join(part.rpartition(":")[2] for part in [*self.stack, label])
            raise SpecError(f"block `{block.name}` calls itself: {chain}")
        if block.inputs and len(block.inputs) != len(sources):
            raise SpecError(
                f"block `{block.name}` takes {len(block.inputs)} inputs ({', '.join(block.inputs)}), got {len(sources)}",
                hint="name them with `from: [a, b]`",
            )
        env = self.arguments(node, block, frame)
        key = (label, *[_frozen(value) for value in env.values()], *[value for value in sources])
        body = self.bodies.get(key)
        if body is None:
            self.stack.append(label)
            inner = Frame(env, sources[0])
            names = block.inputs or ("in",)
            inner.ids.update((given, Entry((value,))) for given, value in zip(names, sources, strict=False))
            inner.ids["in"] = Entry(sources[:1])
            made: list[Item] = []
            before = self.calls
            values = self.walk(block.layers, inner, sources, made)
            values = tuple(value for out in block.outputs for value in inner.entry(out).values) or values
            self.stack.pop()
            body = self.bodies[key] = Body(tuple(made), sources, values, inner.ids, self.calls - before)
        else:
            self.count(body.size)
            values = tuple([Value(*value) for value in body.outputs])
        group: Item = Group(
            name, node, block.name, body.items, sources, values, size=body.size, body_inputs=body.inputs,
            body_outputs=body.outputs,
        )  # fmt: skip
        if node.tie is not None:
            group = shared_weights(group, frame.entry(node.tie).item, node.tie)
        items.append(group)
        return Entry(values, group, body.inside)

    def block(self, node: UseNode, frame: Frame) -> Block:
        name = node.block.evaluate(frame.lookup) if isinstance(node.block, Expr) else node.block
        if not isinstance(name, str):
            raise SpecError(f"`use` takes the name of a block, got {name!r}")
        return find_block(name, node.home)

    def arguments(self, node: UseNode, block: Block, frame: Frame) -> dict[str, Any]:
        """The block's parameters with their values; defaults may refer to parameters before them."""
        for name in node.arguments:
            if name not in block.params:
                hint = did_you_mean(name, block.params) or "known: " + ", ".join(block.params)
                raise SpecError(f"block `{block.name}` has no parameter `{name}`", hint=hint)
        env = dict(self.file_env) if block.home is self.home else {}
        inner = Frame(env, frame.here)
        for name, parameter in block.params.items():
            if name in node.arguments:
                value = resolve(node.arguments[name], frame)
            elif parameter.required:
                raise SpecError(f"block `{block.name}` needs `{name}`", hint=f"write `with: {{{name}: ...}}`")
            else:
                value = resolve(parameter.default, inner)
            if not fits(value, parameter):
                raise SpecError(f"`{name}` of block `{block.name}` must be of type {parameter.type}, got {value!r}")
            env[name] = value
        return env

    def count(self, calls: int) -> None:
        self.calls += calls
        if self.calls > MAX_CALLS:
            raise ShapeError(f"the network would have more than {MAX_CALLS} layers", hint="repeat blocks with `repeat`")


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return (type(value), value)  # True and 1 are equal, but not the same argument


def _is_plain(key: Any) -> bool:
    """Whether neither column nor symbol stands in a frozen value."""
    return all(map(_is_plain, key)) if isinstance(key, tuple) else not hasattr(key, "is_size")


def size_of(item: Item) -> int:
    """Calls in an item, repeats once."""
    return item.size if isinstance(item, Group) else 1


def numbered(item: Item, index: int, run: Size) -> Item:
    """An instance of a repeat with its place and count."""
    return replace(item, index=index, repeat=run)
