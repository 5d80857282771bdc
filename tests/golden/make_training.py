"""Write training.json: what PyTorch keeps for backward of a small transformer, whole, with adapters, with checkpoints.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 numpy
    python tests/golden/make_training.py

The network is that of tests/memory/test_steps.py. What is kept is counted with saved_tensors_hooks on the CPU, each
storage once, parameters left out. Adapters are peft's: y = W x + B (A x) * scale, all else frozen. Checkpoints are
`torch.utils.checkpoint` with `use_reentrant=True`, which keeps the inputs of a block as an operator keeps its own.
Under autocast the half copies of matrices are kept too, which are no parameters.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

DIM, HEADS, HIDDEN, VOCAB, DEPTH, TOKENS, BATCH = 32, 4, 96, 64, 3, 16, 2


class Adapted(nn.Module):
    """A linear layer with an adapter beside it."""

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        self.lora_A = nn.Linear(base.in_features, rank, bias=False)
        self.lora_B = nn.Linear(rank, base.out_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + self.lora_B(self.lora_A(x)) * 0.5


class Block(nn.Module):
    """Attention and a feed-forward layer, each with a residual connection."""

    def __init__(self) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.q, self.k, self.v, self.out = (nn.Linear(DIM, DIM) for _ in range(4))
        self.fc, self.proj = nn.Linear(DIM, HIDDEN), nn.Linear(HIDDEN, DIM)

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        q, k, v = (
            part(y).reshape(BATCH, TOKENS, HEADS, DIM // HEADS).permute(0, 2, 1, 3) for part in (self.q, self.k, self.v)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).permute(0, 2, 1, 3).flatten(2)
        x = x + self.out(y)
        return x + self.proj(F.gelu(self.fc(self.ln_2(x))))


class Network(nn.Module):
    """Blocks between an embedding and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCAB, DIM)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.ln_f, self.head = nn.LayerNorm(DIM), nn.Linear(DIM, VOCAB, bias=False)
        self.checkpoint = False

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=True) if self.checkpoint else block(x)
        return self.head(self.ln_f(x))


def kept(network: Network) -> int:
    """Bytes that are kept for backward."""
    own = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    storages: dict[int, int] = {}
    alive = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        alive.append(network(torch.zeros(BATCH, TOKENS, dtype=torch.int64)))
    return sum(storages.values())


def adapted(network: Network, rank: int, targets: list[str]) -> Network:
    """Adapters beside layers of these names, all else frozen."""
    network.requires_grad_(False)
    for block in network.blocks:
        for name in targets:
            setattr(block, name, Adapted(getattr(block, name), rank))
    return network


def main() -> None:
    whole, checkpointed = Network(), Network()
    checkpointed.checkpoint = True
    found = {"whole": kept(whole), "checkpoint": kept(checkpointed)}
    with torch.autocast("cpu", torch.bfloat16):
        found["autocast"] = kept(whole)
    found["bf16"] = kept(Network().to(torch.bfloat16))
    for rank, targets in ((4, ["q", "v"]), (8, ["fc"]), (2, ["q", "k", "v", "out", "fc", "proj"])):
        network = adapted(Network(), rank, targets)
        found[f"r={rank},targets={','.join(targets)}"] = kept(network)
        trained = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
        found[f"trained by r={rank},targets={','.join(targets)}"] = trained
    Path(__file__).with_name("training.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
