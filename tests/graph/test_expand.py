"""What expansion decides: which instances are alike, the dtype of each tensor."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.api import analyze
from archspec.language.load import load_text


def report(*layers: Any, inputs: Any = None, **more: Any) -> Any:
    document = {"archspec": 1, "name": "expanded", "inputs": inputs or {"x": [8]}, "layers": list(layers)}
    return analyze(load_text(json.dumps(document)), **more)


@pytest.mark.parametrize("when", ["$index == 0", "$index == 2"])
def test_instances_that_differ_by_a_condition_are_not_counted_as_one(when: str) -> None:
    """A Linear(8, 8), 72 parameters, in one instance of three; the shapes are those of every instance."""
    assert report({"seq": [{"linear": 8, "when": when}], "repeat": 3}).totals["params"] == 72


def test_what_only_moves_elements_keeps_their_dtype() -> None:
    tokens = {"a": {"shape": [4], "dtype": "int64"}, "b": {"shape": [4], "dtype": "int64"}}
    found = report({"concat": ["a", "b"]}, inputs=tokens)
    assert found.graph.outputs[0].dtype == "int64"


def test_equal_layers_on_other_dtypes_are_counted_apart() -> None:
    """torchstat reads a layer's input at the size of its elements: 4 of 8 bytes, then 4 of 4."""
    inputs = {"a": {"shape": [4], "dtype": "int64"}, "b": [4]}
    layers = [{"relu": None, "from": "a"}, {"relu": None, "from": "b"}]
    found = [row.columns["mem_read"] for row in report(*layers, inputs=inputs, convention="torchstat").layers]
    again = [row.columns["mem_read"] for row in report(*layers[::-1], inputs=inputs, convention="torchstat").layers]
    assert found == again[::-1]
    assert found[0] == 2 * found[1] > 0
