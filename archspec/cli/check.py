"""`archspec check`."""

from __future__ import annotations

import os
import sys

import click

from archspec.cli.options import output_option, write
from archspec.errors import printable

FORMS = ["auto", "text", "json", "github", "sarif", "gitlab", "junit"]


@click.command("check")
@click.argument("specs", nargs=-1, metavar="[SPEC...]")
@click.option("--base", metavar="REF", help="Git ref: relative limits compare with the merge base, whose policy holds.")
@click.option("--config", metavar="FILE", help="The configuration instead of the closest one.")
@click.option("--quiet", "-q", is_flag=True, help="Only print what is wrong.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="auto",
    show_default=True,
    help="Form of the output; auto is github in GitHub's Actions, else text.",
)
@output_option
def command(
    specs: tuple[str, ...], base: str | None, config: str | None, quiet: bool, form: str, output: str | None
) -> int:
    """Validate each SPEC in every variant, compare the figures under `expect`, and keep the budgets.

    SPEC is a file, a folder, a glob or a name of the zoo; without any, the specs that the configuration includes, or
    all below the current folder. A figure is compared at the precision it is written in: 1.814G stands for all that
    round to it. Budgets stand in archspec.toml or pyproject.toml; with --base those of the base hold, so that a
    change cannot raise its own limit.

    Exit code 0 when all is well, 1 where a figure differs, a limit is passed or a spec is wrong, 2 where the call, the
    configuration or git is wrong.
    """
    from archspec.policy.base import Base
    from archspec.policy.check import check, named
    from archspec.policy.policies import Policies
    from archspec.render.check import render

    against = Base(base) if base is not None else None
    policies = Policies(against, config)
    names = named(specs, policies)
    showing = sys.stderr.isatty() and len(names) > 1

    def show(name: str) -> None:
        if showing:
            click.echo(f"\r\033[K{printable(name)}", nl=False, err=True)

    checked = check(names, base=against, policies=policies, everything=not specs, seen=show)
    if showing:
        click.echo("\r\033[K", nl=False, err=True)
    if form == "auto":
        form = "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"
    write(render(checked, form, names, quiet=quiet), output)
    return int(checked.failed)
