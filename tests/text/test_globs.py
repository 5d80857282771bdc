"""Patterns of paths against plain regular expressions, which backtrack; and patterns on which these would not end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.text.globs import matches, matches_name

PIECES = st.sampled_from(["a", "b", "/", "*", "*", "**", "**/", "/**/", "?", ".", "["])
PATTERNS = st.lists(PIECES, max_size=8).map("".join)
PATHS = st.text("aab/.[", max_size=9)


def plain(pattern: str, signs: dict[str, str]) -> re.Pattern[str]:
    """The pattern as the regular expression that it is by definition."""
    parts = re.split(r"((?:(?<=/)|^)\*\*/|\*\*+|\*|\?)" if "**" in signs else r"(\*|\?)", pattern)
    keys = [re.sub(r"\*{3,}", "**", part) for part in parts]
    return re.compile("".join(signs.get(key) or re.escape(key) for key in keys))


@settings(max_examples=1000)
@given(PATTERNS, PATHS)
def test_paths(pattern: str, path: str) -> None:
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    assert matches(pattern, path) == bool(plain(pattern.removeprefix("./"), signs).fullmatch(path))


@settings(max_examples=1000)
@given(PATTERNS, PATHS)
def test_names(pattern: str, name: str) -> None:
    assert matches_name(pattern, name) == bool(plain(pattern, {"*": ".*", "?": "."}).fullmatch(name))


@pytest.mark.parametrize("pattern", ["*a", "**a", "**/a", "a*", "?*", "*a**b", "**/*a"])
def test_stars_do_not_backtrack(pattern: str) -> None:
    """A plain regular expression tries the places of 300 stars in all combinations."""
    for path in ("a" * 4000, "a/" * 2000, "ab" * 2000):
        assert not matches(pattern * 300 + "c", path)
        assert not matches_name(pattern * 300 + "c", path)
