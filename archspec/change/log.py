"""The commits that touched a file, through its renames."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from archspec.change.git import LINK, MODULE, Repository
from archspec.errors import UsageError, show

FORMAT = "--format=%H%x00%cI%x00%s%x00"


class Version(NamedTuple):
    """A file as a commit left it: its path, and its blob; None where the commit removed it."""

    sha: str
    date: str
    subject: str
    path: str
    blob: str | None


def versions(repository: Repository, path: str, since: str | None = None, most: int | None = None) -> list[Version]:
    """The commits of a branch that touched a file, the oldest first: since a date or a ref, at most so many.

    Of a merge's history only the first parents count, so that each state is that of the branch and follows the one
    before it: what a merged branch did is the merge's change. Raises UsageError.
    """
    options = ["--first-parent", "--follow", "-M", "--raw", "-z", "--no-abbrev", "--diff-merges=first-parent"]
    if since is not None and is_date(since):
        options.append(f"--since={since}")
    elif since is not None:
        options.append(f"^{start(repository, since)}")
    if most is not None:
        options.append(f"--max-count={most}")
    out = repository.output(
        "log", FORMAT, "--no-ext-diff", "--no-show-signature", *options, "HEAD", "--", f":(top,literal){path}"
    )
    return list(_versions(out))[::-1]


def is_date(text: str) -> bool:
    """Whether it is a day or a time as 2026-01-31."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def start(repository: Repository, since: str) -> str:
    """The commit behind which the history starts. Raises UsageError."""
    try:
        return repository.commit(since).sha
    except UsageError as error:
        message = f"--since takes a day or a git ref, got {show(since)}"
        raise UsageError(message, hint=error.hint or "write --since 2026-01-31 or --since v1.0") from None


def _versions(out: str) -> Iterator[Version]:
    """The records of ``git log --raw -z``, the newest first; with ``--follow`` each has a change of the file."""
    fields = iter(out.split("\0")[:-1])
    for sha in fields:
        date, subject = next(fields), next(fields)
        _, mode, _, blob, status = next(field for field in fields if field.strip("\n")).split(" ")
        path = [next(fields) for _ in range(1 + (status[0] in "RC"))][-1]
        gone = status[0] == "D" or mode in (LINK, MODULE)
        yield Version(sha.lstrip("\n"), date, subject, path, None if gone else blob)
