"""Write optimizers.json: what PyTorch's optimizers keep of parameters of some shapes, tensor by tensor.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 numpy
    python tests/golden/make_optimizers.py

Each optimizer takes one step on each parameter alone, in float32 and in bfloat16; the bytes are those of the tensors
in its state. `step`, a scalar that stays on the host, is listed with the rest. Muon takes matrices only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import optim

SHAPES = [(7,), (5, 3), (4, 3, 3, 5), (6, 2, 5), (300, 17)]
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": optim.SGD,
    "momentum": partial(optim.SGD, momentum=0.9),
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "amsgrad": partial(optim.Adam, amsgrad=True),
    "adafactor": optim.Adafactor,
    "muon": optim.Muon,
    "rmsprop": optim.RMSprop,
    "adagrad": optim.Adagrad,
}


def kept(make: Callable[..., Any], shape: tuple[int, ...], dtype: torch.dtype) -> dict[str, int]:
    """Bytes of each tensor of the state, after a step."""
    parameter = torch.nn.Parameter(torch.ones(shape, dtype=dtype))
    parameter.grad = torch.ones_like(parameter)
    optimizer = make([parameter], lr=0.1)
    optimizer.step()
    state = optimizer.state[parameter]
    return {name: value.numel() * value.element_size() for name, value in state.items() if torch.is_tensor(value)}


def main() -> None:
    cases = [
        {
            "optimizer": name,
            "shape": shape,
            "dtype": dtype,
            "bytes": kept(make, shape, getattr(torch, dtype)),
        }
        for name, make in OPTIMIZERS.items()
        for shape in SHAPES
        for dtype in ("float32", "bfloat16")
        if name != "muon" or len(shape) == 2
    ]
    text = ",\n".join(json.dumps(case) for case in cases)
    Path(__file__).with_name("optimizers.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
