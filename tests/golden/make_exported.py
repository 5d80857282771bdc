"""Write exported.json: the sources that `archspec export --to torch` writes, run under torch 2.13.0.

Not part of the test suite, which needs no torch. To make it again, after the exporter or a network has changed:

    pip install torch==2.13.0
    python tests/golden/make_exported.py

Each source is run once on the meta device with a batch of 1 and of 2. Names and shapes of its state_dict, and the
shapes of its outputs, have to be those that archspec says, or the script stops. What is recorded is the source's
digest, so that the suite sees whether it is still the source that was run, and what torch said of it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch

from archspec.api import analyze
from archspec.exporters.torch.write import source
from archspec.studies.tensors import tensors

NETWORKS = """
    alexnet lenet5 vgg16 vgg11_bn resnet18 resnet50 resnext50_32x4d wide_resnet50_2 densenet121 googlenet
    inception_v3 squeezenet1_0 squeezenet1_1 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large
    shufflenet_v2_x1_0 mnasnet1_0 efficientnet_b0 efficientnet_b7 efficientnet_v2_s regnet_y_400mf
    regnet_x_8gf convnext_tiny swin_t swin_v2_t maxvit_t vit_b_16 unet hrnet retinanet dcgan_generator
    dcgan_discriminator c3d r3d_18 r2plus1d_18 mc3_18 m5 lstm_text fusionnet swinir_light_x2 gpt2
    llama3@3.2-1b
"""
PATH = Path(__file__).with_name("exported.json")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run(report: Any, text: str) -> dict[str, Any]:
    """What torch says of the source; raises AssertionError where archspec says otherwise."""
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), space)
    networks = [value for value in space.values() if isinstance(value, type) and value.__module__ == "exported"]
    with torch.device("meta"):
        network = networks[-1]().eval()
        inputs = [
            torch.zeros(tensor.shape, dtype=torch.int64 if "int" in tensor.dtype else torch.float32)
            for tensor in report.graph.inputs.values()
        ]
        outputs = network(*inputs)
    state = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
    said = {tensor.name: list(tensor.shape) for tensor in tensors(report.graph)}
    assert state == said, sorted(set(state) ^ set(said))
    shapes = [list(each.shape) for each in (outputs if isinstance(outputs, tuple) else (outputs,))]
    assert shapes == [list(tensor.shape) for tensor in report.graph.outputs], shapes
    params = sum(parameter.numel() for parameter in network.parameters())
    assert params == report.totals.params, params
    return {
        "tensors": len(state),
        "names": digest(json.dumps(sorted(state.items()))),
        "outputs": shapes,
        "params": params,
    }


def main() -> None:
    found = {}
    for name in sys.argv[1:] or NETWORKS.split():
        try:
            for batch in (2, 1):
                report = analyze(name, batch=batch)
                text = source(analyze(name))
                figures = run(report, text)
            found[name] = {"source": digest(text), **figures}
            print(name, figures["params"])
        except Exception as error:
            print(name, type(error).__name__, str(error)[:600])
    if not sys.argv[1:]:
        PATH.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
