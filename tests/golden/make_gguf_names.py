"""What gguf 0.19.0 calls tensors of transformers 5.23's models, by tensor_mapping: tests/golden/gguf_names.json.

`transformers_defaults.json.gz` names the tensors; of each model the first block. Models without an architecture of
llama.cpp are left out.
"""

import gzip
import json
import re
import sys

from gguf import MODEL_ARCH, get_tensor_name_map

ARCHITECTURES = {
    "llama": "LLAMA", "bert": "BERT", "qwen2": "QWEN2", "qwen3": "QWEN3", "mixtral": "LLAMA", "gemma": "GEMMA",
    "gemma2": "GEMMA2", "gemma3_text": "GEMMA3", "phi3": "PHI3", "falcon": "FALCON", "gpt_neox": "GPTNEOX",
    "starcoder2": "STARCODER2", "olmo2": "OLMO2", "olmoe": "OLMOE", "qwen2_moe": "QWEN2MOE", "qwen3_moe": "QWEN3MOE",
    "deepseek_v2": "DEEPSEEK2", "mamba": "MAMBA", "cohere": "COMMAND_R", "stablelm": "STABLELM", "gptj": "GPTJ",
    "gpt_oss": "GPT_OSS", "smollm3": "SMOLLM3", "llama4_text": "LLAMA4", "codegen": "CODESHELL", "cohere2": "COHERE2",
    "arcee": "ARCEE", "distilbert": "BERT",
}  # fmt: skip

with gzip.open(sys.argv[1]) as stream:
    models = json.load(stream)
names: dict[str, set[str]] = {}
for model, architecture in ARCHITECTURES.items():
    known = get_tensor_name_map(getattr(MODEL_ARCH, architecture), 128)
    for name, _ in models[model]["tensors"]:
        theirs = known.get_name(name, try_suffixes=(".weight", ".bias"))
        if theirs is not None and not re.search(r"\.[1-9]\d*\.", name):
            whole = theirs.endswith((".weight", ".bias", "ssm_a", "ssm_d"))
            names.setdefault(name, set()).add(theirs if whole else f"{theirs}.weight")
lines = [f" {json.dumps(name)}: {json.dumps(sorted(theirs))}" for name, theirs in sorted(names.items())]
with open(sys.argv[2], "w", encoding="utf-8") as stream:
    stream.write("{\n" + ",\n".join(lines) + "\n}\n")
