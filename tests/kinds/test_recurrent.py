"""Recurrent layers: PyTorch's stored weights and counts, Keras' published ones, sums taken layer by layer."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
CASES = [
    case
    for case in json.loads((Path(__file__).parents[1] / "golden" / "layers.json").read_text())
    if case["kind"] in GATES and "error" not in case
]


def apply(kind: str, args: dict[str, Any], steps: int = 6, size: int = 3, batch: int = 2) -> Traits:
    return infer(kinds()[kind].model_validate(args), ((batch, steps, size),))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['args']}-{case['inputs']}")
def test_states_and_counts_are_pytorchs(case: dict[str, Any]) -> None:
    ((steps, size),) = case["inputs"]
    traits = apply(case["kind"], {**case["args"], "state": True}, steps, size, case["batch"])
    # PyTorch keeps the batch of a state on axis 1.
    assert [[b, a, c] for a, b, c in traits.outputs[1:]] == case["states"]
    facts = traits.facts
    assert 2 * facts["batch"] * facts["steps"] * facts["matrix_numel"] == case["flops"]
    matrices = [prod(shape) for name, shape in case["params"].items() if name.startswith("weight")]
    assert facts["matrix_numel"] == sum(matrices)
    assert facts["bias_numel"] == sum(map(prod, case["params"].values())) - sum(matrices)


@pytest.mark.parametrize(
    ("kind", "args", "size", "params"),
    [  # https://www.tensorflow.org/guide/keras/working_with_rnns, the printed summaries
        ("lstm", {"hidden": 128, "bias": 1}, 64, 98_816),
        ("gru", {"hidden": 256}, 64, 247_296),
        ("rnn", {"hidden": 128, "bias": 1}, 256, 49_280),
    ],
)
def test_keras_counts(kind: str, args: dict[str, Any], size: int, params: int) -> None:
    assert apply(kind, args, size=size).facts["params"] == params


@given(
    st.sampled_from(sorted(GATES)),
    st.tuples(st.integers(2, 5), st.integers(1, 3), st.integers(1, 6)),
    st.booleans(),
    st.sampled_from([False, 2]),
)
def test_a_step_by_step_convention_can_be_written_over_the_facts(
    kind: str, sizes: tuple[int, int, int], both: bool, bias: Any
) -> None:
    """thop's step: gates * [H(D + H) + H + 2bH], and 4H more for an lstm, for each layer and direction."""
    hidden, layers, size = sizes
    directions = 1 + both
    step = 0
    for layer in range(layers):
        entering = size if layer == 0 else directions * hidden
        for _ in range(directions):
            step += GATES[kind] * (hidden * (entering + hidden) + hidden + bias * hidden) + 4 * hidden * (
                kind == "lstm"
            )
    f = apply(kind, {"hidden": hidden, "layers": layers, "bidirectional": both, "bias": bias}, size=size).facts
    units = f["cells_per_step"]
    assert f["matrix_numel"] + f["gates"] * units + f["bias_numel"] + 4 * units * (kind == "lstm") == step
    assert f["matrix_numel"] == f["gates"] * f["hidden"] * (f["input_sum"] + f["layers"] * f["directions"] * f["proj"])
    assert f["cells"] == 2 * 6 * units


def test_one_bias_vector_and_its_name() -> None:
    names = [weight.name for weight in apply("lstm", {"hidden": 4, "bias": 1, "bidirectional": True}).weights]
    suffixes = ("l0", "l0_reverse")
    assert names == [f"{name}_{suffix}" for suffix in suffixes for name in ("weight_ih", "weight_hh", "bias")]


def test_a_gru_needs_two_biases_unless_it_resets_before() -> None:
    with pytest.raises(ShapeError, match="cannot have 1 bias vector"):
        apply("gru", {"hidden": 4, "bias": 1})
    assert apply("gru", {"hidden": 4, "bias": True}).facts["biases"] == 2
    assert apply("gru", {"hidden": 4, "bias": 1, "reset_after": False}).facts["bias_numel"] == 12


def test_errors_name_the_numbers() -> None:
    with pytest.raises(ShapeError, match="proj 4 must be smaller than hidden 4"):
        apply("lstm", {"hidden": 4, "proj": 4})
    with pytest.raises(ShapeError, match=r"lstm needs \[T, D\], got 3 axes"):
        infer(kinds()["lstm"].model_validate({"hidden": 4}), ((1, 2, 3, 4),))
    with pytest.raises(ValidationError):
        apply("lstm", {"hidden": 4, "bias": 3})
