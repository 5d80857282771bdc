"""The comment on a pull request, against a server on this machine that answers as GitHub's REST API does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from served import Answers, served

from archspec.ci import comment, hosts
from archspec.ci.comment import LIMIT, State, body, chosen, length
from archspec.ci.github import event_number
from archspec.errors import UsageError

Run = Callable[..., tuple[int, str, str]]
MARKER = "<!-- archspec:default -->"
OWNER = "github-actions[bot]"


class GitHub:
    """The comments of one pull request, what was asked of them, and how to answer instead of doing it."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.tokens: set[str | None] = set()
        self.refusals: list[tuple[str, int, dict[str, str]]] = []  # method, status, headers
        self.viewer: dict[str, Any] | None = {"login": OWNER}

    def add(self, text: str, author: str | None = OWNER) -> dict[str, Any]:
        number = len(self.comments) + 1
        user = None if author is None else {"login": author}
        made = {"id": number, "body": text, "html_url": f"https://example.org/{number}", "user": user}
        self.comments.append(made)
        return self.comments[-1]


def handler(state: GitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(Answers):
        def handle_call(self) -> None:
            state.calls.append(f"{self.command} {self.path}")
            state.tokens.add(self.headers["Authorization"])
            sent = self.sent()
            if state.refusals and state.refusals[0][0] in (self.command, "ANY"):
                _, status, headers = state.refusals.pop(0)
                self.answer(status, {"message": "Resource not accessible by integration"}, headers)
            elif sent and len(sent.get("body", "")) > 65_536:
                self.answer(422, {"message": "body is too long (maximum is 65536 characters)"})
            elif found := re.fullmatch(r"/repos/o/r/issues/7/comments\?per_page=(\d+)&page=(\d+)", self.path):
                size, page = map(int, found.groups())
                self.answer(200, state.comments[size * (page - 1) : size * page])
            elif self.path == "/graphql" and self.command == "POST":
                self.answer(200, {"data": {"viewer": state.viewer}})
            elif self.path == "/repos/o/r/issues/7/comments" and self.command == "POST":
                self.answer(201, state.add(sent["body"]))
            elif (found := re.fullmatch(r"/repos/o/r/issues/comments/(\d+)", self.path)) and self.command == "PATCH":
                one = state.comments[int(found[1]) - 1]
                one["body"] = sent["body"]
                self.answer(200, one)
            else:
                self.answer(404, {"message": "Not Found"})

        do_GET = do_POST = do_PATCH = handle_call

    return Handler


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    state = GitHub()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}), "utf-8")
    for name in ("GITHUB_GRAPHQL_URL", "GH_TOKEN", "GITHUB_REF", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "GITHUB_TOKEN": "secret", "GITHUB_REPOSITORY": "o/r", "GITHUB_EVENT_PATH": str(event),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(hosts.time, "sleep", lambda seconds: None)
    monkeypatch.chdir(tmp_path)
    with served(handler(state)) as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        yield state


def report(text: str = "### archspec: params +1\n", *, changed: bool = True, failed: bool = False) -> str:
    data = {"schema": "archspec.report/1", "summary": {"changed": changed}, "exit_code": int(failed)}
    Path("report.json").write_text(json.dumps(data), "utf-8")
    Path("report.md").write_text(text, "utf-8")
    return "report.json"


def send(run: Run, *more: str) -> tuple[int, str, str]:
    return run("comment", "github", "--report", "report.json", *more)


def test_create(github: GitHub, run: Run) -> None:
    report()
    github.add("hello")
    assert send(run) == (0, "wrote https://example.org/2\n", "")
    assert [one["body"] for one in github.comments] == ["hello", f"{MARKER}\n### archspec: params +1\n"]
    assert github.tokens == {"Bearer secret"}


def test_update_on_a_later_page(github: GitHub, run: Run) -> None:
    for number in range(205):
        github.add(f"chat {number}, which quotes {MARKER}")
    mine = github.add(f"{MARKER}\nold")
    report()
    assert send(run)[:2] == (0, "updated https://example.org/206\n")
    assert mine["body"].endswith("params +1\n")
    assert [call.split()[0] for call in github.calls] == ["GET", "GET", "GET", "POST", "PATCH"]
    assert github.calls[3] == "POST /graphql"
    assert "up to date" in send(run)[1]
    assert len(github.comments) == 206


def test_only_its_own_comment_is_updated(github: GitHub, run: Run) -> None:
    """Anybody can write a comment that begins with the marker, and a token may change what others wrote."""
    others = [github.add(f"{MARKER}\nnot mine", author) for author in ("mallory", "github-actions", None)]
    report()
    assert send(run)[:2] == (0, "wrote https://example.org/4\n")
    mine = github.comments[3]
    report("### archspec: params +2\n")
    assert send(run)[:2] == (0, "updated https://example.org/4\n")
    assert mine["body"].endswith("params +2\n")
    assert all(one["body"] == f"{MARKER}\nnot mine" for one in others)
    assert github.calls.count("POST /graphql") == 2, "asked once in each run"
    github.viewer = None
    code, out, _ = send(run)
    assert code == 0
    assert out.startswith("::notice title=archspec::GitHub does not say whose the token is")
    assert len(github.comments) == 4


def test_keys_are_apart(github: GitHub, run: Run) -> None:
    report()
    send(run)
    send(run, "--key", "specs-2")
    send(run, "--key", "specs-2")
    assert [one["body"].split("\n")[0] for one in github.comments] == [MARKER, "<!-- archspec:specs-2 -->"]
    code, _, error = send(run, "--key", "a --> b")
    assert (code, len(github.comments)) == (2, 2)
    assert "a key holds" in error


def test_nothing_changed(github: GitHub, run: Run) -> None:
    report(changed=False)
    assert send(run)[:2] == (0, "no comment, and none is needed\n")
    assert github.comments == []
    mine = github.add(f"{MARKER}\nold")
    assert send(run)[0] == 0
    assert mine["body"].startswith(f"{MARKER}\n### archspec: no numeric change")
    assert send(run, "--when", "always")[0] == 0
    assert "params +1" in mine["body"]
    assert send(run, "--when", "failures")[0] == 0
    assert "no failure" in mine["body"]


def test_never(github: GitHub, run: Run) -> None:
    report()
    assert send(run, "--when", "never") == (0, "", "")
    assert github.calls == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_permission(github: GitHub, run: Run, method: str) -> None:
    report()
    github.refusals = [(method, 403, {"x-ratelimit-remaining": "4999"})]
    code, out, error = send(run)
    assert (code, error, github.comments) == (0, "", [])
    assert re.fullmatch(r"::notice title=archspec::no right to comment on o/r#7 \(Resource .*fork.*\n", out)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"retry-after": "1"}),
        (403, {"x-ratelimit-remaining": "0"}),
        (403, {"retry-after": "2"}),
        (429, {}),
        (502, {}),
    ],
)
def test_rate_limit_passes(github: GitHub, run: Run, status: int, headers: dict[str, str]) -> None:
    report()
    github.refusals = [("ANY", status, headers)] * 2
    assert send(run)[:2] == (0, "wrote https://example.org/1\n")


@pytest.mark.parametrize(
    ("status", "headers", "calls"),
    [
        (429, {"retry-after": "3600"}, 1),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}, 1),
        (429, {"retry-after": "1"}, 3),
        (500, {}, 3),
    ],
)
def test_rate_limit_stays(github: GitHub, run: Run, status: int, headers: dict[str, str], calls: int) -> None:
    report()
    github.refusals = [("ANY", status, headers)] * 10
    code, out, _ = send(run)
    assert (code, len(github.calls)) == (0, calls)
    assert out.startswith("::notice title=archspec::GitHub took no comment: ")


def test_no_answer(github: GitHub, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    report()
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")  # the port of `discard`, closed
    code, out, _ = send(run)
    assert code == 0
    assert out.startswith("::notice")


def test_too_long(github: GitHub, run: Run) -> None:
    """What is folded or fenced is shown whole or not at all."""
    rows = "".join(f"| `layer {number}` | 😀 |\n" for number in range(100))
    tables = [f"<details><summary>Layers {n}</summary>\n\n{rows}\n- a list\n\n</details>\n\n" for n in range(90)]
    report(f"### archspec: many\n\n{''.join(tables)}")
    assert send(run)[0] == 0
    (made,) = github.comments
    assert 60_000 < length(made["body"]) < LIMIT
    first, *shown = made["body"].split("<details>")
    assert first == f"{MARKER}\n### archspec: many\n\n"
    assert made["body"].endswith(comment.CUT)
    assert all(part.startswith("<summary>Layers ") and part.count("| `layer ") == 100 for part in shown)
    for text in ("```\n" + "x\n\n" * 60_000 + "```\n", "x" * 100_000):
        assert body("default", f"first\n\n{text}").removesuffix(comment.CUT) == f"{MARKER}\nfirst"


def test_missing_token(github: GitHub, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    report()
    monkeypatch.delenv("GITHUB_TOKEN")
    code, _, error = send(run)
    assert (code, github.calls) == (2, [])
    assert "neither GITHUB_TOKEN nor GH_TOKEN is set" in error
    monkeypatch.setenv("GH_TOKEN", "other")
    assert send(run)[0] == 0
    assert github.tokens == {"Bearer other"}


def test_bad_token_and_wrong_number(github: GitHub, run: Run) -> None:
    report()
    github.refusals = [("ANY", 401, {})]
    code, _, error = send(run)
    assert code == 2
    assert "the token is not valid" in error
    code, _, error = send(run, "--number", "8")
    assert code == 2
    assert "o/r#8: 404 Not Found" in error


def test_outside_a_pull_request(github: GitHub, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    report()
    (tmp_path / "event.json").write_text('{"ref": "refs/heads/main"}', "utf-8")
    assert send(run)[:2] == (0, "::notice title=archspec::no pull request here: no comment\n")
    assert send(run, "--number", "7")[1].startswith("wrote")
    assert event_number({"GITHUB_REF": "refs/pull/12/merge"}) == 12
    assert event_number({"GITHUB_REF": "refs/heads/12"}) is None
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
        event_number({"GITHUB_EVENT_PATH": str(tmp_path / "none.json")})


@pytest.mark.parametrize(
    ("name", "value"),
    [("GITHUB_REPOSITORY", "o/r/../x"), ("GITHUB_REPOSITORY", ""), ("GITHUB_API_URL", "file:///etc/passwd")],
)
def test_odd_environment(github: GitHub, run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    report()
    monkeypatch.setenv(name, value)
    code, _, error = send(run)
    assert (code, github.calls) == (2, [])
    assert name in error


def test_dry_run(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report()
    assert send(run, "--dry-run") == (0, f"{MARKER}\n### archspec: params +1\n", "")
    report(changed=False)
    assert send(run, "--dry-run") == (0, "no comment\n", "")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "archspec.diff/1"}', "\x00"])
def test_no_report(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    report()
    Path("report.json").write_text(text, "utf-8")
    code, _, error = send(run)
    assert code == 2
    assert "is no report" in error
    Path("report.json").unlink()
    assert "cannot read report.json" in send(run)[2]


@pytest.mark.parametrize(
    ("changed", "failed", "when", "new", "earlier"),
    [
        (True, False, "changes", "text", "text"),
        (False, True, "changes", "text", "text"),
        (False, False, "changes", None, comment.UNCHANGED),
        (False, False, "always", "text", "text"),
        (True, False, "failures", None, comment.KEPT),
        (False, True, "failures", "text", "text"),
        (True, True, "never", None, None),
    ],
)
def test_when(changed: bool, failed: bool, when: str, new: str | None, earlier: str | None) -> None:
    assert chosen(State(changed, failed), when, "text") == (new, earlier)
