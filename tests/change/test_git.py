"""Reading git, with real repositories: what is found, and what is said where nothing can be."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archspec.change import git
from archspec.change.git import Change, Repository, read_stable
from archspec.errors import SpecError, UsageError
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]

NET = """\
archspec: 1
name: net
inputs: {image: [3, 8, 8]}
layers:
  - {conv: {out: 4, kernel: 3}, id: stem}
  - flatten
  - linear: 10
"""


def paths(changes: list[Change]) -> set[tuple[str | None, str | None]]:
    return {(change.old_path, change.path) for change in changes}


def test_changes_of_every_sort(scratch: Scratch) -> None:
    base = scratch.commit(a__yaml=NET, gone__yaml="x: 1", moved__json='{"a": 1, "b": [1, 2, 3]}', other__txt="no spec")
    scratch.write("a.yaml", NET + "# more\n")
    (scratch.folder / "gone.yaml").unlink()
    scratch.git("mv", "moved.json", "new place.json")
    scratch.write('ünten/naïve "net"\n2.yaml', NET)  # git quotes such a name unless asked for NULs
    scratch.write("other.txt", "still none")
    scratch.write(".gitignore", "ignored.yaml")
    scratch.write("ignored.yaml", NET)
    repository = Repository()
    found = repository.changes(repository.commit(base), None, ())
    assert paths(found) == {
        ("a.yaml", "a.yaml"), ("gone.yaml", None), ("moved.json", "new place.json"),
        (None, "ünten/naïve \"net\"\n2.yaml"),
    }  # fmt: skip
    assert all(change.new == "" for change in found if change.path)
    contents = repository.blobs(change.old for change in found if change.old)
    assert contents[next(c.old for c in found if c.path == "a.yaml") or ""] == NET.encode()


def test_between_commits_and_with_globs(scratch: Scratch) -> None:
    one = scratch.commit(a__yaml=NET)
    two = scratch.commit(b__yaml=NET + "# b")
    scratch.write("deep/er/c.yaml", NET + "# c")
    three = scratch.commit()
    repository = Repository()
    commits = [repository.commit(each) for each in (one, two, three)]
    assert paths(repository.changes(commits[0], commits[1], ())) == {(None, "b.yaml")}
    assert paths(repository.changes(commits[0], commits[2], ("deep/**/*.yaml",))) == {(None, "deep/er/c.yaml")}
    assert paths(repository.changes(commits[0], commits[2], ("*.yaml",))) == {(None, "b.yaml")}
    assert repository.changes(commits[2], commits[2], ()) == []


def test_from_a_folder_below(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    base = scratch.commit(a__yaml=NET)
    scratch.write("below/b.yaml", NET)
    scratch.write("a.yaml", NET + "#\n")
    monkeypatch.chdir(scratch.folder / "below")
    repository = Repository()
    assert paths(repository.changes(repository.commit(base), None, ())) == {
        ("a.yaml", "a.yaml"),
        (None, "below/b.yaml"),
    }
    assert repository.relative("b.yaml") == "below/b.yaml"


def test_merge_base_with_the_upstream(scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = scratch.commit(a__yaml=NET)
    clone = tmp_path / "clone"
    scratch.git("clone", "-q", str(scratch.folder), str(clone))
    scratch.commit(a__yaml=NET + "# upstream goes on\n")
    monkeypatch.chdir(clone)
    subprocess.run(["git", "checkout", "-qb", "topic"], check=True)
    subprocess.run(["git", "fetch", "-q"], check=True)
    subprocess.run(["git", "commit", "-qm", "mine", "--allow-empty"], check=True)
    repository = Repository()
    assert repository.upstream().name == "origin/HEAD"
    found = repository.merge_base(repository.upstream())
    assert (found.sha, found.name) == (start, "merge-base with origin/HEAD")


def test_nothing_is_written(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET)
    file = scratch.write("a.yaml", NET)  # the same content, a later time: git would refresh its index
    os.utime(file, (1, 1))
    index = (scratch.folder / ".git" / "index").read_bytes()
    repository = Repository()
    _ = repository.changes(repository.commit("HEAD"), None, ())
    assert (scratch.folder / ".git" / "index").read_bytes() == index
    assert run("diff", "--exit-code")[:2] == (
        0,
        f"archspec diff  {scratch.git('rev-parse', 'HEAD')[:10]}..working tree   (main)\n\nno spec changed.\n",
    )


def test_links_are_no_specs(scratch: Scratch) -> None:
    base = scratch.commit(a__yaml=NET)
    (scratch.folder / "link.yaml").symlink_to("a.yaml")
    scratch.commit()
    repository = Repository()
    assert repository.changes(repository.commit(base), repository.commit("HEAD"), ()) == []
    with pytest.raises(UsageError, match=r"link\.yaml is a symbolic link"):
        repository.blob(repository.commit("HEAD"), "link.yaml")


def test_not_a_repository(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    code, out, error = run("diff")
    assert (code, out) == (2, "")
    assert "not a git repository" in error


def test_no_git(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.commit(a__yaml=NET)
    monkeypatch.setenv("PATH", "/nonexistent")
    code, _, error = run("diff")
    assert code == 2
    assert "git is not installed" in error
    scratch.write("b.yaml", NET.replace("10", "20"))
    code, out, _ = run("diff", "a.yaml", "b.yaml")
    assert code == 0
    assert "linear1.out" in out


def test_no_commits_yet(scratch: Scratch, run: Run) -> None:
    code, _, error = run("diff", "HEAD")
    assert code == 2
    assert "no commits yet" in error
    assert run("diff")[0] == 2


def test_a_branch_without_commits_beside_one_with_some(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET)
    scratch.git("switch", "-q", "--orphan", "new")
    code, _, error = run("diff")
    assert (code, error) == (2, "error: the repository has no commits yet\n")
    assert run("ci", "--base", "HEAD")[2] == "error: the repository has no commits yet\n"


def test_no_default_branch(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET)
    scratch.git("branch", "-m", "trunk")
    code, _, error = run("diff")
    assert code == 2
    assert "no default branch" in error
    assert run("diff", "trunk")[0] == 0


def test_unknown_ref(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET)
    scratch.git("branch", "release-1")
    code, _, error = run("diff", "relaese-1")
    assert code == 2
    assert "did you mean `release-1`?" in error
    assert run("diff", "--", "--output=x")[0] == 2
    assert not (scratch.folder / "x").exists()


def test_shallow_clone(scratch: Scratch, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.commit(a__yaml=NET)
    scratch.git("checkout", "-qb", "topic")
    scratch.commit(b__yaml=NET)
    scratch.git("checkout", "-q", "main")
    scratch.commit(c__yaml=NET)
    clone = tmp_path / "clone"
    url = scratch.folder.as_uri()
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", "-b", "topic", url, str(clone)], check=True
    )
    monkeypatch.chdir(clone)
    code, _, error = run("diff", "origin/main")
    assert code == 2
    assert "shallow" in error
    assert "fetch-depth: 0" in error


def test_what_is_fetched(scratch: Scratch, tmp_path: Path) -> None:
    """From a clone that is not the current folder, whose branch follows another remote than origin."""
    scratch.commit(a__yaml=NET)
    clone = tmp_path / "clone"
    scratch.git("clone", "-q", str(scratch.folder), str(clone))
    other = Scratch(clone)
    other.git("remote", "add", "fork", str(tmp_path / "gone"))
    other.git("config", "branch.main.remote", "fork")
    other.git("branch", "own")
    later = scratch.commit(b__yaml=NET)
    scratch.git("tag", "text", scratch.git("rev-parse", "HEAD:a.yaml"))
    repository = Repository(clone)
    assert repository.fetch("own") is None  # which the remote has not, and nobody asks it for
    assert other.git("rev-parse", "origin/main") == later
    with pytest.raises(UsageError, match="git fetch origin: 'text' is no commit"):
        repository.fetch("text")
    with pytest.raises(UsageError, match="git fetch: couldn't find remote ref none"):
        repository.fetch("none")


def test_no_common_history(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET)
    scratch.git("checkout", "-q", "--orphan", "island")
    scratch.commit(a__yaml=NET.replace("10", "20"))
    code, _, error = run("diff", "main")
    assert code == 2
    assert "no common history" in error
    assert "archspec diff main HEAD" in error
    assert run("diff", "main", "HEAD")[0] == 0


def test_submodule(scratch: Scratch, tmp_path: Path, run: Run) -> None:
    inner = Scratch(tmp_path / "inner")
    inner.commit(net__yaml=NET)
    scratch.commit(a__yaml=NET)
    scratch.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.folder), "parts")
    scratch.commit()
    code, _, error = run("diff", "HEAD:parts/net.yaml")
    assert code == 2
    assert "lies in the submodule parts" in error
    assert run("diff", "HEAD~1")[0] == 0  # the changed submodule itself is no spec


def test_partial_clone_is_not_filled_in(
    scratch: Scratch, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch.commit(a__yaml=NET)
    scratch.commit(a__yaml=NET.replace("10", "20"))
    scratch.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    url = scratch.folder.as_uri()
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", url, str(clone)], check=True)
    monkeypatch.chdir(clone)
    code, _, error = run("diff", "HEAD~1", "HEAD")
    assert code == 2
    assert "git" in error
    missing = subprocess.run(
        ["git", "rev-list", "--objects", "--missing=print", "HEAD"], capture_output=True, text=True, check=True
    )
    assert "?" in missing.stdout  # still not here


def test_bare_repository(scratch: Scratch, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.commit(a__yaml=NET)
    scratch.commit(a__yaml=NET.replace("10", "20"))
    bare = tmp_path / "bare.git"
    scratch.git("clone", "-q", "--bare", str(scratch.folder), str(bare))
    monkeypatch.chdir(bare)
    code, _, error = run("diff")
    assert code == 2
    assert "no working tree" in error
    assert "linear1.out" in run("diff", "main~1", "main")[1]


def test_file_changed_while_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"one")
    assert read_stable(file, "a.yaml") == b"one"
    assert read_stable(tmp_path / "none.yaml", "none.yaml") is None
    real, calls = os.fstat, []

    def meanwhile(handle: int) -> os.stat_result:
        found = real(handle)
        calls.append(handle)
        file.write_bytes(b"x" * (3 + len(calls)))
        return found

    monkeypatch.setattr(git.os, "fstat", meanwhile)
    with pytest.raises(UsageError, match="changed while it was read"):
        read_stable(file, "a.yaml")
    assert len(calls) == 3


def test_a_pipe_or_a_link_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(SpecError, match=r"^pipe\.yaml: a pipe, not a file"):
        read_stable(tmp_path / "pipe.yaml", "pipe.yaml")
    (tmp_path / "top" / ".git").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("secret: 1\n")
    (tmp_path / "top" / "a.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(SpecError, match="a link that leads out of the repository"):
        read_stable(tmp_path / "top" / "a.yaml", "a.yaml")
