"""Make torchvision_counters.json: what the tools that count functions and operators say of torchvision's networks.

    python tests/golden/make_torchvision_counters.py

The 20 networks that torchvision.json leaves out, under ptflops 0.7.5, fvcore 0.1.5.post20221221, calflops 0.3.2 and
torch.utils.flop_counter of torch 2.13; and all 80 under deepspeed 0.19.5, whose profiler is that of its commit edaa722.
Needs torchvision 0.28.0. Every network in evaluation mode, as in torchvision.json. Half an hour.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import torch
import torchvision
from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis
from ptflops import get_model_complexity_info
from torch.utils.flop_counter import FlopCounterMode

# calflops imports these for models of the Hugging Face hub alone.
for missing in ("accelerate", "accelerate.commands", "accelerate.commands.estimate", "accelerate.utils", "timm",
                "huggingface_hub", "huggingface_hub.utils", "transformers"):  # fmt: skip
    sys.modules.setdefault(missing, MagicMock())
from calflops import calculate_flops  # noqa: E402
from deepspeed.profiling.flops_profiler import FlopsProfiler  # noqa: E402

HERE = Path(__file__).parent


def by_ptflops(model: torch.nn.Module, image: torch.Tensor, backend: str) -> dict[str, Any]:
    macs, params = get_model_complexity_info(
        model, tuple(image.shape[1:]), backend=backend, as_strings=False, print_per_layer_stat=False
    )
    return {"macs": macs, "params": params}


def by_fvcore(model: torch.nn.Module, image: torch.Tensor) -> dict[str, Any]:
    flops = FlopCountAnalysis(model, image).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    activations = ActivationCountAnalysis(model, image).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return {
        "flops": flops.total(),
        "by_operator": dict(flops.by_operator()),
        "activations": activations.total(),
        "unsupported": dict(flops.unsupported_ops()),
    }


def by_calflops(model: torch.nn.Module, image: torch.Tensor) -> dict[str, Any]:
    flops, macs, params = calculate_flops(model, args=[image], print_results=False, output_as_string=False)
    return {"flops": flops, "macs": macs, "params": params}


def by_torch(model: torch.nn.Module, image: torch.Tensor) -> dict[str, Any]:
    with FlopCounterMode(display=False) as counter:
        model(image)
    by_operator = {str(operator): flops for operator, flops in counter.get_flop_counts()["Global"].items()}
    return {"flops": counter.get_total_flops(), "by_operator": by_operator}


def by_deepspeed(model: torch.nn.Module, image: torch.Tensor) -> dict[str, Any]:
    profiler = FlopsProfiler(model)
    profiler.start_profile()
    model(image)
    found = {name: getattr(profiler, f"get_total_{name}")() for name in ("flops", "macs", "params")}
    profiler.end_profile()
    return found


TOOLS: dict[str, Callable[[torch.nn.Module, torch.Tensor], dict[str, Any]]] = {
    "ptflops_pytorch": lambda model, image: by_ptflops(model, image, "pytorch"),
    "ptflops_aten": lambda model, image: by_ptflops(model, image, "aten"),
    "fvcore": by_fvcore,
    "calflops": by_calflops,
    "torch_flop_counter": by_torch,
    "deepspeed": by_deepspeed,
}


def measured(name: str, tool: str, shape: list[int]) -> dict[str, Any]:
    """One tool's figures of one network. In a process of its own: deepspeed leaves some of its functions in place."""
    torch.backends.mha.set_fastpath_enabled(False)
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    plain = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = torchvision.models.get_model(name, **plain).eval()
    with torch.no_grad():
        return TOOLS[tool](model, torch.zeros(shape))


def main() -> None:
    known = json.loads((HERE / "torchvision.json").read_text("utf-8"))
    made: dict[str, Any] = {}
    with get_context("spawn").Pool(1, maxtasksperchild=1) as fresh:
        for name in torchvision.models.list_models(module=torchvision.models):
            shape = known[name]["input"] if name in known else [1, 3, 224, 224]
            made[name] = {} if name in known else {"input": shape}
            for tool in ("deepspeed",) if name in known else TOOLS:
                made[name][tool] = fresh.apply(measured, (name, tool, shape))
    (HERE / "torchvision_counters.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
