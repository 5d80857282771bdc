"""Write networks.json: whole networks under torch 2.13.0, as an outside oracle for the zoo and the engine.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 numpy
    python tests/golden/make_networks.py

The networks are written here from their published descriptions, every operation as a module so that its output is
recorded; only additions, concatenations and permutations leave no leaf. They run on the meta device (shapes without
memory), batch first, in eval mode. A parameter count other than the one its source publishes stops the script.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


def lenet5() -> nn.Module:
    """LeCun et al. 1998 as it is commonly written: full C3 connections, plain average pooling, linear output."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def _double_conv(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
        nn.Conv2d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
    )  # fmt: skip


class UNet(nn.Module):
    """Ronneberger et al. 2015 in the layout of milesial/Pytorch-UNet: padded convolutions, batch norm."""

    def __init__(self) -> None:
        super().__init__()
        widths = [64, 128, 256, 512, 1024]
        self.first = _double_conv(3, widths[0])
        self.down = nn.ModuleList(nn.Sequential(nn.MaxPool2d(2), _double_conv(a, b)) for a, b in pairwise(widths))
        rising = widths[::-1]
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, stride=2) for a, b in pairwise(rising))
        self.join = nn.ModuleList(_double_conv(2 * b, b) for b in rising[1:])
        self.out = nn.Conv2d(widths[0], 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.first(x)]
        for down in self.down:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up, join in zip(self.up, self.join, strict=True):
            x = join(torch.cat([skips.pop(), up(x)], dim=1))
        return self.out(x)


def dcgan_generator() -> nn.Module:
    """Radford et al. 2015 in the layout of the PyTorch examples: nz=100, ngf=64, nc=3."""
    widths = [100, 512, 256, 128, 64]
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(widths)):
        step = {"stride": 1, "padding": 0} if i == 0 else {"stride": 2, "padding": 1}
        layers += [nn.ConvTranspose2d(a, b, 4, bias=False, **step), nn.BatchNorm2d(b), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(64, 3, 4, stride=2, padding=1, bias=False), nn.Tanh())


def dcgan_discriminator() -> nn.Module:
    """Radford et al. 2015 in the layout of the PyTorch examples: ndf=64, nc=3; no batch norm after the first layer."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 4, stride=2, padding=1, bias=False), nn.LeakyReLU(0.2)]
    for a, b in ((64, 128), (128, 256), (256, 512)):
        layers += [nn.Conv2d(a, b, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(512, 1, 4, bias=False), nn.Sigmoid())


def c3d() -> nn.Module:
    """Tran et al. 2015, the Sports-1M model: eight 3x3x3 convolutions; the first pool keeps time."""
    pools: dict[int, nn.Module] = {
        0: nn.MaxPool3d((1, 2, 2)), 1: nn.MaxPool3d(2), 3: nn.MaxPool3d(2), 5: nn.MaxPool3d(2),
        7: nn.MaxPool3d(2, padding=(0, 1, 1)),
    }  # fmt: skip
    widths = [3, 64, 128, 256, 256, 512, 512, 512, 512]
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(widths)):
        layers += [nn.Conv3d(a, b, 3, padding=1), nn.ReLU(), *([pools[i]] if i in pools else [])]
    return nn.Sequential(
        *layers, nn.Flatten(),
        nn.Linear(8192, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
        nn.Linear(4096, 487),
    )  # fmt: skip


class M5(nn.Module):
    """Dai et al. 2016 in the layout of the PyTorch speech-command tutorial: 32 channels, 35 classes."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for a, b, kernel, stride in ((1, 32, 80, 16), (32, 32, 3, 1), (32, 64, 3, 1), (64, 64, 3, 1)):
            layers += [nn.Conv1d(a, b, kernel, stride=stride), nn.BatchNorm1d(b), nn.ReLU(), nn.MaxPool1d(4)]
        self.features = nn.Sequential(*layers)
        # The tutorial pools over whatever length is left; with 8,000 samples that is the whole of it.
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.fc = nn.Linear(64, 35)
        self.out = nn.LogSoftmax(dim=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.fc(self.pool(self.features(x)).permute(0, 2, 1)))


class Residual3d(nn.Module):
    """torchvision's video basic block: two 3x3x3 convolutions, the shortcut projected where stride or width changes."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(c_in, c_out, 3, stride=stride, padding=1, bias=False), nn.BatchNorm3d(c_out), nn.ReLU(),
            nn.Conv3d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm3d(c_out),
        )  # fmt: skip
        self.shortcut = (
            nn.Sequential(nn.Conv3d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm3d(c_out))
            if stride != 1 or c_in != c_out
            else None
        )
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        body = self.body(x)
        return self.act(body + (x if self.shortcut is None else self.shortcut(x)))


def r3d_18() -> nn.Module:
    """Tran et al. 2018 in torchvision's layout, 400 classes."""
    blocks: list[nn.Module] = []
    for a, b in ((64, 64), (64, 128), (128, 256), (256, 512)):
        blocks += [Residual3d(a, b, 1 if a == b else 2), Residual3d(b, b, 1)]
    return nn.Sequential(
        nn.Conv3d(3, 64, (3, 7, 7), stride=(1, 2, 2), padding=(1, 3, 3), bias=False), nn.BatchNorm3d(64), nn.ReLU(),
        *blocks, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(512, 400),
    )  # fmt: skip


# name -> (how to build it, input with batch, parameters its source publishes or None)
NETWORKS: dict[str, tuple[Callable[[], nn.Module], list[int], int | None]] = {
    "lenet5": (lenet5, [1, 1, 32, 32], 61_706),
    "unet": (UNet, [1, 3, 256, 256], 31_037_698),
    "dcgan_generator": (dcgan_generator, [1, 100, 1, 1], 3_576_704),
    "dcgan_discriminator": (dcgan_discriminator, [1, 3, 64, 64], 2_765_568),
    "c3d": (c3d, [1, 3, 16, 112, 112], None),
    "m5": (M5, [1, 1, 8000], 26_915),
    "r3d_18": (r3d_18, [1, 3, 16, 112, 112], 33_371_472),
}


def measure(model: nn.Module, shape: list[int]) -> dict[str, Any]:
    """Parameters, counted operations, and each leaf module with its output shape and parameters, in call order."""
    leaves: list[list[Any]] = []

    def note(module: nn.Module, _inputs: Any, output: Tensor) -> None:
        leaves.append([type(module).__name__, list(output.shape), sum(p.numel() for p in module.parameters())])

    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(note)
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model.eval()(torch.zeros(shape, device="meta"))
    params = sum(p.numel() for p in model.parameters())
    return {"input": shape, "params": params, "flops": counter.get_total_flops(), "leaves": leaves}


def main() -> None:
    measured: dict[str, dict[str, Any]] = {}
    for name, (build, shape, published) in NETWORKS.items():
        with torch.device("meta"):
            model = build()
        measured[name] = measure(model, shape)
        params = measured[name]["params"]
        if published not in (None, params):
            raise SystemExit(f"{name}: {params} parameters, published {published}")
        print(f"{name}: {params:,} parameters, {measured[name]['flops']:,} FLOPs")
    # One leaf to a line keeps the file readable in a review.
    text = json.dumps(measured).replace("[[", "[\n  [").replace("], [", "],\n  [").replace('}, "', '},\n"')
    Path(__file__).with_name("networks.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
