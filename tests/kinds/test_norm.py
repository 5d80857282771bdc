"""Normalisations: what shares one mean, checked against numpy; shapes and weights are in test_against_torch."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer

SHAPE = (2, 6, 5, 4)


def _infer(kind: str, *shape: Any, **args: Any) -> Traits:
    return infer(kinds()[kind].model_validate(args), (shape,))


@pytest.mark.parametrize(
    ("kind", "args", "means"),
    [
        ("batchnorm", {}, lambda x: x.mean(axis=(0, 2, 3))),
        ("instancenorm", {}, lambda x: x.mean(axis=(2, 3))),
        ("groupnorm", {"groups": 3}, lambda x: x.reshape(2, 3, 2, 5, 4).mean(axis=(2, 3, 4))),
        ("layernorm", {}, lambda x: x.mean(axis=-1)),
        ("layernorm", {"dims": 2}, lambda x: x.mean(axis=(2, 3))),
        ("layernorm", {"channels_first": True}, lambda x: x.mean(axis=1)),
        ("rmsnorm", {"dims": 3}, lambda x: x.mean(axis=(1, 2, 3))),
    ],
)
def test_norm_numel_is_the_elements_of_one_mean(kind: str, args: dict[str, Any], means: Any) -> None:
    import numpy as np

    facts = _infer(kind, *SHAPE, **args).facts
    assert facts["norm_numel"] == facts["in_numel"] // means(np.zeros(SHAPE)).size


def test_a_scalar_counter_is_one_buffer_element() -> None:
    counter = _infer("batchnorm", *SHAPE).weights[-1]
    assert (counter.name, counter.shape, counter.numel, counter.buffer) == ("num_batches_tracked", (), 1, True)


def test_convnext_normalises_over_channels() -> None:
    weights = _infer("layernorm", *SHAPE, channels_first=True).weights
    assert [(weight.name, weight.shape) for weight in weights] == [("weight", (6,)), ("bias", (6,))]


@pytest.mark.parametrize(
    ("kind", "shape", "args", "message"),
    [
        ("layernorm", (2, 6), {"dims": 2}, "layernorm over 2 axes needs as many, got 1"),
        ("rmsnorm", (2, 6), {"dims": 2}, "rmsnorm over 2 axes needs as many, got 1"),
        ("layernorm", SHAPE, {"dims": 2, "channels_first": True}, "dims is 2"),
        ("groupnorm", SHAPE, {"groups": 4}, "4 groups do not divide the 6 channels"),
        ("batchnorm", (2,), {}, "batchnorm needs at least one axis"),
        ("instancenorm", (2, 6), {}, "spatial axes, got 1"),
    ],
)
def test_refusals(kind: str, shape: tuple[int, ...], args: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        _infer(kind, *shape, **args)


@pytest.mark.parametrize("eps", ["1e-5", True, -1e-5, float("nan"), float("inf")])
def test_eps_is_a_number(eps: Any) -> None:
    with pytest.raises(ValidationError):
        kinds()["batchnorm"].model_validate({"eps": eps})


def test_eps_may_be_a_whole_number() -> None:
    kinds()["batchnorm"].model_validate({"eps": 0})
