"""The top of a spec file, as a record of fields; its layers are read by :mod:`archspec.language.layers`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic_core import core_schema as core

from archspec.record import Record
from archspec.validation import Check, Json

_TEXT, _ANY = core.str_schema(strict=True), core.any_schema()
_STRING: Json = {"type": "string"}
_STRINGS: Json = {"type": "array", "items": _STRING}
_OBJECT: Json = {"type": "object"}

Version = Annotated[int, Check(core.literal_schema([1]), {"const": 1})]
Text = Annotated[str, Check(_TEXT, _STRING)]
Texts = Annotated[list[str], Check(core.list_schema(_TEXT), _STRINGS)]
Addresses = Annotated[
    str | list[str], Check(core.union_schema([_TEXT, core.list_schema(_TEXT)]), {"anyOf": [_STRING, _STRINGS]})
]
Layers = Annotated[list[Any], Check(core.list_schema(_ANY), {"type": "array"})]
Mapping = Annotated[dict[str, Any], Check(core.dict_schema(_TEXT, _ANY), _OBJECT)]
Mappings = Annotated[
    dict[str, dict[str, Any]],
    Check(core.dict_schema(_TEXT, core.dict_schema(_TEXT, _ANY)), {"type": "object", "additionalProperties": _OBJECT}),
]
_CONDITION = dict.fromkeys(("that", "argument", "message"), _STRING)
Conditions = Annotated[
    list[dict[str, Any]],
    Check(
        core.list_schema(core.dict_schema(_TEXT, _ANY)),
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": _CONDITION,
                "required": list(_CONDITION),
                "additionalProperties": False,
            },
        },
    ),
]


class Header(Record):
    """A network: named inputs, variables, and a list of layers."""

    archspec: Version
    """Version of the spec language."""
    name: Text
    """Name of the network or family."""
    summary: Text = ""
    """One sentence on what it is."""
    source: Addresses = ""
    """Where it is published: an address, or a list of them."""
    dims: Mapping = {}
    """Free sizes with their nominal values, such as {H: 224, W: 224}; `--set H=320` overrides one."""
    inputs: Mapping = {}
    """Inputs by name: a list of sizes without the batch axis, channels first, or {shape: [...], dtype: int64}."""
    vars: Mapping = {}
    """Variables: a default, or the name of a type (int, number, str, bool, list) for a required one."""
    variants: Mappings = {}
    """Named settings of declared vars and dims."""
    defaults: Mappings = {}
    """Arguments that each layer of a kind has in this file unless it says otherwise."""
    blocks: Mapping = {}
    """Named lists of layers with parameters, called by `use`."""
    layers: Layers = []
    """The network, first layer first."""
    outputs: Texts = []
    """Ids of the outputs; the last layer where there are none."""
    expect: Mapping = {}
    """Published figures that `archspec check` compares: {params: 11_689_512, macs: 1.814G}, or such a mapping per
    variant."""


class ConditionHeader(Record):
    """What a block asks of its parameters."""

    that: Annotated[Any, Check(_ANY, {"type": "string"})]
    """The condition, an expression over the parameters and `$in`."""
    argument: Text
    """The parameter that an error is about; it stands where the call gives that one."""
    message: Text
    """What an error says; `{name}` is a parameter's value."""


class BlockHeader(Record):
    """A block: layers with parameters."""

    summary: Text = ""
    """One sentence on what it is."""
    source: Text = ""
    """Where it is published."""
    params: Mapping = {}
    """Parameters: a default, or the name of a type for a required one."""
    require: Conditions = []
    """What must hold for a call, as a list of {that, argument, message}: a condition, the parameter it is about, and
    what an error says, in which `{name}` is a parameter's value."""
    inputs: Texts = []
    """Names of its inputs where it takes several; a single one is called `in`."""
    layers: Layers
    """Its layers."""
    outputs: Texts = []
    """Ids of its outputs; the last layer where there are none."""


# What a layer can say beside its kind; the texts are the manual's and the editor's.
LAYER_KEYS = {
    "id": "Stable name; other layers, reviews and budgets refer to it.",
    "from": "Id of the input, or a list of ids; the layer before where it is absent. `prev` names the layer before.",
    "repeat": "How often it stands in a row; `$index` counts from 0 inside.",
    "when": "Static condition; where it is false the layer is left out and its id stands for its first input.",
    "tie": "Id of the layer whose weights are used again, or whose module is called again; null for none.",
    "with": "Arguments of the block that `use` names.",
    "freeze": "Its weights are not trained.",
    "train_only": "Runs only in training: its weights count, its operations do not.",
    "note": "A remark for readers.",
    "call": "`function` where the reference implementation writes it as a plain function, which hook-based profilers "
    "do not see; `operator` where it is an operator (`a @ b`), which those that wrap functions do not see either; "
    "`sequential` where a block is a plain sequence there.",
}
CALLS = ("module", "function", "operator", "sequential")

STRUCTURES = {
    "seq": "Layers one after the other.",
    "residual": "A body whose output is added to its input: a list of layers, or {body, shortcut, act}.",
    "parallel": "Branches on one input, merged: {merge: concat | add | mul, branches: {name: [layers]}}.",
    "use": "A call of a block.",
}
MERGES = ("concat", "add", "mul")
RESIDUAL_KEYS = {
    "body": "The layers whose output is added.",
    "shortcut": "Layers on the other way; none leave the input as it is.",
    "act": "Activation of the sum, as a kind or {kind: arguments}.",
}
PARALLEL_KEYS = {
    "branches": "Lists of layers by name, two or more; an empty one is the input itself.",
    "merge": "How the branches' outputs become one: concat, add or mul.",
    "axis": "Axis that concat joins along: 1 is the first after the batch.",
    "broadcast": "Let add and mul stretch axes of size 1.",
    "act": "Activation of the result, as a kind or {kind: arguments}.",
}
