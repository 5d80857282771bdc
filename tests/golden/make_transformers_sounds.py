"""Write transformers_sounds.json: transformers 5.23.0 on small configs of networks for sounds and series, keys set
otherwise.

Not part of the test suite, which needs neither; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 transformers==5.23.0
    python tests/golden/make_transformers_sounds.py

Each entry is measured anew; to add one, write its type, class, config and, where it runs, the inputs into the file: the
shape of zeros, or whole numbers. `dims` are what archspec calls their sizes. `flops` is what torch's counter sees with
eager attention, `digest` is of the parameters' names and shapes.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.auto import configuration_auto

FILE = Path(__file__).with_name("transformers_sounds.json")


def class_of(name: str, kind: str) -> Any:
    """A class of transformers, whether it is among those it shows or not."""
    if hasattr(transformers, name):
        return getattr(transformers, name)
    folder = configuration_auto.model_type_to_module_name(kind)
    package = importlib.import_module(f"transformers.models.{folder}")
    modules = [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    return next(getattr(module, name) for module in modules if hasattr(module, name))


def measured(entry: dict[str, Any]) -> dict[str, Any]:
    config = configuration_auto.CONFIG_MAPPING[entry["type"]](**entry["config"])
    torch.manual_seed(0)
    model = class_of(entry["class"], entry["type"])._from_config(config, attn_implementation="eager").eval()
    lines = sorted(f"{name} {list(value.shape)}" for name, value in model.named_parameters())
    made = {
        **entry,
        "params": sum(value.numel() for value in model.parameters()),
        "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
    }
    if "inputs" in entry:
        inputs = {
            name: torch.tensor(value) if isinstance(value[0], list) else torch.zeros(value)
            for name, value in entry["inputs"].items()
        }
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(**inputs)
        made["flops"] = counter.get_total_flops()
    return made


if __name__ == "__main__":
    entries = [measured(entry) for entry in json.loads(FILE.read_text())]
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, entries)) + "\n]\n")
