"""Mutated specs: whatever is done to a good one, it works or an ArchspecError says why, and where."""

from __future__ import annotations

import re
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.errors import ArchspecError
from archspec.language.load import load_text
from tests.support.mutated import mutated, seeds
from tests.support.stages import through

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.integers(0, 10**9))
@settings(SLOW, max_examples=100)
def test_an_error_or_a_result(seed: int) -> None:
    """Through everything that is done to specs; `tools/fuzz.py` does the same for longer."""
    before, spec = mutated(Random(seed), seeds())
    for _ in through(before, spec):
        pass


@given(st.integers(0, 10**9))
@settings(SLOW, max_examples=200)
def test_an_error_has_its_place_in_the_text(seed: int) -> None:
    _, (name, text) = mutated(Random(seed), seeds(most=6000))
    error = refused(name, text)
    if error is not None and error.span is not None and error.file == name:
        lines = re.split(r"\r\n|\n|\r", text)
        assert 1 <= error.span.line <= len(lines)
        assert 1 <= error.span.column <= len(lines[error.span.line - 1]) + 1


def refused(name: str, text: str) -> ArchspecError | None:
    try:
        load_text(text, name)
    except ArchspecError as error:
        return error
    return None
