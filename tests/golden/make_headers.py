"""Small files of weights, written by the packages safetensors 0.8.0 and gguf 0.19.0: tests/golden/headers."""

import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

FOLDER = Path(sys.argv[1])
Q8_0 = gguf.GGMLQuantizationType.Q8_0


def written(name: str, order: gguf.GGUFEndian, quantized: bool) -> None:
    writer = gguf.GGUFWriter(FOLDER / name, "llama", endianess=order)
    writer.add_context_length(128)
    if quantized:
        writer.add_token_list(["a", "b", "c"])
        writer.add_array("x.numbers", [1, 2, 3])
        writer.add_bool("flag", True)
        writer.add_string("t", "häß")
    writer.add_tensor("token_embd.weight", np.zeros((16, 32), dtype=np.float32))
    if quantized:
        blocks = gguf.quants.quantize(np.zeros((8, 64), dtype=np.float32), Q8_0)
        writer.add_tensor("blk.0.attn_q.weight", blocks, raw_dtype=Q8_0)
        writer.add_tensor("blk.0.attn_norm.weight", np.zeros((5,), dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


save_file(
    {
        "a.weight": torch.zeros(3, 4, dtype=torch.bfloat16),
        "b": torch.zeros(2, dtype=torch.float8_e4m3fn),
        "s": torch.tensor(1),
        "e": torch.zeros(0, 8),
    },
    FOLDER / "small.safetensors",
    metadata={"format": "pt"},
)
written("small.gguf", gguf.GGUFEndian.LITTLE, True)
written("big.gguf", gguf.GGUFEndian.BIG, False)
