"""A spec file, read and checked: from a path or a text to a :class:`Spec`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from archspec.errors import ArchspecError, SpecError, did_you_mean, suggestion
from archspec.language.header import BlockHeader, ConditionHeader, Header, TypedInput
from archspec.language.homes import HOMES, written
from archspec.language.layers import NO_SPAN, LayerReader
from archspec.language.moved import renamed_ids
from archspec.language.nodes import Block, Condition, Home, Input, Node, Parameter, Spec
from archspec.language.parameters import dims_of, opened, parameters, variants_of
from archspec.language.parts import TREE, UNREAD, Files, Parts
from archspec.language.scope import Scope
from archspec.language.validate import fail, place, show_name, span_of
from archspec.models.base import Model
from archspec.models.worded import worded, worded_given
from archspec.text.reader import read, read_text

if TYPE_CHECKING:
    from archspec.text.document import Document

NAMED = r"\{([A-Za-z_]\w*)\}"
Checked = TypeVar("Checked", bound=Model)


def load_spec(path: str | os.PathLike[str]) -> Spec:
    """Read and check a spec file; ``-`` is standard input. Raises SpecError or UsageError."""
    return spec_of(read(path), TREE)


def load_text(text: str, name: str = "<text>", files: Files = UNREAD) -> Spec:
    """Read and check a spec given as text, its parts from ``files``. Raises SpecError."""
    return spec_of(read_text(text, name), files)


def spec_of(document: Document, files: Files = UNREAD) -> Spec:
    """Check a document and return its spec, with its parts from ``files``. Raises SpecError."""
    return checked(document, Parts(files, checked))


def checked(document: Document, parts: Parts) -> Spec:
    """Check a document that may be a part itself. Raises SpecError."""
    data = document.data
    try:
        if not isinstance(data, dict):
            raise SpecError(
                "a spec is a mapping with `archspec`, `name`, `inputs` and `layers`",
                span=document.span,
                hint="see `archspec schema` and docs/language.md",
            )
        header = check(Header, data, "")
        spec_inputs = inputs(header, data)
        variables = parameters(header.vars, data.get("vars"), "vars")
        dims = dims_of(header.dims, data)
        for name in variables:
            if name in dims:
                raise fail(f"`{name}` is a dim and a var", data["vars"], name, path="vars", of_key=True)
        sizes = {name: Parameter(type="int", default=value, required=False) for name, value in dims.items()}
        variants = variants_of(header.variants, data, {**variables, **sizes})
        defaults = defaults_of(header.defaults, data)
        home = home_of(header, document, defaults, parts)
        reader = LayerReader(home, defaults, parts)
        scope = Scope(None, spec_inputs)
        nodes = reader.read(data, "layers", "", scope) if "layers" in data else ()
        if not nodes:
            raise fail("a spec needs `layers`", data, *("layers",) * ("layers" in data), path="")
        outputs = output_ids(header.outputs, scope, data, "")
        moved = renamed_ids(header.moved, nodes, data)
        expect = expectations(header.expect, variants, data)
    except ArchspecError as error:
        raise error.located(file=document.name) from None
    return Spec(
        file=document.name,
        name=header.name,
        summary=header.summary,
        source="\n".join(header.source),
        dims=dims,
        inputs=spec_inputs,
        vars=variables,
        variants=variants,
        layers=nodes,
        outputs=outputs,
        moved=moved,
        expect=expect,
        home=home,
        files=parts.files,
        parts=parts.known,
        written=reader.layers,
        document=document,
    )


def home_of(header: Header, document: Document, defaults: Mapping[str, Mapping[str, Any]], parts: Parts) -> Home:
    """The blocks of a file, those of a version before where they are written as they were."""
    data: Any = document.data
    key = written(document, defaults)
    if key in HOMES.known:
        data["blocks"] = HOMES.known[key].data
        return HOMES.known[key]
    home = Home(document.name, data.get("blocks"))
    reader = LayerReader(home, defaults, parts)
    for name, block in header.blocks.items():
        home.blocks[name] = block_of(name, check(BlockHeader, block, f"blocks.{name}"), reader, data["blocks"])
    home.layers = reader.layers
    if key is not None and not parts.known:  # parts may differ where the file does not
        HOMES.keep(key, home)
    return home


def load_blocks(text: str, name: str) -> dict[str, Block]:
    """The blocks of a standard file: a mapping with `archspec` and `blocks`."""
    data: Any = read_text(text, name).data
    home = Home(name, data["blocks"])
    reader = LayerReader(home, {}, Parts(UNREAD, checked))
    for block, body in data["blocks"].items():
        home.blocks[block] = block_of(block, check(BlockHeader, body, f"blocks.{block}"), reader, data["blocks"])
    return home.blocks


def check(model: type[Checked], data: Any, path: str) -> Checked:
    """Validate a mapping against a header model; errors get their place. Raises SpecError."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = worded(error, model)
        raise place(found.error, data, found.keys, path, of_key=found.of_key) from None


def inputs(header: Header, data: Mapping[str, Any]) -> dict[str, Input]:
    """The network's inputs by name."""
    if not header.inputs:
        raise fail("a spec needs `inputs`", data, path="", hint="write `inputs: {image: [3, 224, 224]}`")
    made = {}
    for name, stated in header.inputs.items():
        typed = isinstance(stated, TypedInput)
        shape, dtype = (stated.shape, stated.dtype) if isinstance(stated, TypedInput) else (stated, "")
        keys = ("inputs", name, "shape") if typed else ("inputs", name)
        sizes = tuple(opened(shape, data, *keys))
        made[name] = Input(shape=sizes, dtype=dtype, span=span_of(data["inputs"], name) or NO_SPAN)
    return made


def defaults_of(given: Mapping[str, Mapping[str, Any]], data: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Default arguments by kind: ones it has, with values it takes; what an expression gives is checked later."""
    from archspec.kinds import kinds

    for name, arguments in given.items():
        if name not in kinds():
            hint = did_you_mean(name, kinds()) or "`archspec kinds` lists them all"
            raise fail(f"unknown kind `{show_name(name)}`", data, "defaults", name, path="", hint=hint, of_key=True)
        try:
            kinds()[name].model_validate(opened(arguments, data, "defaults", name))
        except ValidationError as error:
            found = worded_given(error, kinds()[name], "argument")
            if found is not None:
                raise place(found.error, data, ("defaults", name, *found.keys), "", of_key=found.of_key) from None
    return given


def block_of(name: str, header: BlockHeader, reader: LayerReader, around: Any) -> Block:
    """One block, its layers read in a scope of its own."""
    data, path = around[name], f"blocks.{name}"
    inputs = [stated.removesuffix("?") for stated in header.inputs]
    needed = len([stated for stated in header.inputs if not stated.endswith("?")])
    for index, stated in enumerate(header.inputs[: max(needed, 1)]):
        if stated.endswith("?"):
            hint = "at least one input is always there, and those that are come first"
            raise fail(f"`{show_name(stated)}` cannot be left out", data, "inputs", index, path=path, hint=hint)
    scope = Scope(None, [*inputs, "in"])
    layers: tuple[Node, ...] = reader.read(data, "layers", path, scope)
    params = parameters(header.params, data.get("params"), f"{path}.params")
    return Block(
        name=name,
        params=params,
        conditions=conditions(params, header.require, data, path),
        inputs=tuple(inputs),
        needed=needed,
        layers=layers,
        outputs=output_ids(header.outputs, scope, data, path),
        shared=header.shared,
        home=reader.home,
        span=span_of(around, name) or NO_SPAN,
        data=data,
    )


def conditions(
    params: Mapping[str, Parameter], stated: list[ConditionHeader], data: Mapping[str, Any], path: str
) -> tuple[Condition, ...]:
    """What a block requires of its parameters, which the messages may show and nothing else."""
    made = []
    for index, header in enumerate(stated):
        that = opened(header.that, data, "require", index, "that", path=path)
        shown = tuple(re.findall(NAMED, header.message))
        for key, name in (("argument", header.argument), *(("message", name) for name in shown)):
            if name not in params:
                message, hint = f"the block has no parameter `{show_name(name)}`", suggestion(name, params)
                raise fail(message, data, "require", index, key, path=path, hint=hint)
        if re.search(r"[{}]", re.sub(NAMED, "", header.message)):
            message = "braces hold the name of a parameter and nothing else: {heads}"
            raise fail(message, data, "require", index, "message", path=path)
        made.append(Condition(that=that, argument=header.argument, message=header.message, params=shown))
    return tuple(made)


def output_ids(given: list[str], scope: Scope, data: Mapping[str, Any], path: str) -> tuple[str, ...]:
    for index, name in enumerate(given):
        if not scope.knows(name):
            hint = suggestion(name, scope.visible())
            raise fail(f"no layer is called `{show_name(name)}`", data, "outputs", index, path=path, hint=hint)
    return tuple(given)


def expectations(
    given: Mapping[str, Any], variants: Mapping[str, Any], data: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """``expect`` by variant; by the empty name where the spec has no variants or the figures are the plain spec's."""
    if given and not any(isinstance(value, dict) for value in given.values()):
        given = {"": given}
    for name, figures in given.items():
        if name and name not in variants:
            message, hint = f"`expect` names `{show_name(name)}`, which is no variant", suggestion(name, variants)
            raise fail(message, data, "expect", name, path="", hint=hint, of_key=True)
        if not isinstance(figures, dict):
            raise fail("`expect` takes figures by name: {params: 11_689_512}", data["expect"], name, path="expect")
    return dict(given)
