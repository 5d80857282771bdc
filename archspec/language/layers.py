"""A list of layers as text, checked and turned into nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from archspec.errors import ArchspecError, CallSite, Span, SpecError, did_you_mean, show, suggestion
from archspec.kinds import kinds
from archspec.language.building import expressions, make_layer, shorthand
from archspec.language.followers import follower
from archspec.language.keys import LAYER_KEYS, STRUCTURES, Layer, Residual
from archspec.language.nodes import (
    Block,
    BranchesNode,
    ChosenNode,
    CopiesNode,
    Each,
    ExpertsNode,
    Home,
    LayerNode,
    Node,
    SeqNode,
    UseNode,
)
from archspec.language.parameters import check_variable
from archspec.language.parts import Parts, is_file
from archspec.language.scope import Scope, new_id, references, written_ids
from archspec.language.validate import fail, place, show_name, span_of
from archspec.models.worded import worded

MAX_LAYERS = 110_000  # in one file, those of its blocks included
NO_SPAN = Span(1, 1, 1, 1)


class LayerReader:
    """Reads the layers of one file: knows its blocks' home and its defaults."""

    def __init__(self, home: Home, defaults: Mapping[str, Mapping[str, Any]], parts: Parts) -> None:
        self.home = home
        self.parts = parts
        self.defaults = defaults
        self.layers = home.layers  # written so far

    def read(self, around: Any, key: str, path: str, scope: Scope) -> tuple[Node, ...]:
        """The nodes of the list ``around[key]``, ``path`` being that of ``around``. Raises SpecError at its place."""
        data = around[key]
        path = f"{path}.{key}" if path else key
        scope.all.update(written_ids(data))
        return tuple(
            [
                self.node(item, f"{path}.{index}", scope, span_of(data, index) or NO_SPAN)
                for index, item in enumerate(data)
            ]
        )

    def node(self, item: Any, path: str, scope: Scope, span: Span) -> Node:
        """One entry of a list of layers."""
        try:
            self.layers += 1
            if self.layers > MAX_LAYERS:
                hint = "say a thing once: `repeat`, `blocks`"
                raise SpecError(f"more than {MAX_LAYERS} layers are written", hint=hint)
            if isinstance(item, str):
                item_map: Mapping[str, Any] = {item: None}
            elif isinstance(item, dict):
                item_map = item
            else:
                hint = "write `- relu` or `- conv: {out: 64, kernel: 3}`"
                raise SpecError(f"a layer is the name of a kind or a mapping, got {show(item)}", hint=hint)
            key = kind_key(item_map, path)
            said = self.said(item_map, key, path)
            common = self.common(said, item_map, path, scope, span)
            if key in STRUCTURES:
                return getattr(self, f"_{key}")(said, item_map, path, scope, common)  # type: ignore[no-any-return]
            return self.layer(key, item_map[key], item_map, path, scope, common)
        except ArchspecError as error:
            raise error.located(file=self.home.file, span=span, path=path) from None

    def said(self, item: Mapping[str, Any], key: str, path: str) -> Layer | None:
        """What an entry says beside its kind, and its structure; None where it is a kind alone."""
        structure = key in STRUCTURES
        if len(item) == 1 and not structure:
            return None
        try:
            return Layer.model_validate({name: value for name, value in item.items() if structure or name != key})
        except ValidationError as error:
            found = worded(error, Layer)
            raise place(found.error, item, found.keys, path, of_key=found.of_key) from None

    def common(
        self, said: Layer | None, item: Mapping[str, Any], path: str, scope: Scope, span: Span
    ) -> dict[str, Any]:
        """What a node of any sort has: its place, and what an entry says beside its kind."""
        common: dict[str, Any] = {"span": span, "path": path, "file": self.home.file, "data": item}
        name = new_id(item, path, scope)
        common["name"] = name or ""
        common["named"] = name is not None
        if said is None:
            return common
        if said.each is not None:
            (variable,) = said.each
            check_variable(variable, item["each"], f"{path}.each")
            common["each"] = Each(variable=variable, values=self.open(said.each, item, "each", path)[variable])
        common["sources"] = references(item, ("from",), path, scope) if "from" in item else None
        common["freeze"], common["train"], common["unused"] = said.freeze, said.train_only, said.unused
        common["call"], common["note"] = said.call, said.note
        common["repeat"] = self.open(said.repeat, item, "repeat", path)
        common["when"] = self.open(said.when, item, "when", path)
        if said.copies is not None:
            common["copies"] = self.copies(item, ("copies",), path)
        if said.tie is not None:
            (common["tie"],) = references(item, ("tie",), path, scope, single=True)
        if said.weights is not None:
            if any(key in STRUCTURES for key in item):
                hint = "say it of the layers inside"
                raise fail(
                    "`weights` is about the tensors of one layer", item, "weights", path=path, hint=hint, of_key=True
                )
            common["weights"] = self.open(item["weights"], item, "weights", path)
        return common

    def open(self, value: Any, item: Mapping[str, Any], key: str, path: str) -> Any:
        """The value of a key with its expressions parsed and its place on any error."""
        try:
            return expressions(value)
        except ArchspecError as error:
            raise place(error, item, (key,), path) from None

    def copies(self, item: Mapping[str, Any], keys: tuple[str, ...], path: str) -> CopiesNode:
        """The experts that the mapping at ``item[keys...]`` tells of."""
        said = item
        for key in keys:
            said = said[key]
        usual = {"count": None, "active": None, "stacked": False, "first": 0, "step": 1}
        values = {name: self.open(said.get(name, value), item, keys[0], path) for name, value in usual.items()}
        return CopiesNode(**values, names=said.get("names", "*"), keys=keys)

    def layer(
        self, key: str, value: Any, item: Mapping[str, Any], path: str, scope: Scope, common: dict[str, Any]
    ) -> Node:
        """A call of a kind, with its `norm` and `act` unfolded behind it."""
        kind = kinds()[key]
        arguments = shorthand(kind, value, item, path)
        if "of" in arguments and "of" in kind.model_fields:
            if common.get("sources"):
                raise fail(f"`{key}` names its inputs in `of`, not in `from`", item, "from", path=path)
            where = (key, "of") if isinstance(value, dict) else (key,)
            common["sources"] = references(item, where, path, scope)
            arguments = {name: given for name, given in arguments.items() if name != "of"}
        arguments = {**self.defaults.get(key, {}), **arguments}
        try:
            arguments = expressions(arguments)
        except ArchspecError as error:
            raise place(error, item, (key,), path) from None
        common["name"] = common["name"] or scope.automatic(key)
        common["keys"] = (key,)
        node = make_layer(kind, arguments, path, common)
        followers = tuple(
            follower(arguments[role], role, node, self.defaults)
            for role in ("norm", "act")
            if kind.foldable and arguments.get(role) not in (None, "none")
        )
        scope.names[node.name] = node.span
        if not followers:
            return node
        whole = {name: common.get(name) for name in ("each", "repeat", "when", "sources")}
        common.pop("keys")
        common.pop("weights", None)
        inner = node.replaced(each=None, repeat=None, when=None, sources=None)
        return SeqNode(**{**common, **whole, "tie": None, "copies": None}, body=(inner, *followers), inline=True)

    def _seq(self, said: Layer, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        inline = is_inline(common)
        common["name"] = common["name"] or (scope.automatic("seq") if not inline else "")
        body = self.read(item, "seq", path, scope if inline else Scope(scope))
        node = SeqNode(**common, body=body, inline=inline)
        if not inline:
            scope.names[node.name] = node.span
        return node

    def _residual(self, said: Layer, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        inline = is_inline(common)
        common["name"] = common["name"] or (scope.automatic("residual") if not inline else "")
        inner = scope if inline else Scope(scope)
        listed = not isinstance(said.residual, Residual)
        parts, below = ({}, path) if listed else (item["residual"], f"{path}.residual")
        body = self.branch("", *((item, "residual") if listed else (parts, "body")), below, inner, common)
        shortcut = self.branch("shortcut", parts, "shortcut", below, inner, common)
        return self.branches((body, shortcut), "add", "residual", parts, item, path, scope, inner, common, inline)

    def _parallel(self, said: Layer, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        below, named = f"{path}.parallel", item["parallel"]["branches"]
        inline = is_inline(common)
        common["name"] = common["name"] or (scope.automatic("parallel") if not inline else "")
        inner = scope if inline else Scope(scope)
        branches = tuple(self.branch(name, named, name, f"{below}.branches", inner, common) for name in named)
        merge, parts = said.parallel.merge, item["parallel"]
        return self.branches(branches, merge, "parallel", parts, item, path, scope, inner, common, inline)

    def _experts(self, said: Layer, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        parts, below = item["experts"], f"{path}.experts"
        inline = is_inline(common)
        common["name"] = common["name"] or (scope.automatic("experts") if not inline else "")
        inner = scope if inline else Scope(scope)
        plain = {
            "span": common["span"], "path": path, "file": self.home.file, "data": item, "named": True,
            "keys": ("experts",), "call": "operator",
        }  # fmt: skip

        def own(kind: str, arguments: Mapping[str, Any]) -> LayerNode:
            node = make_layer(kinds()[kind], arguments, path, {**plain, "name": inner.unique(kind)})
            inner.names[node.name] = node.span
            return node

        copies = self.copies(item, ("experts",), path)
        router = self.branch("", parts, "router", below, inner, common)
        dispatch = own("dispatch", {"count": copies.count, "active": copies.active})
        body = self.branch("experts", parts, "body", below, inner, common).replaced(copies=copies)
        weigh = self.branch("", parts, "weigh", below, inner, common)
        combine = own("combine", {})
        shared = self.branch("", parts, "shared", below, inner, common)
        node = ExpertsNode(
            **common, router=router, dispatch=dispatch, body=body, weigh=weigh, combine=combine, shared=shared,
            add=own("add", {}), inline=inline,
        )  # fmt: skip
        if node.name:
            scope.names[node.name] = node.span
        return node

    def branch(self, name: str, around: Any, key: str, path: str, scope: Scope, common: dict[str, Any]) -> SeqNode:
        """One branch: the layers at ``around[key]``. A residual's body, which has no name, adds no level to paths."""
        inline = not name
        empty = around.get(key) is None
        body = () if empty else self.read(around, key, path, scope if inline else Scope(scope))
        return SeqNode(
            name=name and scope.unique(name),
            named=not inline,
            span=span_of(around, key) or common["span"],
            path=path if empty else f"{path}.{key}",
            file=self.home.file,
            data=around.get(key),
            body=body,
            inline=inline,
        )

    def branches(
        self,
        branches: tuple[SeqNode, ...],
        merge: str,
        key: str,
        parts: Mapping[str, Any],
        item: Any,
        path: str,
        scope: Scope,
        inner: Scope,
        common: dict[str, Any],
        inline: bool,
    ) -> Node:
        """The node of a `residual` or `parallel` with its merging layer and activation."""
        plain = {
            "span": common["span"],
            "path": path,
            "file": self.home.file,
            "data": item,
            "named": False,
            "keys": (key,),
            "name": inner.automatic(merge),
            "call": "function" if merge == "concat" else "operator",
        }
        try:
            options = expressions({name: parts[name] for name in ("axis", "broadcast") if name in parts})
            act_given = expressions(parts.get("act"))
        except ArchspecError as error:
            raise place(error, item, (key,), path) from None
        merging = make_layer(kinds()[merge], options, path, plain)
        act: tuple[LayerNode | ChosenNode, ...] = ()
        if act_given not in (None, "none"):
            merged = merging.replaced(call=common.get("call", "module"))
            act = (follower(act_given, "act", merged, self.defaults),)
        node = BranchesNode(**common, branches=branches, merge=merging, act=act, inline=inline)
        if node.name:
            scope.names[node.name] = node.span
        return node

    def _use(self, said: Layer, item: Any, path: str, scope: Scope, common: dict[str, Any]) -> Node:
        block = self.open(said.use, item, "use", path)
        arguments = self.open(said.with_, item, "with", path)
        common["name"] = common["name"] or scope.automatic(said.use if isinstance(block, str) else "block")
        outputs = tuple(said.outputs)
        part = self.part(block, item, path) if isinstance(block, str) and is_file(block) else None
        node = UseNode(**common, block=block, arguments=arguments, home=self.home, part=part, outputs=outputs)
        scope.names[node.name] = node.span
        return node

    def part(self, name: str, item: Any, path: str) -> Block:
        """The spec in a file that a call names. Raises ArchspecError."""
        try:
            return self.parts.block(name, self.home.file)
        except ArchspecError as error:
            if error.file is None:
                raise place(error, item, ("use",), path) from None
            span = span_of(item, "use") or NO_SPAN
            error.calls.append(CallSite(self.home.file, span.line, span.column, path))
            raise


def kind_key(item: Mapping[str, Any], path: str) -> str:
    """The one key that says what the layer is. Raises SpecError."""
    found = [key for key in item if key in STRUCTURES or key in kinds()]
    strange = next((key for key in item if key not in LAYER_KEYS and key not in found), None)
    if strange is not None:
        known = list(LAYER_KEYS) if found else [*kinds(), *STRUCTURES]
        hint = did_you_mean(strange, known) or "`archspec kinds` lists them all"
        if found:
            hint = suggestion(strange, known)
        if found and found[0] in kinds() and strange in kinds()[found[0]].model_fields:
            hint = f"an argument stands under the kind: `{found[0]}: {{{strange}: ...}}`"
        what = "key" if found else "kind"
        raise fail(f"unknown {what} `{show_name(strange)}`", item, strange, path=path, hint=hint, of_key=True)
    if not found:
        hint = "write `- conv: {out: 64, kernel: 3}`; `archspec kinds` lists them all"
        raise SpecError("a layer needs a kind", hint=hint)
    if len(found) > 1:
        message = f"a layer has one kind, got `{found[0]}` and `{found[1]}`"
        raise fail(message, item, found[1], path=path, of_key=True, hint="start a new layer with `- `")
    if "outputs" in item and found[0] != "use":
        raise fail("`outputs` belongs to `use`", item, "outputs", path=path, of_key=True)
    if "with" in item and found[0] != "use":
        hint = f"the arguments of a kind stand under it: `{found[0]}: {{...}}`"
        raise fail("`with` belongs to `use`", item, "with", path=path, hint=hint, of_key=True)
    return found[0]


def is_inline(common: Mapping[str, Any]) -> bool:
    """Whether a structure adds no level to paths: it has no id, and says nothing about all of its layers at once."""
    of_all = any(common.get(key) for key in ("freeze", "train", "unused", "tie", "copies"))
    several = common.get("repeat") is not None or common.get("each") is not None
    return not common["named"] and not of_all and not several
