"""`archspec fmt`: the layout changes, the meaning and the comments do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.errors import SpecError
from archspec.text.canonical import formatted, same
from archspec.text.comments import comments
from archspec.text.reader import read_text
from styled import data, documents

ROOT = Path(__file__).parent.parent.parent
SPECS = [
    *sorted((ROOT / "specs").glob("*.yaml")), *sorted((ROOT / "archspec" / "blocks").iterdir()),
    *sorted((ROOT / "tests" / "cases" / "valid").iterdir()),
]  # fmt: skip


def notes(text: str) -> list[str]:
    return [each.text.rstrip() for each in comments(text)]


def checked(text: str, name: str) -> str:
    """The formatted text, with what must hold of any."""
    after = formatted(text, name)
    assert formatted(after, name) == after
    assert same(read_text(text, name).data, read_text(after, name).data)
    assert notes(after) == notes(text.replace("\r", ""))
    assert after.endswith("\n")
    assert not after.startswith("\n")
    return after


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_keeps_its_meaning(path: Path) -> None:
    checked(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize("path", sorted((ROOT / "specs").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_zoo_is_formatted(path: Path) -> None:
    text = path.read_bytes().decode()
    assert formatted(text, path.name) == text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_whatever_it_looked_like(document: tuple[str, Any]) -> None:
    text, value = document
    try:
        parsed = read_text(text, "random.yaml").data
    except SpecError:
        return  # a plain word over two lines may be no key
    assert same(parsed, value)
    after = checked(text, "random.yaml")
    assert all(line == line.rstrip() for line in after.split("\n"))
    assert "\n\n\n" not in after
    assert same(yaml.load(after, yaml.CSafeLoader), yaml.load(text, yaml.CSafeLoader))  # YAML 1.1 agrees


@settings(max_examples=100, deadline=None)
@given(data(), st.sampled_from([None, 0, 3, "\t"]))
def test_json(value: Any, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=indent == 3)
    after = checked(text, "random.json")
    assert same(json.loads(after), value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a :   1", "a: 1\n"),
        ("a:\n- 1\n-   2\n", "a:\n  - 1\n  - 2\n"),
        ("a:\n      b:\n         - c: 1\n           d: 2", "a:\n  b:\n    - c: 1\n      d: 2\n"),
        ("a: { b : 1 ,c: [ 1,2 , ] , }", "a: {b: 1, c: [1, 2]}\n"),
        ('a: {"b":1}', 'a: {"b": 1}\n'),
        ("a: {flatten: , id: x}", "a: {flatten: , id: x}\n"),
        ("a: 'x'\nb: 'it''s'\nc: '\"'\nd: 'a\\b'\n", "a: \"x\"\nb: 'it''s'\nc: '\"'\nd: 'a\\b'\n"),
        ("\n\na: 1\n\n\n\nb: 2   \n\n", "a: 1\n\nb: 2\n"),
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("\ufeffa: 1", "a: 1\n"),
        ("a: 1 # x", "a: 1  # x\n"),
        ("a: 1     # x\nbb: 2    # y\n", "a: 1     # x\nbb: 2    # y\n"),
        # Text that grows moves the comments of its column.
        ("a: [1,2]  # x\nb: 2      # y\n", "a: [1, 2]  # x\nb: 2       # y\n"),
        ("a:\n    - b  # x\n    - c  # y\n", "a:\n  - b  # x\n  - c  # y\n"),
        # A comment goes with what it stood in.
        ("a:\n    - b\n    # of the list\n# of c\nc: 1\n", "a:\n  - b\n  # of the list\n# of c\nc: 1\n"),
        ("a:\n# of b\n    b: 1\n", "a:\n  # of b\n  b: 1\n"),
        ("a:\n- b\n# of c\n- c\n", "a:\n  - b\n  # of c\n  - c\n"),
        ("a: {b: 1,\n  c: 2}\n", "a: {b: 1,\n    c: 2}\n"),
        ("a: {\nb: 1,\n}\n", "a: {\n    b: 1,\n  }\n"),
        ("a: [{b: 1}, # x\n# y\n{c: 2}]\n", "a: [{b: 1},  # x\n    # y\n    {c: 2}]\n"),
        ("a:\n    |\n  text\n   more\n", "a:\n  |\n  text\n   more\n"),
        ("a:\n    b: |2-\n        text\n", "a:\n  b: |2-\n      text\n"),
        ("a: |+ # x\n  t\n\n\nb: 1\n", "a: |+  # x\n  t\n\n\nb: 1\n"),
        ("a: |+\n  t\n\n", "a: |+\n  t\n\n"),
        ("a: one\n     two\n", "a: one\n  two\n"),
        ("- a:   # x\n  - b\n", "- a:   # x\n    - b\n"),
        ("? a\n: b\n", "? a\n: b\n"),
        ("---\na: 1\n...\n", "---\na: 1\n...\n"),
    ],
)  # fmt: skip
def test_layout(before: str, after: str) -> None:
    assert checked(before, "x.yaml") == after


def test_json_in_short_lists() -> None:
    layers = '[{"conv": {"out": 8, "kernel": 3}}, "relu"]'
    text = f'{{"archspec":1,"dims":{{"H":8}},"layers":{layers},"long":[{", ".join(["1000000000000000"] * 9)}]}}'
    lines = checked(text, "x.json").splitlines()
    assert lines[:7] == [
        "{", '  "archspec": 1,', '  "dims": {"H": 8},', '  "layers": [',
        '    {"conv": {"out": 8, "kernel": 3}},', '    "relu"', "  ],",
    ]  # fmt: skip
    assert lines[7] == '  "long": ['
    assert max(map(len, lines)) <= 100


def test_numbers_and_texts_stay_as_they_are_written() -> None:
    text = '{"a": 1e6, "b": 1.50, "c": "\\u00e9\\/", "d": 100000000000000000000000}'
    assert formatted(text, "x.json").split() == ["{", *text[1:-1].split(), "}"]


@pytest.mark.parametrize("text", ["a: [1", "a: 1\na: 2\n", "a: *b\n", "", "a:\tb: c\n"])
def test_what_does_not_parse_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        formatted(text, "x.yaml")
    assert str(caught.value).startswith("x.yaml:")
