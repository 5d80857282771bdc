"""`archspec comment`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.ci.comment import WHENS

if TYPE_CHECKING:
    from archspec.ci.comment import State


@click.group("comment")
def command() -> None:
    """Put the report of `archspec ci` where reviewers read it."""


@command.command("github")
@click.option("--report", required=True, metavar="FILE", help="report.json of `archspec ci`; report.md lies beside it.")
@click.option(
    "--when",
    type=click.Choice(WHENS),
    default="changes",
    show_default=True,
    help="changes: where a figure changed or something fails; an earlier comment is updated in any case.",
)
@click.option(
    "--key",
    default="default",
    show_default=True,
    metavar="KEY",
    help="Tells several comments of one pull request apart.",
)
@click.option(
    "--number", type=click.IntRange(1), metavar="N", help="The pull request, where the event does not name one."
)
@click.option("--dry-run", is_flag=True, help="Print the comment instead of sending it.")
def github(report: str, when: str, key: str, number: int | None, dry_run: bool) -> None:
    """Write the report as a comment on a pull request, or update the one that is there.

    Reads GITHUB_REPOSITORY, GITHUB_EVENT_PATH and GITHUB_API_URL, which GitHub's Actions set, and the token from
    GITHUB_TOKEN or GH_TOKEN. Without the right to write, as in a pull request from a fork, there is a notice and exit
    code 0.
    """
    from archspec.ci.comment import Unavailable, body, chosen, marker, post, target
    from archspec.errors import printable
    from archspec.render.findings import command as workflow_command

    marker(key)
    state, text = read(Path(report))
    new, earlier = chosen(state, when, text)
    if dry_run:
        click.echo("no comment" if new is None else body(key, new), nl=new is None)
        return
    if new is None and earlier is None:
        return
    try:
        click.echo(printable(post(target(os.environ, number), key, new, earlier)))
    except Unavailable as problem:
        click.echo(workflow_command("notice", str(problem), title="archspec"))


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
