"""`archspec layer`: its mistakes are told in the words of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["conv"], "error: conv: missing argument `out`\n"),
        (["conv", "out=3", "kernal=3"], "error: conv: unknown argument `kernal`\n  hint: did you mean `kernel`?\n"),
        (["maxpool", "500"], "error: maxpool: kernel 500 does not fit: with dilation 1 it covers 500, "),
        (["convv"], "error: no kind is called `convv`\n"),
        (["relu", "3"], "error: relu has no main argument\n"),
    ],
)
def test_no_place_in_a_file_that_there_is_not(
    run: Callable[..., tuple[int, str, str]], arguments: list[str], message: str
) -> None:
    code, out, error = run("layer", *arguments, "--input", "3,224,224")
    assert (code, out) == (2, "")
    assert error.startswith(message)


def test_other_files_keep_their_places(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("convention: mine\ncolumns: {n: {unit: MAC}}\nrules: {relu: {n: out_nmel}}\n")
    code, _, error = run("layer", "relu", "--input", "3", "--convention", str(file))
    assert code == 2
    assert "mine.yaml:3:" in error
