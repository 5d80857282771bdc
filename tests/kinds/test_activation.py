"""Activations: shapes are in test_against_torch; here what only archspec has, and the formulas of the docstrings."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.activation import Elementwise
from archspec.kinds.base import Traits, infer

# torch.nn.functional 2.13 at x = -1.5 and x = 2.5, default arguments, float64.
TORCH = {
    "relu": (0.0, 2.5),
    "relu6": (0.0, 2.5),
    "leaky_relu": (-0.015, 2.5),
    "elu": (-0.77687, 2.5),
    "selu": (-1.365814, 2.626752),
    "celu": (-0.77687, 2.5),
    "silu": (-0.273638, 2.310355),
    "mish": (-0.2981, 2.471392),
    "hardsigmoid": (0.25, 0.916667),
    "hardswish": (-0.375, 2.291667),
    "hardtanh": (-1.0, 1.0),
    "sigmoid": (0.182426, 0.924142),
    "tanh": (-0.905148, 0.986614),
    "softplus": (0.201413, 2.57889),
    "softsign": (-0.6, 0.714286),
    "gelu": (-0.100211, 2.484476),
    "logsigmoid": (-1.701413, -0.07889),
    "quick_gelu": (-0.108338, 2.465014),
    "squared_relu": (0.0, 6.25),
    "exp": (0.22313, 12.182494),
    "log": (None, 0.916291),
    "sqrt": (None, 1.581139),
    "rsqrt": (None, 0.632456),
    "reciprocal": (-0.666667, 0.4),
    "square": (2.25, 6.25),
    "neg": (1.5, -2.5),
    "abs": (1.5, 2.5),
    "sign": (-1.0, 1.0),
    "floor": (-2.0, 2.0),
    "ceil": (-1.0, 3.0),
    "round": (-2.0, 2.0),
    "sin": (-0.997495, 0.598472),
    "cos": (0.070737, -0.801144),
    "erf": (-0.966105, 0.999593),
}
REQUIRED = {"clamp": {"min": 0}, "offset": {"by": 1}, "cast": {"to": "bool"}}
SCOPE: dict[str, Any] = {
    name: getattr(math, name) for name in ("exp", "log", "tanh", "erf", "sqrt", "sin", "cos", "floor", "ceil")
}
SCOPE |= {
    "max": max,
    "min": min,
    "abs": abs,
    "round": round,
    "alpha": 1.0,
    "slope": 0.01,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}


def _infer(kind: str, *shape: Any, **args: Any) -> Traits:
    return infer(kinds()[kind].model_validate(args), (shape,))


@pytest.mark.parametrize("kind", TORCH)
def test_the_formula_in_the_docstring_is_pytorchs(kind: str) -> None:
    """The one line a reader sees is evaluated; ``a for x > 0, else b`` reads as a condition."""
    doc = (kinds()[kind].__doc__ or "").partition(", also")[0].rstrip(".")
    text = re.sub(r"^y = (.*?) for x > 0, else (.*)$", r"(\1) if x > 0 else (\2)", doc).removeprefix("y = ")
    for x, expected in zip((-1.5, 2.5), TORCH[kind], strict=True):
        if expected is not None:  # not a number there
            assert eval(text, {"__builtins__": {}}, {**SCOPE, "x": x}) == pytest.approx(expected, abs=1e-4)


def test_every_elementwise_kind_keeps_any_shape_and_says_where_it_is_defined() -> None:
    elementwise = [name for name, kind in kinds().items() if issubclass(kind, Elementwise)]
    assert set(TORCH) < set(elementwise)
    for name in elementwise:
        assert _infer(name, 2, 3, 4, **REQUIRED.get(name, {})).outputs == ((2, 3, 4),)
        assert kinds()[name].source.startswith("https://")


def test_inplace_is_an_argument_of_those_that_can() -> None:
    assert kinds()["relu"].model_validate({"inplace": True}).inplace is True  # type: ignore[attr-defined]
    assert "inplace" not in kinds()["sigmoid"].model_fields


def test_gelu_says_which_form_it_is() -> None:
    assert _infer("gelu", 2, 3).facts["tanh"] is False
    assert _infer("gelu", 2, 3, approximate="tanh").facts["tanh"] is True


@pytest.mark.parametrize(("axis", "size"), [(-1, 5), (1, 3), (2, 4), (-2, 4)])
def test_softmax_knows_the_size_of_its_axis(axis: int, size: int) -> None:
    assert _infer("softmax", 2, 3, 4, 5, axis=axis).facts["axis_size"] == size


@pytest.mark.parametrize("kind", ["softmax", "log_softmax", "glu"])
@pytest.mark.parametrize(
    ("axis", "message"), [(0, "is the batch axis"), (-3, "is the batch axis"), (3, "is out of range")]
)
def test_the_batch_is_no_axis(kind: str, axis: int, message: str) -> None:
    with pytest.raises(ShapeError, match=f"axis {axis} {message}"):
        _infer(kind, 2, 4, 4, axis=axis)
