"""Write layers.json: what torch 2.13.0 makes of single layers, as an outside oracle for the layer kinds.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 numpy
    python tests/golden/make_layers.py

Every configuration is written in archspec's argument names, translated to the torch call of the same meaning (`TORCH`),
and run on the CPU with a batch of 2 in eval mode. Shapes, parameters, buffers and counted operations are read off the
run; nothing here computes one. README.md, beside this file, says what each field means.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import pad as torch_pad
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.flop_counter import FlopCounterMode

from chosen_cases import Config, chosen
from refused_cases import refused
from sampled_cases import sampled

BATCH = 2
SEED = 20_13
Args = dict[str, Any]
Shapes = list[list[int]]
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "F.pad": torch_pad,
    "F.scaled_dot_product_attention": scaled_dot_product_attention,
    "torch.permute": torch.permute,
    "torch.matmul": torch.matmul,
}
# Kinds whose work is multiply-accumulates: a total of 0 means that the counter has no rule for the operator torch ran.
CONTRACTIONS = {
    "conv",
    "conv_transpose",
    "linear",
    "bilinear",
    "rnn",
    "lstm",
    "gru",
    "matmul",
    "scaled_dot_product_attention",
}
INT_INPUT = {"embedding"}
ACTIVATIONS = {
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "celu": "CELU",
    "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh", "hardsigmoid": "Hardsigmoid",
    "hardswish": "Hardswish", "hardtanh": "Hardtanh", "softplus": "Softplus", "softsign": "Softsign",
}  # fmt: skip


@dataclass
class Use:
    """One use of torch: a module class ("nn.Conv2d", built from the arguments, then called) or a function (called)."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Args = field(default_factory=dict)

    def __str__(self) -> str:
        given = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        given = given if self.name.startswith("nn.") else ["*inputs", *given]
        return f"{self.name}({', '.join(given)})"

    def module(self) -> nn.Module | None:
        if not self.name.startswith("nn."):
            return None
        made: nn.Module = getattr(nn, self.name[3:])(*self.args, **self.kwargs)
        return made.eval()


def use(name: str, *args: Any, **kwargs: Any) -> Use:
    """Lists become the tuples torch asks for, and what is None was not given."""
    given = {k: _tupled(v) for k, v in kwargs.items() if v is not None}
    return Use(name, tuple(_tupled(a) for a in args), given)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _rank(shapes: Shapes) -> int:
    return len(shapes[0]) - 1


def _renamed(a: Args, **names: str) -> Args:
    return {names.get(k, k): v for k, v in a.items()}


def _conv(a: Args, s: Shapes) -> Use:
    rest = {k: v for k, v in a.items() if k not in ("out", "kernel")}
    if rest.get("padding") == "same_upper":
        rest["padding"] = "same"
    elif rest.get("padding") == "half":
        kernel = a["kernel"]
        rest["padding"] = kernel // 2 if isinstance(kernel, int) else [k // 2 for k in kernel]
    return use(f"nn.Conv{_rank(s)}d", s[0][0], a["out"], a["kernel"], **rest)


def _conv_transpose(a: Args, s: Shapes) -> Use:
    rest = {k: v for k, v in a.items() if k not in ("out", "kernel")}
    return use(f"nn.ConvTranspose{_rank(s)}d", s[0][0], a["out"], a["kernel"], **rest)


def _recurrent(name: str) -> Callable[[Args, Shapes], Use]:
    def make(a: Args, s: Shapes) -> Use:
        rest = _renamed({k: v for k, v in a.items() if k != "hidden"}, layers="num_layers", proj="proj_size")
        return use(f"nn.{name}", s[0][-1], a["hidden"], batch_first=True, **rest)

    return make


def _per_channel(stem: str) -> Callable[[Args, Shapes], Use]:
    """Batch and instance norm: one module class for each number of spatial axes, [F] going with [C, L]."""

    def make(a: Args, s: Shapes) -> Use:
        return use(f"nn.{stem}{max(_rank(s), 1)}d", s[0][0], **_renamed(a, track="track_running_stats"))

    return make


def _trailing(name: str) -> Callable[[Args, Shapes], Use]:
    """Layer and RMS norm: the last `dims` axes are normalised."""

    def make(a: Args, s: Shapes) -> Use:
        rest = _renamed({k: v for k, v in a.items() if k != "dims"}, affine="elementwise_affine")
        return use(f"nn.{name}", s[0][-a["dims"] :], **rest)

    return make


def _pool(stem: str) -> Callable[[Args, Shapes], Use]:
    def make(a: Args, s: Shapes) -> Use:
        rest = {k: v for k, v in a.items() if k not in ("norm", "kernel", "output")}
        lead = [a[k] for k in ("norm", "kernel", "output") if k in a]
        return use(f"nn.{stem}{_rank(s)}d", *lead, **_renamed(rest, ceil="ceil_mode"))

    return make


def _lppool(a: Args, s: Shapes) -> Use:
    """nn.LPPool1d alone refuses a kernel or a stride written as a list of one."""
    one = {k: v[0] if _rank(s) == 1 and isinstance(v, list) else v for k, v in a.items()}
    return _pool("LPPool")(one, s)


def _max_unpool(a: Args, s: Shapes) -> Use:
    return use(f"nn.MaxUnpool{_rank(s)}d", a["kernel"], stride=a.get("stride"), padding=a.get("padding"))


def _attention(a: Args, s: Shapes) -> Use:
    grouped = True if s[0][0] != s[1][0] else None
    return use("F.scaled_dot_product_attention", is_causal=a.get("causal"), enable_gqa=grouped)


def _pad(a: Args, s: Shapes) -> Use:
    mode = a.get("mode")
    return use("F.pad", a["padding"], mode="constant" if mode == "zero" else mode)


TORCH: dict[str, Callable[[Args, Shapes], Use]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "linear": lambda a, s: use("nn.Linear", s[0][-1], a["out"], bias=a.get("bias")),
    "bilinear": lambda a, s: use("nn.Bilinear", s[0][-1], s[1][-1], a["out"], bias=a.get("bias")),
    "embedding": lambda a, s: use("nn.Embedding", a["vocab"], a["dim"]),
    "rnn": _recurrent("RNN"),
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU"),
    "batchnorm": _per_channel("BatchNorm"),
    "instancenorm": _per_channel("InstanceNorm"),
    "layernorm": _trailing("LayerNorm"),
    "rmsnorm": _trailing("RMSNorm"),
    "groupnorm": lambda a, s: use("nn.GroupNorm", a["groups"], s[0][0], affine=a.get("affine")),
    "lrn": lambda a, s: use("nn.LocalResponseNorm", a["size"]),
    "maxpool": _pool("MaxPool"),
    "avgpool": _pool("AvgPool"),
    "lppool": _lppool,
    "adaptive_avgpool": _pool("AdaptiveAvgPool"),
    "adaptive_maxpool": _pool("AdaptiveMaxPool"),
    "global_avgpool": lambda a, s: use(f"nn.AdaptiveAvgPool{_rank(s)}d", 1),
    "max_unpool": _max_unpool,
    "prelu": lambda a, s: use("nn.PReLU", s[0][0] if a.get("per_channel") else 1),
    "glu": lambda a, s: use("nn.GLU", dim=a.get("axis")),
    "softmax": lambda a, s: use("nn.Softmax", dim=-1),
    "log_softmax": lambda a, s: use("nn.LogSoftmax", dim=-1),
    "flatten": lambda a, s: use("nn.Flatten", **_renamed(a, start="start_dim", end="end_dim")),
    "pixel_shuffle": lambda a, s: use("nn.PixelShuffle", a["factor"]),
    "pixel_unshuffle": lambda a, s: use("nn.PixelUnshuffle", a["factor"]),
    "channel_shuffle": lambda a, s: use("nn.ChannelShuffle", a["groups"]),
    "upsample": lambda a, s: use("nn.Upsample", **_renamed(a, scale="scale_factor")),
    "pad": _pad,
    "permute": lambda a, s: use("torch.permute", [0, *a["order"]]),
    "matmul": lambda a, s: use("torch.matmul"),
    "scaled_dot_product_attention": _attention,
} | {kind: lambda a, s, name=name: use(f"nn.{name}") for kind, name in ACTIVATIONS.items()}


def _forward(call: Use, module: nn.Module | None, args: Args, inputs: list[Tensor]) -> Any:
    if module is None:
        return FUNCTIONS[call.name](*inputs, *call.args, **call.kwargs)
    if isinstance(module, nn.MaxUnpool1d | nn.MaxUnpool2d | nn.MaxUnpool3d):
        indices = torch.zeros(inputs[0].shape, dtype=torch.int64)
        return module(inputs[0], indices, **({"output_size": args["output"]} if "output" in args else {}))
    return module(*inputs)


def measure(kind: str, args: Args, shapes: Shapes) -> dict[str, Any]:
    """Run one configuration and return its case; a configuration that torch refuses gives an error case."""
    case: dict[str, Any] = {"kind": kind, "args": args, "inputs": shapes}
    call = TORCH[kind](args, shapes)
    dtype = torch.int64 if kind in INT_INPUT else torch.float32
    inputs = [torch.zeros(BATCH, *shape, dtype=dtype) for shape in shapes]
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        try:
            module = call.module()
            result = _forward(call, module, args, inputs)
        except (RuntimeError, TypeError, ValueError, IndexError, AssertionError, ZeroDivisionError) as fault:
            said = " ".join(str(fault).split("Exception raised from")[0].split())
            return case | {"error": True, "torch": str(call), "message": f"{type(fault).__name__}: {said}"[:200]}
        # A run of its own: under the counter torch decomposes some operators and loses their argument checks.
        with counter:
            _forward(call, module, args, inputs)
    first, states = result if isinstance(result, tuple) else (result, None)
    total = counter.get_total_flops()
    case |= {"batch": BATCH, "outputs": [list(first.shape)]}
    if states is not None:
        case["states"] = [list(t.shape) for t in ((states,) if isinstance(states, Tensor) else states)]
    return case | {
        "params": {n: list(t.shape) for n, t in module.named_parameters()} if module else {},
        "buffers": {n: list(t.shape) for n, t in module.named_buffers()} if module else {},
        "flops": total if total or kind not in CONTRACTIONS else None,
        "torch": str(call),
    }


def configurations() -> Iterator[Config]:
    """Every configuration: the written ones, the random ones, the ones chosen to be refused; none of them twice."""
    seen = set()
    for kind, args, shapes in (*chosen(), *sampled(random.Random(SEED)), *refused()):
        key = json.dumps([kind, args, shapes])
        if key not in seen:
            seen.add(key)
            yield kind, args, shapes


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    # oneDNN runs a whole LSTM as one operator, unknown to the counter, and lets empty outputs pass (README.md).
    torch.backends.mkldnn.enabled = False
    lines = [json.dumps(measure(*config), separators=(", ", ": ")) for config in configurations()]
    target = Path(__file__).with_name("layers.json")
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{len(lines)} cases -> {target.name}, torch {torch.__version__}")


if __name__ == "__main__":
    main()
