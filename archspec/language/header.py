"""The top of a spec file and of a block; what stands in their lists of layers is in :mod:`archspec.language.keys`."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from archspec.errors import show, suggestion
from archspec.kinds.args import MAX_SIZE_DIGITS
from archspec.kinds.dtypes import DTYPES
from archspec.models.base import Model
from archspec.models.types import EXPRESSION, Invalid, Json, Taken, Text, Texts, grouped, one_of, unfit

MAX_INPUTS = 1000
MAX_AXES = 64  # beside the batch, as PyTorch has them
_SIZE = one_of({"type": "integer", "minimum": 1}, EXPRESSION)
_OBJECT: Json = {"type": "object"}
_NAMES: Json = {**_OBJECT, "propertyNames": {"not": {"enum": ["in", "index"]}}}


def _addresses(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in listed):
        raise Invalid(f"`source` must be text or a list of texts, got {show(value)}")
    return tuple(listed)


def _size(value: Any) -> Any:
    value = grouped(value)
    if isinstance(value, str) and "$" in value:
        return value
    if type(value) is not int:
        hint = "an expression has `$` before each name: $H" if isinstance(value, str) else None
        raise Invalid(f"a size is a whole number or an expression, got {show(value)}", hint=hint)
    if not 1 <= value < 10**MAX_SIZE_DIGITS:
        bound = "at least 1" if value < 1 else f"of at most {MAX_SIZE_DIGITS} digits"
        raise Invalid(f"a size must be {bound}, got {show(value)}")
    return value


def _shape(value: Any) -> Any:
    if not isinstance(value, list):
        raise Invalid(f"`shape` must be a list of sizes, got {show(value)}")
    if len(value) > MAX_AXES:
        raise Invalid(f"an input of {len(value)} axes: at most {MAX_AXES} are possible")
    return value


def _dtype(value: Any) -> str:
    if not (isinstance(value, str) and value in DTYPES):
        raise Invalid(f"unknown dtype {show(value)}", hint=suggestion(str(value), DTYPES))
    return value


def _dims(value: Any) -> dict[str, Any]:
    sizes = {name: grouped(size) for name, size in _mapping(value).items()}
    for name, size in sizes.items():
        if not (type(size) is int and size > 0) and not (isinstance(size, str) and "$" in size):
            raise Invalid(f"a dim must be a whole number above 0, got {show(size)}", name)
    return sizes


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise unfit(f"must be a mapping, got {show(value)}")
    return value


def _mappings(value: Any) -> dict[str, dict[str, Any]]:
    """Mappings by name; the first that is none is told, however many there are."""
    for name, inner in _mapping(value).items():
        if not isinstance(inner, dict):
            raise Invalid(f"`{name}` must be a mapping, got {show(inner)}", name)
    return dict(value)


def _blocks(value: Any) -> dict[str, Any]:
    """Blocks by name, each of which is looked at when it is read."""
    for name, block in _mapping(value).items():
        if not isinstance(block, dict):
            raise Invalid(f"a block is a mapping with `params` and `layers`, got {show(block)}", name)
    return dict(value)


def _inputs(value: Any) -> Any:
    if isinstance(value, dict) and len(value) > MAX_INPUTS:
        raise Invalid(f"{len(value)} inputs: at most {MAX_INPUTS} are possible")
    for name in value if isinstance(value, dict) else ():
        if isinstance(name, str) and "$" in name:
            hint = "`from` would read a variable there"
            raise Invalid(f"the name of an input has no `$`, got {show(name)}", name, hint=hint, of_key=True)
    return value


def _input(value: Any) -> Any:
    if not isinstance(value, (list, dict)):
        hint = "without the batch axis, channels first: [3, 224, 224]"
        raise Invalid(f"an input is a list of sizes or {{shape, dtype}}, got {show(value)}", hint=hint)
    return value


def _moved(value: Any) -> dict[str, str]:
    for old, new in _mapping(value).items():
        if not isinstance(new, str) or not all(old.split(".")):
            raise Invalid(f"`moved` takes ids, the new by the old: {{layer1: stage1}}, got {show(new)}", old)
    return dict(value)


def _that(value: Any) -> str:
    if not (isinstance(value, str) and "$" in value):
        raise Invalid(f"`that` must be an expression with `$` before each name, got {show(value)}")
    return value


def _listed(value: Any) -> Any:
    """A list of layers, each of which is looked at when it is read."""
    if not isinstance(value, list):
        raise unfit(f"must be a list of layers, got {show(value)}", "start each layer with `- `")
    return value


Size = Annotated[int | str, Taken(_size, _SIZE)]
Shape = Annotated[list[Size], BeforeValidator(_shape)]


class TypedInput(Model):
    """An input with its dtype."""

    shape: Shape
    """Sizes without the batch axis, channels first."""
    dtype: Annotated[str, Taken(_dtype, {"enum": list(DTYPES)})] = ""
    """Element type; that of the analysis where it is left out."""


AnyInput = Annotated[
    Annotated[Shape, Tag("<list>")] | Annotated[TypedInput, Tag("<mapping>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<mapping>"),
    BeforeValidator(_input),
]
Mapping = dict[Text, Any]
Variables = Annotated[Mapping, WithJsonSchema(_NAMES)]
Dims = Annotated[Mapping, Taken(_dims, {**_NAMES, "additionalProperties": _SIZE})]
Mappings = Annotated[dict[str, Mapping], Taken(_mappings, {**_OBJECT, "additionalProperties": _OBJECT})]
Blocks = Annotated[Mapping, Taken(_blocks, {**_OBJECT, "additionalProperties": {"ref": "BlockHeader"}})]
Addresses = Annotated[tuple[str, ...], Taken(_addresses, {"type": ["string", "array"], "items": {"type": "string"}})]
Moved = Annotated[dict[Text, Text], Taken(_moved, {**_OBJECT, "additionalProperties": {"type": "string"}})]
Layers = Annotated[list[Any], Taken(_listed, {"ref": "layers"})]


class ConditionHeader(Model):
    """What a block asks of its parameters."""

    that: Annotated[str, Taken(_that, {"type": "string"})]
    """The condition, an expression over the parameters and `$in`."""
    argument: Text
    """The parameter that an error is about; it stands where the call gives that one."""
    message: Text
    """What an error says; `{name}` is a parameter's value."""


class BlockHeader(Model):
    """A block: layers with parameters."""

    summary: Text = ""
    """One sentence on what it is."""
    source: Text = ""
    """Where it is published."""
    inputs: Texts = []
    """Names of its inputs where it takes several; a single one is called `in`. The last ones may be left
    out of a call where a `?` follows them: what takes them has an input less then, and only `from` gives them."""
    params: Variables = {}
    """Parameters: a default, or the name of a type for a required one."""
    require: list[ConditionHeader] = []
    """What must hold for a call, as a list of {that, argument, message}: a condition, the parameter it is about, and
    what an error says, in which `{name}` is a parameter's value."""
    layers: Layers
    """Its layers."""
    outputs: Texts = []
    """Ids of its outputs; the last layer where there are none."""
    shared: bool = False
    """Every call with the same arguments is a call of one module: its weights are the same, wherever it is called."""


class Header(Model):
    """A network: named inputs, variables, and a list of layers."""

    archspec: Literal[1]
    """Version of the spec language."""
    name: Text
    """Name of the network or family."""
    summary: Text = ""
    """One sentence on what it is."""
    source: Addresses = ()
    """Where it is published: an address, or a list of them."""
    dims: Dims = {}
    """Free sizes with their nominal values, such as {H: 224, W: 224}; `--set H=320` overrides one."""
    inputs: Annotated[
        dict[Text, AnyInput],
        BeforeValidator(_inputs),
        Field(json_schema_extra={"propertyNames": {"pattern": "^[^$]*$"}}),
    ] = {}
    """Inputs by name: a list of sizes without the batch axis, channels first, or {shape: [...], dtype: int64}."""
    vars: Variables = {}
    """Variables: a default, or the name of a type (int, number, str, bool, list) for a required one."""
    variants: Mappings = {}
    """Named settings of declared vars and dims."""
    defaults: Mappings = {}
    """Arguments that each layer of a kind has in this file unless it says otherwise."""
    blocks: Blocks = {}
    """Named lists of layers with parameters, called by `use`."""
    layers: Layers = []
    """The network, first layer first."""
    outputs: Texts = []
    """Ids of the outputs; the last layer where there are none."""
    moved: Moved = {}
    """Layers and groups that got another id, the new address by the old one: {layer1: stage1}. What compares with an
    older version takes both for one, and what they hold for renamed in a checkpoint."""
    expect: Mapping = {}
    """Published figures that `archspec check` compares: {params: 11_689_512, macs: 1.814G}, or such a mapping per
    variant."""
