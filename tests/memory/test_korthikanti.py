"""Korthikanti et al. 2022 (arXiv 2205.05198), table 2: what a layer keeps, from our rules and cuts, term by term."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archspec.api import analyze, load
from archspec.language.find import find
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

S, B, H, A = 256, 3, 768, 12
SCORES = Fraction(5 * A * S, H)
SELECTIVE = ("*.scaled_dot_product_attention*",)


def totals(depth: int, settings):
    report = analyze(load(find("gpt2").file), variant="gpt2", batch=B, vars={"depth": depth}, dims={"T": S})
    return measure(report, MemorySettings(train=True, autograd="unfused-fp16", policy="mixed", **settings)).totals


LAYER = """archspec: 1
name: layer
inputs: {ids: {shape: [$s], dtype: int64}}
vars: {s: 16, h: 24, a: 4}
layers:
  - {embedding: {vocab: 50, dim: $h}, id: x}
  - {layernorm: , id: norm1}
  - {linear: 3 * $h, id: qkv}
  - reshape: [$s, 3 * $a, $h // $a]
  - permute: [2, 1, 3]
  - {split: 3, id: parts}
  - {matmul: {of: [parts.0, parts.1], transpose_b: true}, id: scores}
  - scale: 0.5
  - {softmax: , id: weights}
  - {dropout: 0.1, id: weights_dropout}
  - {matmul: [prev, parts.2], id: over_values}
  - permute: [2, 1, 3]
  - flatten: 2
  - {linear: $h, id: projection}
  - {dropout: 0.1, id: attention_dropout}
  - {add: [x, prev], id: y}
  - {layernorm: , id: norm2}
  - {linear: 4 * $h, id: fc1}
  - {gelu: , id: gelu}
  - {linear: $h, id: fc2}
  - {dropout: 0.1, id: mlp_dropout}
  - {add: [y, prev]}
"""


def test_the_terms_of_a_layer(tmp_path) -> None:
    # Section 4.1, with attention written out: by layer, what it is the first to keep.
    file = tmp_path / "layer.yaml"
    file.write_text(LAYER)
    s, b, h, a = 16, 3, 24, 4
    sbh, scores = s * b * h, a * s * s * b
    memory = measure(analyze(load(file), batch=b), MemorySettings(train=True, autograd="unfused-fp16"))
    kept = {layer["path"]: layer["saved_bytes"] for layer in memory.layers if "saved_bytes" in layer}
    assert kept.pop("x") == 8 * s * b  # the indices, before the layer
    attention = {
        "qkv": 2 * sbh,
        "scores": 4 * sbh,
        "weights": 2 * scores,
        "weights_dropout": scores,
        "over_values": 2 * scores + 2 * sbh,
        "projection": 2 * sbh,
        "attention_dropout": sbh,
    }
    mlp = {"fc1": 2 * sbh, "gelu": 8 * sbh, "fc2": 8 * sbh, "mlp_dropout": sbh}
    norms = {"norm1": 2 * sbh, "norm2": 2 * sbh}
    assert sum(attention.values()) == 11 * sbh + 5 * scores
    assert sum(mlp.values()) == 19 * sbh
    assert kept == attention | mlp | norms
    assert sum(kept.values()) == 34 * sbh + 5 * scores
    assert not memory.warnings


@pytest.mark.parametrize(
    ("settings", "of_sbh"),
    [
        ({}, 34 + SCORES),
        ({"tensor": 2}, 10 + 12 + SCORES / 2),
        ({"tensor": 4}, 10 + 6 + SCORES / 4),
        ({"tensor": 4, "sequence": True}, (34 + SCORES) / 4),
        ({"checkpoint": SELECTIVE}, 34),
        ({"checkpoint": SELECTIVE, "tensor": 4}, 10 + 6),
        ({"checkpoint": SELECTIVE, "tensor": 4, "sequence": True}, Fraction(34, 4)),
        ({"checkpoint": ("h.*",)}, 2),
        ({"checkpoint": ("h.*",), "tensor": 4, "sequence": True}, Fraction(2, 4)),
    ],
    ids=str,
)
def test_what_a_layer_keeps(settings, of_sbh) -> None:
    two, one = (totals(depth, settings) for depth in (2, 1))
    assert Fraction(two["saved_for_backward_bytes"] - one["saved_for_backward_bytes"], S * B * H) == of_sbh
    if settings.get("checkpoint") == SELECTIVE:
        assert two["recomputed_bytes"] == SCORES * S * B * H / settings.get("tensor", 1)
