"""What is escaped stays text: by the rules of GitHub's Markdown and of what GitHub looks for in it, of its log, of XML
and of spreadsheets."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import printable
from archspec.render.escapes import command_message, command_property, csv_cell, html_text, xml_text
from archspec.render.markdown import code, escaped, fenced, paragraph

PIECES = [
    "@octocat", "@octo/team", "a@b.example", "#1", "octo/repo#1", "GH-1", "https://evil.example/x", "www.evil.example",
    "ftp://x.example", "mailto:a@b.example", "xmpp:a@b.example", ":tada:", ":+1:", "<b>", "</code>", "<!--", "-->",
    "<https://evil.example>", "![i](http://e.example)", "[t](javascript:x)", "[a]: http://e.example", "[a][b]", "[^1]",
    "`", "``", "```", "~~~", "~", "*", "**", "_", "__", "a_b", "\\", "|", "||", "$x$", "&amp;", "&#64;", "&lt;", "#",
    "##", "-", "---", "===", "+", "1.", "1)", ">", "!", "(", ")", "[ ]", "[x]", "\n", "\n\n", "\t", "    ", "\u202e",
    "\u200b", "\x1b[31m", "\x85", "\u2028", "\r", "\udcff", "\ufffe", "::error::x", "##[error]", "%0A", "%", "=1+1",
    " ", "a", "é", "\U0001f600", '"', "'", "]]>",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.text(max_size=20))

# What GitHub looks for in the texts of a page, outside of code: the mention filter of
# https://github.com/gjtorikian/html-pipeline, and https://docs.github.com/get-started/writing-on-github/
# working-with-advanced-formatting/autolinked-references-and-urls; and emoji.
LOOKED_FOR = re.compile(
    r"(?:^|\W)@[a-z0-9]|#\d|\bGH-\d|https?://|ftp://|\bwww\.|\w@\w|:[+-]?[a-z][\w+-]*:|:\+1:", re.IGNORECASE
)


@given(TEXTS)
def test_no_reference_is_found_in_what_is_rendered(text: str) -> None:
    written = escaped(text)
    rendered = unescape(written)
    assert "\n" not in written
    assert not LOOKED_FOR.search(rendered)
    assert rendered.replace("\u200b", "") == printable(text)


@given(TEXTS)
def test_markdown_is_text(text: str) -> None:
    """The reference implementation of GitHub's Markdown reads it as one paragraph of text, and as one cell."""
    cmark = pytest.importorskip("cmarkgfm")
    wanted = re.sub(r"\s+", " ", printable(text)).strip()
    page = cmark.github_flavored_markdown_to_html(paragraph(text) + "\n")
    assert shown(page, "p") == wanted
    table = cmark.github_flavored_markdown_to_html(f"| a | b |\n| --- | --- |\n| x{escaped(text)}x | y |\n")
    assert shown(re.search("<td>(.*)</td>\n<td>y</td>", table)[0].replace("\n<td>y</td>", ""), "td") == re.sub(
        r"\s+", " ", f"x{printable(text)}x"
    )


@given(TEXTS)
def test_code_is_code(text: str) -> None:
    cmark = pytest.importorskip("cmarkgfm")
    written = code(text)
    page = cmark.github_flavored_markdown_to_html(f"a {written} b\n", options=1 << 17)  # with the tags of HTML
    inner = (
        re.fullmatch(r"<p>a <code>([^<>]*)</code> b</p>\n", page) if written else re.fullmatch("<p>a  ?b</p>\n", page)
    )
    assert inner, page
    if written:
        assert re.sub(r"\s+", " ", unescape(inner[1])) == re.sub(r"\s+", " ", printable(text).strip())


def shown(page: str, tag: str) -> str:
    """The text of a page that holds one element, and no other."""
    if not page:
        return ""
    found = re.fullmatch(f"<{tag}>([^<>]*)</{tag}>\n?", page)
    assert found, page
    return re.sub(r"\s+", " ", unescape(found[1]).replace("\u200b", "")).strip()


@given(st.lists(TEXTS.map(printable), max_size=4))
def test_no_line_ends_a_fence(lines: list[str]) -> None:
    fence, *inner, end = fenced(lines).split("\n")
    assert inner == lines
    assert fence == end
    assert not any(line.strip().startswith(fence) for line in lines)


# How the runner of GitHub reads a line of the log: https://github.com/actions/runner, ActionCommand.cs.
def commands(log: str) -> list[str]:
    """The lines that are commands of either version: two colons at the beginning, or `##[` anywhere."""
    return [line for line in re.split("\r\n|\r|\n", log) if line.lstrip().startswith("::") or "##[" in line]


@given(st.lists(TEXTS, max_size=3))
def test_no_text_is_a_command(texts: list[str]) -> None:
    for text in texts:
        assert commands(printable(text)) == []
        assert printable(text).isprintable()
        assert printable(printable(text)) == printable(text)
    message, value = "\n".join(texts), "".join(texts)
    line = f"::error file={command_property(value)},line=1::{command_message(message)}"
    assert commands(line) == [line]
    assert line.isprintable()
    properties, _, data = line.removeprefix("::error ").partition("::")
    (file, _, number) = properties.partition(",")
    for sign, escape in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        file = file.replace(escape, sign)
        data = data.replace(escape, sign) if sign not in ":," else data
    assert file == f"file={printable(value)}"
    assert number == "line=1"
    assert data == "\n".join(map(printable, message.split("\n")))


@given(TEXTS)
def test_xml_and_html_hold_it(text: str) -> None:
    for written in (xml_text(text), html_text(text)):
        element = ElementTree.fromstring(f'<a b="{written}">{written}</a>')
        assert element.text or printable(text) == ""
        assert element.get("b") == printable(text)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|x", "'+cmd|x"),
        ("-cmd", "'-cmd"),
        ("\t=1", "\\t=1"),
        ("-", "-"),
        ("-1.5", "-1.5"),
        ("layer1.conv", "layer1.conv"),
        (-5, -5),
        (None, None),
    ],
)
def test_a_cell_is_no_formula(cell: object, written: object) -> None:
    assert csv_cell(cell) == written
