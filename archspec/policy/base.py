"""The base of a change: files as a git ref has them, and whose policy holds."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from archspec.change.git import Change, Repository
from archspec.errors import ConfigError, SpecError, UsageError
from archspec.policy.config import Config, closest
from archspec.text.findings import Finding
from archspec.text.reader import decoded


class Base:
    """The files that a change starts from: those of the merge base of a ref and HEAD.

    Raises UsageError where there is no repository, no git, no such ref or no merge base.
    """

    def __init__(self, ref: str, folder: str | Path = ".") -> None:
        self.repository = Repository(folder)
        self.commit = self.repository.merge_base(self.repository.commit(ref))
        self.ref = ref
        self._texts: dict[Path, str | None] = {}

    @cached_property
    def top(self) -> Path:
        """The folder of the working tree."""
        return self.repository.tree().resolve()

    def text(self, path: Path) -> str | None:
        """A file's text in the commit, None where there is none. Raises UsageError, SpecError where it is no UTF-8."""
        if path not in self._texts:
            blob = self.repository.blob(self.commit, self.repository.relative(path))
            self._texts[path] = None if blob is None else decoded(self.repository.blobs([blob])[blob])
        return self._texts[path]

    @cached_property
    def _changes(self) -> dict[str, Change]:
        changes = self.repository.changes(self.commit, None, ())
        return {change.path: change for change in changes if change.path is not None}

    def differs(self, path: Path) -> bool:
        """Whether a YAML or JSON file of the working tree is another than the commit's.

        Raises UsageError for one in a repository of its own, such as a submodule.
        """
        full = path.parent.resolve()
        around = (full, *full.parents)
        inner = next((folder for folder in around if folder == self.top or (folder / ".git").exists()), self.top)
        if inner != self.top:
            name = inner.relative_to(self.top).as_posix()
            raise UsageError(f"{path} lies in {name}, a repository of its own", hint=f"run archspec inside {name}")
        return self.repository.relative(path) in self._changes

    def before(self, path: Path) -> str | None:
        """The text of a file that differs, under the name it had; None for a new one. Raises as ``text`` does."""
        blob = self._changes[self.repository.relative(path)].old
        return None if blob is None else decoded(self.repository.blobs([blob])[blob])


class Policy(NamedTuple):
    """Whose limits, waivers and severities hold: the base's where ``base`` is set. ``findings`` tell of a change."""

    config: Config
    base: Base | None
    findings: tuple[Finding, ...] = ()


def policy_of(head: Config, base: Base | None, folder: Path, side: str = "base") -> Policy:
    """The policy for the specs of a folder: the base's, unless ``side`` is `head` or the base has none.

    A base whose configuration cannot be read has no say: the change that repairs it must pass.
    """
    if base is None or side == "head":
        return Policy(head, None)
    top = base.top
    start = folder.resolve()
    if start != top and top not in start.parents:
        return Policy(head, None)
    try:
        config = closest(start, base.text, top)
    except (ConfigError, SpecError) as error:
        message = (
            f"the limits are those of this change, the configuration in {base.ref} cannot be read: {error.message}"
        )
        where = head.file or error.file or ""
        finding = Finding(code="AB109", severity="warning", message=message, file=where, values=("broken",))
        return Policy(head, None, (finding,))
    if not config.file:
        return Policy(head, None)
    if config.policy == head.policy:
        return Policy(config, base)
    message = f"the policy is changed; the limits of {base.ref} hold until this is merged"
    file = head.file or config.file
    finding = Finding(code="AB109", severity="info", message=message, file=file, values=("changed",))
    return Policy(config, base, (finding,))
