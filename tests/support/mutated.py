"""Specs made wrong at random: pieces, lines and subtrees of good ones gone, doubled, moved, or replaced by worse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from archspec.errors import ArchspecError
from archspec.text.reader import read_text

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases"
TOKEN = re.compile(r"[\w.$-]+|[^\w\s]")
WORDS = """
0 1 -1 2 3.5 1e3 null true none text [] {} [1] [[]] [1,2,3] {a:1} : - , ? & * ! | > ' " # % @ ` $ ( ) [ ] { } ~
$in $in.c $in.h $in.5 $in.last $index $w $depths.0 $n//0 2**9**9 -$in.c $in.c/2 [$in.c] $x.y.z 'a'*2 [a,b] in prev
$i a.$i a.* in.1 in.($i+1)
conv linear relu add concat split residual seq parallel use each repeat when from tie id with norm act body layers vars
./a.yaml ../a.yaml resnet18
groups axis kernel shape of outputs blocks dims params 1000000000 9999999999999999999999999999999999999999
"""
ODD = ("", " ", "\n", "\t", "  - ", ": ", "é", "\u2028", "\x00", "\ud7ff", "\U0001f600", "- relu\n", "{relu: null}",
       "# archspec: ignore[AS302]", "# 12M parameters\n", "\ufeff", "\r\n", "|\n  ", ">-\n")  # fmt: skip
PIECES = (*WORDS.split(), *ODD)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 10**9, 10**39, 1.5, -0.0, 1e300, "", " ", "$", "$w", "4*$w", "$in.c", "$index",
    "$in[-1]", "$n if $index else 1", "2**60", "10**30", "$in.c//0", "half", "same", "a.b", "x.0", "prev", "in", "none",
    "\ufeff", "\u202e", "::error::", "##[error]", "@octocat", "=1+1", "é", "a b", "x" * 300, "1_000", "16", "null",
    "on", [], {}, [1], [0, 0], [-1, 4], ["a", "b"], [[1]], [None], {"a": 1}, {"relu": None}, {"conv": 8},
    {"linear": "$w"}, {"use": "a"}, {"seq": ["relu"]}, {"residual": ["relu"]}, {"add": ["prev", "in"]},
    {"concat": ["prev", "prev"]},
    {"parallel": {"merge": "add", "branches": {"a": ["relu"], "b": []}}}, {"repeat": 3, "relu": None}, [3, 8, 8],
    {"each": {"i": 2}, "relu": None}, "a.$i", "a.*", "in.1", "s.(2 - $index)",
)  # fmt: skip


class Text(NamedTuple):
    """A spec as text under the name it is read by."""

    name: str
    text: str


@cache
def seeds(most: int = 500) -> list[Text]:
    """Good specs of the tests and the zoo, and a few wrong ones, of at most so many bytes."""
    good = [*(CASES / "valid").glob("*"), *(ROOT / "tests" / "lint" / "cases").rglob("*"), *(ROOT / "specs").glob("*")]
    files = [*good, *sorted((CASES / "invalid").rglob("*.yaml"))[::4]]
    chosen = sorted(file for file in files if file.suffix in (".yaml", ".json") and file.stat().st_size <= most)
    texts = []
    for file in chosen:
        try:
            texts.append(Text(f"spec{file.suffix}", file.read_bytes().decode("utf-8-sig")))
        except UnicodeDecodeError:
            continue
    return texts


def mutated(random: Random, texts: list[Text]) -> tuple[Text, Text]:
    """A seed and what became of it."""
    before = random.choice(texts)
    after = before
    for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3))):
        after = random.choice(CHANGES)(random, after, texts)
    return before, after


def of_character(random: Random, spec: Text, _: list[Text]) -> Text:
    """One character gone, doubled or another."""
    if not spec.text:
        return spec
    at = random.randrange(len(spec.text))
    new = random.choice(["", spec.text[at] * 2, *"0:-,$[]{}'\"# \n"])
    return spec._replace(text=spec.text[:at] + new + spec.text[at + 1 :])


def of_token(random: Random, spec: Text, _: list[Text]) -> Text:
    """One token another one, of the text or from outside."""
    tokens = list(TOKEN.finditer(spec.text))
    if not tokens:
        return spec
    token = random.choice(tokens)
    new = random.choice([random.choice(PIECES), random.choice(tokens)[0]])
    return spec._replace(text=spec.text[: token.start()] + new + spec.text[token.end() :])


def of_piece(random: Random, spec: Text, _: list[Text]) -> Text:
    """A piece put in."""
    at = random.randint(0, len(spec.text))
    return spec._replace(text=spec.text[:at] + random.choice(PIECES) + spec.text[at:])


def of_lines(random: Random, spec: Text, texts: list[Text]) -> Text:
    """Lines gone, doubled, moved, indented otherwise, or those of another spec."""
    lines = spec.text.split("\n")
    at, to = sorted((random.randrange(len(lines)), random.randrange(len(lines))))
    others = random.choice(texts).text.split("\n")
    what = random.randrange(5)
    if what == 0:
        del lines[at:to]
    elif what == 1:
        lines[to:to] = lines[at : at + 3]
    elif what == 2:
        lines.insert(to, lines.pop(at))
    elif what == 3:
        lines[at] = random.choice(["", "  ", "    ", "  - "]) + lines[at].lstrip()
    else:
        start = random.randrange(len(others))
        lines[at:to] = others[start : start + 3]
    return spec._replace(text="\n".join(lines))


def of_tree(random: Random, spec: Text, texts: list[Text]) -> Text:
    """A value of the data another one, gone, doubled, wrapped, or from another spec; written as JSON."""
    try:
        data = _plain(read_text(spec.text, spec.name).data)
        other = _plain(read_text(random.choice(texts).text, "spec.yaml").data)
    except ArchspecError:
        return of_token(random, spec, texts)
    places = list(_places(data))
    if not places:
        return spec
    around, key = random.choice(places)
    if isinstance(around, dict) and random.random() < 0.3:
        value = around.pop(key)
        if random.random() < 0.6:  # under another name
            around[str(random.choice((random.choice(VALUES), random.choice(PIECES))))] = value
        return Text(spec.name, _written(random, data))
    holder, name = random.choice(list(_places(other)) or places)
    moved = deepcopy(holder[name])  # it may be what is around its new place
    new = random.choice((random.choice(VALUES), moved, [around[key]], [around[key]] * 2, {"seq": around[key]}))
    if isinstance(around, list) and random.random() < 0.5:
        around.insert(key, new)
    else:
        around[key] = new
    return Text(spec.name, _written(random, data))


def of_number(random: Random, spec: Text, _: list[Text]) -> Text:
    """One whole number another one: most often a good spec still."""
    numbers = list(re.finditer(r"(?<![\w.])\d+(?![\w.])", spec.text))
    if not numbers:
        return spec
    number = random.choice(numbers)
    new = str(random.choice((1, 2, 3, 4, 5, 8, 16, int(number[0]) + 1, 2 * int(number[0]), 0, 97)))
    return spec._replace(text=spec.text[: number.start()] + new + spec.text[number.end() :])


def of_layer(random: Random, spec: Text, texts: list[Text]) -> Text:
    """A layer gone, doubled, moved, repeated, or one of another spec put in."""
    try:
        data = _plain(read_text(spec.text, spec.name).data)
        other = _plain(read_text(random.choice(texts).text, "spec.yaml").data)
    except ArchspecError:
        return of_number(random, spec, texts)
    listed = [around[key] for around, key in _places(data) if key in ("layers", "body", "seq") and around[key]]
    layers = random.choice([value for value in listed if isinstance(value, list)] or [[]])
    others = [value for around, key in _places(other) if key == "layers" for value in [around[key]]]
    if not layers:
        return of_number(random, spec, texts)
    at = random.randrange(len(layers))
    what = random.randrange(5)
    if what == 0:
        del layers[at]
    elif what == 1:
        layers.insert(random.randint(0, len(layers)), layers[at])
    elif what == 2:
        layers.insert(random.randrange(len(layers)), layers.pop(at))
    elif what == 3 and isinstance(layers[at], dict):
        layers[at] = {**layers[at], "repeat": random.choice((1, 2, 3, "$index + 2"))}
    elif others and isinstance(others[0], list) and others[0]:
        layers.insert(at, random.choice(others[0]))
    return Text(spec.name, _written(random, data))


CHANGES: tuple[Callable[[Random, Text, list[Text]], Text], ...] = (
    of_character, of_token, of_piece, of_lines, of_tree, of_tree, of_number, of_number, of_layer, of_layer, of_layer,
)  # fmt: skip


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every value, as what holds it and under which key."""
    for key, value in list(
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield data, key
        yield from _places(value)


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _written(random: Random, data: Any) -> str:
    """The data in flow style, a key of the top or a layer a line; or all on one line."""
    if not isinstance(data, dict) or random.random() < 0.2:
        return json.dumps(data, default=str)
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value and key == "layers":
            lines += [f"{json.dumps(key)}:", *(f"- {json.dumps(item, default=str)}" for item in value)]
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, default=str)}")
    return "\n".join(lines) + "\n"
