"""Patterns of paths, as in configuration files: ``**`` is any folders, ``*`` and ``?`` stay within one.

``**/`` where a name begins is any folders or none, any other ``**`` any text. Patterns may be a stranger's, so none may
take long: what stands between two stars is taken where it occurs first, and that is never gone back on (an atomic
group), since whatever follows a later place follows the first place, too.
"""

from __future__ import annotations

import re
from functools import cache

_STARS = re.compile(r"\*+")
_ACROSS = re.compile(r"((?:(?<=/)|^)\*\*/|\*\*+)")


def matches(pattern: str, path: str) -> bool:
    """Whether a path with ``/`` matches a pattern. ``specs/**/*.yaml`` takes ``specs/a.yaml`` too."""
    return _compiled(pattern).match(path) is not None


def matches_name(pattern: str, name: str) -> bool:
    """Whether a name of a variant or a layer matches; ``*`` is any text, dots included."""
    return _compiled_name(pattern).match(name) is not None


@cache
def _compiled_name(pattern: str) -> re.Pattern[str]:
    return re.compile(_pieces(pattern, ".", r"\Z"), re.DOTALL)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    first, *rest = _ACROSS.split(pattern.removeprefix("./"))
    chunks = [first, *rest[1::2]]
    ends = ["" for _ in chunks[1:]] + [r"\Z"]
    texts = [_pieces(chunk, "[^/]", end) for chunk, end in zip(chunks, ends, strict=True)]
    folders = ["(?:|.*?/)" if sign == "**/" else ".*?" for sign in rest[::2]]
    return re.compile(
        texts[0] + "".join(f"(?>{skipped}{text})" for skipped, text in zip(folders, texts[1:], strict=True)), re.DOTALL
    )


def _pieces(chunk: str, char: str, end: str) -> str:
    """What stands between the stars of a text, each as early as it can; ``char`` is what a star and a `?` stand for."""
    texts = ["".join(char if sign == "?" else re.escape(sign) for sign in text) for text in _STARS.split(chunk)]
    texts[-1] += end
    return texts[0] + "".join(f"(?>{char}*?{text})" for text in texts[1:])
