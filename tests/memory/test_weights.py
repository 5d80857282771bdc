"""Weight formats against llama.cpp: its blocks, its published bits per weight, the tensors its loader prints."""

from __future__ import annotations

import json

import pytest

from archspec.api import analyze, load
from archspec.memory.files import names, table
from archspec.memory.formats import FormatTable, find_format, format_of
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

QK_K = 256
# gguf 0.19.0, gguf/constants.py:4232, GGML_QUANT_SIZES; Q8_1 and Q2_0 as ggml-common.h of llama.cpp@0c1e57098 has them.
BLOCKS = {
    "q1_0": (128, 2 + 16),
    "q2_0": (64, 2 + 64 // 4),
    "q4_0": (32, 2 + 16),
    "q4_1": (32, 2 + 2 + 16),
    "q5_0": (32, 2 + 4 + 16),
    "q5_1": (32, 2 + 2 + 4 + 16),
    "q8_0": (32, 2 + 32),
    "q8_1": (32, 2 + 2 + 32),
    "q2_k": (256, 2 + 2 + QK_K // 16 + QK_K // 4),
    "q3_k": (256, 2 + QK_K // 4 + QK_K // 8 + 12),
    "q4_k": (256, 2 + 2 + QK_K // 2 + 12),
    "q5_k": (256, 2 + 2 + QK_K // 2 + QK_K // 8 + 12),
    "q6_k": (256, 2 + QK_K // 2 + QK_K // 4 + QK_K // 16),
    "q8_k": (256, 4 + QK_K + QK_K // 8),
    "iq2_xxs": (256, 2 + QK_K // 4),
    "iq2_xs": (256, 2 + QK_K // 4 + QK_K // 32),
    "iq3_xxs": (256, 2 + QK_K // 4 + QK_K // 8),
    "iq1_s": (256, 2 + QK_K // 8 + QK_K // 16),
    "iq4_nl": (32, 2 + 16),
    "iq3_s": (256, 2 + QK_K // 4 + QK_K // 8 + QK_K // 32 + 4),
    "iq2_s": (256, 2 + QK_K // 4 + QK_K // 16),
    "iq4_xs": (256, 2 + 2 + QK_K // 2 + QK_K // 64),
    "iq1_m": (256, QK_K // 8 + QK_K // 16 + QK_K // 32),
    "tq1_0": (256, 2 + 4 * 13),
    "tq2_0": (256, 2 + 64),
    "mxfp4": (32, 1 + 16),
    "nvfp4": (64, 4 + 32),
}
# Bits per weight of Llama-3.1-8B, tools/quantize/README.md of llama.cpp@0c1e57098. Norms stay float32.
PUBLISHED = {
    "q3_k_s": "3.6429",
    "q3_k_m": "3.9960",
    "q3_k_l": "4.2979",
    "q4_k_s": "4.6672",
    "q4_k_m": "4.8944",
    "q5_k_s": "5.5704",
    "q5_k_m": "5.7036",
    "default=q6_k,*norm*=float32": "6.5633",
    "default=q8_0,*norm*=float32": "8.5008",
    "default=float16,*norm*=float32": "16.0005",
}


def weights(spec: str, wanted: str, **setting):
    memory = measure(analyze(load(spec), **setting), MemorySettings(weights=wanted))
    return memory.totals["weights_bytes"], {part.name: part for part in memory.parts if part.total == "weights_bytes"}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_ggmls(name: str) -> None:
    elements, size = BLOCKS[name]
    assert format_of(name).of((3, 5 * elements)) == {"": 15 * size}
    assert format_of(name).of((3, 5 * elements + 1)) is None


def test_a_scalar_and_a_vector_are_a_row() -> None:
    assert (format_of("float32").of(()), format_of("q8_0").of((64,))) == ({"": 4}, {"": 68})
    assert (format_of("q8_0").of(()), format_of("awq-g8").of((64,)), format_of("awq-g8").of((12, 64))) == (None,) * 3


def test_every_format_has_a_figure_from_outside() -> None:
    plain = {"float64", "float32", "float16", "bfloat16", "float8", "int8", "int4", "fp8_ds_mla"}
    assert set(table("formats", FormatTable).formats) == {*plain, *BLOCKS}


@pytest.mark.parametrize("wanted", PUBLISHED)
def test_bits_per_weight_as_published(wanted: str) -> None:
    total, _ = weights("llama3", wanted, variant="8b")
    assert f"{8 * total / 8_030_261_248:.4f}" == PUBLISHED[wanted]


def test_tensors_of_each_format_as_the_loader_prints_them() -> None:
    # llama_model_loader of a Llama-3-8B Q4_K_M: type f32: 65 tensors, type q4_K: 193 tensors, type q6_K: 33 tensors.
    _, parts = weights("llama3", "q4_k_m", variant="8b")
    counts = {name: int(part.formula.split()[0]) for name, part in parts.items()}
    assert counts == {"float32": 65, "q4_k": 193, "q6_k": 33}
    # Grouped queries of 80 layers are the 70B model's, whose attn_v is in Q5_K where it is not in Q6_K.
    _, parts = weights("llama3", "q4_k_m", variant="70b")
    counts = {name: int(part.formula.split()[0]) for name, part in parts.items()}
    assert counts == {"float32": 161, "q4_k": 441, "q5_k": 40, "q6_k": 81}


def test_a_tied_embedding_is_stored_as_the_output() -> None:
    _, parts = weights("llama3", "q4_k_m", variant="3.2-1b")
    assert parts["q6_k"].formula.startswith(
        "17 tensors, 405,274,624 scalars"
    )  # 8 of attn_v, 8 of ffn_down, the embedding
    assert 405_274_624 == 128256 * 2048 + 8 * (512 * 2048 + 2048 * 8192)


def test_a_mixture_falls_back_where_a_block_divides_no_row(tmp_path) -> None:
    # tensor_type_fallback: q4_k to q5_0, q6_k to q8_0, float16 where 32 does not divide a row either.
    _, parts = weights("resnet", "q4_k_m", variant="resnet50")
    assert {name: part.value for name, part in parts.items()} == {
        "float16": 2 * (25_557_032 - 2048 * 1000 - 54_120),
        "q6_k": 2048 * 1000 // 256 * 210,
        "float32": 4 * 54_120,  # of 53 norms two vectors each, and the bias
    }
    file = tmp_path / "net.yaml"
    file.write_text("""archspec: 1
name: net
inputs: {x: [96]}
layers:
  - {linear: {out: 100, bias: false}}
  - relu
  - {linear: {out: 96, bias: false}}
  - layernorm
  - {linear: {out: 8, bias: false}}
""")
    _, parts = weights(str(file), "q4_k_m")
    values = {name: part.value for name, part in parts.items()}
    assert values == {"q5_0": 100 * 3 * 22, "float16": 96 * 100 * 2, "q8_0": 8 * 3 * 34, "float32": 4 * 2 * 96}


def test_attention_on_the_inputs_themselves(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("""archspec: 1
name: net
inputs: {q: [4, 8, 64], k: [4, 8, 64], v: [4, 8, 64]}
layers:
  - {scaled_dot_product_attention: , from: [q, k, v]}
  - {permute: [2, 1, 3]}
  - {flatten: 2}
  - {linear: {out: 256, bias: false}, id: out}
""")
    mixture = tmp_path / "mine.yaml"
    mixture.write_text("mixture: mine\nsource: me\ndefault: float64\nrules: {attn_output: int8, output: float16}\n")
    assert weights(str(file), str(mixture))[0] == 256 * 256
    assert weights(str(file), "q4_k")[1]["q4_k"].source.startswith("block_q4_K")


def test_awq_as_published() -> None:
    """TheBloke/Llama-2-7B-AWQ, 4 bits, groups of 128: 3.89 GB; the embedding, the head and the norms are float16."""
    llama2 = {"dim": 4096, "depth": 32, "heads": 32, "hidden": 11008, "kv_heads": 32, "vocab": 32000}
    total, parts = weights("llama3", "autoawq", vars=llama2)
    assert total == weights("llama3", "default=float16,layers.*.attn=awq-g128,layers.*.mlp=awq-g128", vars=llama2)[0]
    assert f"{total / 1e9:.2f}" == "3.89"
    scalars = 32 * (4 * 4096**2 + 3 * 4096 * 11008)
    assert parts["awq-g128"].value * 8 == scalars * 4 + scalars * (16 + 4) // 128
    gptq, _ = weights("llama3", "autogptq", vars=llama2)
    assert gptq - total == 4 * 32 * (6 * 4096 + 11008)  # g_idx: an int32 for each input


@pytest.mark.parametrize("spec", ["resnet@resnet50", "gpt2@gpt2", "lstm_text", "swin@swin_t", "unet"])
def test_a_format_for_all_is_the_dtype(spec: str) -> None:
    name, _, variant = spec.partition("@")
    report = analyze(load(name), variant=variant or None)
    for wanted in ("float32", "int8", "float8"):
        total = measure(report, MemorySettings(weights=wanted)).totals["weights_bytes"]
        assert total == report.totals.params * (4 if wanted == "float32" else 1)


def test_the_last_pattern_that_matches_is_taken() -> None:
    plain, _ = weights("resnet", "int8", variant="resnet50")
    total, parts = weights("resnet", "fc=float16,default=int8,fc.bias=float64", variant="resnet50")
    assert total - plain == 2048 * 1000 + 7 * 1000
    assert parts["float64"].formula == "1 tensor, 1,000 scalars, 8 bytes each"
    total, _ = weights("resnet", "fc.bias=float64,fc=float16,default=int8,layer4=float32,*=int8", variant="resnet50")
    assert total == plain


WRONG = {
    "q5km": "did you mean `q5_k_m`",
    "default=int8,con1=float16": "`con1` matches no weight",
    "int8,conv1": "is no PATTERN=FORMAT",
    "q4_k": "`conv1.weight` [64, 3, 7, 7] does not fit `q4_k`: it takes blocks of 256 along the last axis; 83",
    "int4-g7": "a group of 7 takes 11/2 bytes",
    "default=int8,default=int8": "gives `default` twice",
    "": "is no PATTERN=FORMAT",
    "default=int8,fc=nonsense": "no weight format is called `nonsense`",
    "default=int8,fc=q4_k_m": "no weight format is called `q4_k_m`",
    "none.yaml": "no such file",
}


@pytest.mark.parametrize("wanted", WRONG)
def test_what_fits_nothing_is_an_error(run, wanted: str) -> None:
    code, out, err = run("memory", "resnet50", "--weights", wanted)
    assert (code, out) == (2, "")
    assert WRONG[wanted] in err


def test_a_pattern_of_what_is_tied_says_whose_it_is(run) -> None:
    code, _, err = run("memory", "gpt2", "--weights", "default=int8,lm_head=float16")
    assert (code, "hint: the weights of `lm_head` are those of `wte`;" in err) == (2, True)


def test_one_tensor_that_does_not_fit(run) -> None:
    cause = "`fc.bias` [1000] does not fit `int8-g128`: it takes blocks of 128 along the last axis\n"
    hint = "  hint: say default=int8,fc=int8-g128,fc.bias=float16; a mixture such as q4_k_m falls back by itself\n"
    assert run("memory", "resnet50", "--weights", "default=int8,fc=int8-g128") == (2, "", f"error: {cause}{hint}")


def test_a_mixture_of_ones_own(run, tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    text = "mixture: mine\nsource: me\ndefault: int8\nrules:\n  vector: float16\n  output: {}\n"
    file.write_text(text.format("float32"))
    printed = json.loads(run("memory", "lenet5", "--weights", str(file), "--format", "json")[1])
    assert printed["totals"]["weights_bytes"] == (61706 - 840 - 236) + 4 * 840 + 2 * 236
    file.write_text(text.format("[{format: float32, when: layre == 0}]"))
    assert "names `layre`, which there is not" in run("memory", "lenet5", "--weights", str(file))[2]
    file.write_text(text.format("[{format: float32, when: 1 // layer == 1}]"))
    assert "mixture `mine`, output: `1 // layer` divides by zero" in run("memory", "lenet5", "--weights", str(file))[2]
    file.write_text(text.format("int8\n  outputs: int8"))
    assert "7:3: rules.outputs: no part of a network is called" in run("memory", "lenet5", "--weights", str(file))[2]
    file.write_text(text.format("q4km"))
    code, _, err = run("memory", "lenet5", "--weights", str(file))
    assert code == 2
    assert f"{file}:6:11: rules.output" in err
    assert "no weight format is called `q4km`" in err
    assert "hint: did you mean `q4_k`?" in err


def test_names_of_formats_and_mixtures_are_apart() -> None:
    assert not [name for name in names("mixtures") if find_format(name)]


def test_a_summary_knows_nothing_of_it(run) -> None:
    assert "No such option" in run("summary", "lenet5", "--weights", "int8")[2]


def test_a_pattern_may_be_what_a_checkpoint_calls_a_weight(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(
        "archspec: 1\nname: net\ninputs: {x: [32]}\nlayers:\n"
        "  - {linear: {out: 32, bias: false}, id: a, weights: {weight: ^kernel}}\n"
        "  - {linear: {out: 32, bias: false}, id: b}\n"
    )
    report = analyze(file)
    for pattern in ("kernel", "a.weight", "a"):
        wanted = MemorySettings(weights=f"default=float32,{pattern}=q8_0")
        assert measure(report, wanted).totals["weights_bytes"] == 32 * 34 + 32 * 32 * 4
