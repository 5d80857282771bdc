"""Where reviewers can look at a line of the head: addresses, where the repository and the commit are known.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/variables and
https://docs.gitlab.com/ci/variables/predefined_variables/.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import quote

_ADDRESS = re.compile(r"https?://[\w.:/-]+", re.ASCII)


class Links(NamedTuple):
    """``address`` goes before a path from the top of the repository, ``folder`` is the current one from there."""

    address: str = ""
    folder: str = ""

    def line(self, path: str, line: int | None = None) -> str:
        """The address of a line; empty where it is not known. ``path`` is from the top of the repository."""
        if not self.address or path.startswith(("/", "../")):
            return ""
        return self.address + quote(os.fsencode(path)) + (f"#L{line}" if line else "")

    def from_here(self, path: str) -> str:
        """A path from the current folder as one from the top."""
        return str(PurePosixPath(self.folder, path)) if self.folder and not path.startswith(("/", "..")) else path


NOWHERE = Links()


def links_of(environment: Mapping[str, str], sha: str | None, here: Path | None = None) -> Links:
    """The links of a commit, by the variables of GitHub's Actions or of GitLab; none where the head is no commit."""
    if sha is None:
        return NOWHERE
    server, repository = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_REPOSITORY", "")
    project = environment.get("CI_PROJECT_URL", "")
    if server and repository:
        address = f"{server}/{repository}/blob/{sha}/"
    else:
        address = f"{project}/-/blob/{sha}/" if project else ""
    if not _ADDRESS.fullmatch(address):
        return NOWHERE
    current = here or Path.cwd()
    top = next((folder for folder in (current, *current.parents) if (folder / ".git").exists()), current)
    folder = current.relative_to(top).as_posix()
    return Links(address, "" if folder == "." else folder)
