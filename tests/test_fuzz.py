"""Mutated specs: whatever is done to the text of a good one, it works or an ArchspecError says why, and where."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.api import analyze
from archspec.errors import ArchspecError
from archspec.language.load import load_text

HERE = Path(__file__).parent
FILES = [*sorted((HERE / "cases" / "valid").iterdir()), *sorted((HERE.parent / "specs").glob("*.yaml"))]
TEXTS = [(path.suffix == ".json", path.read_text("utf-8-sig")) for path in FILES]
TOKEN = re.compile(r"[\w.$-]+|[^\w\s]")
WORDS = """
0 1 -1 2 3.5 1e3 null true none text [] {} [1] [[]] [1,2,3] {a:1} : - , ? & * ! | > ' " # % @ ` $ ( ) [ ] { } ~
$in $in.c $in.h $in.5 $in.last $index $w $depths.0 $n//0 2**9**9 -$in.c $in.c/2 [$in.c] $x.y.z 'a'*2 [a,b] in prev
conv linear relu add concat split residual seq parallel use repeat when from tie id with norm act body layers vars
groups axis kernel shape of outputs blocks dims params 1000000000 9999999999999999999999999999999999999999
"""
ODD = ("", " ", "\n", "\t", "  - ", ": ", "é", "\u2028", "\x00", "\ud7ff", "\U0001f600", "- relu\n", "{relu: null}")
PIECES = [*WORDS.split(), *ODD]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[bool, str]:
    """Whether it is JSON, and the text of a good spec with a few pieces or lines gone, doubled, moved or replaced."""
    json, text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        what = draw(st.sampled_from(["character", "token", "token", "token", "line", "lines", "indent", "insert"]))
        if what == "character" and text:
            at = draw(st.integers(0, len(text) - 1))
            text = text[:at] + draw(st.sampled_from(["", text[at] * 2, *"0:-,$[]{}'\"# \n"])) + text[at + 1 :]
        elif what == "token":
            tokens = list(TOKEN.finditer(text))
            if tokens:
                token = draw(st.sampled_from(tokens))
                other = draw(st.one_of(st.sampled_from(PIECES), st.sampled_from(tokens).map(lambda found: found[0])))
                text = text[: token.start()] + other + text[token.end() :]
        elif what == "insert":
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        else:
            lines = text.split("\n")
            at, to = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
            if what == "line":
                lines[at] = draw(st.sampled_from(["", lines[to], lines[at] + "\n" + lines[at]]))
            elif what == "lines":
                del lines[min(at, to) : max(at, to)]
            else:
                lines[at] = draw(st.sampled_from(["", "  ", "    ", "  - "])) + lines[at].lstrip()
            text = "\n".join(lines)
    return json, text


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_an_error_or_a_result(case: tuple[bool, str]) -> None:
    json, text = case
    try:
        spec = load_text(text, "spec.json" if json else "spec.yaml")
    except ArchspecError as error:
        check(error, text)
        return
    for variant in [*spec.variants][:2] or [None]:
        try:
            report = analyze(spec, variant=variant)
        except ArchspecError as error:
            check(error, text)
        else:
            assert report.totals.params >= 0


def check(error: ArchspecError, text: str) -> None:
    """The error can be shown, and its place is in the text."""
    assert str(error)
    assert len(str(error)) < 5000
    if error.span is not None and error.file in ("spec.yaml", "spec.json"):
        lines = re.split(r"\r\n|\n|\r", text)
        assert 1 <= error.span.line <= len(lines)
        assert 1 <= error.span.column <= len(lines[error.span.line - 1]) + 1
