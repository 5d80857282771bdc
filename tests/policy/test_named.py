"""What is to be checked: names, folders and globs."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.policy.check import named
from archspec.policy.policies import Policies

NET = "archspec: 1\nname: net\ninputs: {x: [10]}\nlayers:\n  - linear: 100\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b.yaml", "nets/c.yaml", "nets/d*.yaml", "archspec.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("" if name.endswith("toml") else NET)


def test_a_folder_and_a_glob_are_opened() -> None:
    assert sorted(named(["nets"], Policies())) == ["nets/c.yaml", "nets/d*.yaml"]
    assert sorted(named(["?.yaml", "*.yaml"], Policies())) == ["?.yaml", "a.yaml", "b.yaml"]


def test_a_name_stays_as_it_is_written_variant_and_all() -> None:
    assert named(["a.yaml@small", "resnet50", "a.yaml@small"], Policies()) == ["a.yaml@small", "resnet50"]
    assert named(["nets/d*.yaml"], Policies()) == ["nets/d*.yaml"]  # there is a file of that very name


def test_what_is_included_is_looked_for_from_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "archspec.toml").write_text('include = ["nets/c.yaml", "a.yaml"]\n')
    monkeypatch.chdir(tmp_path / "nets")
    assert sorted(named([], Policies())) == ["../a.yaml", "../nets/c.yaml"]
    (tmp_path / "archspec.toml").write_text("")
    assert sorted(named([], Policies())) == ["c.yaml", "d*.yaml"]  # without a list, all below where one stands
