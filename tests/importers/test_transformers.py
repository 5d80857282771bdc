"""Configs of transformers as networks: every model type as transformers builds it, keys set otherwise, bad configs."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.analysis.report import Report
from archspec.errors import ArchspecError
from archspec.expr import parse
from archspec.importers.folding import Folder
from archspec.importers.sources import convert, opened
from archspec.importers.specialising import Specialiser
from archspec.importers.transformers.types import model_type, names
from archspec.language.find import Place
from archspec.studies.tensors import tensors

GOLDEN = Path(__file__).parents[1] / "golden"
TYPES = json.loads(gzip.decompress((GOLDEN / "transformers_types.json.gz").read_bytes()))
PUBLISHED = json.loads((GOLDEN / "transformers.json").read_text())
# Of the published ones: the class that was measured, where it is not the language model.
PLAIN = {"bert": "BertModel", "roberta": "RobertaModel", "distilbert": "DistilBertModel"}
OTHERS = {
    "t5": "two lengths: its tests are the encoder-decoders'",
    "whisper": "two lengths: its tests are the encoder-decoders'",
    "clip": "an image: its tests are the towers'",
    "vit": "an image: its tests are the towers'",
    "mamba": "torch counts the positions before the first that its convolution pads",
}
TOKENS = 12  # of `settings`


def written(folder: Path, config: Any) -> Place:
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    return Place(str(file), None)


def report_of(folder: Path, config: dict[str, Any], tokens: int | None = None) -> Report:
    spec, _ = opened(written(folder, config))
    return archspec.analyze(spec, convention="torch", dims={"T": tokens} if tokens and "T" in spec.dims else None)


def digest(report: Report) -> str:
    """As make_transformers.py makes it."""
    stored = [tensor for tensor in tensors(report.graph) if not tensor.buffer and tensor.tied_to is None]
    lines = sorted(f"{tensor.name} {list(tensor.shape)}" for tensor in stored)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def counted(report: Report) -> int:
    """What torch's counter sees of attention computed eagerly, and of all else, as its convention has it."""
    attention = [row for row in report.layers if row.kind == "scaled_dot_product_attention"]
    apart = sum(row.repeat * (2 * row.macs - (row.columns["flops"] or 0)) for row in attention)
    return int(report.totals["columns"]["flops"] + apart)


@pytest.mark.parametrize("kind", [kind for kind in names() if kind in TYPES["defaults"]])
def test_default_config(kind: str, tmp_path: Path) -> None:
    golden = TYPES["defaults"][kind]
    config = {**golden["config"], "model_type": kind, "architectures": [golden["class"]]}
    report = report_of(tmp_path, config)
    assert report.totals["params"] == golden["params"]
    assert digest(report) == golden["digest"]


@pytest.mark.parametrize("kind", TYPES["settings"])
def test_keys_set_otherwise(kind: str, tmp_path: Path) -> None:
    for golden in TYPES["settings"][kind]:
        if golden["class"] not in model_type(kind).classes:
            continue
        config = {**golden["config"], "model_type": kind, "architectures": [golden["class"]]}
        try:
            report = report_of(tmp_path, config, TOKENS)
        except ArchspecError as error:
            assert "archspec knows" in error.message, (golden, error)  # noqa: PT017 - refused by name, never wrong
            continue
        assert (report.totals["params"], digest(report)) == (golden["params"], golden["digest"]), golden
        assert counted(report) == golden.get("flops", counted(report)), golden  # not where it sees experts as it should


@pytest.mark.parametrize(
    "name",
    [name for name, golden in PUBLISHED.items() if golden["config"]["model_type"] in {*names()} - {"clip", "vit"}],
)
def test_published_config(name: str, tmp_path: Path) -> None:
    golden = PUBLISHED[name]
    kind = golden["config"]["model_type"]
    if kind in OTHERS:
        pytest.skip(OTHERS[kind])
    chosen = PLAIN.get(kind, TYPES["defaults"][kind]["class"])
    for tokens, flops in golden["flops"].items():
        length = 512 if kind in PLAIN and tokens == "1024" else int(tokens)
        report = report_of(tmp_path, {**golden["config"], "architectures": [chosen]}, length)
        assert (report.totals["params"], counted(report)) == (golden["params"], flops["total"])


def test_infinity_is_a_value_of_a_config_and_of_no_spec(tmp_path: Path) -> None:
    """Python writes it into JSON, as Mamba-2's `time_step_limit`."""
    config = {"model_type": "mamba2", "architectures": ["Mamba2Model"], "time_step_limit": [0.0, float("inf")]}
    assert report_of(tmp_path, config).totals["params"]
    with pytest.raises(ArchspecError, match="`vocab_size` must be a whole number, got 'Infinity'"):
        report_of(tmp_path, {**LLAMA, "vocab_size": float("inf")})
    with pytest.raises(ArchspecError, match="Infinity is not JSON, nor a size"):
        report_of(tmp_path, {"archspec": 1, "name": "x", "dims": {"H": float("inf")}, "layers": []})


LLAMA: dict[str, Any] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
LAYERS = ["full_attention"] * 28
BAD: dict[str, tuple[Any, str]] = {
    "unknown type": ({"model_type": "lama"}, "1:16: model_type: the model type 'lama' is not known"),
    "no text": ({"model_type": 3}, "model_type: the model type 3 is not known"),
    "unknown key": ({**LLAMA, "hiden_size": 8}, "`hiden_size` is no key of a llama config that archspec knows"),
    "wrong type": ({**LLAMA, "hidden_size": "8"}, "hidden_size: `hidden_size` must be a whole number, got '8'"),
    "true for a number": ({**LLAMA, "vocab_size": True}, "`vocab_size` must be a whole number, got true"),
    "null for a number": ({**LLAMA, "vocab_size": None}, "`vocab_size` must be a whole number, got null"),
    "number for true": ({**LLAMA, "mlp_bias": 1}, "`mlp_bias` must be true or false, got 1"),
    "fraction": ({**LLAMA, "hidden_size": 1.5}, "`hidden_size` must be a whole number, got 1.5"),
    "negative": ({**LLAMA, "hidden_size": -8}, "`hidden_size` must be a size, got -8"),
    "huge": ({**LLAMA, "vocab_size": 10**30}, "`vocab_size` must be a size"),
    "mapping": ({**LLAMA, "head_dim": {"a": 1}}, "`head_dim` must be a size"),
    "no division": ({**LLAMA, "num_attention_heads": 0}, "has no value"),
    "unknown activation": ({**LLAMA, "hidden_act": "silly"}, "`hidden_act` names the activation 'silly'"),
    "activation of no text": ({**LLAMA, "hidden_act": 3}, "`hidden_act` names the activation 3"),
    "no class": ({"model_type": "llama"}, "the config does not name the class that is meant"),
    "null class": ({"model_type": "llama", "architectures": None}, "the config does not name the class"),
    "class of no text": ({"model_type": "llama", "architectures": [3]}, "`architectures` must be a list of names"),
    "other class": ({"model_type": "llama", "architectures": ["GPT2Model"]}, "llama has no class 'GPT2Model'"),
    "unknown layer": (
        {"model_type": "qwen2", "architectures": ["Qwen2Model"], "num_hidden_layers": 1, "layer_types": ["linear"]},
        "`layer_types` is 'linear': archspec knows qwen2 with",
    ),
    "too few layers": (
        {"model_type": "qwen2", "architectures": ["Qwen2Model"], "layer_types": LAYERS},
        "`layer_types` has 28 entries for 32 layers",
    ),
    "no list": (
        {"model_type": "qwen2", "architectures": ["Qwen2Model"], "layer_types": "full_attention"},
        "`layer_types` must be a list, got 'full_attention'",
    ),
    "heads that do not fit": (
        {"model_type": "helium", "architectures": ["HeliumModel"], "head_dim": 64},
        "helium needs $num_attention_heads * $head_dim == $hidden_size",
    ),
    "both names of a key": (
        {"model_type": "gpt2", "architectures": ["GPT2Model"], "n_embd": 64, "hidden_size": 64},
        "`hidden_size` and `n_embd` are one key of gpt2",
    ),
    "no list for a list": (
        {"model_type": "wav2vec2", "architectures": ["Wav2Vec2Model"], "conv_dim": 5},
        "conv_dim: `conv_dim` must be a list, got 5",
    ),
    "no groups": (
        {"model_type": "gpt_neo", "architectures": ["GPTNeoModel"], "attention_types": [["global", 2]]},
        "a list of [items, times] is needed",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_config(name: str, tmp_path: Path) -> None:
    config, message = BAD[name]
    with pytest.raises(ArchspecError) as caught:
        report_of(tmp_path, config)
    assert message in str(caught.value)
    assert str(tmp_path / "config.json") in str(caught.value) or "architectures" in str(caught.value)


def test_the_class_may_be_said(tmp_path: Path) -> None:
    place = written(tmp_path, {"model_type": "llama", "num_hidden_layers": 2})
    spec, _ = opened(place, architecture="LlamaModel")
    assert archspec.analyze(spec).totals["params"] == 32000 * 4096 + 2 * 202_383_360 + 4096
    with pytest.raises(ArchspecError, match="llama has no class 'LlamaForVision'"):
        opened(place, architecture="LlamaForVision")


def test_what_differs_by_layer_is_a_condition_on_the_index(tmp_path: Path) -> None:
    config = {"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"]}
    text = convert(written(tmp_path, config)).text
    assert "with: {window: $sliding_window if $index % 2 == 0 else null}" in text
    assert "layer_types" not in text
    text = convert(written(tmp_path, {**config, "layer_types": ["full_attention"] * 26})).text
    assert "window" not in text


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ("aaaa", "true"),
        ("bbbb", "false"),
        ("abab", "$index % 2 == 0"),
        ("bbabba", "$index % 3 == 2"),
        ("aabaab", "$index % 3 != 2"),
        ("abbb", "$index < 1"),
        ("bbba", "$index >= 3"),
        ("abba", "$kinds.$index == 'a'"),
    ],
)
def test_conditions_on_entries_of_a_list(entries: str, text: str) -> None:
    folded = Folder({"kinds": list(entries)}).fold("$kinds.$index == 'a'")
    assert str(folded).lower() == text
    if isinstance(folded, str):  # and it holds where the entries say
        for index, entry in enumerate(entries):
            folder = Folder({"kinds": list(entries), "index": index})
            assert folder.value(parse(folded, dollar=True).tree) is (entry == "a")


def test_blocks_of_a_written_spec_have_no_idle_parameters(tmp_path: Path) -> None:
    text = convert(written(tmp_path, LLAMA)).text
    assert "params:" not in text
    assert "with:" not in text
    assert len(text.splitlines()) < 60


def test_a_call_that_chooses_a_block_keeps_what_differs_by_layer() -> None:
    call = {"use": "'far' if $index % 2 == 0 else 'near'", "with": {"window": "$index + 1"}, "repeat": 4}
    attention = [{"scaled_dot_product_attention": {"causal": True, "window": "$window"}, "from": ["in", "in", "in"]}]
    blocks: Any = {"far": {"params": {"window": None}, "layers": attention}, "near": {"layers": ["relu"]}}
    with pytest.raises(ArchspecError, match="differ in what is open"):
        Specialiser({"layers": [call], "blocks": blocks}, {}, {}, {}).run()
    blocks["near"]["params"] = {"window": None}
    made = Specialiser({"layers": [call], "blocks": blocks}, {}, {}, {}).run()
    assert made["layers"][0]["with"] == {"window": "$index + 1"}


def test_keys_of_a_mapping_inside_a_config_are_read_and_none_is_passed_over(tmp_path: Path) -> None:
    config: dict[str, Any] = {"model_type": "kimi_linear", "architectures": ["KimiLinearForCausalLM"]}
    stated = {**config, "linear_head_dim": 7, "linear_attn_config": {"num_heads": 3, "head_dim": 5}}
    text = convert(written(tmp_path, stated)).text
    assert "linear_head_dim: 5" in text
    assert "linear_num_heads: 3" in text
    for inner, message in (
        ({"heads": 3}, "linear_attn_config.heads: `heads` is no key of `linear_attn_config`"),
        ({"num_heads": "3"}, "linear_attn_config.num_heads: `num_heads` must be a whole number, got '3'"),
        (3, "linear_attn_config: `linear_attn_config` must be a mapping, got 3"),
    ):
        with pytest.raises(ArchspecError, match=re.escape(message)):
            convert(written(tmp_path, {**config, "linear_attn_config": inner}))


def test_a_pattern_of_letters_says_which_layers_there_are(tmp_path: Path) -> None:
    config = {
        "model_type": "nemotron_h",
        "architectures": ["NemotronHForCausalLM"],
        "hybrid_override_pattern": "M*-EE*M-",
    }
    assert (
        "sorts: [linear_attention, full_attention, mlp, moe, moe, full_attention,"
        in convert(written(tmp_path, config)).text
    )
    for pattern in ("M*x", 3, ["M"]):
        with pytest.raises(ArchspecError, match="a text of the letters ME"):
            convert(written(tmp_path, {**config, "hybrid_override_pattern": pattern}))


@pytest.mark.parametrize(
    ("kind", "name", "params"),
    [
        ("qwen3_5", "Qwen3_5ForCausalLM", 8_953_803_264),  # of transformers 5.23, as built from the default
        ("qwen3_5_moe", "Qwen3_5MoeForCausalLM", 34_660_610_688),
    ],
)
def test_the_language_model_of_a_config_with_images_has_a_head(
    kind: str, name: str, params: int, tmp_path: Path
) -> None:
    config = {"model_type": kind, "architectures": [name], "text_config": {"model_type": f"{kind}_text"}}
    report = report_of(tmp_path, config)
    assert report.totals["params"] == params
    assert "lm_head.weight" in {tensor.name for tensor in tensors(report.graph)}


def test_a_config_may_say_what_single_layers_have(tmp_path: Path) -> None:
    config: dict[str, Any] = {
        "model_type": "gemma4_text",
        "architectures": ["Gemma4TextModel"],
        "num_hidden_layers": 3,
        "layer_types": ["sliding_attention", "full_attention", "full_attention"],
    }
    assert "per_layer_head_dim: [256, 512, 512]" in convert(written(tmp_path, config)).text
    stated = {**config, "per_layer_config": {"01": {"head_dim": 64}, "2": {"num_key_value_heads": 2}}}
    text = convert(written(tmp_path, stated)).text
    assert "per_layer_head_dim: [256, 64, 256]" in text
    assert "per_layer_num_key_value_heads: [4, 4, 2]" in text
    for inner, message in (
        ({"3": {"head_dim": 64}}, "`per_layer_config`: '3' is no layer of 3, with its keys"),
        (
            {"0": {"hidden_size": 64}},
            "`per_layer_config.0.hidden_size` is 64: of its own a layer has only head_dim, num_key_value_heads",
        ),
        ({"0": {"head_dim": "64"}}, "`per_layer_config.0.head_dim` is '64'"),
        ([64], "`per_layer_config` must be a mapping of layers, got [64]"),
    ):
        with pytest.raises(ArchspecError, match=re.escape(message)):
            convert(written(tmp_path, {**config, "per_layer_config": inner}))
