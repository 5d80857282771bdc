"""What git knows, read from its objects: nothing is checked out, written or fetched.

A process of git takes some two milliseconds, so each call asks for as much as it can, and calls that do not wait for
each other run at once.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from archspec.errors import SpecError, UsageError, did_you_mean, show
from archspec.text.contents import MAX_BYTES, opened
from archspec.text.top import real

UPSTREAMS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
FULL_NAMES = {name: f"refs/{'remotes' if '/' in name else 'heads'}/{name}" for name in UPSTREAMS}
SUFFIXES = ("*.yaml", "*.yml", "*.json")
RAW = ("diff", "--raw", "-z", "-M", "--no-abbrev", "--no-relative", "--no-ext-diff")
LINK, MODULE = "120000", "160000"
# A partial clone would fetch a missing object by itself; with no protocol allowed, no version of git can.
OFFLINE = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
NO_REVISION = re.compile(r"[\x00-\x20\x7f:?*\[\\]")
NO_REF = re.compile(r"[~^]|@\{|//|(?:^|/)\.")
NO_GIT = "git is not installed, or not on the PATH"
NO_TREE = "two files are compared without one: archspec diff OLD.yaml NEW.yaml"


class Change(NamedTuple):
    """A file that differs: its path then and now, its blob then and now; None where it is not there.

    ``new`` is the empty text where the file is to be read from the working tree.
    """

    old_path: str | None
    path: str | None
    old: str | None
    new: str | None


class Commit(NamedTuple):
    """A commit, and the words it was asked for with."""

    name: str
    sha: str


class Repository:
    """The repository around a folder. ``root`` is its working tree, None where it has none."""

    def __init__(self, folder: str | os.PathLike[str] = ".") -> None:
        """Raises UsageError where git is missing or the folder lies in no repository."""
        self.folder = Path(folder)
        asked = self._start("rev-parse", "--is-shallow-repository", "--is-inside-work-tree", "--show-toplevel")
        refs = self._start("for-each-ref", "--format=%(refname) %(objectname)", *FULL_NAMES.values())
        out, error, status = _end(asked)
        listed, _, _ = _end(refs)
        shallow, _, rest = out.partition("\n")
        inside, _, root = rest.partition("\n")
        if status and inside != "false":
            raise _no_repository(error, self.folder)
        self.shallow = shallow == "true"
        self.root = Path(root.removesuffix("\n")) if inside == "true" else None
        tips = dict(line.split(" ", 1) for line in listed.splitlines())
        self.upstreams = [Commit(name, tips[full]) for name, full in FULL_NAMES.items() if full in tips]

    def upstream(self) -> Commit:
        """The tip of the default branch: the remote's where one is known. Raises UsageError where there is none."""
        if not self.upstreams:
            hint = "name the base: `archspec diff REF`; in CI, fetch it (actions/checkout with fetch-depth: 0)"
            raise UsageError(f"no default branch to compare with: none of {', '.join(UPSTREAMS)} is there", hint=hint)
        return self.upstreams[0]

    def commit(self, name: str) -> Commit:
        """The commit a name means. Raises UsageError for an unknown one."""
        out, _, status = self._resolved(revision(name))
        if status:
            raise self._unknown(name)
        return Commit(name, out.strip())

    def merge_base(self, base: Commit, head: str = "HEAD") -> Commit:
        """The youngest commit that both histories hold. Raises UsageError where there is none, or a clone hides it."""
        out, error, status = self.ask("merge-base", "--end-of-options", base.sha, head)
        if not status:
            sha = out.split("\n", 1)[0]
            return base if sha == base.sha else Commit(f"merge-base with {base.name}", sha)
        if "Not a valid" in error:
            raise UsageError("the repository has no commits yet" if head == "HEAD" else f"unknown ref `{head}`")
        if self.shallow:
            raise UsageError(
                f"the clone is shallow: the merge base of {base.name} and {head} is not in it",
                hint="`git fetch --unshallow`, or fetch-depth: 0 in actions/checkout",
            )
        hint = f"compare the two as they are: archspec diff {base.name} {head}"
        raise UsageError(f"{base.name} and {head} have no common history", hint=hint)

    def into(self, base: Commit) -> Commit:
        """The base, or if newer the first parent of a merge at HEAD, which CI makes of a pull request and its target.
        The parent counts if a default branch holds it, the merge unless the remote's does: it is merged already."""
        out, _, _ = self.ask("rev-list", "--parents", "--max-count=1", "HEAD")
        head, *parents = out.split()
        if len(parents) != 2 or base.sha in (head, parents[0]) or not self._holds(parents[0], base.sha):
            return base
        merged = any(self._holds(tip.sha, head) for tip in self.upstreams if "/" in tip.name)
        if merged or not any(self._holds(tip.sha, parents[0]) for tip in self.upstreams):
            return base
        return Commit(f"first parent of the merge, newer than {base.name}", parents[0])

    def _holds(self, commit: str, other: str) -> bool:
        """Whether another commit is in a commit's history."""
        return self.ask("merge-base", "--is-ancestor", other, commit)[2] == 0

    def fetch(self, name: str | None) -> Commit | None:
        """Get a shallow clone's history and, where it is still unknown, a ref's commit from the remote.

        No ref of the clone is made or moved for it: it comes as FETCH_HEAD. Raises UsageError.
        """
        remotes, _, _ = self.ask("remote")
        remote = next(iter(sorted(remotes.splitlines(), key=lambda name: name != "origin")), None)
        if remote is None:
            raise UsageError("there is no remote to fetch from")
        branch = None if name is None else fetchable(name).removeprefix(f"{remote}/")
        self._fetch(*(["--unshallow"] if self.shallow else []), "--", remote)
        if name is None or branch is None or not self._resolved(name)[2]:
            return None
        self._fetch("--refmap=", "--", remote, branch)
        sha, _, status = self._resolved("FETCH_HEAD")
        if status:
            raise UsageError(f"git fetch {remote}: {show(branch)} is no commit")
        return Commit(name, sha.strip())

    def _fetch(self, *words: str) -> None:
        command = ["git", "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
        if done.returncode:
            said = os.fsdecode(done.stderr).strip().removeprefix("fatal: ")
            raise UsageError(f"git fetch: {said or f'exit code {done.returncode}'}")

    def _resolved(self, name: str) -> tuple[str, str, int]:
        return self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")

    def changes(self, base: Commit, head: Commit | None, globs: Sequence[str]) -> list[Change]:
        """Files that differ between two commits, or a commit and the working tree, untracked ones included.

        ``globs`` are those of ``:(glob)`` pathspecs, from the top of the repository; none stand for all YAML and JSON.
        """
        root = self.tree() if head is None else self.root
        chosen = [f":(top,glob){pattern}" for pattern in globs] or [f":(top){suffix}" for suffix in SUFFIXES]
        paths = ["--", *chosen]
        commits = [base.sha] if head is None else [base.sha, head.sha]
        raw = self._start("-c", "diff.autoRefreshIndex=false", *RAW, *commits, *paths, folder=root)
        other = None if head else self._start("ls-files", "--others", "--exclude-standard", "-z", *paths, folder=root)
        listed = list(_changes(_done(raw), head is None))
        if other is not None:
            new = _done(other).split("\0")[:-1]
            listed += [Change(None, path, None, "") for path in new if not (self.tree() / path).is_symlink()]
        return listed

    def blob(self, commit: Commit, path: str) -> str | None:
        """The object of a file in a commit, None where it is not there. Raises UsageError for what is no file."""
        parts = path.split("/")
        above = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        out = _done(
            self._start("ls-tree", "-z", "--full-tree", commit.sha, "--", *(f":(literal){folder}" for folder in above))
        )
        for line in out.split("\0")[:-1]:
            meta, _, name = line.partition("\t")
            mode, sort, sha = meta.split(" ")
            if mode == MODULE:
                raise UsageError(f"{path} lies in the submodule {name}", hint=f"run archspec inside {name}")
            if name == path and (sort != "blob" or mode == LINK):
                raise UsageError(
                    f"{path} is a {'symbolic link' if mode == LINK else 'directory'} in {commit.name}, not a file"
                )
            if name == path:
                return sha
        return None

    def object_of(self, path: str) -> str:
        """The object that git would store for a file of the working tree, whose line ends it may convert."""
        return _done(self._start("hash-object", "--", path, folder=self.tree())).strip()

    def files(self, commit: Commit) -> list[str]:
        """The paths of all files that a commit holds."""
        return _done(self._start("ls-tree", "-r", "-z", "--full-tree", "--name-only", commit.sha)).split("\0")[:-1]

    def blobs(self, objects: Iterable[str]) -> dict[str, bytes]:
        """The contents of blobs. Raises UsageError for one that is too large or not in the clone."""
        contents: dict[str, bytes] = {}
        if not (wanted := dict.fromkeys(objects)):
            return contents
        with self._start("cat-file", "--batch", pipe=True) as process:
            assert process.stdin
            assert process.stdout
            for sha in wanted:
                process.stdin.write(sha.encode() + b"\n")
                process.stdin.flush()
                words = process.stdout.readline().split()
                if len(words) != 3 or words[1] != b"blob":
                    hint = "a partial clone fetches its objects with `git fetch --refetch --no-filter`"
                    process.kill()
                    raise UsageError(f"git has no blob {sha[:12]}", hint=hint)
                size = int(words[2])
                if size > MAX_BYTES:
                    process.kill()
                    raise UsageError(f"a file of {size:,} bytes is no spec", hint="choose the specs with --specs")
                contents[sha] = process.stdout.read(size)
                process.stdout.read(1)
            process.stdin.close()
        return contents

    def output(self, *arguments: str) -> str:
        """What a call of git says. Raises UsageError where it fails."""
        return _done(self._start(*arguments))

    def tree(self) -> Path:
        """The working tree's folder. Raises UsageError where there is none."""
        if self.root is None:
            raise UsageError("there is no working tree here", hint="name two refs: archspec diff BASE HEAD")
        return self.root

    def relative(self, path: str | os.PathLike[str]) -> str:
        """A file's path from the top of the working tree. Raises UsageError where it lies outside."""
        folder, name = os.path.split(os.path.abspath(self.folder / path))
        full = real(folder) / name  # the file itself may be a link, its folder's links are followed
        top = self.tree().resolve()
        if top not in full.parents:
            raise UsageError(f"{path} lies outside the repository {self.root}")
        return full.relative_to(top).as_posix()

    def _unknown(self, name: str) -> UsageError:
        """Why a name means no commit."""
        out, _, _ = self.ask("for-each-ref", "--format=%(refname:short)", "--count=2000")
        if name == "HEAD":
            return UsageError("the repository has no commits yet")
        near = did_you_mean(name, out.splitlines())
        deeper = "the clone is shallow: it may not hold it; `git fetch --unshallow`" if self.shallow else None
        return UsageError(f"no file and no git ref is called {show(name)}", hint=near or deeper)

    def ask(self, *arguments: str) -> tuple[str, str, int]:
        """What a call of git says, what it complains of, its status."""
        return _end(self._start(*arguments))

    def _start(self, *arguments: str, folder: Path | None = None, pipe: bool = False) -> subprocess.Popen[bytes]:
        """Start git. Raises UsageError where there is none."""
        try:
            return subprocess.Popen(
                ["git", *arguments],
                cwd=folder or self.folder,
                env={**os.environ, **OFFLINE},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if pipe else subprocess.PIPE,
                stdin=subprocess.PIPE if pipe else subprocess.DEVNULL,
            )
        except FileNotFoundError:
            if not self.folder.is_dir():
                raise UsageError(f"no such directory: {self.folder}") from None
            raise UsageError(
                NO_GIT, hint="two files are compared without it: archspec diff OLD.yaml NEW.yaml"
            ) from None
        except OSError as error:
            raise UsageError(f"cannot run git: {error.strerror}") from None


def revision(name: str) -> str:
    """A name for a commit, `main`, `v1.0`, `HEAD~3`, a hash, as it was given. Raises UsageError for what git reads as
    an option, a range, a refspec or a search."""
    if not name or name[0] in "-+^:" or ".." in name or NO_REVISION.search(name):
        hint = "a ref is a branch, a tag, a hash, or one of these with `~3` or `^2` behind it"
        raise UsageError(f"{show(name)} is no git ref", hint=hint)
    return name


def fetchable(name: str) -> str:
    """A ref to ask a remote for, as it was given: nothing that git could read as a refspec. Raises UsageError.

    https://git-scm.com/docs/git-check-ref-format
    """
    revision(name)
    if NO_REF.search(name) or name.startswith("/") or name.endswith(("/", ".", ".lock")):
        raise UsageError(f"only a branch, a tag or a hash can be fetched, got {show(name)}")
    return name


def read_stable(path: Path, shown: str) -> bytes | None:
    """A file's content, None where it is gone. Raises UsageError where it cannot be read or changes meanwhile,
    SpecError for links out of the repository, pipes and devices."""
    for _ in range(3):
        try:
            with opened(str(path)) as file:
                before = os.fstat(file.fileno())
                if before.st_size > MAX_BYTES:
                    raise UsageError(
                        f"{shown}: a file of {before.st_size:,} bytes is no spec", hint="choose the specs with --specs"
                    )
                content = file.read(MAX_BYTES + 1)
            after = path.stat()
        except FileNotFoundError:
            return None
        except SpecError as error:
            error.file = shown
            raise
        except OSError as error:
            raise UsageError(f"cannot read {shown}: {(error.strerror or str(error)).lower()}") from None
        # The name is asked again: an editor that saves puts another file in its place.
        if (before.st_mtime_ns, before.st_ino, len(content)) == (after.st_mtime_ns, after.st_ino, after.st_size):
            return content
    raise UsageError(f"{shown} changed while it was read", hint="save it and run archspec again")


def _changes(raw: str, working: bool) -> Iterator[Change]:
    """The records of ``git diff --raw -z``; links and submodules are no specs.

    Against the ``working`` tree git may name blobs on the new side that it has not stored.
    """
    fields = iter(raw.split("\0")[:-1])
    for meta in fields:
        old_mode, new_mode, old, new, status = meta[1:].split(" ")
        path = next(fields)
        after = next(fields) if status[0] in "RC" else path
        before = None if status[0] in "AC" or old_mode in (LINK, MODULE) else path
        now = None if status[0] == "D" or new_mode in (LINK, MODULE) else after
        if before is not None or now is not None:
            yield Change(before, now, before and old, now and ("" if working else new))


def _end(process: subprocess.Popen[bytes]) -> tuple[str, str, int]:
    said = process.communicate()
    return os.fsdecode(said[0]), os.fsdecode(said[1]), process.returncode


def _done(process: subprocess.Popen[bytes]) -> str:
    """The output of a call that has no reason to fail. Raises UsageError with git's own words where it does."""
    out, error, status = _end(process)
    if status:
        raise UsageError(f"git: {error.strip().removeprefix('fatal: ') or f'exit code {status}'}")
    return out


def _no_repository(error: str, folder: Path) -> UsageError:
    words = error.strip().removeprefix("fatal: ").split("\n", 1)[0]
    if "not a git repository" in words:
        return UsageError(f"not a git repository: {os.path.abspath(folder)}", hint=NO_TREE)
    if "dubious ownership" in words:
        return UsageError(f"git: {words}", hint=f"git config --global --add safe.directory {os.path.abspath(folder)}")
    return UsageError(f"git: {words}")
