"""What PyTorch's own counter says of forward and backward passes: torch.utils.flop_counter, the backward pass apart.

Its counts of grouped and transposed convolutions backward are wrong (pytorch#119806), so those networks are left out.
Tensors are on the meta device: nothing is computed. Attention is spelled out (SDPBackend.MATH), fused kernels on a CPU
count nothing (pytorch#195460), and recurrent layers run step by step, without oneDNN.

    python make_backward.py > backward.json
"""

import json
import sys

import torch
import torch.utils.flop_counter

library = torch.library.Library("torchvision", "DEF")  # its own operators, which a CPU build without them lacks
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor a, Tensor b, float c) -> Tensor")
import torchvision  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402

IMAGES = {
    "alexnet": 224, "vgg11": 224, "vgg16_bn": 224, "resnet18": 224, "resnet50": 224, "wide_resnet50_2": 224,
    "squeezenet1_1": 224, "densenet121": 224, "googlenet": 224, "inception_v3": 299, "swin_t": 224, "vit_b_16": 224,
}  # fmt: skip
FROZEN = {"resnet18": ["conv1", "bn1", "layer1", "layer2"], "vgg11": ["features"], "alexnet": ["classifier"]}


class Last(nn.Module):
    """A recurrent layer and a classifier of its last step, as the specs beside this have them."""

    def __init__(self, kind, size, **more):
        super().__init__()
        self.embed = nn.Embedding(1000, size) if more.pop("embedded", False) else nn.Linear(size, size)
        self.layer = getattr(nn, kind)(size, 48, batch_first=True, **more)
        self.out = nn.Linear(48 * (2 if more.get("bidirectional") else 1), 10)

    def forward(self, x):
        return self.out(self.layer(self.embed(x))[0])


def counted(model, *inputs):
    """The operations of a step, forward and backward."""
    model.train()
    with sdpa_kernel(SDPBackend.MATH):
        with torch.utils.flop_counter.FlopCounterMode(display=False) as forward:
            out = model(*inputs)
        tensors = out if isinstance(out, tuple) else (out,)
        loss = sum(each.sum() for each in tensors if each is not None)
        with torch.utils.flop_counter.FlopCounterMode(display=False) as backward:
            loss.backward()
    return {"forward": forward.get_total_flops(), "backward": backward.get_total_flops()}


def images(name, batch, frozen=()):
    """A network of torchvision, parts of it frozen."""
    with torch.device("meta"):
        more = {"aux_logits": True} if name in ("googlenet", "inception_v3") else {}
        model = getattr(torchvision.models, name)(weights=None, **more, **({"init_weights": False} if more else {}))
        for part in frozen:
            getattr(model, part).requires_grad_(False)
        return counted(model, torch.empty(batch, 3, IMAGES[name], IMAGES[name]))


def main():
    found = {"torch": torch.__version__, "torchvision": torchvision.__version__, "networks": [], "recurrent": []}
    for name in IMAGES:
        for batch in (1, 2, 5) if name in ("resnet18", "vit_b_16") else (2,):
            found["networks"].append({"name": name, "batch": batch, "frozen": [], **images(name, batch)})
    for name, frozen in FROZEN.items():
        found["networks"].append({"name": name, "batch": 2, "frozen": frozen, **images(name, 2, frozen)})
    torch.backends.mkldnn.enabled = False
    for kind in ("RNN", "LSTM", "GRU"):
        for embedded in (False, True):
            for layers in (1, 2):
                for bidirectional in (False, True):
                    more = {"num_layers": layers, "bidirectional": bidirectional}
                    model = Last(kind, 32, embedded=embedded, **more)
                    given = torch.zeros(3, 7, dtype=torch.int64) if embedded else torch.zeros(3, 7, 32)
                    case = {"kind": kind.lower(), "embedded": embedded, **more}
                    frozen = counted(model.requires_grad_(True), given)
                    found["recurrent"].append({**case, "frozen": False, **frozen})
                    model.embed.requires_grad_(False)
                    found["recurrent"].append({**case, "frozen": True, **counted(model, given)})
    json.dump(found, sys.stdout, indent=1)


main()
