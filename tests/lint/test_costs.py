"""What `fmt` and `lint` cost grows as the text does: in calls of functions, which do not depend on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from archspec.language.canonical import formatted
from archspec.lint.engine import lint
from archspec.lint.fixing import fix
from archspec.lint.settings import LintSettings

HEAD = "archspec: 1\nname: net\ninputs: {x: [4, 8, 8]}\nlayers:\n"
LINES = {
    "comments": "  # a comment\n",
    "layers with comments": "  - tanh  # a comment\n",
    "figures": "  # 5 params\n",
    "suppressions": '  # archspec: ignore[AS303] reason="why"\n',
    "layers with suppressions": '  - relu  # archspec: ignore[AS303] reason="why"\n',
    "layers": "  - conv: {out: 4, kernel: 3, padding: 1, norm: batchnorm, act: softmax}\n",
}


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, built-in ones too."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
@pytest.mark.parametrize("what", ["fmt", "lint", "fix"])
def test_linear(line: str, what: str) -> None:
    def text(number: int) -> str:
        return HEAD + line * number + "  - tanh\n"

    def work(number: int) -> object:
        if what == "fmt":
            return formatted(text(number), "net.yaml")
        if what == "lint":
            return lint(text(number), "net.yaml", LintSettings())
        return fix(text(number), "net.yaml", LintSettings(select=("AS303", "AS504")))

    work(2)  # what is imported and remembered once
    few, many = calls(lambda: work(100)), calls(lambda: work(400))
    assert many < 4.2 * few + 5_000
