"""Write transformers_types.json.gz: what transformers 5.23.0 builds of configs, as an outside oracle for its importer.

Not part of the test suite, which needs neither; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 transformers==5.23.0
    python tests/golden/make_transformers.py [TYPE ...]

`defaults` has every model type's default config, built on the meta device. `settings` has small networks with some
keys set otherwise, built and run on the CPU: `config` holds what is set, `flops` what torch's counter sees at 12 tokens
with eager attention, where the model runs. Each entry is measured anew; to add one, write its type, class and config
into the file. `digest` is of the parameters' names and shapes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.auto import configuration_auto, modeling_auto

FILE = Path(__file__).with_name("transformers_types.json.gz")
TOKENS = 12
KINDS = (
    modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    modeling_auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
    modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES,
    modeling_auto.MODEL_MAPPING_NAMES,
)


def figures(model: Any) -> dict[str, Any]:
    lines = sorted(f"{name} {list(value.shape)}" for name, value in model.named_parameters())
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return {"params": sum(value.numel() for value in model.parameters()), "digest": digest}


def default(kind: str) -> dict[str, Any] | None:
    name = next((table[kind] for table in KINDS if kind in table), None)
    if name is None:
        return None
    name = name if isinstance(name, str) else name[0]
    config = getattr(transformers, configuration_auto.CONFIG_MAPPING_NAMES[kind])()
    written = json.loads(config.to_json_string(use_diff=False))
    with torch.device("meta"):
        model = getattr(transformers, name)(config)
    model.tie_weights()
    return {"class": name, "config": written, **figures(model)}


def setting(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    config = getattr(transformers, configuration_auto.CONFIG_MAPPING_NAMES[kind])(**entry["config"])
    config._attn_implementation = "eager"
    model = getattr(transformers, entry["class"])(config).eval()
    model.tie_weights()
    made = {"class": entry["class"], "config": entry["config"], **figures(model)}
    if "flops" in entry:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(input_ids=torch.arange(TOKENS)[None] % 70 + 3)
        made["flops"] = counter.get_total_flops()
    return made


def main() -> None:
    golden = json.loads(gzip.decompress(FILE.read_bytes()))
    for kind in sys.argv[1:] or configuration_auto.CONFIG_MAPPING_NAMES:
        if kind in golden["defaults"]:
            golden["defaults"][kind] = default(kind)
        golden["settings"][kind] = [setting(kind, entry) for entry in golden["settings"].get(kind, [])]
    golden["settings"] = {kind: entries for kind, entries in golden["settings"].items() if entries}
    FILE.write_bytes(gzip.compress(json.dumps(golden, separators=(",", ":")).encode(), mtime=0))


if __name__ == "__main__":
    main()
