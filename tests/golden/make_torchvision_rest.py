"""Make torchvision_rest.json: the tools' own figures for the torchvision networks that torchvision.json leaves out.

    python tests/golden/make_torchvision_rest.py

Needs torch 2.13 and torchvision 0.28.0 with torchinfo 1.8.0, thop 0.1.1.post2209072238, torchsummary 1.5.1 and
torchstat 0.0.7. A few minutes. Every network in evaluation mode, input [1, 3, 224, 224].
"""

from __future__ import annotations

import gc
import io
import json
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import thop
import torch
import torchinfo
import torchsummary
import torchvision

# torchstat uses pandas for its printed table alone, and in a way that pandas 2 has dropped.
sys.modules.setdefault("pandas", types.SimpleNamespace(set_option=lambda *_: None))  # type: ignore[arg-type]
from torchstat.statistics import ModelStat  # noqa: E402

HERE = Path(__file__).parent
SIZE = [3, 224, 224]


def by_torchinfo(model: torch.nn.Module) -> dict[str, Any]:
    found = torchinfo.summary(model, (1, *SIZE), verbose=0, mode="eval", device="cpu")
    return {
        "mult_adds": found.total_mult_adds,
        "params": found.total_params,
        "trainable": found.trainable_params,
        "input_bytes": found.total_input,
        "output_bytes": found.total_output_bytes,
        "param_bytes": found.total_param_bytes,
    }


def by_thop(model: torch.nn.Module) -> dict[str, Any]:
    macs, params = thop.profile(model, (torch.zeros(1, *SIZE),), verbose=False)
    return {"macs": macs, "params": params}


def by_torchsummary(model: torch.nn.Module) -> dict[str, Any]:
    """What it prints, as numbers."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        torchsummary.summary(model, tuple(SIZE), device="cpu")
    lines = (line.partition(": ") for line in printed.getvalue().splitlines())
    return {name: float(value.replace(",", "")) for name, _, value in lines if "(MB)" in name or "params" in name}


def by_torchstat(model: torch.nn.Module) -> dict[str, Any]:
    """The sums of its table's columns."""
    with patched(model), redirect_stdout(io.StringIO()):
        nodes = ModelStat(model, SIZE)._analyze_model()
        memory = [node.Memory for node in nodes]
        return {
            "params": int(sum(node.parameter_quantity for node in nodes)),
            "flops": int(sum(node.Flops for node in nodes)),
            "madd": int(sum(node.MAdd for node in nodes)),
            "mem_read": int(sum(read for read, _ in memory)),
            "mem_write": int(sum(write for _, write in memory)),
            "memory_mb": sum(float(node.inference_memory) for node in nodes),
        }


@contextmanager
def patched(model: torch.nn.Module) -> Iterator[None]:
    """torchstat replaces ``__call__`` of every class it meets and leaves it so."""
    try:
        yield
    finally:
        for kind in {type(module) for module in model.modules()}:
            if "__call__" in vars(kind):
                del kind.__call__


TOOLS: dict[str, Callable[[torch.nn.Module], dict[str, Any]]] = {
    "torchinfo": by_torchinfo,
    "thop": by_thop,
    "torchsummary": by_torchsummary,
    "torchstat": by_torchstat,
}


def main() -> None:
    known = json.loads((HERE / "torchvision.json").read_text("utf-8"))
    made: dict[str, Any] = {}
    for name in torchvision.models.list_models(module=torchvision.models):
        if name in known:
            continue
        model = torchvision.models.get_model(name).eval()
        made[name] = {"input": [1, *SIZE], "params": sum(weight.numel() for weight in model.parameters())}
        for tool, measure in TOOLS.items():
            try:
                with torch.no_grad():
                    made[name][tool] = measure(model)
            except Exception as error:  # the tool's own failure is its answer
                made[name][tool] = {"error": f"{type(error).__name__}: {error}"}
        del model
        gc.collect()
    (HERE / "torchvision_rest.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    torch.backends.mha.set_fastpath_enabled(False)
    main()
