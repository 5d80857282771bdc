"""Reductions: NumPy is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import infer


@given(st.data())
def test_reductions_are_numpys(data: st.DataObject) -> None:
    shape = (2, *data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    axes = data.draw(st.lists(st.integers(1, len(shape) - 1), min_size=1, unique=True))
    keepdim, kind = data.draw(st.booleans()), data.draw(st.sampled_from(["mean", "sum", "max"]))
    traits = infer(kinds()[kind].model_validate({"axes": axes, "keepdim": keepdim}), (shape,))
    array = np.zeros(shape)
    assert traits.outputs == (array.sum(axis=tuple(axes), keepdims=keepdim).shape,)
    assert traits.facts["reduced_numel"] * traits.facts["out_numel"] == array.size


def test_one_axis_may_stand_alone_and_the_batch_may_not() -> None:
    assert infer(kinds()["mean"].model_validate({"axes": -1}), ((2, 3, 4),)).outputs == ((2, 3),)
    with pytest.raises(ShapeError, match="batch axis"):
        infer(kinds()["mean"].model_validate({"axes": [0, 1]}), ((2, 3, 4),))
    with pytest.raises(ShapeError, match="named twice"):
        infer(kinds()["sum"].model_validate({"axes": [1, -2]}), ((2, 3, 4),))
