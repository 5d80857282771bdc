"""Tables and learned tensors against published sizes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, Traits, infer


def apply(kind: str, args: dict[str, Any], *shapes: Shape) -> Traits:
    return infer(kinds()[kind].model_validate(args), shapes)


def test_bert_base_token_embeddings() -> None:
    traits = apply("embedding", {"vocab": 30522, "dim": 768}, (2, 128))
    assert traits.outputs == ((2, 128, 768),)
    assert traits.facts["params"] == 23_440_896  # Devlin et al. 2018, bert-base-uncased's word embeddings
    assert traits.facts["lookups"] == 256


def test_a_parameter_is_given_to_every_sample_and_counted_once() -> None:
    learned = apply("parameter", {"shape": [1, 768]}, (8, 3, 224, 224))
    assert learned.outputs == ((8, 1, 768),)
    assert learned.facts["params"] == 768
    stored = apply("parameter", {"shape": 10, "buffer": True})
    assert stored.outputs == ((1, 10),)
    assert stored.facts["params"] == 0
    assert [(weight.shape, weight.buffer) for weight in stored.weights] == [((10,), True)]


def test_what_is_there_once_has_a_batch_of_one() -> None:
    assert apply("parameter", {"shape": [1, 768], "once": True}, (8, 3, 4)).outputs == ((1, 1, 768),)
    mask = apply("constant", {"shape": [1, 49, 49]}, (8, 3, 49, 49))
    assert mask.outputs == ((1, 1, 49, 49),)
    assert mask.weights == ()


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_relative_positions_have_one_row_for_each_offset_that_occurs(rows: int, columns: int, heads: int) -> None:
    places = [*product(range(rows), range(columns))]
    offsets = {(a[0] - b[0], a[1] - b[1]) for a in places for b in places}
    traits = apply("relative_position_bias", {"window": [rows, columns], "heads": heads}, (6, 9, 9))
    assert traits.outputs == ((6, heads, len(places), len(places)),)
    assert traits.weights[0].shape == (len(offsets), heads)


@pytest.mark.parametrize(("flat", "shape"), [(True, (2401,)), (False, (49, 49))])
def test_the_index_is_a_buffer_flat_or_not(flat: bool, shape: Shape) -> None:
    table, places = apply("relative_position_bias", {"window": 7, "heads": 3, "flat": flat}, (1, 4)).weights
    assert (table.name, table.shape) == ("relative_position_bias_table", (169, 3))
    assert (places.name, places.shape, places.buffer) == ("relative_position_index", shape, True)


def test_a_table_of_biases_may_be_computed() -> None:
    """Swin v2: a small network makes the table, only the index is stored."""
    args = {"window": [8, 4], "heads": 3, "table": "input"}
    traits = apply("relative_position_bias", args, (1, 15, 7, 3))
    assert traits.outputs == ((1, 3, 32, 32),)
    assert [(weight.name, weight.shape) for weight in traits.weights] == [("relative_position_index", (1024,))]
    with pytest.raises(ShapeError, match=r"needs a table of \[15, 7, 3\], got \[15, 15, 3\]"):
        apply("relative_position_bias", args, (1, 15, 15, 3))
