"""Korthikanti et al. 2022 (arXiv 2205.05198), table 2: what a layer keeps, from our rules and cuts, term by term."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archspec.api import analyze, load
from archspec.language.find import find
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

# The paper's model: two bytes an element, one a mask; scores, their softmax' output and its mask are kept; the means
# and variances of normalisations are left out.
UNFUSED = """autograd: unfused
dtype: float16
rules:
  linear: {keeps: [{input: 0, when: learns}]}
  gelu: {keeps: [{input: 0}]}
  layernorm: {keeps: [{input: 0}]}
  embedding: {keeps: [{input: 0}]}
  dropout: {keeps: [{mask: in_numel, dtype: uint8, when: p > 0}]}
  scaled_dot_product_attention:
    keeps:
      - {input: all}
      - {other: batch * q_heads * pairs_full}
      - {mask: batch * q_heads * pairs_full, dtype: uint8}
      - {other: batch * q_heads * pairs_full}
free: {add: x, parameter: x, slice: x, reshape: x, permute: x, split: x, flatten: x}
"""
S, B, H, A = 256, 3, 768, 12
SCORES = Fraction(5 * A * S, H)
SELECTIVE = ("*.scaled_dot_product_attention*",)


def totals(convention, depth: int, settings):
    report = analyze(load(find("gpt2").file), variant="gpt2", batch=B, vars={"depth": depth}, dims={"T": S})
    return measure(report, MemorySettings(train=True, autograd=str(convention), policy="mixed", **settings)).totals


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
def test_what_a_layer_keeps(tmp_path, settings, of_sbh) -> None:
    convention = tmp_path / "unfused.yaml"
    convention.write_text(UNFUSED)
    two, one = (totals(convention, depth, settings) for depth in (2, 1))
    assert Fraction(two["saved_for_backward_bytes"] - one["saved_for_backward_bytes"], S * B * H) == of_sbh
    if settings.get("checkpoint") == SELECTIVE:
        assert two["recomputed_bytes"] == SCORES * S * B * H / settings.get("tensor", 1)
