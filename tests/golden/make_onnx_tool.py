"""Write onnx_tool.json: what onnx-tool 1.0.1 counts of single layers and of whole networks that torch 2.13 exports.

Not part of the test suite; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 torchvision==0.28.0 onnx==1.23.2 onnxscript==0.7.2 onnx-tool==1.0.1
    python tests/golden/make_onnx_tool.py

Each layer is exported by torch.onnx.export as it comes (opset 20, its optimizer on), with a batch of 2 and weights
drawn at random, and counted as `python -m onnx_tool` counts: without the operators it hides. Of the networks the export
leaves batch normalisation where it is, instead of folding it into the convolution before it.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import make_layers
import onnx
import onnx_tool
import onnxscript.rewriter
import torch
import torchvision
from make_layers import INT_INPUT, TORCH, Args, Shapes, _forward, configurations
from onnxscript.rewriter.rules.common import _fuse_batchnorm
from torch import Tensor, nn

EACH = 14  # cases of a kind at most, spread over those of layers.json
NETWORKS = [
    "alexnet", "vgg11_bn", "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "densenet121",
    "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_v2_s",
    "shufflenet_v2_x1_0", "mnasnet1_0", "regnet_y_400mf", "regnet_x_8gf", "googlenet", "convnext_tiny", "vit_b_32",
    "swin_t",
]  # fmt: skip
IMAGE, SEQUENCE = [4, 6, 8], [5, 8]
# Kinds that make_layers.py does not measure.
MORE: dict[str, tuple[Callable[..., Any], list[tuple[Args, Shapes]]]] = {
    "add": (lambda *x: sum(x[1:], start=x[0]), [({}, [IMAGE] * 2), ({}, [IMAGE] * 3), ({}, [SEQUENCE] * 2)]),
    "sub": (lambda a, b: a - b, [({}, [IMAGE] * 2)]),
    "mul": (lambda a, b: a * b, [({}, [IMAGE] * 2), ({"broadcast": True}, [IMAGE, [4, 1, 1]])]),
    "div": (lambda a, b: a / b, [({}, [IMAGE] * 2)]),
    "scale": (lambda a: a * 0.5, [({"by": 0.5}, [IMAGE])]),
    "concat": (lambda a, b: torch.cat([a, b], 1), [({}, [IMAGE] * 2)]),
    "mean": (lambda a: a.mean(1), [({"axes": 1}, [SEQUENCE])]),
    "sum": (lambda a: a.sum(1), [({"axes": 1}, [SEQUENCE])]),
    "max": (lambda a: a.amax(1), [({"axes": 1}, [SEQUENCE])]),
    "global_maxpool": (lambda a: a.amax((2, 3), keepdim=True), [({}, [IMAGE])]),
    "reshape": (lambda a: a.reshape(2, 8, 24), [({"shape": [8, 24]}, [IMAGE])]),
    "squeeze": (lambda a: a.squeeze(1), [({"axis": 1}, [[1, 5]])]),
    "unsqueeze": (lambda a: a.unsqueeze(1), [({"axis": 1}, [SEQUENCE])]),
    "slice": (lambda a: a[:, 1:], [({"axis": 1, "start": 1}, [IMAGE])]),
    "select": (lambda a: a[:, 0], [({"axis": 1, "index": 0}, [IMAGE])]),
    "split": (lambda a: a.chunk(2, 1), [({"parts": 2}, [IMAGE])]),
    "roll": (lambda a: torch.roll(a, 1, 2), [({"shift": 1, "axes": [2]}, [IMAGE])]),
    "einsum": (lambda a, b: torch.einsum("bij,bkj->bik", a, b), [({"equation": "ij,kj->ik"}, [SEQUENCE] * 2)]),
    "dropout": (nn.Dropout().eval(), [({}, [IMAGE])]),
    "identity": (nn.Identity(), [({}, [IMAGE])]),
}
ATTENTION: list[tuple[Args, Shapes]] = [
    ({"heads": 2}, [SEQUENCE]),
    ({"heads": 2, "need_weights": True}, [SEQUENCE]),
    ({"heads": 4, "bias": False}, [SEQUENCE]),
    ({"heads": 2}, [SEQUENCE, [7, 8], [7, 8]]),
    ({"heads": 2}, [SEQUENCE, [7, 6], [7, 4]]),
]


class Function(nn.Module):
    """A function as a module, which is what torch exports."""

    def __init__(self, call: Callable[..., Any]) -> None:
        super().__init__()
        self.call = call

    def forward(self, *inputs: Tensor) -> Any:
        return self.call(*inputs)


def counted(module: nn.Module, *inputs: Tensor) -> dict[str, Any]:
    """onnx-tool's figures of the exported module, or why there are none."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        file = str(Path(folder) / "model.onnx")
        try:
            torch.onnx.export(module, inputs, file, dynamo=True, external_data=False)
        except Exception as fault:
            return {"error": f"not exported: {type(fault).__name__}"}
        operators = Counter(node.op_type for node in onnx.load(file).graph.node)
        found: dict[str, Any] = {"operators": dict(operators)}
        try:
            graph = onnx_tool.Model(file, {}).graph
            graph.graph_reorder_nodes()
            graph.shape_infer(None)
            graph.profile(exclude_ops=onnx_tool.NoMacsOps)
        except Exception as fault:
            return found | {"error": f"{type(fault).__name__}: {fault}"[:120]}
    return found | {"macs": int(graph.macs[0]), "params": int(graph.params)}


class Attention(nn.Module):
    """nn.MultiheadAttention on one input or on three."""

    def __init__(self, args: Args, shapes: Shapes) -> None:
        super().__init__()
        (_, embed), (_, kdim), (_, vdim) = shapes if len(shapes) == 3 else shapes * 3
        bias, heads = args.get("bias", True), args["heads"]
        self.inner = nn.MultiheadAttention(embed, heads, bias=bias, kdim=kdim, vdim=vdim, batch_first=True)
        self.weights = args.get("need_weights", False)

    def forward(self, *inputs: Tensor) -> Any:
        found = self.inner(*(inputs if len(inputs) == 3 else inputs * 3), need_weights=self.weights)
        return found if self.weights else found[0]


def at_random(module: nn.Module) -> nn.Module:
    """Every weight and statistic drawn anew: equal constants would be stored once and counted once."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data.uniform_(0.1, 1)
    return module.eval()


def chosen() -> Iterator[tuple[str, Args, Shapes]]:
    """The configurations that are measured."""
    by_kind: dict[str, list[tuple[str, Args, Shapes]]] = {}
    refused = {json.dumps([kind, args, shapes]) for kind, args, shapes in make_layers.refused()}
    for kind, args, shapes in configurations():
        broadcast = kind == "matmul" and shapes[0][:-2] != shapes[1][:-2]
        if kind != "max_unpool" and not broadcast and json.dumps([kind, args, shapes]) not in refused:
            given = {"mode": "zeros"} if args.get("mode") == "zero" else {}
            by_kind.setdefault(kind, []).append((kind, args | given, shapes))
    for cases in by_kind.values():
        count = min(EACH, len(cases))
        yield from (cases[n * (len(cases) - 1) // max(count - 1, 1)] for n in range(count))


def layers() -> Iterator[dict[str, Any]]:
    """A case for each layer."""
    for kind, args, shapes in chosen():
        inputs = [torch.rand(2, *shape) if kind not in INT_INPUT else torch.ones(2, *shape).long() for shape in shapes]
        call = TORCH[kind](args | ({"mode": "zero"} if args.get("mode") == "zeros" else {}), shapes)
        try:
            module = call.module()
            with torch.no_grad():
                _forward(call, module, args, inputs)
        except (RuntimeError, TypeError, ValueError, IndexError, AssertionError, ZeroDivisionError):
            continue
        whole = at_random(module) if module else Function(lambda *x, c=call, a=args: _forward(c, None, a, list(x)))
        yield {"kind": kind, "args": args, "inputs": shapes, **counted(whole, *inputs)}
    for kind, (function, cases) in MORE.items():
        for args, shapes in cases:
            inputs = [torch.rand(2, *shape) for shape in shapes]
            yield {"kind": kind, "args": args, "inputs": shapes, **counted(Function(function), *inputs)}
    for args, shapes in ATTENTION:
        module = at_random(Attention(args, shapes))
        found = counted(module, *(torch.rand(2, *shape) for shape in shapes))
        yield {"kind": "multihead_attention", "args": args, "inputs": shapes, **found}


def networks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Whole networks on one image of 224 x 224."""
    kept = onnxscript.rewriter._DEFAULT_REWRITE_RULES
    folding = set(map(id, _fuse_batchnorm.rules))
    onnxscript.rewriter._DEFAULT_REWRITE_RULES = tuple(rule for rule in kept if id(rule) not in folding)
    for name in NETWORKS:
        more = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        network = at_random(getattr(torchvision.models, name)(weights=None, **more))
        yield name, counted(network, torch.rand(1, 3, 224, 224))


def main() -> None:
    torch.manual_seed(1)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    lines = [json.dumps(case) for case in layers()]
    nets = [f"{json.dumps(name)}: {json.dumps(figures)}" for name, figures in networks()]
    text = '{"layers": [\n' + ",\n".join(lines) + '\n],\n"networks": {\n' + ",\n".join(nets) + "\n}}\n"
    Path(__file__).with_name("onnx_tool.json").write_text(text, "utf-8")
    print(f"{len(lines)} layers, {len(nets)} networks")


if __name__ == "__main__":
    main()
