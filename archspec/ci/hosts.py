"""A host of pull requests: the calls of its API, and one comment there that is kept up to date.

The comment is known by its first line, a marker that no host shows, and by its author: what somebody else wrote is
never changed, whatever it begins with. Nothing here fails for what only the comment needs: without the right to write,
or where the host does not answer, there is a notice, and the check goes on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from archspec import __version__
from archspec.ci.comment import body, marker
from archspec.errors import UsageError, show

if TYPE_CHECKING:
    from email.message import Message

PER_PAGE = 100
MAX_PAGES = 50
TRIES = 3
MAX_WAIT = 5.0  # seconds that one wait for a rate limit may take
TIMEOUT = 15.0


class Unavailable(Exception):
    """What keeps the comment from being written though the call is right; the message is for a notice."""


class Comment(NamedTuple):
    """A comment that is there: its address in the API, its text, who wrote it, and where people find it."""

    address: str
    text: str
    author: str
    place: str


class Host:
    """Where the comments of one pull request are. ``where`` says it for people, ``headers`` are the right to write."""

    name: ClassVar[str]
    edit: ClassVar[str]  # the method that replaces a comment's text

    def __init__(self, api: str, where: str, headers: Mapping[str, str]) -> None:
        self.api = api
        self.where = where
        self.headers = headers

    def page(self, number: int) -> list[Any]:
        """One page of the comments, as the API has them. Raises as ``request`` does."""
        raise NotImplementedError

    def comment(self, entry: Any) -> Comment:
        """One of them."""
        raise NotImplementedError

    def write(self, text: str) -> Comment:
        """A new comment. Raises as ``request`` does."""
        raise NotImplementedError

    def owner(self) -> str:
        """Who the token writes as, as an author is called. Raises as ``request`` does."""
        raise NotImplementedError

    def refused(self, status: int, said: str) -> Exception:
        """Why a call was refused."""
        raise NotImplementedError

    def prepared(self, text: str) -> str:
        """A text as this host takes it."""
        return text

    def comments(self) -> Iterator[Comment]:
        """All comments, the oldest first."""
        for number in range(1, MAX_PAGES + 1):
            entries = self.page(number)
            yield from map(self.comment, entries)
            if len(entries) < PER_PAGE:
                return

    def request(self, method: str, path: str, data: Any = None) -> Any:
        """One call of the API, with a short wait for a rate limit or an ill server. ``path`` may be a whole address.

        Raises Unavailable and UsageError.
        """
        from urllib.error import HTTPError, URLError
        from urllib.request import Request, urlopen

        content = None if data is None else json.dumps(data).encode()
        address = path if path.startswith(("https://", "http://")) else self.api + path
        call = Request(address, content, method=method)
        call.add_header("User-Agent", f"archspec/{__version__}")
        call.add_header("Content-Type", "application/json")
        for name, value in self.headers.items():
            call.add_unredirected_header(name, value)
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
                    raise self.refused(error.code, said) from None
                problem = "the rate limit is reached" if error.code in (403, 429) else f"it answers {error.code}"
            except (URLError, OSError, ValueError) as error:
                wait, problem = 0.5 * 2**attempt, str(getattr(error, "reason", error))
            if wait > MAX_WAIT or attempt == TRIES - 1:
                break
            time.sleep(wait)
        raise Unavailable(f"{self.name} took no comment: {problem}")


def post(host: Host, key: str, new: str | None, earlier: str | None) -> str:
    """Update the comment with this key, or write it; says what was done.

    Raises Unavailable where it may not be written or the host does not answer, UsageError where the call is wrong.
    """
    if new is None and earlier is None:
        return "no comment asked for"
    first = marker(key)
    owner = None
    for comment in host.comments():
        if not comment.text.startswith(first):
            continue
        owner = owner or host.owner()
        if comment.author != owner:
            continue
        wanted = body(key, host.prepared(earlier or ""))
        if comment.text.replace("\r\n", "\n") == wanted:
            return f"the comment is up to date: {comment.place}"
        host.request(host.edit, comment.address, {"body": wanted})
        return f"updated {comment.place}"
    if new is None:
        return "no comment, and none is needed"
    return f"wrote {host.write(body(key, host.prepared(new))).place}"


def address(environment: Mapping[str, str], name: str, default: str = "") -> str:
    """An address of the web from a variable. Raises UsageError."""
    value = environment.get(name, default).rstrip("/")
    if not value.startswith(("https://", "http://")):
        raise UsageError(f"{name} must be an address of the web, got {show(value)}")
    return value


def _wait(status: int, headers: Message, attempt: int) -> float | None:
    """Seconds until it is worth to try again; None where it never is.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api,
    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
    """
    after = headers.get("retry-after") or ""
    limited = status == 429 or (status == 403 and (bool(after) or headers.get("x-ratelimit-remaining") == "0"))
    if limited:
        if after.isdecimal():
            return float(after)
        reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
        return max(0.5, float(reset) - time.time()) if reset.isdecimal() else 1.0 * 2**attempt
    return 0.5 * 2**attempt if status >= 500 else None


def _message(content: bytes) -> str:
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    return str(said.get("message") or said.get("error") or "") if isinstance(said, dict) else ""
