"""Attention as one module: PyTorch's sizes are in test_against_torch; here what it refuses, and what it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from archspec.api import analyze
from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, Traits, infer
from archspec.sizes import Grid, Split

TOGETHER = "- multihead_attention: 4"
APART = "- {use: fused_attention, with: {heads: 4}}"


def apply(args: dict[str, Any], *shapes: Shape) -> Traits:
    return infer(kinds()["multihead_attention"].model_validate(args), shapes)


@pytest.mark.parametrize(
    ("heads", "shapes", "words"),
    [
        (3, [(1, 4, 8)], "3 heads do not divide size 8"),
        (2, [(1, 8)], r"needs its query as \[T, size\], got 1 axes"),
        (2, [(1, 4, 8), (1, 5, 8)], "1 input, or 3: query, key and value; got 2"),
        (2, [(1, 4, 8), (1, 5, 8), (1, 6, 8)], "5 keys and 6 values"),
        (2, [(1, 4, 8), (2, 5, 8), (2, 5, 8)], "got 1 in the query and 2 in the key"),
    ],
)
def test_refusals(heads: int, shapes: list[Shape], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        apply({"heads": heads}, *shapes)


def test_key_sizes_that_ask_for_other_weights_part_design_points() -> None:
    sizes = Grid.of(np.array([8, 6]))
    with pytest.raises(Split):
        apply({"heads": 2}, (1, 4, 8), (1, 4, sizes), (1, 4, sizes))


def test_it_costs_what_its_parts_cost(tmp_path: Any) -> None:
    def totals(layer: str) -> Any:
        spec = tmp_path / "spec.yaml"
        spec.write_text(f"archspec: 1\nname: one\ninputs: {{tokens: [7, 12]}}\nlayers:\n  {layer}\n")
        return analyze(spec, batch=3).totals

    whole, parts = totals(TOGETHER), totals(APART)
    assert (whole.params, whole.macs, whole.flops) == (parts.params, parts.macs, parts.flops)
