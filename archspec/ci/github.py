"""Comments on a pull request of GitHub: https://docs.github.com/en/rest/issues/comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archspec.ci.hosts import PER_PAGE, Comment, Host, Unavailable, address
from archspec.errors import UsageError, show

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class GitHub(Host):
    """A pull request of GitHub; ``graphql`` is the address of its other API."""

    name = "GitHub"
    edit = "PATCH"

    def __init__(self, api: str, graphql: str, repository: str, number: int, token: str) -> None:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "Authorization": f"Bearer {token}",
        }
        super().__init__(api, f"{repository}#{number}", headers)
        self.graphql = graphql
        self.repository = repository
        self.path = f"/repos/{repository}/issues/{number}/comments"

    def page(self, number: int) -> list[Any]:
        listed: list[Any] = self.request("GET", f"{self.path}?per_page={PER_PAGE}&page={number}")
        return listed

    def comment(self, entry: Any) -> Comment:
        author = str((entry.get("user") or {}).get("login") or "")
        where = f"/repos/{self.repository}/issues/comments/{int(entry['id'])}"
        return Comment(where, str(entry.get("body") or ""), author, str(entry.get("html_url") or ""))

    def write(self, text: str) -> Comment:
        return self.comment(self.request("POST", self.path, {"body": text}))

    def owner(self) -> str:
        """The token's user. `GET /user` refuses the token of a workflow, whose user is github-actions[bot]; the
        viewer of the other API is told to every token."""
        answer = self.request("POST", self.graphql, {"query": "query { viewer { login } }"})
        viewer = ((answer or {}).get("data") or {}).get("viewer") or {}
        if not viewer.get("login"):
            raise Unavailable(f"GitHub does not say whose the token is: the comment on {self.where} stays as it is")
        return str(viewer["login"])

    def refused(self, status: int, said: str) -> Exception:
        if status == 403:
            hint = "`permissions: {pull-requests: write}`; a pull request from a fork has no right to write"
            return Unavailable(f"no right to comment on {self.where} ({said}): {hint}")
        hints = {
            401: "the token is not valid",
            404: "is the number right, and may the token read the repository?",
        }
        return UsageError(f"GitHub refuses the comment on {self.where}: {status} {said}", hint=hints.get(status))


def github(environment: Mapping[str, str], number: int | None = None) -> GitHub:
    """Where to write, from GitHub's variables. Raises UsageError, and Unavailable outside a pull request."""
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN")
    if not token:
        hint = "give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`"
        raise UsageError("neither GITHUB_TOKEN nor GH_TOKEN is set", hint=hint)
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"GITHUB_REPOSITORY must be owner/name, got {show(repository)}")
    api = address(environment, "GITHUB_API_URL", "https://api.github.com")
    # Of a server of one's own the APIs are at /api/v3 and /api/graphql.
    graphql = address(environment, "GITHUB_GRAPHQL_URL", api.removesuffix("/v3") + "/graphql")
    issue = number if number is not None else event_number(environment)
    if issue is None:
        raise Unavailable("no pull request here: no comment")
    return GitHub(api, graphql, repository, issue, token)


def event_number(environment: Mapping[str, str]) -> int | None:
    """The pull request's number, from the event that started the workflow, or the ref it runs on."""
    path = environment.get("GITHUB_EVENT_PATH")
    if path:
        try:
            event = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"GITHUB_EVENT_PATH cannot be read: {error}") from None
        request = event.get("pull_request") if isinstance(event, dict) else None
        number = request.get("number") if isinstance(request, dict) else None
        if type(number) is int:
            return number
    match = re.fullmatch(r"refs/pull/(\d+)/(?:merge|head)", environment.get("GITHUB_REF", ""), re.ASCII)
    return int(match[1]) if match else None
