"""What is built from the tree: the wheel holds the data files, and works without the tree."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import archspec

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this tree, built as pip builds it: with hatchling fetched into an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--quiet", "--wheel-dir", str(folder)]
    built = subprocess.run(command, check=False, capture_output=True, text=True)
    if "No module named pip" in built.stderr or "No matching distribution found for hatchling" in built.stderr:
        pytest.skip(f"cannot build: {built.stderr.strip().splitlines()[-1]}")
    assert built.returncode == 0, built.stderr
    [file] = folder.iterdir()
    return zipfile.ZipFile(file)


def test_version() -> None:
    assert archspec.__version__ == PROJECT["version"]


def test_wheel_holds_every_file(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    package = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "archspec").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    specs = {f"archspec/specs/{file.name}" for file in (ROOT / "specs").iterdir()}
    assert packed == package | specs
    assert "archspec/py.typed" in packed
    for folder in ("specs", "conventions", "blocks"):
        assert any(name.startswith(f"archspec/{folder}/") and name.endswith(".yaml") for name in packed), folder


def test_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    about = f"archspec_nn-{archspec.__version__}.dist-info"
    metadata = wheel.read(f"{about}/METADATA").decode("utf-8")
    assert f"Name: archspec-nn\nVersion: {archspec.__version__}\n" in metadata
    assert "License-Expression: MIT\n" in metadata
    assert "archspec = archspec.__main__:main" in wheel.read(f"{about}/entry_points.txt").decode("utf-8").splitlines()
    assert f"{about}/licenses/LICENSE" in wheel.namelist()


def test_wheel_works_without_the_tree(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    for command, printed in (
        (["summary", "resnet18"], "11,689,512"),
        (["layer", "linear", "10", "--input", "128", "--convention", "textbook-bn4"], "1,290"),
        (["summary", "vit_b_16"], "86,567,656"),  # of standard blocks
    ):
        done = subprocess.run(
            [sys.executable, "-m", "archspec", *command],
            check=True, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        assert printed in done.stdout
