"""Configs with configs in them: published networks, parts that are not stated, and towers as torch counts them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert, opened
from archspec.importers.transformers.types import names
from tests.importers.test_transformers import GOLDEN, TYPES, counted, digest, report_of, written

# FLOPs that torch's counter sees of small networks for images and sounds, their attention eager.
TOWERS = json.loads((GOLDEN / "transformers_towers.json").read_text())
CLIP = {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24}
LLAVA = {
    "model_type": "llava",
    "architectures": ["LlavaForConditionalGeneration"],
    "text_config": {"model_type": "llama", "rms_norm_eps": 1e-05, "vocab_size": 32064},
    "vision_config": {**CLIP, "num_attention_heads": 16, "image_size": 336, "patch_size": 14},
    "vision_feature_layer": -2,
}
SIZES = {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28}
QWEN = {  # its text's keys stand among the whole's
    "model_type": "qwen2_5_vl",
    "architectures": ["Qwen2_5_VLForConditionalGeneration"],
    **SIZES,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "rms_norm_eps": 1e-06,
    "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
    "vision_config": {"hidden_size": 1280, "out_hidden_size": 3584, "in_chans": 3, "spatial_patch_size": 14},
}


@pytest.mark.parametrize("kind", [kind for kind in names() if kind in TYPES["defaults"]])
def test_what_a_config_leaves_out_is_as_its_class_has_it(kind: str, tmp_path: Path) -> None:
    golden = TYPES["defaults"][kind]
    report = report_of(tmp_path, {"model_type": kind, "architectures": [golden["class"]]})
    assert (report.totals["params"], digest(report)) == (golden["params"], golden["digest"])


# LLaVA 1.5 7B and Qwen2.5-VL 7B as their checkpoints' headers add up.
@pytest.mark.parametrize(("config", "params"), [(LLAVA, 7_063_427_072), (QWEN, 8_292_166_656)])
def test_published_parameters(config: dict[str, Any], params: int, tmp_path: Path) -> None:
    assert report_of(tmp_path, config).totals["params"] == params


@pytest.mark.parametrize("golden", TOWERS, ids=[entry["class"] for entry in TOWERS])
def test_towers_as_torch_counts_them(golden: dict[str, Any], tmp_path: Path) -> None:
    config = {**golden["config"], "model_type": golden["type"], "architectures": [golden["class"]]}
    spec, _ = opened(written(tmp_path, config))
    report: Any = archspec.analyze(spec, convention="torch", dims=golden["dims"])
    assert counted(report) == golden["flops"]


def test_hidden_states_side_by_side(tmp_path: Path) -> None:
    """Counted from 1, or from -1 backwards: the second to last of 24 and the sixth are layers 22 and 5."""
    place = written(tmp_path, {**LLAVA, "vision_feature_layer": [-2, 6]})
    assert "taps: [22, 5]" in convert(place).text
    report = report_of(tmp_path, {**LLAVA, "vision_feature_layer": [-2, 6]})
    assert report.totals["params"] == 7_063_427_072 + 1024 * 4096


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (
            {"vision_feature_layer": 0},
            "must be the number of a layer, from 1 or from -1 backwards",
        ),
        ({"vision_feature_layer": []}, "`vision_feature_layer` must be the number of a layer"),
        ({"vision_feature_layer": [-2, 30]}, "instance"),
        (
            {"text_config": {"model_type": "llama", "hidden_sise": 8}},
            "text_config.hidden_sise: `hidden_sise` is no",
        ),
        ({"text_config": {"model_type": "vit"}}, "has no layer 'embed_tokens'"),
        ({"vision_config": [1]}, "`vision_config` must be a config, got [1]"),
    ],
)
def test_bad_parts(part: dict[str, Any], text: str, tmp_path: Path) -> None:
    with pytest.raises(ArchspecError) as error:
        report_of(tmp_path, {**LLAVA, **part})
    assert text in str(error.value)


def test_a_part_that_is_filled_up_names_a_wrong_key(tmp_path: Path) -> None:
    config = {"model_type": "voxtral", "architectures": ["VoxtralModel"], "text_config": {"hidden_sise": 8}}
    with pytest.raises(ArchspecError, match=r"text_config\.hidden_sise: `hidden_sise` is no key of a llama config"):
        report_of(tmp_path, config)
