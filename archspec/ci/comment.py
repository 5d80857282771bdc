"""One comment on a pull request that is kept up to date, through GitHub's REST API.

The comment is known by its first line, a marker that GitHub does not show. Nothing here fails for what only the comment
needs: without the right to write, or where GitHub does not answer, there is a notice, and the check goes on.
Source: https://docs.github.com/en/rest/issues/comments.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec import __version__
from archspec.errors import UsageError, show

if TYPE_CHECKING:
    from email.message import Message

LIMIT = 65_536  # of a body, https://github.com/orgs/community/discussions/41331
PER_PAGE = 100
MAX_PAGES = 50
TRIES = 3
MAX_WAIT = 5.0  # seconds that one wait for a rate limit may take
TIMEOUT = 15.0
WHENS = ("changes", "failures", "always", "never")
UNCHANGED = (
    "### archspec: no numeric change\n\nAn earlier state of this pull request changed figures; this one does not.\n"
)
KEPT = (
    "### archspec: no failure\n\nAn earlier state of this pull request had a finding that fails; this one has none.\n"
)
CUT = "\n\n_Shortened to fit into a comment; the step's summary and `report.html` show all of it._\n"
_KEY = re.compile(r"[A-Za-z0-9._-]{1,60}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Unavailable(Exception):
    """What keeps the comment from being written though the call is right; the message is for a notice."""


class State(NamedTuple):
    """What a report says of a change: whether a figure changed, whether something fails."""

    changed: bool
    failed: bool


class Target(NamedTuple):
    """Where comments go: the API, the repository, the number of the pull request, and the right to write."""

    api: str
    repository: str
    number: int
    token: str


def marker(key: str) -> str:
    """The first line of the comment. Raises UsageError for a key that could end the marker."""
    if not _KEY.fullmatch(key):
        raise UsageError(f"a key holds letters, digits, `.`, `_` and `-`, at most 60, got {show(key)}")
    return f"<!-- archspec:{key} -->"


def body(key: str, text: str) -> str:
    """The comment's text behind its marker; where GitHub would refuse it, without the last of its blocks."""
    whole = f"{marker(key)}\n{text}"
    if length(whole) < LIMIT:
        return whole
    kept = marker(key) + "\n"
    for block in blocks(text):
        if length(kept) + length(block) + length(CUT) >= LIMIT:
            break
        kept += block
    return kept.rstrip("\n") + CUT


def blocks(text: str) -> Iterator[str]:
    """The parts of a text that can stand alone: what is folded or fenced is one."""
    block, depth, fenced = "", 0, False
    for line in text.splitlines(keepends=True):
        block += line
        fenced ^= line.startswith("```")
        depth += 0 if fenced else line.startswith("<details>") - line.startswith("</details>")
        if not (line.strip() or fenced or depth):
            yield block
            block = ""
    yield block


def length(text: str) -> int:
    """Characters as JavaScript and GitHub's form count them: one beyond the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def chosen(state: State, when: str, text: str) -> tuple[str | None, str | None]:
    """What a new comment would say, and what an earlier one is to say; None where nothing is to be done.

    ``when`` is one of ``WHENS``. An earlier comment is never left with what does not hold any more.
    """
    if when == "never":
        return None, None
    if (
        when == "always"
        or (when == "failures" and state.failed)
        or (when == "changes" and (state.changed or state.failed))
    ):
        return text, text
    return None, UNCHANGED if when == "changes" else KEPT


def target(environment: Mapping[str, str], number: int | None = None) -> Target:
    """Where to write, from GitHub's variables. Raises UsageError, and Unavailable outside a pull request."""
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN")
    if not token:
        hint = "give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`"
        raise UsageError("neither GITHUB_TOKEN nor GH_TOKEN is set", hint=hint)
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"GITHUB_REPOSITORY must be owner/name, got {show(repository)}")
    api = environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    if not api.startswith(("https://", "http://")):
        raise UsageError(f"GITHUB_API_URL must be an address of the web, got {show(api)}")
    issue = number if number is not None else event_number(environment)
    if issue is None:
        raise Unavailable("no pull request here: no comment")
    return Target(api, repository, issue, token)


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


def post(at: Target, key: str, new: str | None, earlier: str | None) -> str:
    """Update the comment with this key, or write it; says what was done.

    Raises Unavailable where it may not be written or GitHub does not answer, UsageError where the call is wrong.
    """
    if new is None and earlier is None:
        return "no comment asked for"
    first = marker(key)
    comments = f"/repos/{at.repository}/issues/{at.number}/comments"
    for page in range(1, MAX_PAGES + 1):
        listed = request(at, "GET", f"{comments}?per_page={PER_PAGE}&page={page}")
        for comment in listed:
            if str(comment.get("body") or "").startswith(first):
                wanted = body(key, earlier or "")
                if comment["body"].replace("\r\n", "\n") == wanted:
                    return f"the comment is up to date: {comment.get('html_url')}"
                request(at, "PATCH", f"/repos/{at.repository}/issues/comments/{int(comment['id'])}", {"body": wanted})
                return f"updated {comment.get('html_url')}"
        if len(listed) < PER_PAGE:
            break
    if new is None:
        return "no comment, and none is needed"
    made = request(at, "POST", comments, {"body": body(key, new)})
    return f"wrote {made.get('html_url')}"


def request(at: Target, method: str, path: str, data: Any = None) -> Any:
    """One call of the API, with a short wait for a rate limit or an ill server. Raises Unavailable and UsageError."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    content = None if data is None else json.dumps(data).encode()
    call = Request(at.api + path, content, method=method)
    call.add_header("Accept", "application/vnd.github+json")
    call.add_header("X-GitHub-Api-Version", "2022-11-28")
    call.add_header("User-Agent", f"archspec/{__version__}")
    call.add_header("Content-Type", "application/json")
    call.add_unredirected_header("Authorization", f"Bearer {at.token}")
    problem = ""
    for attempt in range(TRIES):
        try:
            with urlopen(call, timeout=TIMEOUT) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                said = _message(error.read(10_000))
            wait = _wait(error.code, error.headers, attempt)
            if wait is None:
                raise _refused(error.code, said, at) from None
            problem = "the rate limit is reached" if error.code in (403, 429) else f"it answers {error.code}"
        except (URLError, OSError, ValueError) as error:
            wait, problem = 0.5 * 2**attempt, str(getattr(error, "reason", error))
        if wait > MAX_WAIT or attempt == TRIES - 1:
            break
        time.sleep(wait)
    raise Unavailable(f"GitHub took no comment: {problem}")


def _wait(status: int, headers: Message, attempt: int) -> float | None:
    """Seconds until it is worth to try again; None where it never is.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    after = headers.get("retry-after") or ""
    limited = status == 429 or (status == 403 and (bool(after) or headers.get("x-ratelimit-remaining") == "0"))
    if limited:
        if after.isdecimal():
            return float(after)
        reset = headers.get("x-ratelimit-reset") or ""
        return max(0.5, float(reset) - time.time()) if reset.isdecimal() else 1.0 * 2**attempt
    return 0.5 * 2**attempt if status >= 500 else None


def _refused(status: int, said: str, at: Target) -> Exception:
    where = f"{at.repository}#{at.number}"
    if status == 403:
        hint = "`permissions: {pull-requests: write}`; a pull request from a fork has no right to write"
        return Unavailable(f"no right to comment on {where} ({said}): {hint}")
    hints = {
        401: "the token is not valid",
        404: "is the number right, and may the token read the repository?",
    }
    return UsageError(f"GitHub refuses the comment on {where}: {status} {said}", hint=hints.get(status))


def _message(content: bytes) -> str:
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    return str(said.get("message", "")) if isinstance(said, dict) else ""
