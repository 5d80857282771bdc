"""Reading: regular files only, links within their repository only, and nothing that waits for ever."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.errors import SpecError
from archspec.text.contents import content_of
from archspec.text.links import followed


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, beside which lies what is not its own; the current folder is its `specs`."""
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (top / "specs").mkdir()
    (top / "net.yaml").write_text("inside")
    (tmp_path / "secret.yaml").write_text("outside")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "net.yaml").write_text("outside")
    monkeypatch.chdir(top / "specs")
    return top


LINKS = {
    "../net.yaml": True,
    "../../repository/net.yaml": True,
    "../../secret.yaml": False,
    "../specs/../../secret.yaml": False,
    "/etc/hostname": False,
    "/dev/null": False,
    "/proc/self/environ": False,
}


@pytest.mark.parametrize(("link", "inside"), LINKS.items())
def test_links_within_a_repository_are_followed(repository: Path, link: str, inside: bool) -> None:
    Path("net.yaml").symlink_to(link)
    if inside:
        assert content_of("net.yaml") == b"inside"
        assert content_of(str(repository / "specs" / "net.yaml")) == b"inside"
        return
    for name in ("net.yaml", "./net.yaml", "../specs/net.yaml", str(repository / "specs" / "net.yaml")):
        with pytest.raises(SpecError, match="a link that leads out of the repository") as caught:
            content_of(name)
        assert caught.value.file == name


def test_a_folder_may_be_a_link_too(repository: Path) -> None:
    Path("more").symlink_to("../../elsewhere")
    Path("chain").symlink_to("more")
    for name in ("more/net.yaml", "chain/net.yaml", "chain/../specs/net.yaml"):
        with pytest.raises(SpecError, match="leads out of the repository"):
            content_of(name)


def test_a_repository_may_be_reached_through_a_link(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "short").symlink_to("repository")
    assert content_of(str(tmp_path / "short" / "net.yaml")) == b"inside"


@pytest.mark.parametrize("name", ["archspec.toml", "pyproject.toml"])
def test_without_git_the_configuration_is_the_top(repository: Path, name: str) -> None:
    (repository / ".git").rmdir()
    (repository / name).touch()
    Path("in.yaml").symlink_to("../net.yaml")
    Path("out.yaml").symlink_to("../../secret.yaml")
    assert content_of("in.yaml") == b"inside"
    with pytest.raises(SpecError, match="leads out"):
        content_of("out.yaml")


def test_without_both_the_current_folder_is(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".git").rmdir()
    Path("out.yaml").symlink_to("../net.yaml")
    with pytest.raises(SpecError, match="leads out"):
        content_of("out.yaml")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert content_of("../repository/specs/out.yaml") == b"inside"


def test_a_path_without_links_is_itself(repository: Path) -> None:
    for name in ("../net.yaml", "../../elsewhere/./net.yaml", "none.yaml", "/"):
        assert followed(name) == os.path.realpath(name)


@pytest.mark.parametrize("target", ["none.yaml", "net.yaml", "none/none"])
def test_a_link_that_leads_nowhere(repository: Path, target: str) -> None:
    Path("net.yaml").symlink_to(target)
    with pytest.raises(SpecError, match=f"a link that leads nowhere: {target}: "):
        content_of("net.yaml")


def test_pipes_sockets_and_devices_are_refused_unopened(repository: Path) -> None:
    os.mkfifo("pipe.yaml")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket.yaml")
    made_of = {"pipe.yaml": "a pipe", "socket.yaml": "a socket", "/dev/null": "a device"}
    if os.geteuid() == 0:
        os.mknod("device.yaml", 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # a scratch copy of the endless zeros
        made_of["device.yaml"] = "a device"
    for name, sort in made_of.items():
        with pytest.raises(SpecError, match=f"{sort}, not a file"):
            content_of(name)


def test_what_the_shell_has_opened_is_read() -> None:
    for name in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
        code = f"from archspec.text.contents import content_of; print(content_of({name!r}))"
        done = subprocess.run([sys.executable, "-c", code], input=b"text", capture_output=True, check=True)
        assert done.stdout == b"b'text'\n"


@pytest.mark.parametrize("command", [["lint"], ["check"], ["fmt", "--check"], ["expect"], ["lint", "--fix"], ["fmt"]])
@pytest.mark.parametrize("named", [True, False])
def test_a_run_goes_on(repository: Path, command: list[str], named: bool) -> None:
    """What is no file is one finding; the good spec beside it is looked at."""
    Path("a.yaml").symlink_to("none.yaml")
    Path("b.yaml").symlink_to("../../secret.yaml")
    os.mkfifo("c.yaml")
    Path("d.yaml").write_text(
        "archspec: 1\nname: d\nsummary: Good.\ninputs: {x: [4]}\nlayers: [relu]\nexpect: {params: 7}\n"
    )
    before = {name: os.lstat(name).st_ino for name in ("a.yaml", "b.yaml", "c.yaml")}
    names = ["a.yaml", "b.yaml", "c.yaml", "d.yaml"] if named else []
    done = subprocess.run(
        [sys.executable, "-m", "archspec", *command, *names], capture_output=True, text=True, timeout=60, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for cause in ("a link that leads nowhere", "leads out of the repository", "a pipe, not a file"):
        assert said.count(cause) == 1, said
    assert "d.yaml" in said or "1 unchanged" in said or "4 files" in said
    assert before == {name: os.lstat(name).st_ino for name in before}
