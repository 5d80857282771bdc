"""What kinds say of themselves, against what PyTorch does (golden/traits.json)."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path
from typing import Any, get_args

import pytest

from archspec.kinds import kinds
from archspec.kinds.base import Memory, Role, Saved, Sees

MEASURED = json.loads((Path(__file__).parents[1] / "golden" / "traits.json").read_text())
STATED = ("role", "sees", "moves", "linear", "memory", "saves")


@pytest.mark.parametrize("name", kinds())
def test_every_kind_says_all_of_its_traits(name: str) -> None:
    kind = kinds()[name]
    assert [trait for trait in STATED if not hasattr(kind, trait)] == []
    assert kind.role in get_args(Role)
    assert kind.sees in get_args(Sees)
    assert kind.memory in get_args(Memory)
    assert set(kind.saves) <= set(get_args(Saved))
    assert type(kind.moves) is type(kind.linear) is bool


def test_every_kind_is_measured() -> None:
    """golden/make_traits.py has a call for each."""
    assert set(MEASURED) == set(kinds())


@pytest.mark.parametrize("name", kinds())
def test_traits_are_those_of_pytorch(name: str) -> None:
    kind, measured = kinds()[name], MEASURED[name]
    assert sorted(kind.saves) == measured["saved"]
    assert kind.memory == measured["memory"]
    assert kind.linear == measured["linear"]
    # A maximum is one of the input's elements too, but chosen; dropout scales what it keeps in training.
    assert kind.moves == (measured["moves"] and measured["linear"] and kind.role != "regularisation")


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if kind.bounds != (-inf, inf)])
def test_bounds_are_those_of_pytorch(name: str) -> None:
    for bound, measured in zip(kinds()[name].bounds, MEASURED[name]["bounds"], strict=True):
        assert bound == measured if abs(bound) < inf else measured is None or measured < 0


@pytest.mark.parametrize("name", kinds())
def test_traits_fit_the_arguments(name: str) -> None:
    kind = kinds()[name]
    fields: Any = kind.model_fields
    if kind.sees == "window":
        assert {"kernel", "stride"} <= set(fields)
    if kind.sees == "axis":
        assert {"axis", "axes"} & set(fields)
    if kind.clamps:
        assert kind.bounds != (-inf, inf)
    if kind.moves:
        assert kind.linear
        # gather's formula asks for its input, for sparse gradients
        assert set(kind.saves) <= {"indices", *(["input"] if name == "gather" else [])}


def test_what_traits_tell_kinds_apart_by() -> None:
    """Some of the sets that would be lists of names otherwise."""

    def names(**traits: Any) -> set[str]:
        return {
            name for name, kind in kinds().items() if all(getattr(kind, key) == value for key, value in traits.items())
        }

    assert names(sees="window", upsamples=False) == {"conv", "maxpool", "avgpool", "lppool"}
    assert names(role="projection") == {"conv", "conv_transpose", "linear", "bilinear"}
    assert names(clamps=True) == {"relu", "relu6", "hardtanh"}
    assert names(upsamples=True) == {"conv_transpose", "upsample", "pixel_shuffle", "max_unpool"}
    assert names(role="recurrent") == {"rnn", "lstm", "gru"}
    assert names(memory="input") == {"identity", "dropout", "stochastic_depth"}
