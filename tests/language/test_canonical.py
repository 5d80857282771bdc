"""`archspec fmt`: the layout changes, the meaning and the comments do not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from archspec.errors import SpecError
from archspec.language.canonical import formatted, same
from archspec.text.comments import comments
from archspec.text.reader import read_text
from styled import data, documents, specs

ROOT = Path(__file__).parent.parent.parent
SPECS = [
    *sorted((ROOT / "specs").glob("*.yaml")), *sorted((ROOT / "archspec" / "blocks").iterdir()),
    *sorted((ROOT / "tests" / "cases" / "valid").iterdir()),
]  # fmt: skip


# What YAML 1.1 reads as something else keeps its quotes or its lack of them.
AMBIGUOUS = re.compile(r"\bno\b|11_689_512")


def notes(text: str, name: str) -> list[str]:
    return sorted(comment.text.rstrip() for comment in comments(read_text(text, name)))


def unordered(data: Any) -> Any:
    """The data with every mapping's keys sorted: a layout may put those of the header and of layers in their order."""
    if isinstance(data, dict):
        return {key: unordered(data[key]) for key in sorted(data)}
    return [unordered(value) for value in data] if isinstance(data, list) else data


def checked(text: str, name: str) -> str:
    """The formatted text, with what must hold of any."""
    after = formatted(text, name)
    assert formatted(after, name) == after
    assert same(unordered(read_text(text, name).data), unordered(read_text(after, name).data))
    assert notes(after, name) == notes(text.replace("\r\n", "\n"), name)
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


SETTINGS = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(documents(data()) | documents(specs()))
def test_whatever_it_looked_like(document: tuple[str, Any]) -> None:
    text, value = document
    try:
        parsed = read_text(text, "random.yaml").data
    except SpecError:
        return  # a plain word over two lines may be no key
    assert same(parsed, value)
    after = checked(text, "random.yaml")
    assert all(line == line.rstrip() for line in after.split("\n"))
    # YAML 1.1 agrees.
    assert same(*(unordered(yaml.load(version, yaml.CSafeLoader)) for version in (text, after)))
    if "archspec" not in value:
        assert same(read_text(after).data, value)


@SETTINGS
@given(documents(data(), False) | documents(specs(), False))
def test_one_layout_for_one_spec(document: tuple[str, Any]) -> None:
    """Without comments and empty lines nothing of how a text was written is left."""
    text, value = document
    assume(not AMBIGUOUS.search(text))
    assert formatted(text, "one.yaml") == formatted(f"--- {json.dumps(value)}", "other.yaml")


@SETTINGS
@given(documents(data()) | documents(specs()), st.integers(0, 400))
def test_texts_that_end_anywhere(document: tuple[str, Any], length: int) -> None:
    text = document[0][:length]
    try:
        read_text(text, "cut.yaml")
    except SpecError:
        return
    checked(text, "cut.yaml")


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
        ("a:\n- 1\n-   2\n", "a: [1, 2]\n"),
        ("a:\n      b:\n         - c: 1\n           d: 2", "a: {b: [{c: 1, d: 2}]}\n"),
        ("a: { b : 1 ,c: [ 1,2 , ] , }", "a: {b: 1, c: [1, 2]}\n"),
        ("{a: 1,\nb: {}}", "a: 1\nb: {}\n"),
        ("[7,'',]", '- 7\n- ""\n'),
        ("a", "a\n"),
        ("{}", "{}\n"),
        ("[a: 1, b]", "- {a: 1}\n- b\n"),
        ("a: {flatten: , id: ~}\nb: [TRUE, 1.50, 0x1F]", "a: {flatten: null, id: null}\nb: [true, 1.50, 0x1F]\n"),
        # Quotes where they are needed, in brackets or YAML 1.1 as the case may be, and double ones.
        ("a: 'x'\nb: 'it''s'\nc: '\"'\nd: 'a\\b'\n", "a: x\nb: it's\nc: '\"'\nd: a\\b\n"),
        ("a: 'max(1, 2)'\nb: ['max(1, 2)', \"1\", '- 1', -$x]", 'a: max(1, 2)\nb: ["max(1, 2)", "1", "- 1", -$x]\n'),
        ("a: 'no'\nb: no\nc: '1_0'\nd: 1_0\n'no': ''", 'a: "no"\nb: no\nc: "1_0"\nd: 1_0\n"no": ""\n'),
        ('a: "\\u2028 \\u00e9 \\t"', 'a: "\\u2028 é \\t"\n'),
        # Empty lines, line ends, the byte order mark, what starts and ends a document.
        ("\n\na: 1\n\n\n\nb: 2   \n\n", "a: 1\n\nb: 2\n"),
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("\ufeffa: 1", "a: 1\n"),
        ("%YAML 1.2 # v\n--- # s\na: 1\n... # e", "# v\n# s\na: 1\n# e\n"),
        # A comment behind text stays behind its line, neighbours in one column, and wants an entry a line.
        ("a: 1 # x", "a: 1  # x\n"),
        ("a: 1     # x\nbb: 2    # y\n", "a: 1   # x\nbb: 2  # y\n"),
        ("a:\n    - b  # x\n    - c\n", "a:\n  - b  # x\n  - c\n"),
        ("a: {b: 1, # x\n  c: 2} # y\n", "a:  # y\n  b: 1  # x\n  c: 2\n"),
        ("a: [1\n, # x\n  2]", "a:\n  - 1  # x\n  - 2\n"),
        ("a: {#x\n  c: 2}", "a: {c: 2}  #x\n"),
        ("a: {#x\n} # y", "#x\na: {}  # y\n"),
        ("a: # x\n  {b: 1} # y", "# x\na: {b: 1}  # y\n"),
        ("a: # x\n  - b: 1", "a: [{b: 1}]  # x\n"),
        ("- # x\n  - a # y\n  - b", "# x\n- - a  # y\n  - b\n"),
        # One on a line of its own goes with what it stood in.
        ("a:\n    - b\n    # of the list\n# of c\nc: 1\n", "a:\n  - b\n  # of the list\n# of c\nc: 1\n"),
        ("a:\n# of b\n    b: 1\n", "a:\n  # of b\n  b: 1\n"),
        ("a:\n- b\n# of c\n- c\n", "a:\n  - b\n  # of c\n  - c\n"),
        ("a: [{b: 1}, # x\n# y\n{c: 2}\n# z\n]", "a:\n  - {b: 1}  # x\n  # y\n  - {c: 2}\n  # z\n"),
        ("- {\n  # x\n  a: 1}\n", "# x\n- {a: 1}\n"),
        ("a: 1\n\n# x\n\n# y", "a: 1\n\n# x\n\n# y\n"),
        ("# x\n# yaml-language-server: $schema=s\na: 1", "# yaml-language-server: $schema=s\n# x\na: 1\n"),
        # Texts of several lines.
        ("a: |\n   text\n    more\n# x", "a: |\n  text\n   more\n# x\n"),
        ("a: >-\n   text\n   more\n\n   line\n", "a: |-\n  text more\n  line\n"),
        ("a:\n    b: |2-\n        text\n    c: 1", 'a: {b: "  text", c: 1}\n'),
        ("a:\n  - |2\n      text\n    more", "a:\n  - |2-\n      text\n    more\n"),
        ("a: |+ # x\n  t\n\n\nb: 1\n", 'a: "t\\n\\n\\n"  # x\n\nb: 1\n'),
        ("a: | # x\n  t\n  u\nb: 1\n", "a: |  # x\n  t\n  u\nb: 1\n"),
        ("a: one\n     two\n", "a: one two\n"),
        ("a: >", 'a: ""\n'),
        ("? a\n: b\n", "a: b\n"),
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
    assert max(map(len, lines)) <= 120


def test_numbers_and_texts_stay_as_they_are_written() -> None:
    text = '{"a": 1e6, "b": 1.50, "c": "\\u00e9\\/", "d": 100000000000000000000000}'
    assert formatted(text, "x.json").split() == ["{", *text[1:-1].split(), "}"]


@pytest.mark.parametrize("text", ["a: [1", "a: 1\na: 2\n", "a: *b\n", "", "a:\tb: c\n"])
def test_what_does_not_parse_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        formatted(text, "x.yaml")
    assert str(caught.value).startswith("x.yaml:")
