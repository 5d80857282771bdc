"""Where a run of `archspec ci` takes place, and what it looks at: the specs that a change can have altered.

What is said of a spec follows from its text and the configuration. Where neither differs from the base nothing can be
new, and the spec is not looked at.
"""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from archspec.analysis.subject import path_from
from archspec.change.collect import contents
from archspec.change.git import Commit, Repository
from archspec.change.pairs import Pair
from archspec.errors import UsageError
from archspec.language.files import spec_files
from archspec.policy.base import Base
from archspec.policy.config import NAMES, no_spec
from archspec.policy.policies import Policies
from archspec.policy.waivers import PLACE
from archspec.text.globs import matches


class Place(NamedTuple):
    """Where a run takes place: what it compares with, and whose policy holds."""

    base: Base
    policies: Policies

    def shown(self, path: str) -> str:
        """A path from the top of the repository as findings name it: from the current folder."""
        return path_from(Path.cwd(), str(self.base.top / path))


class Scope(NamedTuple):
    """The specs that differ, the files that are looked at, and how many specs are not; ``policy`` is whether a
    configuration or the waivers differ, ``whole`` whether all specs there are are looked at."""

    pairs: list[Pair]
    files: list[str]
    untouched: int
    policy: bool
    whole: bool


def scope(here: Place, names: Sequence[str], *, strict: bool) -> Scope:
    """What to look at: the specs that differ; with ``strict``, or where the policy differs, all. Raises UsageError."""
    pairs = changed(here, names)
    files = meant(here, names, bool(pairs))
    policy = policy_differs(here)
    touched = {here.shown(pair.path) for pair in pairs}
    chosen = files if strict or policy else [file for file in files if path_from(Path.cwd(), file) in touched]
    return Scope(pairs, chosen, len(files) - len(chosen), policy, not names and len(chosen) == len(files))


def based(name: str | None, *, fetch: bool) -> Commit:
    """The merge base with a ref. Raises UsageError."""
    try:
        return _based(name)
    except UsageError as error:
        repository = Repository()  # fails again where there is none, or where that has no commit
        repository.commit("HEAD")
        if not fetch:
            error.hint = error.hint or "--fetch gets it from the remote"
            raise
    return _based(name, repository.fetch(name))


def _based(name: str | None, tip: Commit | None = None) -> Commit:
    repository = Repository()
    tip = tip or (repository.commit(name) if name else repository.upstream())
    return repository.into(repository.merge_base(tip))


def policy_differs(here: Place) -> bool:
    """Whether a configuration or waivers in the repository are others than the base's."""
    patterns = [f"**/{name}" for name in (*NAMES, PLACE.as_posix())]
    repository, named = here.base.repository, here.policies.head(Path.cwd()).file
    with contextlib.suppress(UsageError):  # a file outside the repository is no part of the change
        patterns += [repository.relative(named)] if named else []
    for pair in contents(repository, repository.changes(here.base.commit, None, patterns)):
        if Path(pair.path).name != NAMES[1] or section(pair.base) != section(pair.head):
            return True
    return False


def section(content: bytes | None) -> Any:
    """What a pyproject.toml says to archspec; its whole content where it cannot be read."""
    try:
        return tomllib.loads((content or b"").decode()).get("tool", {}).get("archspec")
    except (ValueError, AttributeError):
        return content


def meant(here: Place, names: Sequence[str], some: bool) -> list[str]:
    """All specs there are, or those named; none where ``some`` were and are gone.

    Raises UsageError where there never were any.
    """
    if names:
        files = [file for name in names if not gone(here, name) for file in spec_files([name])]
    else:
        files = here.policies.files()
    if not files and not some:
        raise no_spec()
    return list(dict.fromkeys(files))


def gone(here: Place, name: str) -> bool:
    """Whether a name is that of a file which only the base has."""
    if Path(name).exists() or {"*", "?"} & set(name):
        return False
    try:
        return here.base.repository.blob(here.base.commit, here.base.repository.relative(name)) is not None
    except UsageError:
        return False


def changed(here: Place, names: Sequence[str]) -> list[Pair]:
    """Both sides of the specs that differ from the base: those named, else those that are included, or were."""
    patterns = [_from_top(name, Path.cwd(), here.base.top) for name in names]

    def chosen(path: str) -> bool:
        if names:
            return any(path == pattern or matches(pattern, path) for pattern in patterns)
        return here.policies.included(here.base.top / path)

    return [pair for pair in here.base.pairs if chosen(pair.path) or any(map(chosen, here.base.came_from(pair)))]


def _from_top(pattern: str, folder: Path, top: Path) -> str:
    """A name or glob as a glob from the top of the repository."""
    full = Path(os.path.abspath(folder / pattern))
    path = Path(os.path.relpath(full, top)).as_posix()
    return f"{path}/**" if full.is_dir() and path != "." else "**" if path == "." else path
