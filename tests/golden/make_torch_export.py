"""Write torch_export.tar.xz and torch_export.json: programs of torch.export without their weights, and figures.

Not part of the test suite; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 torchvision==0.28.0
    python tests/golden/make_torch_export.py

Of each archive the graph and the list of its weights are kept, of the graph no stack traces. The figures are those of
the modules: parameters, buffers, names and shapes of all tensors, FLOPs of torch.utils.flop_counter for one sample.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torch.export import Dim
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

HERE = Path(__file__).parent
NETWORKS = (
    "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5",
    "mobilenet_v2", "regnet_y_400mf", "resnet18", "resnet50", "shufflenet_v2_x1_0", "squeezenet1_1", "swin_t", "vgg11",
    "vit_b_16",
)  # fmt: skip
KEPT = ("models/model.json", "data/weights/model_weights_config.json")


class Encoder(nn.Module):
    """Tokens, their positions, a transformer, and a head that is tied to the tokens."""

    def __init__(self, positions: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 32)
        self.positions = nn.Parameter(torch.zeros(1, 12, 32)) if positions else None
        layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=positions, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
        self.head = nn.Linear(32, 100, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.embed(tokens)
        x = (
            self.encoder(x.transpose(0, 1)).transpose(0, 1)
            if self.positions is None
            else self.encoder(x + self.positions)
        )
        return self.head(x)


class UNet(nn.Module):
    """Down and up, of many layers one each, and one that is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(4, 8)
        self.down, self.up = nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.slope, self.instance = nn.PReLU(8), nn.InstanceNorm2d(8, affine=True)
        self.head, self.unused = nn.Conv2d(16, 2, 1), nn.Linear(3, 3)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = F.leaky_relu(self.norm(self.stem(image)), 0.2)
        y = self.instance(self.slope(self.up(F.silu(self.down(x)))))
        y = self.head(torch.cat([x, y], 1))
        return F.interpolate(y, scale_factor=2, mode="bilinear").clamp(0, 1), y.mean((2, 3))


class Recurrent(nn.Module):
    """An LSTM both ways, of which the last step goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.lstm = nn.Embedding(50, 8), nn.LSTM(8, 16, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 3)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(self.embed(tokens))[0][:, -1])


class Perceptron(nn.Module):
    """Norms, a parameter and a buffer of a module itself."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.first, self.rms, self.last = nn.LayerNorm(8), nn.Linear(8, 16), nn.RMSNorm(16), nn.Linear(16, 4)
        self.scale = nn.Parameter(torch.ones(16))
        self.register_buffer("mean", torch.zeros(16))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.rms(F.gelu(self.first(self.norm(x))) * self.scale - self.mean)).softmax(-1)


def cases() -> dict[str, tuple[nn.Module, torch.Tensor, Any]]:
    """Modules, an input each, and its axes of any size."""
    tokens = torch.randint(0, 50, (2, 12))
    batch = {0: Dim("batch")}
    size = {2: 32 * Dim("height", min=2, max=50), 3: 32 * Dim("width", min=2, max=50)}
    found: dict[str, tuple[nn.Module, torch.Tensor, Any]] = {}
    for name in NETWORKS:
        side = 299 if name == "inception_v3" else 224
        found[name] = getattr(torchvision.models, name)(weights=None), torch.randn(2, 3, side, side), batch
    found["any_image"] = torchvision.models.mobilenet_v2(weights=None), torch.randn(2, 3, 64, 96), batch | size
    found["any_text"] = Encoder(positions=False), tokens, batch | {1: Dim("steps", min=2)}
    found["one_text"] = Encoder(positions=True), tokens[:1], None
    found["unet"] = UNet(), torch.randn(2, 3, 32, 48), batch
    found["recurrent"] = Recurrent(), tokens, batch
    found["perceptron"] = Perceptron(), torch.randn(2, 8), batch
    return found


def stripped(path: str) -> bytes:
    """An archive without weights and stack traces."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w") as kept:
        for name in archive.namelist():
            if not name.endswith(KEPT):
                continue
            data = json.loads(archive.read(name))
            for node in data["graph_module"]["graph"]["nodes"] if "graph_module" in data else ():
                node["metadata"] = {"nn_module_stack": node["metadata"].get("nn_module_stack", "")}
            kept.writestr(zipfile.ZipInfo(name), json.dumps(data))
    return made.getvalue()


def main() -> None:
    lines = []
    with (
        tarfile.open(HERE / "torch_export.tar.xz", "w:xz", preset=9) as archive,
        tempfile.TemporaryDirectory() as folder,
    ):
        for name, (module, data, axes) in cases().items():
            module.eval()
            path = f"{folder}/{name}.pt2"
            torch.export.save(
                torch.export.export(module, (data,), dynamic_shapes=None if axes is None else (axes,)), path
            )
            content = stripped(path)
            Path(path).unlink()
            entry = tarfile.TarInfo(f"{name}.pt2")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            with FlopCounterMode(display=False) as counter:
                module(data[:1])
            figures = {
                "params": sum(tensor.numel() for tensor in module.parameters()),
                "flops": counter.get_total_flops(),
                "tensors": {key: list(tensor.shape) for key, tensor in module.state_dict().items()},
            }
            lines.append(f"{json.dumps(name)}: {json.dumps(figures)}")
            print(name, figures["params"], figures["flops"], flush=True)
    (HERE / "torch_export.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
