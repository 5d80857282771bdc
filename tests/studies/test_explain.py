"""`archspec explain`: which layers a path names."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.analysis.report import Report
from archspec.api import analyze
from archspec.errors import UsageError
from archspec.studies.explain import explain


@pytest.fixture
def deep(tmp_path: Path) -> Report:
    """A million instances, too many to write out, each of three alike."""
    spec = tmp_path / "deep.yaml"
    spec.write_text(
        "archspec: 1\nname: deep\ninputs: {x: [4]}\nlayers:\n"
        "  - {seq: [{linear: 4, id: fc, repeat: 3}, relu], repeat: 1000000, id: stage}\n"
        "  - {linear: 5, id: head}\n"
    )
    return analyze(spec)


@pytest.mark.parametrize("path", ["stage.0.fc.0", "stage.77.fc.2", "stage.999999.fc.1"])
def test_every_instance_of_a_folded_repeat_can_be_named(deep: Report, path: str) -> None:
    (found,) = explain(deep, path)
    assert found.row.params == 4 * 4 + 4


@pytest.mark.parametrize(
    "path", ["stage.1000000", "stage.0.fc.3", "stage.-1", "stage." + "9" * 5000, "stage.0.fx", "head7"]
)
def test_what_does_not_exist_is_refused(deep: Report, path: str) -> None:
    with pytest.raises(UsageError, match="no layer is called"):
        explain(deep, path)


def test_an_instance_of_a_short_repeat_goes_by_its_own_name() -> None:
    assert [one.row.path for one in explain(analyze("resnet50"), "layer1.2.conv1")] == ["layer1.2.conv1"]
