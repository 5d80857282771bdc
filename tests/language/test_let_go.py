"""A process that checks broken specs for long keeps nothing of them."""

from __future__ import annotations

import gc

import pytest

from archspec.errors import SpecError
from archspec.language.load import load_text

BROKEN = [
    "archspec: 1\nname: n\ninputs: {x: {size: 3}}\nlayers: [relu]\n",
    "archspec: 1\nname: n\ninputs: {x: [3]}\ndims: {d: 1.5}\nlayers: [relu]\n",
    "archspec: 1\nname: n\ninputs: {x: [3]}\nblocks: {b: 3}\nlayers: [relu]\n",
]


@pytest.mark.parametrize("text", BROKEN)
def test_an_error_that_is_done_with_is_gone(text: str) -> None:
    # A check's error within pydantic's, which the collector cannot see into, held the frame that held both.
    for _ in range(3):
        with pytest.raises(SpecError):
            load_text(text, "broken.yaml")
    gc.collect()
    assert not [held for held in gc.get_objects() if isinstance(held, SpecError) and held.file == "broken.yaml"]
