"""Digits in groups, 32_000, are a whole number wherever a spec takes one: YAML 1.2 alone leaves them text."""

from __future__ import annotations

import pytest

from archspec.api import analyze
from archspec.errors import SpecError
from archspec.language.load import load_text

SPEC = """
archspec: 1
name: grouped
dims: {T: 1_024}
inputs: {tokens: {shape: [$T], dtype: int64}}
vars: {vocab: 32_000, width: int}
variants: {small: {width: 1_00}, list: {width: 64}}
defaults: {linear: {bias: false}}
layers:
  - embedding: {vocab: $vocab, dim: $width}
  - linear: 1_000
"""


def test_everywhere() -> None:
    spec = load_text(SPEC)
    assert (spec.dims, spec.vars["vocab"].default, spec.vars["vocab"].type) == ({"T": 1024}, 32000, "int")
    assert analyze(spec, variant="small").totals.params == 32_000 * 100 + 100 * 1000


@pytest.mark.parametrize(("before", "after"), [("[$T]", "[1_024]"), ("linear: 1_000", "{linear: 1_000, repeat: 1_0}")])
def test_sizes_and_repeats(before: str, after: str) -> None:
    assert analyze(load_text(SPEC.replace(before, after)), variant="list").totals.params > 0


def test_text_stays_text() -> None:
    """A name or a note is not a number, whatever its letters are; nor are digits that begin with a zero."""
    assert load_text(SPEC.replace("name: grouped", "name: 32_000")).name == "32_000"
    with pytest.raises(SpecError, match="must be a whole number, got '0_1'"):
        load_text(SPEC.replace("linear: 1_000", "linear: 0_1"))


def test_on_the_command_line() -> None:
    from archspec.cli.options import assigned

    assert assigned(("vocab=32_000", "name=a_b")) == {"vocab": 32000, "name": "a_b"}
