"""Which layers of two networks stand for each other: what each level of matching is there for."""

from __future__ import annotations

import pytest

from archspec.api import analyze
from archspec.change.layers import align
from archspec.language.load import load_text

Changes = list[tuple[str, str, str]]


def aligned(old: list[str], new: list[str]) -> tuple[Changes, int, int]:
    """Each change with its path on both sides, the layers unchanged, and those that follow from others."""

    def report(layers: list[str]) -> object:
        items = "".join(f"  - {layer}\n" for layer in layers)
        return analyze(load_text(f"archspec: 1\nname: net\ninputs: {{x: [3, 16, 16]}}\nlayers:\n{items}"))

    layers = align(report(old), report(new))  # type: ignore[arg-type]
    return [(one.op, one.old_path, one.path) for one in layers.changes], layers.unchanged, layers.ripples


CONV8, CONV9 = "conv: {out: 8, kernel: 1}", "conv: {out: 9, kernel: 1}"


@pytest.mark.parametrize(
    ("old", "new", "changes", "unchanged", "ripples"),
    [
        pytest.param(
            [f"{{{CONV8}, id: a}}", "{relu: , id: b}"],
            ["{relu: , id: b}", f"{{{CONV8}, id: a}}"],
            [(">", "b", "b")],
            1,
            0,
            id="of two layers that changed places the one whose shapes are the same stays",
        ),
        pytest.param(
            [f"{{{CONV8}, id: a}}", "maxpool: 2"],
            ["maxpool: 2", f"{{{CONV8}, id: a}}"],
            [(">", "maxpool1", "maxpool1")],
            0,
            1,
            id="a layer with an id stays where one without moves",
        ),
        pytest.param(
            [CONV8, CONV9],
            [CONV9],
            [("-", "conv1", "conv1")],
            0,
            1,
            id="a layer with the same arguments is the same on another input",
        ),
        pytest.param(
            [CONV8, CONV8, f"{{{CONV9}, id: b}}"],
            ["tanh", f"{{{CONV8}, id: d}}", f"{{{CONV9}, id: b}}"],
            [("+", "", "tanh1"), ("~", "conv1", "d"), ("-", "conv2", "conv2")],
            1,
            0,
            id="a layer that gets an id is still the one of its arguments and shapes",
        ),
        pytest.param(
            [CONV8],
            [CONV9],
            [("~", "conv1", "conv1")],
            0,
            0,
            id="a layer of the same kind in the same place is changed, not replaced",
        ),
        pytest.param(
            [CONV8],
            ["linear: 8"],
            [("-", "conv1", "conv1"), ("+", "", "linear1")],
            0,
            0,
            id="a layer of another kind is another layer",
        ),
    ],
)
def test_levels_of_matching(old: list[str], new: list[str], changes: Changes, unchanged: int, ripples: int) -> None:
    assert aligned(old, new) == (changes, unchanged, ripples)
