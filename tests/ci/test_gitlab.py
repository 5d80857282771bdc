"""Notes on a merge request, against a server on this machine that answers as GitLab's REST API does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from served import Answers, served

from archspec.ci import hosts

Run = Callable[..., tuple[int, str, str]]
MARKER = "<!-- archspec:default -->"
NOTES = "/projects/31/merge_requests/7/notes"
USER = 5


class GitLab:
    """The notes of one merge request, what was asked of them, and which tokens may write."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.tokens = {("PRIVATE-TOKEN", "secret")}
        self.refusal: int | None = None

    def add(self, text: str, author: int = USER) -> dict[str, Any]:
        self.notes.append({"id": 100 + len(self.notes), "body": text, "author": {"id": author}, "system": False})
        return self.notes[-1]


def handler(state: GitLab) -> type[BaseHTTPRequestHandler]:
    class Handler(Answers):
        def handle_call(self) -> None:
            state.calls.append(f"{self.command} {self.path}")
            given = {(name, self.headers[name]) for name in ("PRIVATE-TOKEN", "JOB-TOKEN") if self.headers[name]}
            sent = self.sent()
            page = re.fullmatch(
                re.escape(NOTES) + r"\?sort=asc&order_by=created_at&per_page=(\d+)&page=(\d+)", self.path
            )
            note = re.fullmatch(NOTES + r"/(\d+)", self.path)
            if state.refusal is not None:
                self.answer(state.refusal, {"message": f"{state.refusal} refused"})
            elif not given <= state.tokens:
                self.answer(401, {"message": "401 Unauthorized"})
            elif self.path == "/user":
                self.answer(200, {"id": USER})
            elif self.path == "/job" and self.headers["JOB-TOKEN"]:
                self.answer(200, {"id": 1, "user": {"id": USER}})
            elif page and self.command == "GET":
                size, number = map(int, page.groups())
                self.answer(200, state.notes[size * (number - 1) : size * number])
            elif self.path == NOTES and self.command == "POST":
                self.answer(201, state.add(sent["body"]))
            elif note and self.command == "PUT":
                (one,) = (one for one in state.notes if one["id"] == int(note[1]))
                one["body"] = sent["body"]
                self.answer(200, one)
            else:
                self.answer(404, {"error": "404 Not Found"})

        do_GET = do_POST = do_PUT = handle_call

    return Handler


@pytest.fixture
def gitlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    state = GitLab()
    for name in ("CI_JOB_TOKEN", "CI_MERGE_REQUEST_PROJECT_ID", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "GITLAB_TOKEN": "secret", "CI_PROJECT_ID": "31", "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example.org/o/r",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(hosts.time, "sleep", lambda seconds: None)
    monkeypatch.chdir(tmp_path)
    with served(handler(state)) as address:
        monkeypatch.setenv("CI_API_V4_URL", address)
        yield state


def report(text: str = "### archspec: params +1\n", *, changed: bool = True) -> None:
    data = {"schema": "archspec.report/1", "summary": {"changed": changed}, "exit_code": 0}
    Path("report.json").write_text(json.dumps(data), "utf-8")
    Path("report.md").write_text(text, "utf-8")


def send(run: Run, *more: str) -> tuple[int, str, str]:
    return run("comment", "gitlab", "--report", "report.json", *more)


def test_written_then_updated(gitlab: GitLab, run: Run) -> None:
    report()
    for number in range(120):
        gitlab.add(f"chat {number}")
    page = "https://gitlab.example.org/o/r/-/merge_requests/7"
    assert send(run) == (0, f"wrote {page}#note_220\n", "")
    assert gitlab.notes[-1]["body"] == f"{MARKER}\n### archspec: params +1\n"
    assert send(run)[1] == f"the comment is up to date: {page}#note_220\n"
    report("### archspec: params +2\n")
    assert send(run)[:2] == (0, f"updated {page}#note_220\n")
    assert gitlab.notes[-1]["body"] == f"{MARKER}\n### archspec: params +2\n"
    report(changed=False)
    assert send(run)[:2] == (0, f"updated {page}#note_220\n")
    assert "no numeric change" in gitlab.notes[-1]["body"]
    assert len(gitlab.notes) == 121


def test_only_its_own_note_is_updated(gitlab: GitLab, run: Run) -> None:
    other = gitlab.add(f"{MARKER}\nnot mine", author=6)
    report()
    assert send(run)[1].startswith("wrote ")
    assert send(run)[1].startswith("the comment is up to date")
    assert other["body"] == f"{MARKER}\nnot mine"


def test_no_line_is_a_command(gitlab: GitLab, run: Run) -> None:
    """GitLab carries out a line such as /merge in a note, with the rights of who wrote it."""
    report("### archspec\n\n/merge\n  /approve\n/ 2, and/or\n")
    assert send(run)[0] == 0
    assert gitlab.notes[0]["body"] == f"{MARKER}\n### archspec\n\n\\/merge\n  \\/approve\n/ 2, and/or\n"
    assert send(run)[1].startswith("the comment is up to date")


def test_the_jobs_own_token(gitlab: GitLab, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    monkeypatch.setenv("CI_JOB_TOKEN", "of the job")
    report()
    code, out, error = send(run)
    assert (code, error, gitlab.notes) == (0, "", [])
    assert out.startswith("notice: the job's own token may not comment on !7 of project 31 (401 Unauthorized): set ")
    gitlab.tokens = {("JOB-TOKEN", "of the job")}
    assert send(run)[1].startswith("wrote ")
    report("new")
    assert send(run)[1].startswith("updated ")
    assert "GET /job" in gitlab.calls


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (
            401,
            2,
            "error: GitLab refuses the comment on !7 of project 31: 401 refused\n  hint: the token is not valid",
        ),
        (404, 2, "error: GitLab refuses the comment on !7 of project 31: 404 refused\n  hint: is the number right"),
        (403, 0, "notice: no right to comment on !7 of project 31 (refused): set GITLAB_TOKEN"),
        (429, 0, "notice: GitLab took no comment: the rate limit is reached"),
        (500, 0, "notice: GitLab took no comment: it answers 500"),
    ],
)
def test_refused(gitlab: GitLab, run: Run, status: int, code: int, message: str) -> None:
    report()
    gitlab.refusal = status
    got, out, error = send(run)
    assert got == code
    assert (error if code else out).startswith(message)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("GITLAB_TOKEN", "", "neither GITLAB_TOKEN nor CI_JOB_TOKEN is set"),
        ("CI_API_V4_URL", "file:///etc/passwd", "CI_API_V4_URL must be an address of the web"),
        ("CI_API_V4_URL", "", "CI_API_V4_URL must be an address of the web"),
        ("CI_PROJECT_ID", "31/../../user", "CI_PROJECT_ID must be a number"),
        ("CI_MERGE_REQUEST_IID", "7?", "CI_MERGE_REQUEST_IID must be a number"),
    ],
)
def test_odd_environment(
    gitlab: GitLab, run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    report()
    monkeypatch.setenv(name, value)
    code, _, error = send(run)
    assert (code, gitlab.calls) == (2, [])
    assert message in error


def test_which_merge_request(gitlab: GitLab, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    report()
    monkeypatch.setenv("CI_PROJECT_ID", "99")  # the fork that the job runs in
    monkeypatch.setenv("CI_MERGE_REQUEST_PROJECT_ID", "31")
    assert send(run)[1].startswith("wrote ")
    monkeypatch.delenv("CI_MERGE_REQUEST_IID")
    assert send(run) == (0, "notice: no merge request here: no comment\n", "")
    assert send(run, "--number", "7")[1].startswith("the comment is up to date")
    assert send(run, "--dry-run") == (0, f"{MARKER}\n### archspec: params +1\n", "")
