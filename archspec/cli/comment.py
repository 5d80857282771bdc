"""`archspec comment`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archspec.ci.comment import WHENS

if TYPE_CHECKING:
    from archspec.ci.comment import State
    from archspec.ci.hosts import Host

Command = TypeVar("Command", bound=Callable[..., Any])


def options(command: Command) -> Command:
    """`--report --when --key --number --dry-run`."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Print the comment instead of sending it."),
        click.option(
            "--number", type=click.IntRange(1), metavar="N", help="The request, where the job's variables name none."
        ),
        click.option(
            "--key",
            default="default",
            show_default=True,
            metavar="KEY",
            help="Tells several comments of one request apart.",
        ),
        click.option(
            "--when",
            type=click.Choice(WHENS),
            default="changes",
            show_default=True,
            help="changes: where a figure changed or something fails; an earlier comment is updated in any case.",
        ),
        click.option(
            "--report",
            required=True,
            metavar="FILE",
            help="report.json of `archspec ci`; report.md lies beside it.",
        ),
    ):
        command = option(command)
    return command


@click.group("comment")
def command() -> None:
    """Put the report of `archspec ci` where reviewers read it.

    The comment is written once and then updated: it is known by its first line, a marker that is not shown, and by its
    author, who must be the token's own user.

    \b
      archspec ci --base origin/main --out report
      archspec comment github --report report/report.json
      archspec comment gitlab --report report/report.json --dry-run
    """


@command.command("github")
@options
def github(**given: Any) -> None:
    """Write the report as a comment on a pull request, or update the one that is there.

    Reads GITHUB_REPOSITORY, GITHUB_EVENT_PATH and GITHUB_API_URL, which GitHub's Actions set, and the token from
    GITHUB_TOKEN or GH_TOKEN. Without the right to write, as in a pull request from a fork, there is a notice and exit
    code 0.
    """
    from archspec.ci.github import github as host
    from archspec.render.findings import command as workflow_command

    comment(host, lambda notice: workflow_command("notice", notice, title="archspec"), **given)


@command.command("gitlab")
@options
def gitlab(**given: Any) -> None:
    """Write the report as a note on a merge request, or update the one that is there.

    Reads CI_API_V4_URL, CI_PROJECT_ID and CI_MERGE_REQUEST_IID, which GitLab sets, and the token from GITLAB_TOKEN: an
    access token of the project with the scope `api`. Without one CI_JOB_TOKEN is tried, which most servers do not let
    write notes. Without the right to write there is a notice and exit code 0.
    """
    from archspec.ci.gitlab import gitlab as host
    from archspec.errors import printable

    comment(host, lambda notice: f"notice: {printable(notice)}", **given)


def comment(
    host: Callable[[Mapping[str, str], int | None], Host],
    noticed: Callable[[str], str],
    *,
    report: str,
    when: str,
    key: str,
    number: int | None,
    dry_run: bool,
) -> None:
    """Send a report to a host, or print what would be sent. Raises UsageError."""
    from archspec.ci.comment import chosen, marker
    from archspec.ci.hosts import Unavailable, post
    from archspec.errors import printable

    first = marker(key)
    state, text = read(Path(report))
    new, earlier = chosen(state, when, text)
    if dry_run:
        click.echo("no comment" if new is None else f"{first}\n{new}", nl=new is None)
        return
    if new is None and earlier is None:
        return
    try:
        click.echo(printable(post(host(os.environ, number), key, new, earlier)))
    except Unavailable as problem:
        click.echo(noticed(str(problem)))


def read(file: Path) -> tuple[State, str]:
    """What a report says of the change, and the text of the comment. Raises UsageError."""
    import json

    from archspec.ci.comment import State
    from archspec.errors import UsageError

    beside = file.with_suffix(".md")
    try:
        report = json.loads(file.read_text("utf-8"))
        text = beside.read_text("utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot read {error.filename}: {error.strerror}", hint="`archspec ci --out DIR` writes both"
        ) from None
    except ValueError as error:
        raise UsageError(f"{file} is no report: {error}") from None
    if not isinstance(report, dict) or report.get("schema") != "archspec.report/1":
        raise UsageError(f"{file} is no report: it does not say archspec.report/1")
    return State(bool(report["summary"]["changed"]), bool(report["exit_code"])), text
