"""Dtypes under torch.autocast: which values are half and which stay float32, and what is copied from one to the other.

Layers that multiply matrices take half and put out half; norms, softmax and sums take float32 and put it out; all else
has the widest dtype of its inputs: https://docs.pytorch.org/docs/2.13/amp.html, the lists of operators for CUDA.
"""

from __future__ import annotations

from collections.abc import Iterable

from archspec.kinds.dtypes import DTYPES, OWN
from archspec.memory.autograd.kept import Kept
from archspec.memory.program import Program
from archspec.memory.training.parameters import MULTIPLIES

WIDE = "float32"
# Kinds that run in float32 whatever comes in.
IN_FLOAT32 = frozenset({"layernorm", "groupnorm", "rmsnorm", "normalize", "softmax", "log_softmax", "softplus", "sum"})


def autocast(program: Program, half: str) -> Program:
    """The program with the dtype of each value of floating-point numbers put in."""
    values = [value._replace(dtype=value.dtype or WIDE) for value in program.values]
    for operation in program.operations:
        kind = operation.layer.traits.kind
        wide = any(values[value].dtype == WIDE for value in operation.inputs) or not operation.inputs
        narrow = kind.role in MULTIPLIES or not (wide or kind.kind in IN_FLOAT32 or kind.role == "embedding")
        for value in operation.outputs:
            if program.values[value].dtype == OWN:
                values[value] = values[value]._replace(dtype=half if narrow else WIDE)
    return program._replace(values=tuple(values))


def copied(program: Program, in_half: Iterable[Kept], wide: Iterable[Kept], half: str) -> Iterable[Kept]:
    """What is kept, out of that worked out in either dtype: in that which a layer puts out, statistics in float32.

    An input of the other dtype is kept as the copy that the layer takes, each layer's its own.
    """
    for record, other in zip(in_half, wide, strict=True):
        operation = program.operations[record.operation]
        kind, taken = operation.layer.traits.kind, {program.values[value].dtype for value in operation.inputs}
        if record.what == "input" and kind.role in MULTIPLIES and WIDE in taken:
            yield record._replace(bytes=record.bytes * DTYPES[half] // DTYPES[WIDE], storage=None)
        elif record.what == "input" and kind.kind in IN_FLOAT32 and half in taken:
            yield record._replace(bytes=record.bytes * DTYPES[WIDE] // DTYPES[half], storage=None)
        else:
            yield other if record.what == "statistics" or program.values[operation.outputs[0]].dtype == WIDE else record
