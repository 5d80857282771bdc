"""The command line as a process: what becomes of its output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "archspec", "list"]


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as shown:
        assert shown.stdout is not None
        assert shown.stdout.readline().startswith("name")
        shown.stdout.close()
        assert shown.stderr is not None
        assert (shown.stderr.read(), shown.wait()) == ("", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_no_bug() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(COMMAND, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.stderr, done.returncode) == ("error: No space left on device\n", 2)


def test_what_is_installed_beside_is_not_run(tmp_path: Path) -> None:
    """A plugin of pydantic, as any package may bring one."""
    (tmp_path / "beside.py").write_text("raise SystemExit('run')\n")
    info = tmp_path / "beside-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: beside\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pydantic]\nbeside = beside\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    command = [sys.executable, "-m", "archspec", "summary", "lenet5"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
