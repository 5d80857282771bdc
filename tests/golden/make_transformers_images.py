"""Write transformers_images.json: transformers 5.23.0 on configs of networks for images with keys set otherwise.

Not part of the test suite, which needs neither; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 transformers==5.23.0
    python tests/golden/make_transformers_images.py

Each entry is measured anew, built on the meta device; to add one, write its type, class, config and, where it runs, the
input's shape into the file. `flops` is what torch's counter sees with eager attention, `digest` is of the parameters'
names and shapes.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.auto import configuration_auto

FILE = Path(__file__).with_name("transformers_images.json")


def measured(entry: dict[str, Any]) -> dict[str, Any]:
    config = getattr(transformers, configuration_auto.CONFIG_MAPPING_NAMES[entry["type"]])(**entry["config"])
    with torch.device("meta"):
        model = getattr(transformers, entry["class"])._from_config(config, attn_implementation="eager").eval()
    lines = sorted(f"{name} {list(value.shape)}" for name, value in model.named_parameters())
    made = {
        **entry,
        "params": sum(value.numel() for value in model.parameters()),
        "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
    }
    if "input" in entry:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(torch.empty(entry["input"], device="meta"))
        made["flops"] = counter.get_total_flops()
    return made


if __name__ == "__main__":
    entries = [measured(entry) for entry in json.loads(FILE.read_text())]
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, entries)) + "\n]\n")
