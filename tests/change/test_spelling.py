"""Two spellings of one thing, as the language has them, are the same; everything else is an edit."""

from __future__ import annotations

from typing import Any

import pytest

from archspec.change.spelling import same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"linear": 10}, {"linear": {"out": 10}}),
        ({"relu": None}, {"relu": {}}),
        ({"maxpool": 2, "id": "a"}, {"maxpool": {"kernel": 2}, "id": "a"}),
        ({"conv": {"out": 8, "kernel": 1}}, {"conv": {"out": 8, "kernel": 1}}),
        ({"residual": [{"linear": 8}]}, {"residual": {"body": [{"linear": {"out": 8}}]}}),
        ({"linear": "$w * 2"}, {"linear": {"out": "$w*2"}}),
    ],
)
def test_one_thing(old: Any, new: Any) -> None:
    assert same(old, new)
    assert same(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"linear": 10}, {"linear": {"out": 11}}),
        ({"linear": 10}, {"linear": {"out": 10, "bias": False}}),
        ({"softmax": None}, {"softmax": {"axis": 1}}),
        ({"relu": None}, {"relu": 1}),
        ({"global_avgpool": "all"}, {"global_avgpool": {}}),
        ({"residual": [{"linear": 8}]}, {"residual": {"body": [{"linear": 9}]}}),
        ({"residual": [{"linear": 8}]}, {"residual": {"body": [{"linear": 8}], "shortcut": []}}),
        ({"note": "out"}, {"note": {"out": "out"}}),
        ({"dropout": 1}, {"dropout": 1.0}),
        ({"linear": "$w * 2"}, {"linear": "$w * 3"}),
        ({"note": "a*2"}, {"note": "a * 2"}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_another(old: Any, new: Any) -> None:
    assert not same(old, new)
    assert not same(new, old)
