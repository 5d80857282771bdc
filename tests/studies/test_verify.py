"""A network's tensors against files of weights that hold them, and against files that do not quite."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archspec.importers.headers.gguf_names import candidates
from weight_files import Shapes, gguf, onnx, safetensors

Run = Callable[..., tuple[int, str, str]]
GOLDEN = Path(__file__).parents[1] / "golden"
NET = """\
archspec: 1
name: net
inputs: {tokens: {shape: [4], dtype: int64}}
blocks:
  block:
    layers:
      - {rmsnorm: , id: input_layernorm}
      - {linear: {out: 8, bias: false}, id: self_attn.q_proj}
      - {linear: {out: 8, bias: false}, id: self_attn.o_proj}
      - {rmsnorm: , id: post_attention_layernorm}
      - {linear: {out: 24, bias: false}, id: mlp.up_proj}
      - {linear: {out: 8, bias: false}, id: mlp.down_proj}
layers:
  - {embedding: {vocab: 11, dim: 8}, id: model.embed_tokens}
  - {use: block, repeat: 2, id: model.layers}
  - {rmsnorm: , id: model.norm}
  - {linear: {out: 11, bias: false}, id: lm_head, tie: model.embed_tokens}
"""
BLOCK: Shapes = {
    "input_layernorm.weight": (8,),
    "self_attn.q_proj.weight": (8, 8),
    "self_attn.o_proj.weight": (8, 8),
    "post_attention_layernorm.weight": (8,),
    "mlp.up_proj.weight": (24, 8),
    "mlp.down_proj.weight": (8, 24),
}
SHAPES: Shapes = {
    "model.embed_tokens.weight": (11, 8),
    **{f"model.layers.{number}.{name}": shape for number in (0, 1) for name, shape in BLOCK.items()},
    "model.norm.weight": (8,),
}
LLAMA_CPP: Shapes = {
    "token_embd.weight": (11, 8),
    **{
        f"blk.{number}.{name}.weight": shape
        for number in (0, 1)
        for name, shape in {
            "attn_norm": (8,),
            "attn_q": (8, 8),
            "attn_output": (8, 8),
            "ffn_norm": (8,),
            "ffn_up": (24, 8),
            "ffn_down": (8, 24),
        }.items()
    },
    "output_norm.weight": (8,),
}


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET)
    return Path("net.yaml")


def verified(run: Run, file: Path, *more: str) -> tuple[int, Any]:
    code, out, error = run("verify", "net.yaml", "--against", str(file), "--format", "json", *more)
    assert error == ""
    return code, json.loads(out)


def differences(document: Any) -> list[tuple[Any, ...]]:
    keys = "sort", "name", "shape", "there", "there_shape"
    return [tuple(entry[key] for key in keys) for entry in document["differences"]]


@pytest.mark.usefixtures("net")
def test_a_file_that_holds_the_network(run: Run) -> None:
    for file in (safetensors(Path("a.safetensors"), SHAPES), gguf(Path("a.gguf"), LLAMA_CPP)):
        code, document = verified(run, file)
        assert (code, document["agrees"], document["agreed"], document["differences"]) == (0, True, 14, [])
        code, out, _ = run("verify", "net.yaml", "--against", str(file))
        assert code == 0
        assert out.endswith("14 tensors agree in name and shape\n")
    assert verified(run, Path("net.yaml"))[0] == 0


def changed(changes: dict[str, Any], shapes: Shapes = SHAPES) -> Shapes:
    made = {**shapes, **changes}
    return {name: shape for name, shape in made.items() if shape is not None}


@pytest.mark.usefixtures("net")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"model.norm.weight": None}, [("missing", "model.norm.weight", [8], None, None)]),
        ({"more.bias": (3,)}, [("extra", None, None, "more.bias", [3])]),
        ({"model.layers.1.mlp.up_proj.weight": (25, 8)},
         [("reshaped", "model.layers.1.mlp.up_proj.weight", [24, 8], "model.layers.1.mlp.up_proj.weight", [25, 8])]),
        ({"model.layers.0.mlp.up_proj.weight": (8, 24)},
         [("transposed", "model.layers.0.mlp.up_proj.weight", [24, 8], "model.layers.0.mlp.up_proj.weight", [8, 24])]),
        ({"model.norm.weight": (8, 1)}, [("reshaped", "model.norm.weight", [8], "model.norm.weight", [8, 1])]),
        ({"lm_head.weight": (11, 8)}, [("tied", "lm_head.weight", [11, 8], "lm_head.weight", [11, 8])]),
        # The one tensor may stand under any of its names.
        ({"lm_head.weight": (11, 8), "model.embed_tokens.weight": None}, []),
    ],
)  # fmt: skip
def test_what_differs(changes: dict[str, Any], found: list[tuple[Any, ...]], run: Run) -> None:
    code, document = verified(run, safetensors(Path("a.safetensors"), changed(changes)))
    assert (code, differences(document)) == (int(bool(found)), found)


@pytest.mark.usefixtures("net")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"output_norm.weight": None}, [("missing", "model.norm.weight", [8], None, None)]),
        ({"blk.1.ffn_gate.weight": (3,)}, [("extra", None, None, "blk.1.ffn_gate.weight", [3])]),
        ({"blk.0.ffn_up.weight": (8, 24)},
         [("transposed", "model.layers.0.mlp.up_proj.weight", [24, 8], "blk.0.ffn_up.weight", [8, 24])]),
        ({"output.weight": (11, 8)}, [("tied", "output.weight", [11, 8], "output.weight", [11, 8])]),
        ({"rope_freqs.weight": (4,)}, []),
    ],
)  # fmt: skip
def test_what_differs_in_a_gguf(changes: dict[str, Any], found: list[tuple[Any, ...]], run: Run) -> None:
    code, document = verified(run, gguf(Path("a.gguf"), changed(changes, LLAMA_CPP)))
    assert (code, differences(document)) == (int(bool(found)), found)


@pytest.mark.usefixtures("net")
def test_a_network_that_does_not_tie_what_the_file_does(run: Run) -> None:
    Path("net.yaml").write_text(NET.replace(", tie: model.embed_tokens", ""))
    for file in (safetensors(Path("a.safetensors"), SHAPES), gguf(Path("a.gguf"), LLAMA_CPP)):
        code, document = verified(run, file)
        assert (code, differences(document)) == (1, [("tied", "lm_head.weight", [11, 8], None, None)])
        assert "model.embed_tokens.weight: tied there?" in document["differences"][0]["says"]


@pytest.mark.usefixtures("net")
def test_names_that_all_lack_a_group(run: Run) -> None:
    shapes = {name.removeprefix("model."): shape for name, shape in SHAPES.items()}
    code, document = verified(run, safetensors(Path("a.safetensors"), shapes))
    assert (code, document["agreed"], document["counts"]) == (1, 14, {"renamed": 1})
    assert document["differences"][0]["says"] == "the names stand without `model.` in the file"
    code, document = verified(run, safetensors(Path("a.safetensors"), {f"x.{name}": SHAPES[name] for name in SHAPES}))
    assert (code, document["agreed"]) == (1, 14)
    assert document["differences"][0]["says"] == "the names stand with `x.` before them in the file"


@pytest.mark.usefixtures("net")
def test_an_index_alone_is_compared_by_name(run: Run) -> None:
    file = Path("model.safetensors.index.json")
    file.write_text(json.dumps({"weight_map": dict.fromkeys(SHAPES, "one.safetensors")}))
    code, document = verified(run, file)
    assert (code, document["agreed"], document["by_name"]) == (0, 0, 14)
    assert document["notes"][0].startswith("1 of 1 files are not here (one.safetensors)")
    assert "14 tensors in name alone" in run("verify", "net.yaml", "--against", str(file))[1]


def test_buffers(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a batch norm they belong to a checkpoint; what a network makes up itself may be missing."""
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(
        "archspec: 1\nname: net\ninputs: {x: [3, 8, 8]}\nlayers:\n  - {batchnorm: , id: bn}\n"
        "  - {parameter: {shape: [4], buffer: true}, id: inv_freq}\n"
    )
    shapes: Shapes = {f"bn.{name}": (3,) for name in ("weight", "bias", "running_mean", "running_var")}
    code, document = verified(run, safetensors(Path("a.safetensors"), shapes))
    assert (code, document["agreed"]) == (0, 4)
    assert document["notes"] == [
        "1 buffer `num_batches_tracked` of the network: not in the file",
        "1 buffer `inv_freq` of the network: not in the file",
    ]
    del shapes["bn.running_mean"]
    code, document = verified(run, safetensors(Path("a.safetensors"), shapes))
    assert (code, differences(document)) == (1, [("missing", "bn.running_mean", [3], None, None)])


def test_experts_of_llama_cpp_are_one_tensor(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    experts = "".join(
        f"  - {{linear: {{out: 8, bias: false}}, id: model.layers.0.mlp.experts.{number}.up_proj}}\n"
        for number in range(3)
    )
    Path("net.yaml").write_text(f"archspec: 1\nname: net\ninputs: {{x: [8]}}\nlayers:\n{experts}")
    assert verified(run, gguf(Path("a.gguf"), {"blk.0.ffn_up_exps.weight": (3, 8, 8)}))[0] == 0
    code, document = verified(run, gguf(Path("a.gguf"), {"blk.0.ffn_up_exps.weight": (4, 8, 8)}))
    name, there = "model.layers.0.mlp.experts.*.up_proj.weight", "blk.0.ffn_up_exps.weight"
    assert (code, differences(document)) == (1, [("reshaped", name, [3, 8, 8], there, [4, 8, 8])])
    stacked = "{parameter: [3, 16, 8], id: model.layers.0.mlp.experts.gate_up_proj}"
    Path("net.yaml").write_text(f"archspec: 1\nname: net\ninputs: {{x: [8]}}\nlayers:\n  - {stacked}\n")
    parts: Shapes = {"blk.0.ffn_gate_exps.weight": (3, 8, 8), "blk.0.ffn_up_exps.weight": (3, 8, 8)}
    assert verified(run, gguf(Path("a.gguf"), parts))[0] == 0
    parts["blk.0.ffn_up_exps.weight"] = (3, 7, 8)
    code, document = verified(run, gguf(Path("a.gguf"), parts))
    assert (code, document["differences"][0]["there_shape"]) == (1, [3, 15, 8])


def test_names_of_llama_cpp_are_its_own() -> None:
    """What gguf's table says of transformers' tensors is among what ours says."""
    wanted = json.loads((GOLDEN / "gguf_names.json").read_text("utf-8"))
    assert len(wanted) > 100
    for name, theirs in wanted.items():
        ours = {candidate.names[0] for candidate in candidates(name)}
        assert ours >= set(theirs), name


@pytest.mark.usefixtures("net")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04....", "a pickle or an archive of such"),
        (b"\x80\x02}q\x00.", "a pickle or an archive of such"),
        (b"\0\0\0\0\0\0\0\0\0\0", "no file of weights that archspec knows"),
        (b"", ""),
        (b"{}", ""),
        (b'{"model_type": "no such"}', ""),
    ],
)
def test_other_files_are_refused(content: bytes, said: str, run: Run) -> None:
    Path("file").write_bytes(content)
    code, out, error = run("verify", "net.yaml", "--against", "./file")
    assert (code, out) == (2, "")
    assert said in error
    assert "Traceback" not in error


@pytest.mark.usefixtures("net")
def test_differences_alike_are_one_line(run: Run) -> None:
    shapes = changed({f"model.layers.{number}.mlp.up_proj.weight": None for number in (0, 1)})
    file = safetensors(Path("a.safetensors"), shapes)
    code, out, _ = run("verify", "net.yaml", "--against", str(file))
    assert code == 1
    assert "missing  model.layers.*.mlp.up_proj.weight  x2  [24, 8]\n" in out
    assert out.endswith("12 tensors agree in name and shape, 2 missing\n")
    _, out, _ = run("verify", "net.yaml", "--against", str(file), "--full")
    assert "missing  model.layers.1.mlp.up_proj.weight" in out


FOLDED = """\
archspec: 1
name: net
inputs: {x: [3, 8, 8]}
layers:
  - {conv: {out: 4, kernel: 3}, id: conv}
  - {batchnorm: , id: bn}
  - global_avgpool
  - flatten
  - {linear: {out: 5, bias: false}, id: fc}
"""


def test_an_onnx_whose_exporter_made_names_up(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matrix is transposed and renamed, a batch norm folded into the convolution; constants are nobody's."""
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(FOLDED)
    shapes: Shapes = {"conv.weight": (4, 3, 3, 3), "onnx::Conv_7": (4,), "onnx::MatMul_9": (4, 5), "eps": ()}
    code, document = verified(run, onnx(Path("a.onnx"), shapes))
    assert (code, document["agreed"]) == (1, 3)
    assert differences(document) == [("missing", "bn.weight", [4], None, None), ("missing", "bn.bias", [4], None, None)]
    assert document["differences"][0]["says"] == "folded by the exporter into the layer before?"
    assert document["notes"][0] == "2 tensors have names that the exporter made up: found by shape, in their order"
    whole: Shapes = {
        "conv.weight": (4, 3, 3, 3),
        "conv.bias": (4,),
        "bn.weight": (4,),
        "bn.bias": (4,),
        "fc.weight": (5, 4),
    }
    assert verified(run, onnx(Path("a.onnx"), whole))[0] == 0
    code, document = verified(run, onnx(Path("a.onnx"), {**whole, "fc.weight": (4, 5)}))
    assert (code, document["counts"]) == (1, {"transposed": 1})
