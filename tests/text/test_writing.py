"""Writing: a file whole or not at all, never a device replaced, never through a link that waits."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archspec.errors import ArchspecError, SpecError, UsageError
from archspec.text import writing
from archspec.text.writing import write_output, write_whole

WRITERS = (write_output, write_whole)
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names() -> list[str]:
    return sorted(os.listdir())


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_is_replaced_whole_and_keeps_its_permissions(write) -> None:
    file = Path("net.yaml")
    file.write_text("old")
    file.chmod(0o640)
    before = file.stat().st_ino
    write("net.yaml", "new é\r\n")
    assert file.read_bytes() == "new é\r\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.stat().st_ino != before
    assert names() == ["net.yaml"]


@pytest.mark.parametrize("write", WRITERS)
def test_a_new_file_has_the_permissions_that_the_umask_leaves(write) -> None:
    before = os.umask(0o027)
    try:
        write("n" * 255, "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("n" * 255).st_mode) == 0o640
    assert names() == ["n" * 255]


@pytest.mark.parametrize("write", WRITERS)
def test_a_link_stays_one_and_what_it_leads_to_is_replaced(write) -> None:
    Path("target").write_text("old")
    Path("first").symlink_to("target")
    Path("second").symlink_to("first")
    write("second", "new")
    assert (os.readlink("second"), os.readlink("first"), Path("target").read_text()) == ("first", "target", "new")


def test_a_link_out_of_the_repository_is_for_the_user_to_name(tmp_path: Path) -> None:
    outside, inside = tmp_path / "mine.txt", tmp_path / "repository"
    (inside / ".git").mkdir(parents=True)
    outside.write_text("old")
    (inside / "net.yaml").symlink_to("../mine.txt")
    with pytest.raises(SpecError, match=r"a link that leads out of the repository: \.\./mine\.txt"):
        write_whole(inside / "net.yaml", "new")
    assert outside.read_text() == "old"
    write_output(str(inside / "net.yaml"), "new")
    assert outside.read_text() == "new"
    assert (inside / "net.yaml").is_symlink()


@pytest.mark.parametrize("write", WRITERS)
def test_a_waiting_link_under_the_temporary_name_is_not_followed(write, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("precious").write_text("precious")
    monkeypatch.setattr(os, "urandom", bytes)
    Path(f".archspec-{bytes(8).hex()}").symlink_to("precious")
    with pytest.raises(UsageError, match=r"cannot write net\.yaml: file exists"):
        write("net.yaml", "new")
    assert Path("precious").read_text() == "precious"


def test_temporary_names_are_random(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda old, new: (made.append(old), replace(old, new)))
    for _ in range(20):
        write_whole("net.yaml", "text")
    assert len(set(made)) == 20


def test_a_pipe_is_written_to_and_stays() -> None:
    os.mkfifo("pipe")
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.append(Path("pipe").read_text()), daemon=True)
    reader.start()
    write_output("pipe", "text")
    reader.join(10)
    assert seen == ["text"]
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)
    assert names() == ["pipe"]


@ROOT
def test_a_device_is_written_to_and_stays() -> None:
    try:
        os.mknod("null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))  # a scratch copy of the null device
        os.mknod("full", 0o666 | stat.S_IFCHR, os.makedev(1, 7))
        Path("link").symlink_to("null")
        Path("null").write_text("")
    except OSError:
        pytest.skip("no devices here")
    write_output("null", "text")
    write_output("link", "text")
    with pytest.raises(UsageError, match="cannot write full: no space left on device"):
        write_output("full", "text")
    assert stat.S_ISCHR(os.lstat("null").st_mode)
    assert stat.S_ISCHR(os.lstat("full").st_mode)
    assert names() == ["full", "link", "null"]


@ROOT
def test_a_disk_is_refused() -> None:
    os.mknod("disk", 0o600 | stat.S_IFBLK, os.makedev(259, 4095))  # a number that no disk has
    with pytest.raises(UsageError, match="cannot write disk: no regular file"):
        write_output("disk", "text")
    assert stat.S_ISBLK(os.lstat("disk").st_mode)


def test_what_is_no_file_is_no_file_of_a_project() -> None:
    os.mkfifo("pipe")
    os.mkdir("folder")
    for name, message in (
        ("pipe", "cannot write pipe: no regular file"),
        ("folder", "cannot write folder: a directory"),
    ):
        with pytest.raises(UsageError, match=message):
            write_whole(name, "text")
    assert names() == ["folder", "pipe"]


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_what_the_shell_has_opened_goes_on(name: str) -> None:
    code = f"from archspec.text.writing import write_output as w; w({name!r}, 'a\\n'); w({name!r}, 'b\\n')"
    with open("out.txt", "w") as out:
        out.write("before\n")
        out.flush()
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert Path("out.txt").read_text() == "before\na\nb\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none/net.yaml", "no such file or directory"),
        ("net.yaml/inner", "not a directory"),
        ("a\0b", "embedded null byte"),
        ("n" * 256, "file name too long"),
        ("loop", "too many levels of symbolic links"),
    ],
)
@pytest.mark.parametrize("write", WRITERS)
def test_names_that_cannot_be(write, name: str, message: str) -> None:
    Path("net.yaml").write_text("old")
    Path("loop").symlink_to("loop")
    with pytest.raises(UsageError, match=f"^cannot write .*{message}"):
        write(name, "text")
    assert names() == ["loop", "net.yaml"]


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it() -> None:
    Path("net.yaml").write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UsageError, match=r"cannot write net\.yaml: file too large"):
            write_whole("net.yaml", "n" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert Path("net.yaml").read_text() == "old"
    assert names() == ["net.yaml"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError(5, "Input/output error")])
@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_nothing_is_left_on_any_way_out(step: str, error, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    Path("net.yaml").write_text("old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises((KeyboardInterrupt, MemoryError, ArchspecError)):
        write_whole("net.yaml", "new")
    assert Path("net.yaml").read_text() == "old"
    assert names() == ["net.yaml"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_waits_until_the_file_is_whole(number: int) -> None:
    code = f"""
import os, signal
from archspec.text import writing
signal.signal({int(number)}, signal.SIG_DFL)  # a run in the background, or by nohup, ignores some and hands that on
fsync = os.fsync
def interrupted(file):
    os.kill(os.getpid(), {int(number)})
    fsync(file)
os.fsync = interrupted
writing.write_whole("net.yaml", "new")
print("not reached")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert names() == ["net.yaml"]
    assert Path("net.yaml").read_text() == "new"


def test_what_is_no_unicode_is_written_as_an_escape() -> None:
    writing.write_output("sheet.md", "net\udcff.yaml")
    assert Path("sheet.md").read_text() == "net\\udcff.yaml"
