"""Write saved.json: what PyTorch's autograd keeps of one forward pass in training, of networks, layers and chains.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again,
with archspec in the path:

    pip install torch==2.13.0 torchvision==0.28.0
    python tests/golden/make_saved.py
    python tests/golden/make_saved.py exp log    # layers of these kinds alone; all else stays as it was recorded

Bytes are those of ``torch.autograd.graph.saved_tensors_hooks``: each storage once and whole, parameters and buffers
left out; with and without the network's inputs.

torchvision  torchvision's own networks: those that torchvision.json leaves out, and some in batches and at other sizes
zoo          archspec's other specs, layer by layer as torch_layers.py has them
layers       a layer of each kind, alone: with inputs that need a gradient or not, that lie turned or are cut out of
             larger ones, with frozen weights, written over their input, in batches of 1, 2 and 3
chains       networks of layers drawn at random (saved_cases.py)

Of layers and chains `strides` are those of the last output.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

library = torch.library.Library("torchvision", "DEF")  # a wheel without its operators can be imported then
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor a, Tensor b, float c) -> Tensor")
import torchvision  # noqa: E402
from saved_cases import chains, layers  # noqa: E402
from torch_layers import Saved, measured, storage  # noqa: E402

from archspec.api import analyze, load  # noqa: E402
from archspec.errors import ArchspecError  # noqa: E402
from archspec.memory.program import program  # noqa: E402

HERE = Path(__file__).parent
REST = sorted(json.loads((HERE / "torchvision_rest.json").read_text("utf-8")))
OTHERS = [  # name, batch, size
    ("resnet18", 2, 160), ("mobilenet_v2", 3, 96), ("mobilenet_v3_large", 2, 200), ("efficientnet_b0", 2, 128),
    ("convnext_tiny", 2, 160), ("swin_t", 2, 200), ("swin_v2_t", 2, 144), ("vit_b_32", 2, 224), ("densenet121", 2, 96),
    ("shufflenet_v2_x0_5", 3, 128), ("squeezenet1_1", 2, 130), ("googlenet", 2, 224), ("inception_v3", 2, 299),
    ("regnet_y_400mf", 3, 96), ("mnasnet0_5", 2, 100), ("alexnet", 4, 224), ("vgg11_bn", 2, 64), ("maxvit_t", 2, 224),
]  # fmt: skip
ZOO = [  # spec, setting
    ("lenet5", {}), ("unet", {"dims": {"H": 64, "W": 96}}), ("dcgan_generator", {"batch": 2}), ("m5", {"batch": 2}),
    ("dcgan_discriminator", {"batch": 2}), ("c3d", {}), ("gpt2@gpt2", {"dims": {"T": 64}, "batch": 2}),
    ("fusionnet_in1_out1", {}), ("fusionnet_in6_out2", {"dims": {"H": 64, "W": 32}, "batch": 2}),
    ("lstm_text_pytorch", {"batch": 3}), ("lstm_text_textbook", {}), ("swinir_light_x2", {"dims": {"H": 16, "W": 24}}),
    ("swinir_classical_x4", {"dims": {"H": 8, "W": 8}}), ("r3d_18", {"dims": {"H": 56, "W": 56}}), ("mc3_18", {}),
    ("r2plus1d_18", {"dims": {"H": 56, "W": 56}}), ("llama3@3.2-1b", {"dims": {"T": 16}}),
]  # fmt: skip


def of_torchvision(name: str, batch: int, size: int) -> dict[str, int]:
    """One of torchvision's networks."""
    model = torchvision.models.get_model(name).train()
    image = torch.rand(batch, 3, size, size)
    saved = Saved()
    with torch.autograd.graph.saved_tensors_hooks(saved.pack, lambda tensor: tensor):
        output = model(image)
    left_out = {storage(tensor) for tensor in (*model.parameters(), *model.buffers())}
    found = {"total": saved.bytes(left_out), "without_input": saved.bytes(left_out | {storage(image)})}
    del model, output, saved
    gc.collect()
    return found


def of_spec(spec: Any, **setting: Any) -> dict[str, Any] | None:
    """A spec, layer by layer; None where archspec or torch refuses it. Of small ones also how the last output lies."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.json"
        if isinstance(spec, dict):
            file.write_text(json.dumps(spec), "utf-8")
        try:
            graph = analyze(load(file) if isinstance(spec, dict) else spec, **setting).graph
            total, without, lies = measured(program(graph, training=True), strides=isinstance(spec, dict))
        except (ArchspecError, ValueError, RuntimeError, NotImplementedError):
            return None
    found: dict[str, Any] = {"total": total, "without_input": without}
    return {**found, "strides": lies[-1][1]} if isinstance(spec, dict) else found


def cases(made: Iterator[tuple[dict[str, Any], int]]) -> list[dict[str, Any]]:
    """Those of specs that torch takes; of chains as much as fits."""
    found = []
    for spec, batch in made:
        figures = of_spec(spec, batch=batch)
        while figures is None and spec["name"].startswith("chain") and len(spec["layers"]) > 2:
            spec["layers"].pop()
            figures = of_spec(spec, batch=batch)
        if figures is not None:
            found.append({"spec": spec, "batch": batch, **figures})
    return found


def main(kinds: list[str]) -> None:
    """Measure everything, or layers of some kinds."""
    torch.manual_seed(0)
    if kinds:
        found = json.loads((HERE / "saved.json").read_text("utf-8"))
        found["layers"] = [entry for entry in found["layers"] if entry["spec"]["name"] not in kinds]
        found["layers"] += cases(layers(kinds))
        write(found)
        return
    networks = [
        {"name": name, "batch": batch, "size": size, **of_torchvision(name, batch, size)}
        for name, batch, size in [*((name, 1, 224) for name in REST), *OTHERS]
    ]
    zoo = []
    for name, setting in ZOO:
        figures = of_spec(name, **setting)
        assert figures is not None, name
        zoo.append({"spec": name, "setting": setting, **figures})
    found = {"torchvision": networks, "zoo": zoo, "layers": cases(layers([])), "chains": cases(chains())}
    write(found)


def write(found: dict[str, Any]) -> None:
    """Write the file, a case to a line."""
    sections = (
        f' "{name}": [\n' + ",\n".join(f"  {json.dumps(entry)}" for entry in entries) + "\n ]"
        for name, entries in found.items()
    )
    (HERE / "saved.json").write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
