"""Layers as they will be written, before modules are found among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from archspec.errors import ArchspecError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer
from archspec.models.worded import worded
from archspec.records import NamedTuple

MAX_LAYERS = 50_000
MAX_DEPTH = 40  # of modules in each other

FLOATS = frozenset({"float32", "float16", "float64", "bfloat16"})

Output = tuple[int, int]  # number of a layer, or -1, -2, ... for an input; and which output


@dataclass(frozen=True)
class Weight:
    """A tensor that a layer stores."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    turned: bool = False  # a matrix, transposed

    @property
    def shown(self) -> tuple[int, ...]:
        """Its sizes as its reader sees them."""
        return self.shape[::-1] if self.turned else self.shape


class Copied(NamedTuple):
    """That a module is one of several experts: which level of a layer's path it is, and the module's key `copies`."""

    level: int
    keys: dict[str, Any]


@dataclass
class Layer:
    """A layer: its kind and arguments, what it reads, and whose weights it has."""

    kind: str
    arguments: dict[str, Any]
    inputs: list[Output]
    scope: tuple[str, ...]  # of the module it stands in
    weights: dict[str, Weight] = field(default_factory=dict)
    shapes: tuple[tuple[int, ...], ...] = ()
    batched: bool = True
    dtype: str = "float32"
    name: str = ""  # its own in that module, where the source says so
    keys: dict[str, Any] = field(default_factory=dict)  # beside its kind, such as `freeze`
    copied: Copied | None = None  # of a layer in experts

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the first output, without the batch."""
        return self.shapes[0]


class Input(NamedTuple):
    """An input of the network: which it is, its sizes without the batch, and its dtype."""

    layer: int
    sizes: tuple[Any, ...]
    dtype: str


def traits_of(
    kind: str, arguments: dict[str, Any], shapes: tuple[tuple[int, ...], ...], fail: Callable[[str], ArchspecError]
) -> Traits:
    """What a layer of a kind makes of inputs, the batch in front. Raises what ``fail`` makes of a cause."""
    if kind not in kinds():
        raise fail(f"archspec has no kind `{kind}` yet")
    try:
        return infer(kinds()[kind](**arguments), shapes)
    except ValidationError as error:
        raise fail(worded(error, kinds()[kind], "argument").error.message) from None
    except ArchspecError as error:
        raise fail(error.message) from None
