"""Files of weights as sources: a GGUF with known keys is a network, all else a list of tensors."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.importers.headers.gguf_names import candidates
from archspec.studies.tensors import tensors
from weight_files import Shapes, gguf, safetensors

Run = Callable[..., tuple[int, str, str]]
MODELS: dict[str, Any] = json.loads(
    gzip.decompress((Path(__file__).parents[1] / "golden" / "checkpoints.json.gz").read_bytes())
)


def shapes_of(model: str) -> Shapes:
    return {name: tuple(shape) for name, shape in MODELS[model]["tensors"]}


def keys_of(architecture: str, config: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the converter of llama.cpp writes of a config."""
    keys = {
        "embedding_length": config["hidden_size"],
        "block_count": config["num_hidden_layers"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": config["num_key_value_heads"],
        "attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        "context_length": config["max_position_embeddings"],
        "rope.freq_base": 10000.0,
        **({"attention.key_length": config["head_dim"]} if config.get("head_dim") else {}),
    }
    general = {"general.architecture": architecture, "general.name": "m", "tokenizer.ggml.tokens": ["a", "b"]}
    return {**general, **{f"{architecture}.{key}": value for key, value in keys.items()}, **more}


def in_gguf(shapes: Shapes, post: bool) -> Shapes:
    """Tensors as llama.cpp calls them, in a network with norms behind its parts or without."""
    found = {name: [each.names[0] for each in candidates(name)] for name in shapes}
    return {next(each for each in found[name] if post or "post_" not in each): shape for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("model", "architecture"),
    [
        ("llama-2-7b", "llama"),
        ("llama-3.2-1b", "llama"),
        ("qwen2.5-7b", "qwen2"),
        ("qwen3-8b", "qwen3"),
        ("gemma-2-9b", "gemma2"),
    ],
)
def test_a_gguf_of_a_known_architecture_is_its_network(
    model: str, architecture: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    golden = MODELS[model]
    keys = keys_of(architecture, golden["config"])
    gguf(Path("m.gguf"), in_gguf(shapes_of(model), architecture == "gemma2"), keys)
    report: Any = analyze("m.gguf")
    assert report.totals["params"] == golden["params"]
    assert 2 * report.totals["macs"] == golden["flops"]
    assert {tensor.name: tensor.shape for tensor in tensors(report.graph) if not tensor.tied_to} == shapes_of(model)
    assert run("import", "m.gguf", "-o", "m.yaml")[0] == 0
    assert f"expect: {{params: {golden['params']}}}" in Path("m.yaml").read_text()
    assert run("check", "m.yaml")[0] == 0
    assert run("verify", "m.yaml", "--against", "m.gguf")[0] == 0


def put(name: str, value: Any) -> Any:
    return lambda keys, shapes: keys.update({name: value})


def shaped(name: str, *shape: int) -> Any:
    return lambda keys, shapes: shapes.update({name: shape})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda keys, shapes: keys.update({"general.architecture": "strange"}),
            "the architecture 'strange' is not known",
        ),
        (lambda keys, shapes: keys.pop("general.architecture"), "no architecture is said"),
        (
            lambda keys, shapes: keys.update({"llama.expert_count": 8}),
            "the key llama.expert_count is not known of llama",
        ),
        (
            put("llama.block_count", 17),
            "blk.16.attn_norm.weight is none, llama would have",
        ),
        (put("llama.block_count", 2**31), "too many blocks are said"),
        (put("llama.embedding_length", "wide"), "hidden_size is 'wide'"),
        (put("llama.attention.head_count", 0), "num_attention_heads is 0"),
        (
            shaped("blk.0.more.weight", 3),
            "blk.0.more.weight is [3], llama would have none",
        ),
        (
            shaped("blk.3.ffn_up.weight", 8192, 2047),
            "blk.3.ffn_up.weight is [8192, 2047]",
        ),
        (lambda keys, shapes: shapes.pop("token_embd.weight"), "token_embd.weight is missing"),
    ],
)
def test_a_gguf_that_is_not_quite_known_is_a_list_of_tensors(
    change: Any, why: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = keys_of("llama", MODELS["llama-3.2-1b"]["config"])
    shapes = in_gguf(shapes_of("llama-3.2-1b"), False)
    change(keys, shapes)
    gguf(Path("m.gguf"), shapes, keys)
    code, out, notes = run("import", "m.gguf")
    assert code == 0
    assert "weights only: no operation is known" in notes
    assert why in " ".join(out.split())
    report: Any = analyze("m.gguf")
    assert report.totals["params"] == sum(map(prod, shapes.values()))


@pytest.mark.parametrize("model", ["gpt2", "bert-base-uncased", "mixtral-8x7b", "whisper-small"])
def test_safetensors_are_a_list_of_tensors(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shapes = shapes_of(model)
    report: Any = analyze(safetensors(Path("m.safetensors"), shapes))
    assert report.totals["params"] == MODELS[model]["params"]
    assert report.totals["macs"] == 0
    assert {tensor.name: tensor.shape for tensor in tensors(report.graph)} == shapes


ODD: Shapes = {
    "a": (2,),
    "a.b": (3,),  # below a tensor
    "b.c": (0, 4),
    "3": (4,),
    "x.0": (5,),
    "x.1": (5,),
    "l.0.w": (6,),
    "l.1.w": (6,),
    "n.0.w": (6,),
    "n.1.w": (7,),
    "o.1.w": (7,),
    "o.2.w": (7,),
    "ä b/c": (8,),
    ".".join("d" * 40): (9,),
    "s": (),
    "a $b": (10,),
    "z z": (0, 3),
}


def test_odd_names_and_shapes_keep_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report: Any = analyze(safetensors(Path("m.safetensors"), ODD))
    assert {tensor.name: tensor.shape for tensor in tensors(report.graph)} == ODD
    assert report.totals["params"] == sum(map(prod, ODD.values()))


def test_an_index_is_a_source_where_its_files_are_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "one.safetensors"}}))
    code, _, error = run("summary", "m.safetensors.index.json")
    assert (code, error.count("a: its shape is in a file that is not here")) == (2, 1)
    safetensors(Path("one.safetensors"), {"a": (3, 4)})
    report: Any = analyze("m.safetensors.index.json")
    assert report.totals["params"] == 12


def test_numbers_that_are_no_floats_are_buffers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report: Any = analyze(safetensors(Path("m.safetensors"), {"position_ids": (1, 512)}, "I64"))
    assert (report.totals["params"], report.totals["buffers"]) == (0, 512)


def test_an_architecture_is_of_configs(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    safetensors(Path("m.safetensors"), {"a": (3,)})
    code, _, error = run("summary", "m.safetensors", "--architecture", "LlamaModel")
    assert code == 2
    assert "--architecture is of configs" in error


@pytest.mark.parametrize("name", ["^up", "a$'\""])
def test_names_that_a_spec_cannot_write(name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    safetensors(Path("m.safetensors"), {name: (3,)})
    code, out, error = run("import", "m.safetensors")
    assert (code, out) == (2, "")
    assert "a spec cannot write this name" in error
