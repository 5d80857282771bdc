"""Dropout and stochastic depth."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from archspec.kinds import kinds
from archspec.kinds.base import infer


@pytest.mark.parametrize(("kind", "args"), [("dropout", {}), ("dropout", {"p": 0}), ("stochastic_depth", {"p": 0.2})])
def test_the_tensor_passes(kind: str, args: dict[str, Any]) -> None:
    traits = infer(kinds()[kind].model_validate(args), ((2, 3, 4),))
    assert traits.outputs == ((2, 3, 4),)
    assert traits.weights == ()


@pytest.mark.parametrize("kind", ["dropout", "stochastic_depth"])
@pytest.mark.parametrize("p", [-0.1, 1.1, "0.5", True, float("nan")])
def test_p_is_a_probability(kind: str, p: Any) -> None:
    with pytest.raises(ValidationError):
        kinds()[kind].model_validate({"p": p})
