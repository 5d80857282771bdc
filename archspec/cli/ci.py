"""`archspec ci`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.options import use_color, write

if TYPE_CHECKING:
    from archspec.ci.outcome import Outcome


@click.command("ci")
@click.argument("specs", nargs=-1, metavar="[SPEC...]")
@click.option("--base", metavar="REF", help="Compare with the merge base of this ref; without it the default branch's.")
@click.option("--out", metavar="DIR", help="Folder for report.md, .html, .json, .sarif and .gitlab.json.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "github", "text", "json"]),
    default="auto",
    show_default=True,
    help="What is printed: annotations (github), what report.json holds (json); auto is github in GitHub's Actions.",
)
@click.option(
    "--policy-from",
    type=click.Choice(["base", "head"]),
    default="base",
    show_default=True,
    help="Whose policy holds: the base's, which a change cannot alter for itself, or the head's.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="Least severity for exit code 1.",
)
@click.option("--fetch", is_flag=True, help="Get the base from the remote where the clone does not hold it.")
@click.option("--strict", is_flag=True, help="Look at every spec, and fail for what the base had too.")
@click.option("--config", metavar="FILE", help="The configuration instead of the closest one.")
def command(
    specs: tuple[str, ...],
    base: str | None,
    out: str | None,
    form: str,
    policy_from: str,
    fail_on: str,
    fetch: bool,
    strict: bool,
    config: str | None,
) -> int:
    """Lint, check and diff the specs in one run, from the top of a repository, and write the reports.

    SPEC is a file, a folder or a glob; without any, all specs that the configuration includes, or all there are. Of
    these, specs that do not differ from the base are looked at only where the configuration differs, or with --strict.
    What the base had too is listed and does not fail. In
    GitHub's Actions the report goes to the step's summary too. `archspec comment github` makes a comment of it.

    \b
      archspec ci --base origin/main --out reports

    Exit code 0; 1 where a finding is as bad as --fail-on; 2 where git, the configuration or the call is wrong.
    """
    from archspec.ci.run import run
    from archspec.render.ci import text, workflow_commands
    from archspec.render.outputs.base import written
    from archspec.render.outputs.report import report_document

    outcome = run(specs, base=base, config=config, policy_from=policy_from, fetch=fetch, strict=strict)
    if out is not None:
        write_reports(outcome, Path(out), fail_on)
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if step:
        append(step, outcome)
    if form == "auto":
        form = "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"
    if form == "json":
        printed = written(report_document(outcome, fail_on))
    else:
        printed = workflow_commands(outcome) if form == "github" else text(outcome, color=use_color(None))
    write(printed, None)
    return int(outcome.failed(fail_on))


def write_reports(outcome: Outcome, folder: Path, fail_on: str) -> None:
    """All forms of the report. Raises UsageError."""
    from archspec.ci.links import links_of
    from archspec.errors import UsageError
    from archspec.lint.registry import by_code
    from archspec.render import ci_html, ci_md
    from archspec.render.findings import render
    from archspec.render.outputs.base import written
    from archspec.render.outputs.report import report_document
    from archspec.text.writing import write_whole

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}") from None
    findings, files = outcome.findings, outcome.files
    write_whole(folder / "report.md", ci_md.markdown(outcome, links_of(os.environ, outcome.diff.head.sha)))
    write_whole(folder / "report.html", ci_html.page(outcome))
    write_whole(folder / "report.json", written(report_document(outcome, fail_on)))
    write_whole(folder / "report.sarif", render(findings, "sarif", files=files, rules=by_code()))
    write_whole(folder / "report.gitlab.json", render(findings, "gitlab", files=files))


def append(file: str, outcome: Outcome) -> None:
    """Add the report to the step's summary. Raises UsageError."""
    from archspec.ci.links import links_of
    from archspec.errors import UsageError
    from archspec.render.ci_md import markdown

    try:
        with open(file, "a", encoding="utf-8") as summary:
            summary.write(markdown(outcome, links_of(os.environ, outcome.diff.head.sha), summary=True))
    except OSError as error:
        raise UsageError(f"cannot write the step's summary: {error.strerror}") from None
