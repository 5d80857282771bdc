"""The tensors of a network as text."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.render.json_text import dumps
from archspec.render.numbers import exact
from archspec.render.outputs.weights import FIELDS
from archspec.render.tables import csv_text, plain_table, ruled_table
from archspec.sizes import prod
from archspec.studies.tensors import Tensor

HEAD = ("tensor", "shape", "dtype", "")


def render(tensors: Sequence[Tensor], form: str) -> str:
    """The tensors as table, CSV or JSON (``archspec.weights/1``)."""
    if form == "json":
        return dumps([tensor._asdict() for tensor in tensors], spread=1)
    if form == "csv":
        return csv_text([FIELDS, *map(flat, tensors)])
    cells = [[tensor.name, str(list(tensor.shape)), tensor.dtype, remark(tensor)] for tensor in tensors]
    lines = ruled_table([HEAD, *cells])
    own = [tensor for tensor in tensors if tensor.tied_to is None]
    sums = [("parameters", *summed(own, buffer=False)), ("buffers", *summed(own, buffer=True))]
    rule = lines[1]
    return "\n".join([*lines, rule, *plain_table(sums, (False, True, True))]) + "\n"


def flat(tensor: Tensor) -> list[object]:
    """A tensor as a line of CSV."""
    name, shape, dtype, layer, buffer, tied_to = tensor
    return [name, "x".join(map(str, shape)), dtype, layer, str(buffer).lower(), tied_to]


def remark(tensor: Tensor) -> str:
    """What a tensor is beside a parameter of its own."""
    said = ["buffer"] * tensor.buffer
    if tensor.tied_to is not None:
        said.append(f"tied to {tensor.tied_to}")
    return ", ".join(said)


def summed(tensors: Sequence[Tensor], *, buffer: bool) -> tuple[str, str]:
    """How many tensors, and their scalars."""
    chosen = [tensor for tensor in tensors if tensor.buffer is buffer]
    scalars = exact(sum(prod(tensor.shape) for tensor in chosen))
    return f"{len(chosen):,} tensor{'s' * (len(chosen) != 1)}", f"{scalars} scalars"
