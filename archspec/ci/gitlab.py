"""Comments on a merge request of GitLab, which calls them notes: https://docs.gitlab.com/api/notes/."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archspec.ci.hosts import PER_PAGE, Comment, Host, Unavailable, address
from archspec.errors import UsageError, show

_NUMBER = re.compile(r"[0-9]{1,18}")
_COMMAND = re.compile(r"^(\s*)/(?=\w)", re.MULTILINE)
MORE = "set GITLAB_TOKEN to a project's access token with the scope `api` and the role Reporter, as a masked variable"


class GitLab(Host):
    """A merge request of GitLab; ``page_of`` is its page for people. ``job``: the token is a job's own."""

    name = "GitLab"
    edit = "PUT"

    def __init__(self, api: str, project: str, number: int, token: str, *, job: bool, page_of: str) -> None:
        super().__init__(api, f"!{number} of project {project}", {"JOB-TOKEN" if job else "PRIVATE-TOKEN": token})
        self.job = job
        self.page_of = page_of
        self.path = f"/projects/{project}/merge_requests/{number}/notes"

    def page(self, number: int) -> list[Any]:
        order = "sort=asc&order_by=created_at"
        listed: list[Any] = self.request("GET", f"{self.path}?{order}&per_page={PER_PAGE}&page={number}")
        return listed

    def comment(self, entry: Any) -> Comment:
        number = int(entry["id"])
        place = f"{self.page_of}#note_{number}" if self.page_of else f"note {number}"
        author = str((entry.get("author") or {}).get("id") or "")
        return Comment(f"{self.path}/{number}", str(entry.get("body") or ""), author, place)

    def write(self, text: str) -> Comment:
        return self.comment(self.request("POST", self.path, {"body": text}))

    def owner(self) -> str:
        """The number of the token's user; a job's token writes as who started the job."""
        answer = self.request("GET", "/job")["user"] if self.job else self.request("GET", "/user")
        return str(answer["id"])

    def prepared(self, text: str) -> str:
        """The text with no line that begins with `/`, which GitLab would carry out, as /merge or /approve."""
        return _COMMAND.sub(r"\1\\/", text)

    def refused(self, status: int, said: str) -> Exception:
        said = said.removeprefix(f"{status} ")
        if self.job and status in (401, 403, 404):
            return Unavailable(f"the job's own token may not comment on {self.where} ({status} {said}): {MORE}")
        if status == 403:
            return Unavailable(f"no right to comment on {self.where} ({said}): {MORE}")
        hints = {
            401: "the token is not valid",
            404: "is the number right, and may the token read the project?",
        }
        return UsageError(f"GitLab refuses the comment on {self.where}: {status} {said}", hint=hints.get(status))


def gitlab(environment: Mapping[str, str], number: int | None = None) -> GitLab:
    """Where to write, from GitLab's variables. Raises UsageError, and Unavailable outside a merge request."""
    token, job = environment.get("GITLAB_TOKEN"), environment.get("CI_JOB_TOKEN")
    if not token and not job:
        raise UsageError("neither GITLAB_TOKEN nor CI_JOB_TOKEN is set", hint=MORE)
    api = address(environment, "CI_API_V4_URL")
    # Of a fork's merge request the job runs in the fork, the merge request is in the project that it goes to.
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID", "")
    if not _NUMBER.fullmatch(project):
        raise UsageError(f"CI_PROJECT_ID must be a number, got {show(project)}")
    if number is None:
        said = environment.get("CI_MERGE_REQUEST_IID", "")
        if not said:
            raise Unavailable("no merge request here: no comment")
        if not _NUMBER.fullmatch(said):
            raise UsageError(f"CI_MERGE_REQUEST_IID must be a number, got {show(said)}")
        number = int(said)
    home = environment.get("CI_MERGE_REQUEST_PROJECT_URL") or environment.get("CI_PROJECT_URL", "")
    page = f"{home}/-/merge_requests/{number}" if home else ""
    return GitLab(api, project, number, token or job or "", job=not token, page_of=page)
