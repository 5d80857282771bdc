"""Tables: texts stay as they are, whatever they look like."""

from __future__ import annotations

import pytest

from archspec.render.tables import html_table, markdown_table, plain_table, ruled_table, wrapped_table


def test_texts_are_no_numbers_and_names_stay_indented() -> None:
    rows = [("layer", "value"), ("  1e3", "007"), ("    .5", "1_000"), ("", "nan"), ("x", "")]
    assert plain_table(rows, (False, True)) == [
        "layer   value",
        "  1e3     007",
        "    .5  1_000",
        "          nan",
        "x",
    ]


def test_a_line_for_each_row() -> None:
    assert plain_table([("a\nb", "\x1b[31m"), ("é", "\u202e")]) == [r"a\nb  \x1b[31m", r"é     \u202e"]
    assert plain_table([]) == []
    assert ruled_table([("head", "n"), ("a", "12")], (False, True)) == ["head   n", "--------", "a     12"]


def test_the_widest_column_is_wrapped_to_the_room() -> None:
    rows = [("name", "what it is"), ("a", "five words that are long"), ("b" * 22, "short")]
    assert wrapped_table(rows, None) == "\n".join(plain_table(rows)) + "\n"
    assert wrapped_table(rows, 44).splitlines() == [
        "name                    what it is",
        "a                       five words that are",
        "                        long",
        "bbbbbbbbbbbbbbbbbbbbbb  short",
    ]
    assert max(map(len, wrapped_table(rows, 10).splitlines())) == 43


@pytest.mark.parametrize("rows", [[], [("  1e3", "2")]])
def test_markdown_and_html(rows: list[tuple[str, str]]) -> None:
    lines = markdown_table(("name", "n"), rows, (False, True)).split("\n")
    assert lines[0].split("|")[1].strip() == "name"
    assert len(lines) == 2 + len(rows)
    if rows:
        assert lines[1:] == ["|:-------|----:|", "|   1e3  |   2 |"]
    assert ("  1e3" in html_table(("name", "n"), rows, (False, True))) == bool(rows)
