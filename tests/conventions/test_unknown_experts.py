"""What conventions say of layers inside experts."""

from __future__ import annotations

import pytest

from archspec import analyze
from archspec.conventions.loader import convention, convention_names
from archspec.language.load import load_text

EXPERTS = """
archspec: 1
name: experts
inputs: {x: [6, 8]}
layers:
  - experts: {count: 4, active: 2, router: [linear: {out: 4, bias: false}], body: [linear: {out: 8, bias: false}]}
    id: moe
"""


@pytest.mark.parametrize("name", convention_names())
def test_a_rule_that_is_not_known_to_hold_inside_experts_counts_nothing(name: str) -> None:
    report = analyze(load_text(EXPERTS, "experts.yaml"), convention=name)
    row = next(row for row in report.layers if row.kind == "linear" and row.params == 256)
    known = convention(name).experts == "counted"
    assert (row.status == "counted") == (known and convention(name).rule("linear") is not None)


def test_archspec_counts_what_the_tokens_meet() -> None:
    report = analyze(load_text(EXPERTS, "experts.yaml"))
    assert report.totals["macs"] == 6 * 8 * 4 + 6 * 2 * 8 * 8
