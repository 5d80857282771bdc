"""A general spec made into one network's: choices made, blocks without parameters that never differ, nothing unused.

The general spec is data as a spec file holds it, in which any text may be an expression, an id too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from archspec.errors import SpecError, listed
from archspec.expr import parse
from archspec.expr.tree import Const, Node
from archspec.importers.folding import ADDRESS, CHOICES, Folder
from archspec.language import templates
from archspec.records import NamedTuple

Data = dict[str, Any]
MISSING = object()
TYPES = ("int", "number", "str", "bool", "list")


class Common(NamedTuple):
    """A parameter's value in all calls: as they give it, in their place's names, or its default, in the block's."""

    text: Any
    given: bool


class Specialiser:
    """One run over a general spec with the values of its names; ``expressions`` are put in where they are named."""

    def __init__(
        self, spec: Data, values: Mapping[str, Any], library: Mapping[str, Data], expressions: Mapping[str, Any]
    ) -> None:
        self.spec = spec
        self.values = dict(values)
        self.put: dict[str, Node] = {}
        for name, text in in_order(expressions):
            folder = Folder(self.values, self.put)
            self.put[name] = folder.node(parsed(text))
            if folder.closed(self.put[name]):
                self.values[name] = folder.value(self.put[name])
        self.blocks = {**library, **spec.get("blocks", {})}
        self.made: dict[str, Data] = {}  # blocks, in the order they are called
        self.calls: dict[str, list[Data]] = {}
        self.given: dict[int, Data] = {}  # what a call gave first: one that chooses among blocks is a call of each
        self.own: dict[int, Set[str]] = {}  # parameters of the block that a call stands in, which hide the spec's names
        self.kept: set[tuple[int, str]] = set()  # calls, and what they still give
        self.dropped: set[tuple[int, str]] = set()

    def run(self) -> Data:
        """The network's spec."""
        folder = Folder(self.values, self.put)
        made: Data = {
            key: folder.fold(self.spec[key]) for key in ("dims", "inputs", "layers", "outputs") if key in self.spec
        }
        made["dims"] = {name: folder.settled(size) for name, size in made.get("dims", {}).items()}
        made["outputs"] = folder.settled(made.get("outputs"))
        self.note(made["layers"])
        for name in self.order(made["layers"]):
            for clone, calls in self.groups(name):
                self.made[clone] = self.block(self.blocks[name], calls)
                self.note(self.made[clone], set(self.made[clone].get("params", {})))
        used = names_in([made, self.made])
        made["dims"] = {name: size for name, size in made["dims"].items() if name in used}
        variables = {name: value for name, value in self.values.items() if name in used - set(made.get("dims", {}))}
        made["vars"] = {name: value for name, value in variables.items() if not isinstance(value, CHOICES)}
        made["blocks"] = {name: self.made[name] for name in reversed(self.made)}
        return made

    def note(self, data: Any, own: Set[str] = frozenset()) -> None:
        """Take down the calls of blocks in it, where these names are its own."""
        for call in found(data, "use"):
            self.own[id(call)] = own
            self.given[id(call)] = dict(call.get("with") or {})
            for name in self.named(call["use"]):
                self.calls.setdefault(name, []).append(call)

    def named(self, use: str) -> list[str]:
        """The blocks of this spec that a `use` may mean."""
        use = Folder(self.values, self.put).fold(use)
        if "$" not in use:
            return [use] if use in self.blocks else []
        return [name for name in self.blocks if f"'{name}'" in use or f'"{name}"' in use]

    def order(self, layers: Any) -> list[str]:
        """The blocks that are called, each after all that call it."""
        order: list[str] = []

        def visit(data: Any) -> None:
            for call in found(data, "use"):
                for name in self.named(call["use"]) or [name for name in self.blocks if name in call["use"].split()]:
                    if name not in order:
                        visit(self.blocks[name])
                        order.append(name)

        visit(layers)
        return order[::-1]

    def groups(self, name: str) -> Iterator[tuple[str, list[Data]]]:
        """The calls of a block, those apart that give it other ids: each group has a block of its own."""
        block = self.blocks[name]
        naming = names_in([entry["id"] for entry in found(block, "id") if isinstance(entry["id"], str)])
        apart: dict[str, list[Data]] = {}
        for call in self.calls.get(name, []):
            given = self.given[id(call)]
            key = repr([given.get(param) for param in block.get("params", {}) if param in naming])
            apart.setdefault(key, []).append(call)
        for number, calls in enumerate(apart.values(), 1):
            clone = name if number == 1 else f"{name}_{number}"
            for call in calls:
                call["use"] = clone if call["use"] == name else call["use"].replace(f"'{name}'", f"'{clone}'")
            yield clone, calls

    def block(self, block: Data, calls: list[Data]) -> Data:
        """A block for its calls, without the parameters that are the same in all of them."""
        params = block.get("params", {})
        for call in calls:  # types share what they pass to blocks, which take of it what they know
            self.dropped |= {(id(call), name) for name in self.given[id(call)] if name not in params}
            call["with"] = {name: value for name, value in (call.get("with") or {}).items() if name in params}
        known: dict[str, Any] = {name: value for name, value in self.values.items() if name not in params}
        put: dict[str, Node] = {name: node for name, node in self.put.items() if name not in params}
        same = {name: value for name in params if (value := self.common(name, params, calls)) is not None}
        changed = True
        while changed:
            rest = set(params) - set(same)
            wrong = [name for name, value in same.items() if names_in(value.text) & (rest | {"in", "index"})]
            changed = bool(wrong)
            for name in wrong:
                del same[name]
        for name, value in same.items():
            folder = Folder(self.values, self.put) if value.given else Folder(known, put)
            settled = folder.fold(value.text)
            if isinstance(settled, str) and "$" in settled:
                put[name] = parse(settled, dollar=True).tree
                known[name] = Folder(self.values).value(put[name])
            else:
                put[name] = Const(settled, 0)
                known[name] = settled
            for call in calls:
                if call.get("with"):
                    call["with"].pop(name, None)
        self.dropped |= {(id(call), name) for call in calls for name in same if name in self.given[id(call)]}
        self.kept |= {(id(call), name) for call in calls for name in params if name not in same}
        if self.dropped & self.kept:
            raise SpecError(f"blocks that one `use` chooses among differ in what is open: {listed(sorted(params))}")
        for call in calls:
            if not call.get("with", True):
                del call["with"]
        folder = Folder(known, put)
        made: Data = {}
        for key, value in block.items():
            if key == "params":
                left = {name: value for name, value in params.items() if name not in same}
                made |= {key: folder.fold(left)} if left else {}
            elif key == "require":
                made |= self.required(value, folder)
            else:
                made |= folder.fold({key: value})
        return made

    def common(self, name: str, params: Mapping[str, Any], calls: list[Data]) -> Common | None:
        """What a parameter is in all calls; None where they differ, or where it is no value of the whole spec."""
        given = [self.given[id(call)].get(name, MISSING) for call in calls]
        if any(repr(value) != repr(given[0]) for value in given[1:]):
            return None
        if given[0] is not MISSING:
            known = set(self.values).difference(*(self.own[id(call)] for call in calls))
            return None if names_in(given[0]) - known else Common(given[0], True)
        if params[name] in TYPES:
            raise SpecError(f"a block needs its parameter `{name}`")
        return Common(params[name], False)

    def required(self, stated: list[Data], folder: Folder) -> Data:
        """What the block still has to ask for."""
        left = []
        for condition in stated:
            that = folder.fold(condition["that"])
            if that is False:
                shown = {name: folder.known.get(name) for name in names_in(condition["that"])}
                raise SpecError(condition["message"].format(**{condition["argument"]: None, **shown}))
            if that is not True and condition["argument"] not in folder.put:
                left.append({**condition, "that": that})
        return {"require": left} if left else {}


def in_order(formulas: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The formulas, each behind those whose names it asks for."""
    pending = dict(formulas)
    while pending:
        for name in [name for name, formula in pending.items() if not names_in(formula) & set(pending)]:
            yield name, pending.pop(name)


def parsed(value: Any) -> Node:
    """An expression's tree, or the constant that a value is."""
    return parse(value, dollar=True).tree if isinstance(value, str) and "$" in value else Const(value, 0)


def found(data: Any, key: str) -> Iterator[Data]:
    """Every mapping in the data that has a key."""
    if isinstance(data, dict):
        if key in data:
            yield data
        for value in data.values():
            yield from found(value, key)
    elif isinstance(data, list):
        for item in data:
            yield from found(item, key)


def names_in(data: Any) -> set[str]:
    """The names that expressions in the data use."""
    if isinstance(data, str):
        if ADDRESS.match(data):
            return set(templates.names_in(data))
        return set(parse(data, dollar=True).names) if "$" in data else set()
    if isinstance(data, dict):
        return set().union(*map(names_in, data.values()), *map(names_in, data)) if data else set()
    if isinstance(data, list):
        return set().union(*map(names_in, data)) if data else set()
    return set()
