"""A list of layers as text, checked and turned into nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from archspec.errors import ArchspecError, Span, SpecError, did_you_mean
from archspec.expr import Expr, parse
from archspec.kinds import kinds
from archspec.kinds.base import Kind
from archspec.spec.header import CALLS, LAYER_KEYS, STRUCTURES
from archspec.spec.nodes import BranchesNode, ChosenNode, Home, LayerNode, Node, SeqNode, UseNode
from archspec.spec.validate import explain, fail, place, span_of

MERGES = ("concat", "add", "mul")
ID = re.compile(r"\w[\w-]*(\.\w[\w-]*)*")
NO_SPAN = Span(1, 1, 1, 1)


def expressions(value: Any) -> Any:
    """The value with every text that holds a ``$`` parsed as an expression, lists and mappings included."""
    if isinstance(value, str):
        return parse(value, dollar=True) if "$" in value else value
    if isinstance(value, list):
        return [expressions(item) for item in value] if value else value
    if isinstance(value, dict):
        return {key: expressions(item) for key, item in value.items()}
    return value


def is_open(value: Any) -> bool:
    """Whether an expression is left anywhere in it."""
    if isinstance(value, (list, tuple)):
        return any(map(is_open, value))
    if isinstance(value, dict):
        return any(map(is_open, value.values()))
    return isinstance(value, Expr)


class Scope:
    """Names of one list of layers and of the lists around it, as far as they are defined yet."""

    __slots__ = ("all", "counts", "names", "outer")

    def __init__(self, outer: Scope | None, names: Iterable[str] = (), coming: Iterable[tuple[str, Any]] = ()) -> None:
        self.outer = outer
        self.names: dict[str, Span | None] = dict.fromkeys(names)
        self.counts: dict[str, int] = {}
        self.all = dict(coming)  # every id written in this list, for `defined later` and for automatic names

    def knows(self, name: str) -> bool:
        """Whether the name, or what stands before its first dot, is defined before this place, here or around."""
        head = name.partition(".")[0]
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names or head in scope.names:
                return True
            scope = scope.outer
        return False

    def later(self, name: str) -> Any:
        """The position of an id that is written further down, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.all:
                return scope.all[name]
            scope = scope.outer
        return None

    def visible(self) -> list[str]:
        """Names that may be referred to here, nearest first."""
        return list(self.names) + (self.outer.visible() if self.outer else [])

    def unique(self, name: str) -> str:
        """The name, or with an ordinal where this list has it already: shortcut, shortcut2, ..."""
        count = self.counts[name] = self.counts.get(name, 0) + 1
        return name if count == 1 and name not in self.all and name not in self.names else self.automatic(name)

    def automatic(self, stem: str) -> str:
        """``conv1``, ``conv2``, ...: the kind and its ordinal in this list."""
        while True:
            self.counts[stem] = count = self.counts.get(stem, 0) + 1
            name = f"{stem}{count}"
            if name not in self.all and name not in self.names:
                return name


class LayerReader:
    """Reads the layers of one file: knows its blocks' home and its defaults."""

    def __init__(self, home: Home, defaults: Mapping[str, Mapping[str, Any]]) -> None:
        self.home = home
        self.defaults = defaults

    def read(self, data: Any, path: str, scope: Scope) -> tuple[Node, ...]:
        """The nodes of one list; errors carry their place. Raises SpecError."""
        if not isinstance(data, list):
            raise fail("layers must be a list", data, path=path)
        scope.all.update(written_ids(data))
        nodes = []
        for index, item in enumerate(data):
            node = self.node(item, f"{path}.{index}", scope, span_of(data, index) or NO_SPAN)
            nodes.append(node)
        return tuple(nodes)

    def node(self, item: Any, path: str, scope: Scope, span: Span) -> Node:
        """One entry of a list of layers."""
        try:
            if isinstance(item, str):
                item_map: Mapping[str, Any] = {item: None}
            elif isinstance(item, dict):
                item_map = item
            else:
                raise SpecError(
                    f"a layer is a kind's name or a mapping, got {item!r}"[:200], hint="write `- relu` or `- conv: {out: 64, ...}`"
                )
            key = kind_key(item_map)
            value = item_map[key]
            common = self.common(item_map, key, path, scope, span)
            if key in STRUCTURES:
                return getattr(self, f"_{key}")(value, item_map, path, scope, common)  # type: ignore[no-any-return]
            return self.layer(key, value, item_map, path, scope, common)
        except ArchspecError as error:
            raise error.located(file=self.home.file, span=span, path=path) from None

    def common(self, item: Mapping[str, Any], key: str, path: str, scope: Scope, span: Span) -> dict[str, Any]:
        """The keys any layer may have, checked."""
        common: dict[str, Any] = {"span": span, "path": path, "file": self.home.file, "data": item}
        name = item.get("id")
        if name is not None:
            check_name(name, item, path)
            if name in scope.names and scope.names[name] is not None:
                line = scope.names[name].line  # type: ignore[union-attr]
                raise fail(f"id `{name}` is already used on line {line}", item, "id", path=path)
            if name in scope.names or name in ("prev", "in"):
                raise fail(f"`{name}` already names an input", item, "id", path=path)
        common["name"] = name or ""
        common["named"] = name is not None
        if len(item) == 1:
            return common
        common["sources"] = self.sources(item.get("from"), item, "from", path, scope) if "from" in item else None
        for flag in ("freeze", "train_only"):
            if not isinstance(item.get(flag, False), bool):
                raise fail(f"`{flag}` must be true or false, got {item[flag]!r}", item, flag, path=path)
        common["freeze"], common["train"] = item.get("freeze", False), item.get("train_only", False)
        common["call"] = item.get("call", "module")
        if common["call"] not in CALLS:
            raise fail(
                f"`call` must be one of {', '.join(CALLS)}, got {common['call']!r}", item, "call", path=path,
                hint=did_you_mean(str(common["call"]), CALLS),
            )  # fmt: skip
        if not isinstance(item.get("note") or "", str):
            raise fail("`note` must be text", item, "note", path=path)
        common["note"] = item.get("note")
        common["repeat"] = self.repeat(item, path)
        common["when"] = self.condition(item, path)
        tie = item.get("tie")
        if tie is not None:
            (common["tie"],) = self.sources(tie, item, "tie", path, scope) or (None,)
        return common

    def sources(self, value: Any, item: Any, key: str, path: str, scope: Scope) -> tuple[str, ...]:
        """Ids a layer refers to, each defined before it."""
        ids = value if isinstance(value, list) and key != "tie" else [value]
        if not ids:
            raise fail(f"`{key}` names no layer", item, key, path=path)
        for name in ids:
            if not isinstance(name, str):
                raise fail(
                    f"`{key}` takes ids, got {name!r}", item, key, path=path,
                    hint="layers are named, not numbered: give that layer an `id`",
                )  # fmt: skip
            head = name.split(".")[0]
            if name == "prev" and key != "tie":
                continue
            if not scope.knows(name):
                later = scope.later(name) or scope.later(head)
                if later is not None:
                    message = f"`{key}: {name}` refers to a layer that comes later, on line {later.line}"
                    raise fail(message, item, key, path=path, hint="a layer can use only what comes before it")
                hint = did_you_mean(head, scope.visible())
                raise fail(f"`{key}: {name}` names no layer before this one", item, key, path=path, hint=hint)
        return tuple(ids)

    def repeat(self, item: Mapping[str, Any], path: str) -> int | Expr | None:
        value = self.open(item, "repeat", path)
        if value is None or isinstance(value, Expr):
            return value
        if type(value) is not int or value < 0:
            raise fail(f"`repeat` must be a whole number of at least 0, got {value!r}", item, "repeat", path=path)
        return value

    def condition(self, item: Mapping[str, Any], path: str) -> Expr | bool | None:
        value = self.open(item, "when", path)
        if value is None or isinstance(value, (bool, Expr)):
            return value
        raise fail(f"`when` must be an expression or true or false, got {value!r}", item, "when", path=path)

    def open(self, item: Mapping[str, Any], key: str, path: str) -> Any:
        """The value of a key with its expressions parsed and its place on any error."""
        if key not in item:
            return None
        try:
            return expressions(item[key])
        except ArchspecError as error:
            raise place(error, item, (key,), path) from None

    def layer(
        self, key: str, value: Any, item: Mapping[str, Any], path: str, scope: Scope, common: dict[str, Any]
    ) -> Node:
        """A call of a kind, with its `norm` and `act` unfolded behind it."""
        kind = kinds()[key]
        arguments = shorthand(kind, value, item, path)
        if "of" in arguments and "of" in kind.arguments():
            if common.get("sources"):
                raise fail(f"`{key}` names its inputs in `of`, not in `from`", item, "from", path=path)
            common["sources"] = self.sources(arguments["of"], item, key, path, scope)
            arguments = {name: given for name, given in arguments.items() if name != "of"}
        arguments = {**self.defaults.get(key, {}), **arguments}
        try:
            arguments = expressions(arguments)
        except ArchspecError as error:
            raise place(error, item, (key,), path) from None
        common["name"] = common["name"] or scope.automatic(key)
        node = make_layer(kind, arguments, path, common)
        followers = tuple(
            self.follower(arguments[role], role, node, path)
            for role in ("norm", "act")
            if kind.foldable and arguments.get(role) not in (None, "none")
        )
        if followers:
            repeated = {name: common.pop(name, None) for name in ("repeat", "when", "sources")}
            inner = make_layer(kind, arguments, path, common)
            node_seq = SeqNode(**{**common, **repeated, "tie": None}, body=(inner, *followers), inline=True)
            scope.names[node_seq.name] = node_seq.span
            return node_seq
        scope.names[node.name] = node.span
        return node

    def follower(self, value: Any, role: str, node: LayerNode, path: str) -> LayerNode | ChosenNode:
        """What `norm: batchnorm`, `act: {leaky_relu: {slope: 0.2}}` or `act: $act` stands for."""
        if not isinstance(value, Expr):
            return self.chosen(value, role, node, path)
        return ChosenNode(
            **following(node, role, path), choice=value, make=lambda chosen: self.chosen(chosen, role, node, path)
        )

    def chosen(self, value: Any, role: str, node: LayerNode, path: str) -> LayerNode:
        """The layer behind ``node`` that a kind's name, or a kind with its arguments, stands for. Raises SpecError."""
        if not isinstance(value, str) and not (isinstance(value, dict) and len(value) == 1):
            raise fail(f"`{role}` takes a kind or {{kind: arguments}}, got {value!r}", node.data, node.kind.kind, path=path)
        key, arguments = (value, None) if isinstance(value, str) else next(iter(value.items()))
        if key not in kinds():
            raise fail(
                f"`{role}` names no kind: `{key}`", node.data, node.kind.kind, path=path, hint=did_you_mean(key, kinds())
            )
        kind = kinds()[key]
        given = {**expressions(dict(self.defaults.get(key, {}))), **shorthand(kind, arguments, {key: arguments}, path)}
        return make_layer(kind, given, path, following(node, role, path))

    def _seq(self, value: Any, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        inline = not common["named"] and common.get("repeat") is None
        common["name"] = common["name"] or (scope.automatic("seq") if not inline else "")
        body = self.read(value, f"{path}.seq", scope if inline else Scope(scope))
        node = SeqNode(**common, body=body, inline=inline)
        if not inline:
            scope.names[node.name] = node.span
        return node

    def _residual(self, value: Any, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        parts = {"body": value} if isinstance(value, list) else value
        known = ("body", "shortcut", "merge", "act")
        check_keys(parts, known, "body", f"{path}.residual", item, "residual")
        inline = not common["named"] and common.get("repeat") is None
        common["name"] = common["name"] or (scope.automatic("residual") if not inline else "")
        inner = scope if inline else Scope(scope)
        body = self.branch("", parts["body"], f"{path}.residual.body", inner, common, inline=True)
        shortcut = self.branch(
            "shortcut", parts.get("shortcut") or [], f"{path}.residual.shortcut", inner, common, inline=False
        )
        return self.branches((body, shortcut), "add", parts, item, path, scope, inner, common, inline)

    def _parallel(self, value: Any, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        known = ("merge", "branches", "axis", "broadcast", "act")
        check_keys(value, known, "branches", f"{path}.parallel", item, "parallel")
        merge = value.get("merge", "concat")
        if merge not in MERGES:
            raise fail(
                f"`merge` must be one of {', '.join(MERGES)}, got {merge!r}", value, "merge", path=f"{path}.parallel",
                hint=did_you_mean(str(merge), MERGES),
            )  # fmt: skip
        if not isinstance(value["branches"], dict) or len(value["branches"]) < 2:
            raise fail("`branches` must be a mapping of at least two names", value, "branches", path=f"{path}.parallel")
        inline = not common["named"] and common.get("repeat") is None
        common["name"] = common["name"] or (scope.automatic("parallel") if not inline else "")
        inner = scope if inline else Scope(scope)
        branches = tuple(
            self.branch(name, layers or [], f"{path}.parallel.branches.{name}", inner, common, inline=False)
            for name, layers in value["branches"].items()
        )
        return self.branches(branches, merge, value, item, path, scope, inner, common, inline)

    def branch(
        self, name: str, layers: Any, path: str, scope: Scope, common: dict[str, Any], *, inline: bool
    ) -> SeqNode:
        """One branch: a list of layers with a path level of its own unless it is a residual's body."""
        if not inline:
            name = scope.unique(name)
        body = self.read(layers, path, scope if inline else Scope(scope))
        span = span_of(layers) or common["span"]
        return SeqNode(
            name=name, named=not inline, span=span, path=path, file=self.home.file, data=layers, body=body, inline=inline
        )

    def branches(
        self, branches: tuple[SeqNode, ...], merge: str, parts: Mapping[str, Any], item: Any, path: str, scope: Scope,
        inner: Scope, common: dict[str, Any], inline: bool,
    ) -> Node:  # fmt: skip
        """The node of a `residual` or `parallel` with its merging layer and activation."""
        plain = {"span": common["span"], "path": path, "file": self.home.file, "data": item, "named": False}
        options = {name: parts[name] for name in ("axis", "broadcast") if name in parts}
        merging = make_layer(
            kinds()[merge], expressions(options), path, {**plain, "name": inner.automatic(merge), "call": "function"}
        )
        act: tuple[LayerNode | ChosenNode, ...] = ()
        if parts.get("act") is not None:
            merged = replace(merging, call=common.get("call", "module"))
            act = (self.follower(expressions(parts["act"]), "act", merged, path),)
        node = BranchesNode(**common, branches=branches, merge=merging, act=act, inline=inline)
        if node.name:
            scope.names[node.name] = node.span
        return node

    def _use(self, value: Any, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        if not isinstance(value, str):
            raise fail(f"`use` takes the name of a block, got {value!r}", item, "use", path=path)
        given = item.get("with") or {}
        if not isinstance(given, dict):
            raise fail("`with` must be a mapping of the block's parameters", item, "with", path=path)
        try:
            block, arguments = expressions(value), expressions(given)
        except ArchspecError as error:
            raise place(error, item, ("with",), path) from None
        stem = value if isinstance(block, str) else "block"
        common["name"] = common["name"] or scope.automatic(stem)
        node = UseNode(**common, block=block, arguments=arguments, home=self.home)
        scope.names[node.name] = node.span
        return node


def written_ids(data: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    """Every id written in a list of layers, with its place."""
    for item in data:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield item["id"], span_of(item, "id")


def kind_key(item: Mapping[str, Any]) -> str:
    """The one key that says what the layer is. Raises SpecError."""
    found = [key for key in item if key in STRUCTURES or key in kinds()]
    strange = [key for key in item if key not in LAYER_KEYS and key not in found]
    if len(found) == 1 and not strange:
        if "with" in item and found[0] != "use":
            raise fail("`with` belongs to `use`", item, "with", path="", hint="a kind's arguments stand under the kind")
        return found[0]
    if strange:
        key = strange[0]
        known = [*kinds(), *STRUCTURES] if not found else list(LAYER_KEYS)
        hint = did_you_mean(str(key), known)
        what = "unknown kind" if not found else "unknown key"
        raise fail(f"{what} `{key}`", item, key, path="", hint=hint, of_key=True)
    if not found:
        raise SpecError("a layer needs a kind", hint="write `- conv: {out: 64, kernel: 3}`; `archspec kinds` lists them all")
    raise fail(f"a layer has one kind, got `{found[0]}` and `{found[1]}`", item, found[1], path="", of_key=True)


def following(node: LayerNode, role: str, path: str) -> dict[str, Any]:
    """What a normalisation or activation takes over from the layer it stands behind."""
    return {
        "name": f"{node.name}_{role}", "named": node.named, "span": node.span, "path": path, "file": node.file,
        "data": node.data, "freeze": node.freeze, "train": node.train, "call": node.call,
    }  # fmt: skip


def check_name(name: Any, item: Any, path: str) -> None:
    """An id is made of letters, digits, ``_ - .``, and is no number. Raises SpecError."""
    if not isinstance(name, str) or not ID.fullmatch(name) or name.isdigit():
        raise fail(f"an id is a word of letters, digits, `_`, `-` and `.`, got {name!r}", item, "id", path=path)


def check_keys(parts: Any, known: tuple[str, ...], required: str, path: str, item: Any, key: str) -> None:
    """A structure's mapping has known keys and the required one. Raises SpecError."""
    if not isinstance(parts, dict):
        raise fail(f"`{key}` must be a mapping with {', '.join(known)}", item, key, path=path.rpartition(".")[0])
    for name in parts:
        if name not in known:
            raise fail(f"unknown key `{name}`", parts, name, path=path, hint=did_you_mean(name, known), of_key=True)
    if required not in parts:
        raise fail(f"missing key `{required}`", parts, path=path)


def shorthand(kind: type[Kind], value: Any, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The arguments a value stands for: none, the one main argument, or a mapping."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return dict(value)
    if kind.main is None:
        raise fail(f"{kind.kind} has no main argument, got {value!r}", item, kind.kind, path=path, hint="name the argument")
    return {kind.main: value}


def make_layer(kind: type[Kind], arguments: Mapping[str, Any], path: str, common: Mapping[str, Any]) -> LayerNode:
    """A layer node with its arguments validated as far as they are known. Raises SpecError."""
    given = {name: value for name, value in arguments.items() if not (kind.foldable and name in ("norm", "act"))}
    expressions = tuple((name, value) for name, value in given.items() if is_open(value))
    checked = build(kind, given, common["data"], path)
    return LayerNode(
        **common, kind=kind, arguments=given, expressions=expressions, layer=None if expressions else checked
    )


def build(kind: type[Kind], arguments: Mapping[str, Any], data: Any, path: str) -> Kind:
    """Validate a layer's arguments. Raises SpecError at the argument's place."""
    from pydantic import ValidationError

    try:
        return kind.build(arguments)
    except ValidationError as error:
        keys, found = explain(error, kind.arguments())
        where = (kind.kind, *keys) if isinstance(data, dict) and isinstance(data.get(kind.kind), dict) else (kind.kind,)
        if len(where) == 1 and keys:
            found.path = f"{path}.{kind.kind}.{'.'.join(map(str, keys))}"
        raise place(found, data, where, path) from None
