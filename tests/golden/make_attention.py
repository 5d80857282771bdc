"""Write attention.json and windows.json: attention layers, and networks of windowed attention at uneven sizes.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 torchvision==0.28.0
    python tests/golden/make_attention.py

attention.json is a list of cases as in layers.json. windows.json holds, for torchvision's Swin and MaxViT networks, the
batch and image size, parameters, buffers, and what torch.utils.flop_counter counts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import normalize
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

HERE = Path(__file__).parent
BATCH = 2

MULTIHEAD: list[tuple[dict[str, Any], list[list[int]]]] = [
    ({"heads": 2}, [[4, 8]]),
    ({"heads": 1, "bias": False}, [[5, 6]]),
    ({"heads": 3, "need_weights": True}, [[4, 6]]),
    ({"heads": 4}, [[4, 8], [7, 8], [7, 8]]),
    ({"heads": 2}, [[4, 8], [7, 5], [7, 3]]),
    ({"heads": 2, "bias": False}, [[4, 8], [3, 8], [3, 6]]),
    ({"heads": 2, "need_weights": True}, [[1, 8], [9, 2], [9, 8]]),
]
EINSUM: list[tuple[str, list[list[int]]]] = [
    ("hid,hjd->hij", [[3, 4, 5], [3, 6, 5]]),
    ("whid,whjd->whij", [[2, 3, 4, 5], [2, 3, 4, 5]]),
    ("hij,hjd->ihd", [[3, 4, 6], [3, 6, 5]]),
    ("ab,bc->ca", [[2, 3], [3, 7]]),
    ("td,dn->tdn", [[3, 4], [4, 5]]),
    ("i,j->ij", [[3], [4]]),
    ("ab,bc->c", [[3, 4], [4, 5]]),
    ("ab,cd->ad", [[3, 4], [6, 5]]),
    ("ab,ab->", [[3, 4], [3, 4]]),
    ("abc,b->a", [[3, 4, 2], [4]]),
]
UNEVEN = [(1, 250, 230), (3, 64, 96), (2, 28, 32), (1, 512, 200)]
NETWORKS = [
    *((name, 1, size, size) for name in ("swin_t", "swin_s", "swin_b") for size in (224, 256)),
    *((name, 1, size, size) for name in ("swin_v2_t", "swin_v2_s", "swin_v2_b") for size in (224, 256)),
    *((name, *sizes) for name in ("swin_t", "swin_v2_t") for sizes in UNEVEN),
    ("maxvit_t", 2, 224, 224),
    ("maxvit_t", 1, 448, 448),
]  # fmt: skip


def case(kind: str, args: dict[str, Any], inputs: list[list[int]], call: Any, text: str) -> dict[str, Any]:
    """One layer run and measured; ``call`` is a module or a function."""
    tensors = [torch.zeros(BATCH, *shape) for shape in inputs]
    with torch.no_grad(), FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        output = call(*tensors)
    outputs = [one for one in (output if isinstance(output, tuple) else (output,)) if one is not None]
    params = call.named_parameters() if isinstance(call, nn.Module) else ()
    return {
        "kind": kind, "args": args, "inputs": inputs, "batch": BATCH, "outputs": [list(one.shape) for one in outputs],
        "params": {name: list(weight.shape) for name, weight in params}, "buffers": {},
        "flops": counter.get_total_flops(), "torch": text,
    }  # fmt: skip


def multihead(args: dict[str, Any], inputs: list[list[int]]) -> dict[str, Any]:
    """nn.MultiheadAttention on one input or three."""
    options = {"bias": args.get("bias", True), "batch_first": True}
    if len(inputs) == 3:
        options |= {"kdim": inputs[1][1], "vdim": inputs[2][1]}
    module = nn.MultiheadAttention(inputs[0][1], args["heads"], **options).eval()
    plain, weights = module.forward, args.get("need_weights", False)
    module.forward = lambda q, *others: plain(q, *(others or (q, q)), need_weights=weights)
    listed = ", ".join(f"{name}={value}" for name, value in options.items())
    text = f"nn.MultiheadAttention({inputs[0][1]}, {args['heads']}, {listed})"
    return case("multihead_attention", args, inputs, module, text)


def einsum(equation: str, inputs: list[list[int]]) -> dict[str, Any]:
    """torch.einsum with the batch, `z`, put in front of every term."""
    terms, output = equation.split("->")
    full = ",".join("z" + term for term in terms.split(",")) + "->z" + output
    text = f"torch.einsum('{full}', *inputs)"
    return case("einsum", {"equation": equation}, inputs, lambda *x: torch.einsum(full, *x), text)


def unit(axis: int) -> dict[str, Any]:
    """F.normalize along an axis."""
    return case("normalize", {"axis": axis}, [[3, 4]], lambda x: normalize(x, dim=axis), f"F.normalize(x, dim={axis})")


def network(name: str, batch: int, height: int, width: int) -> dict[str, Any]:
    """One of torchvision's networks on the meta device."""
    options = {"input_size": (height, width)} if name == "maxvit_t" else {}
    with torch.device("meta"):
        net = getattr(models, name)(**options).eval()
        with FlopCounterMode(display=False) as counter:
            net(torch.empty(batch, 3, height, width))
    return {
        "name": name, "batch": batch, "height": height, "width": width,
        "params": sum(one.numel() for one in net.parameters()), "buffers": sum(one.numel() for one in net.buffers()),
        "flops": counter.get_total_flops(),
    }  # fmt: skip


def write(name: str, rows: list[dict[str, Any]]) -> None:
    """One row to a line."""
    (HERE / name).write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", "utf-8")


if __name__ == "__main__":
    torch.backends.mha.set_fastpath_enabled(False)
    layers = [multihead(*one) for one in MULTIHEAD] + [einsum(*one) for one in EINSUM]
    write("attention.json", layers + [unit(axis) for axis in (1, -1)])
    write("windows.json", [network(*one) for one in NETWORKS])
