"""What a layer says beside its kind, and the structures that hold layers."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from archspec.errors import show
from archspec.kinds.args import Axis, Flag, Folded
from archspec.language.header import Layers
from archspec.models.base import Model
from archspec.models.types import EXPRESSION, Invalid, Json, Taken, Text, Texts, grouped, one_of, unfit

_TEXT: Json = {"type": "string"}
_ID: Json = {"type": ["string", "null"], "not": {"enum": ["prev", "in"]}}
_VALUES = one_of({"type": "integer", "minimum": 1}, EXPRESSION, {"type": "array", "minItems": 1})
_EACH: Json = {"type": ["object", "null"], "minProperties": 1, "maxProperties": 1, "additionalProperties": _VALUES}
_SOURCES = one_of(_TEXT, {"type": "array", "items": _TEXT, "minItems": 1})


def _asis(value: Any) -> Any:
    """Ids are looked up where the layers around are known."""
    return value


def _repeat(value: Any) -> Any:
    value = grouped(value)
    if isinstance(value, str) and "$" in value:
        return value
    if value is not None and (type(value) is not int or value < 0):
        raise Invalid(f"`repeat` must be a whole number of at least 0, got {show(value)}")
    return value


def _count(value: Any) -> Any:
    value = grouped(value)
    if (isinstance(value, str) and "$" in value) or (type(value) is int and value > 0):
        return value
    raise unfit(f"must be a whole number of at least 1, got {show(value)}")


def _number(value: Any) -> Any:
    value = grouped(value)
    if (isinstance(value, str) and "$" in value) or (type(value) is int and value >= 0):
        return value
    raise unfit(f"must be a whole number of at least 0, got {show(value)}")


def _names(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[\w-]*\*[\w-]*", value):
        return value
    raise unfit(f"must be a word with `*` for the number, as expert_*, got {show(value)}")


def _each(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) != 1:
        raise Invalid(f"`each` names one variable and its values, got {show(value)}", hint="each: {i: 3}")
    ((name, values),) = value.items()
    values = grouped(values)
    counted = type(values) is int and values >= 1
    if not (counted or (isinstance(values, str) and "$" in values) or (isinstance(values, list) and values)):
        hint = "a number counts from 0, a list is gone through: {i: 3}, {level: [3, 4, 5]}"
        raise Invalid(f"`each` goes through a number of values or a list of them, got {show(values)}", name, hint=hint)
    return {name: values}


def _when(value: Any) -> Any:
    if value is None or isinstance(value, bool) or (isinstance(value, str) and "$" in value):
        return value
    hint = "names are written with `$`: when: $stride != 1"
    raise Invalid(f"`when` must be an expression or true or false, got {show(value)}", hint=hint)


def _with(value: Any) -> Any:
    if value is None or isinstance(value, dict):
        return value or {}
    message = f"`with` must be a mapping of the block's parameters, got {show(value)}"
    raise Invalid(message, hint="write `with: {name: value}`")


def _use(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(f"`use` takes the name of a block, got {show(value)}")
    return value


def _branches(value: Any) -> Any:
    if not isinstance(value, dict) or len(value) < 2:
        hint = "branches: {left: [conv: {out: 64, kernel: 1}], right: [...]}"
        raise Invalid("`branches` must be a mapping of at least two names", hint=hint)
    return value


def _stored_shape(value: Any) -> Any:
    if isinstance(value, str) and "$" in value:
        return value
    if isinstance(value, list):
        sizes = list(map(grouped, value))
        if all((type(size) is int and size >= 0) or (isinstance(size, str) and "$" in size) for size in sizes):
            return sizes
    raise unfit(f"must be a list of sizes, got {show(value)}")


class StoredWeight(Model):
    """What a checkpoint holds of a weight."""

    name: Text | None = None
    """Its name there, behind the layer's path: an empty one is the path itself, and each `^` before it takes a level
    off the path. `*` is the last number taken off, that of the repeat's instance."""
    shape: Annotated[
        Any,
        Taken(
            _stored_shape,
            one_of({"type": "array", "items": one_of({"type": "integer", "minimum": 0}, EXPRESSION)}, EXPRESSION),
        ),
    ] = None
    """Its sizes there: another layout of as many scalars."""


AnyStored = Annotated[
    Annotated[Text, Tag("<name>")] | Annotated[StoredWeight, Tag("<mapping>")],
    Discriminator(lambda value: "<name>" if isinstance(value, str) else "<mapping>"),
]


Count = Annotated[Any, Taken(_count, one_of({"type": "integer", "minimum": 1}, EXPRESSION))]


class Copies(Model):
    """Experts that a layer, or what is in it, stands for."""

    count: Count
    """How many there are: so often its weights stand."""
    active: Count
    """How many of them a token meets."""
    stacked: Flag = False
    """They are one tensor with an axis more in front, not tensors of their own."""
    names: Annotated[str, Taken(_names, _TEXT)] = "*"
    """What each is called, with `*` for its number, as expert_*."""
    first: Annotated[Any, Taken(_number, one_of({"type": "integer", "minimum": 0}, EXPRESSION))] = 0
    """The number of the first one."""
    step: Count = 1
    """How far the numbers of two neighbours are apart."""


class Residual(Model):
    """The parts of a residual."""

    body: Layers | None
    """The layers whose output is added."""
    shortcut: Layers | None = None
    """Layers on the other way; none leave the input as it is."""
    act: Folded = None
    """Activation of the sum, as a kind or {kind: arguments}."""


class Parallel(Model):
    """The parts of a parallel."""

    merge: Literal["concat", "add", "mul"] = "concat"
    """How the branches' outputs become one: concat, add or mul."""
    axis: Axis = 1
    """Axis that concat joins along: 1 is the first after the batch."""
    broadcast: Flag = False
    """Let add and mul stretch axes of size 1."""
    act: Folded = None
    """Activation of the result, as a kind or {kind: arguments}."""
    branches: Annotated[dict[str, Layers | None], BeforeValidator(_branches), Field(min_length=2)]
    """Lists of layers by name, two or more; an empty one is the input itself."""


class Experts(Copies):
    """The parts of experts."""

    router: Layers | None = None
    """The layers that make the scores, one for each expert; without them every expert's output counts alike."""
    weigh: Layers | None = None
    """Layers on the scores of the experts chosen; none leave them as they are."""
    body: Layers
    """The layers of one expert, on the rows [..., active, D] that are sent to it."""
    shared: Layers | None = None
    """Layers that every token meets, whose output is added."""


AnyResidual = Annotated[
    Annotated[Layers, Tag("<list>")] | Annotated[Residual, Tag("<mapping>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<mapping>"),
]


Absent: Any = None  # of a structure that the layer is not; null itself is refused


class LayerKeys(Model):
    """What any layer can say, in the order that `archspec fmt` writes."""

    with_: Annotated[dict[str, Any], Taken(_with, {"type": ["object", "null"]}), Field(alias="with")] = {}
    """Arguments of the block that `use` names."""
    outputs: Texts = []
    """Ids inside the block or network that `use` names: its outputs, in the place of its own. What stands behind the
    last of them is left out."""
    from_: Annotated[Any, Taken(_asis, _SOURCES), Field(alias="from")] = None
    """Id of the input, or a list of ids; the layer before where it is absent. `prev` names the layer before."""
    each: Annotated[Any, Taken(_each, _EACH)] = None
    """A variable and its values: it stands once for each of them, side by side; {i: 3} counts from 0."""
    repeat: Annotated[Any, Taken(_repeat, one_of({"type": "integer", "minimum": 0}, EXPRESSION))] = None
    """How often it stands in a row; `$index` counts from 0 inside."""
    copies: Copies | None = None
    """Experts that it stands for: {count: 8, active: 2}. Its weights stand so often, its operations are those of the
    rows that come in."""
    when: Annotated[Any, Taken(_when, one_of({"type": "boolean"}, EXPRESSION))] = None
    """Static condition; where it is false the layer is left out and its id stands for its first input."""
    train_only: bool = False
    """Runs only in training: its weights count, its operations do not."""
    unused: bool = False
    """Never runs, though the network has it: its weights count, its operations do not."""
    id: Annotated[Any, Taken(_asis, _ID)] = None
    """Stable name; other layers, reviews and budgets refer to it."""
    tie: Annotated[Any, Taken(_asis, {"type": ["string", "null"]})] = None
    """Id of the layer whose weights are used again, or whose module is called again; null for none."""
    weights: dict[str, AnyStored] | None = None
    """What a checkpoint calls its tensors, where that is not PyTorch's name, and how they lie there:
    {weight: {name: kernel, shape: [...]}}, or the name alone. One of no scalars may stand beside the kind's own."""
    freeze: bool = False
    """Its weights are not trained."""
    call: Literal["module", "function", "operator", "sequential"] = "module"
    """`function` where the reference implementation writes it as a plain function, which hook-based profilers do not
    see; `operator` where it is an operator (`a @ b`), which those that wrap functions do not see either; `sequential`
    where a block is a plain sequence there."""
    note: Text | None = None
    """A remark for readers."""


class Layer(LayerKeys):
    """One layer: what any layer can say, and one structure; or a kind in its place, which has a model of its own."""

    seq: Layers = []
    """Layers one after the other."""
    residual: AnyResidual = []
    """A body whose output is added to its input: a list of layers, or {body, shortcut, act}."""
    parallel: Parallel = Absent
    """Branches on one input, merged: {merge: concat | add | mul, branches: {name: [layers]}}."""
    experts: Experts = Absent
    """Experts, of which each token meets a few that a router chooses: {count, active, router: [...], body: [...]}."""
    use: Annotated[str, Taken(_use, _TEXT)] = ""
    """A call of a block."""


LAYER_KEYS = tuple(field.alias or name for name, field in LayerKeys.model_fields.items())
STRUCTURES = tuple(name for name in Layer.model_fields if name not in LayerKeys.model_fields)
