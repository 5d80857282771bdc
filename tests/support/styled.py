"""YAML written in every way a person might write it: what a formatter has to cope with."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from hypothesis import strategies as st

SCALAR_HEAD = re.compile(r"[|>][-+0-9]*(\s+#.*)?\s*$")  # of a text whose lines follow
WORDS = [
    "a",
    "conv",
    "out",
    "$w",
    "4*$width",
    "x y",
    "no",
    "it's",
    'say "so"',
    "",
    "# no comment",
    "a: b",
    "über",
    "- x",
    "- y: z",
    "2 if $i == 0 else 1",
]
LONG = (
    "a text, which is long  - so long # that no line of any layout could ever hold it as 'it' is: \"it\" \\ needs more"
)
SCALARS = st.sampled_from(
    [
        *WORDS,
        0,
        1,
        12,
        0.5,
        1e-5,
        True,
        False,
        None,
        "1.814G",
        "11_689_512",
        "back\\slash",
        "two\nlines",
        "end\n",
        " lead",
        "a\n\nb\n",
        " two\n  lines",
        "odd \nlines\n\n",
        LONG,
        f"{LONG}\n{LONG}",
        f"  {LONG}\n\n{LONG}\n",
        f"$x * {LONG}",
    ]
)
KEYS = st.sampled_from(["a", "conv", "out", "kernel", "id", "with", "x y", "größe"])
PLAIN = {
    "a",
    "conv",
    "out",
    "$w",
    "4*$width",
    "x y",
    "no",
    "über",
    "2 if $i == 0 else 1",
    "1.814G",
    "11_689_512",
    "kernel",
    "id",
    "with",
    "größe",
}


def data() -> st.SearchStrategy[Any]:
    """A mapping of mappings, lists and scalars."""
    inner = st.recursive(
        SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=4), max_leaves=14
    )
    return st.dictionaries(KEYS, inner, min_size=1, max_size=5)


def specs() -> st.SearchStrategy[Any]:
    """A mapping with the keys of a spec, in any order, and layers in layers; most of it is no network."""
    arguments = st.dictionaries(st.sampled_from(["out", "kernel", "norm"]), SCALARS, max_size=3) | SCALARS
    beside = st.dictionaries(st.sampled_from(["id", "from", "repeat", "when", "with", "note", "odd"]), SCALARS)
    leaf = st.sampled_from(["relu", "flatten"]) | st.builds(_shuffled, st.just("conv"), arguments, beside, st.randoms())
    layers = st.recursive(
        st.lists(leaf, max_size=4),
        lambda below: st.lists(
            leaf
            | st.builds(_shuffled, st.sampled_from(["seq", "residual"]), below, beside, st.randoms())
            | st.builds(_shuffled, st.just("residual"), st.fixed_dictionaries({"shortcut": below, "body": below}),
                        beside, st.randoms())
            | st.builds(_shuffled, st.just("parallel"), st.fixed_dictionaries({"branches": st.dictionaries(KEYS, below),
                        "merge": st.just("add")}), beside, st.randoms()),
            max_size=3,
        ),
        max_leaves=4,
    )  # fmt: skip
    flat = st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=3), max_size=3)
    nested = st.dictionaries(KEYS, flat, max_size=3)
    block = st.fixed_dictionaries({"layers": layers}, optional={"params": flat, "inputs": st.lists(KEYS, max_size=2)})
    members = {
        "layers": layers, "blocks": st.dictionaries(KEYS, block, max_size=2), "vars": flat, "dims": flat,
        "expect": flat | nested, "variants": nested, "source": st.lists(SCALARS, max_size=2), "odd": data(),
    }  # fmt: skip
    return st.builds(
        _shuffled, st.just("archspec"), st.just(1), st.fixed_dictionaries({}, optional=members), st.randoms()
    )


def _shuffled(key: str, value: Any, beside: dict[str, Any], random: Random) -> dict[str, Any]:
    entries = [*beside.items(), (key, value)]
    random.shuffle(entries)
    return dict(entries)


@st.composite
def documents(draw: st.DrawFn, values: st.SearchStrategy[Any], comments: bool = True) -> tuple[str, Any]:
    """A text and the data in it, with comments and empty lines in odd places, or with none."""
    value = draw(values)
    body = "\n".join(_Writer(draw, comments).block(value, 0)) + "\n"
    start, end = "", ""
    if comments:
        start = draw(st.sampled_from(["", "", "\n", "# first\n", "---\n", "--- # start\n", "\n\n# one\n\n\n# two\n"]))
        # Indented, they could be text.
        end = draw(st.sampled_from(["", "\n\n", "# last", "\n# one\n\n# two\n\n", "...\n", "... # end"]))
    text = start + body + end
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"]))), value


class _Writer:
    def __init__(self, draw: st.DrawFn, comments: bool) -> None:
        self.draw = draw
        self.comments = comments

    def one(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def noise(self, indent: int, before: list[str]) -> list[str]:
        """Empty lines and comments, more or less indented; no further than ``indent`` where that could go on a text."""
        lines: list[str] = []
        if not self.comments:
            return lines
        for kind in self.draw(
            st.lists(st.integers(0, 1), max_size=2) if self.draw(st.integers(0, 4)) == 0 else st.just([])
        ):
            pad = " " * self.draw(st.integers(0, indent if any(map(SCALAR_HEAD.search, before)) else indent + 3))
            lines.append(
                pad + self.one("# note", "#tight", "# a: b", "# yaml-language-server: $schema=x") if kind else ""
            )
        return lines

    def trail(self) -> str:
        return self.one("", "", "", "", *([" # trailing", "     # far", "  ", "\t# tab"] if self.comments else []))

    def block(self, value: Any, indent: int) -> list[str]:
        """The lines of a collection that is not empty, in block style."""
        pad = " " * indent
        lines: list[str] = []
        written: list[str] = []
        for key in value if isinstance(value, dict) else range(len(value)):
            item = value[key]
            head = pad + (self.key(key) + self.one(":", ":", " :") if isinstance(value, dict) else "-")
            lines += self.noise(indent, written)
            written = self.item(head, item, indent, isinstance(value, list))
            lines += written
        return lines

    def item(self, head: str, item: Any, indent: int, in_list: bool) -> list[str]:
        if isinstance(item, (dict, list)) and item and self.draw(st.booleans()):
            step = self.draw(st.integers(1, 4))
            if in_list and self.draw(st.booleans()):
                # The first line goes behind the dash.
                lines = self.block(item, indent + 1 + step)
                content = next(
                    index for index, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")
                )
                if content == 0:
                    return [head + " " * step + lines[0][indent + 1 + step :], *lines[1:]]
                return [head + self.trail(), *lines]
            bare = isinstance(item, list) and not in_list and self.draw(st.booleans())
            return [head + self.trail(), *self.noise(indent, []), *self.block(item, indent if bare else indent + step)]
        if (
            isinstance(item, str)
            and "\n" in item
            and item.strip()
            and item[0] not in " \n"
            and not item.endswith("\n\n")
            and self.draw(st.booleans())
        ):
            return self.literal(head, item, indent)
        flow = self.flow(item, indent + 1)
        if not in_list and self.draw(st.integers(0, 7)) == 0:
            return [head + self.trail(), " " * (indent + 1 + self.draw(st.integers(0, 3))) + flow + self.trail()]
        return [head + self.one(" ", " ", "   ") + flow + self.trail()]

    def literal(self, head: str, text: str, indent: int) -> list[str]:
        chomp = "" if text.endswith("\n") else "-"
        pad = " " * (indent + self.draw(st.integers(1, 4)))
        lines = text.removesuffix("\n").split("\n")
        comment = self.one("", "  # literal") if self.comments else ""
        return [f"{head} |{chomp}{comment}", *(pad + line if line else "" for line in lines)]

    def key(self, key: str) -> str:
        return self.one(key, f'"{key}"', f"'{key}'")

    def flow(self, value: Any, indent: int) -> str:
        """A value between brackets, or a scalar; line breaks inside brackets are ``indent`` deep at least."""
        if not isinstance(value, (dict, list)):
            return self.scalar(value)
        brackets = "{}" if isinstance(value, dict) else "[]"
        parts: list[str] = []
        for key in value if isinstance(value, dict) else range(len(value)):
            item = self.flow(value[key], indent)
            parts.append(f"{self.key(key)}{self.one(': ', ':   ', ' : ')}{item}" if isinstance(value, dict) else item)
        text = brackets[0] + self.gap(indent)
        if self.comments:
            text = brackets[0] + self.one("", "", "", "", "#tight\n" + " " * indent) + self.gap(indent)
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            text += part + (self.one("", "", ",", " ,") if last else self.one(",", " ,")) + self.gap(indent, not last)
        return text + brackets[1]

    def gap(self, indent: int, wanted: bool = False) -> str:
        breaks = "\n" + " " * (indent + self.draw(st.integers(0, 3)))
        if not wanted and not self.draw(st.booleans()):
            return ""
        noted = [" # inside" + breaks, breaks + "# alone" + breaks] if self.comments else []
        return self.one(" ", " ", "  ", breaks, *noted, "\n" + breaks)

    def scalar(self, value: Any) -> str:
        if isinstance(value, str):
            options = [json.dumps(value, ensure_ascii=False)]
            if "\n" not in value:
                options.append("'" + value.replace("'", "''") + "'")
            if value in PLAIN:
                options += [value, value]
            return self.one(*options)
        return json.dumps(value)
