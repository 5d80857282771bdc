"""`archspec lint`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from archspec.cli.options import form_option, output_option, use_color, write

if TYPE_CHECKING:
    from archspec.lint.settings import LintSettings
    from archspec.text.findings import Finding

FORMS = ["auto", "text", "json", "github", "sarif", "gitlab", "junit"]
LEVELS = {"error": ("error",), "warning": ("error", "warning")}


@click.command("lint")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--fix", "fixing", is_flag=True, help="Fix what can be fixed without changing a figure.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Fix also what changes figures or is a guess.")
@click.option("--diff", is_flag=True, help="Write nothing, show what fixes would change; exit with 1 where any would.")
@click.option(
    "--select", metavar="CODES", multiple=True, help="Only these rules: codes or beginnings of them, AS3,AS501, or ALL."
)
@click.option(
    "--ignore", metavar="CODES", multiple=True, help="Not these rules, beside those that the configuration ignores."
)
@form_option(*FORMS, text="Form of the output; auto is github in GitHub's Actions, else text.")
@click.option(
    "--fail-on",
    type=click.Choice(list(LEVELS)),
    default="error",
    show_default=True,
    help="Least severity for exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--config", metavar="FILE", help="The configuration instead of the closest one.")
@output_option
def command(
    *,
    files: tuple[str, ...],
    fixing: bool,
    unsafe: bool,
    diff: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str,
    fail_on: str,
    exit_zero: bool,
    config: str | None,
    output: str | None,
) -> int:
    """Look at each FILE for what is wrong, wasteful or unclear; `archspec rules` lists what is looked for.

    FILE is a file, a folder, a glob or a name of the zoo; without any, the specs that the configuration includes, or
    all below the current folder. A finding is suppressed on its line, or the line above, by a comment with a reason:

    \b
      - linear: 4096  # archspec: ignore[AS203] reason="as published"

    With --fix, what was fixed is named on standard error, and the findings that are left are printed.

    \b
      archspec lint
      archspec lint specs/ --fail-on warning
      archspec lint net.arch.yaml --fix
      archspec lint net.arch.yaml --diff --unsafe-fixes     what would be fixed

    Exit code 0; 1 where an error is found, or with --fail-on warning a warning, or with --diff a fix; 2 where the call
    or the configuration is wrong.
    """
    from archspec.errors import UsageError
    from archspec.lint.registry import by_code
    from archspec.render.findings import fixes, render
    from archspec.text.findings import ordered

    if diff and form not in ("auto", "text"):
        raise UsageError(f"--diff shows a diff, --format {form} has none", hint="leave --format out")
    settings, paths = chosen(files, select, ignore, config)
    if diff:
        return differing(paths, settings, unsafe=unsafe, output=output)
    found: list[Finding] = []
    fixed: list[Finding] = []
    for path in paths:
        findings, gone = linted(path, settings, fixing=fixing or unsafe, unsafe=unsafe)
        found += findings
        fixed += gone
    if form == "auto":
        form = "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"
    findings = ordered(found)
    write(render(findings, form, files=paths, rules=by_code(), color=use_color(output)), output)
    if fixed:
        click.echo(fixes(fixed, "fixed"), err=True, nl=False)
    return int(not exit_zero and any(one.severity in LEVELS[fail_on] for one in findings))


def chosen(
    files: tuple[str, ...], select: tuple[str, ...], ignore: tuple[str, ...], config: str | None
) -> tuple[LintSettings, list[str]]:
    """The settings of the configuration under the command line's, and the files meant. Raises UsageError."""
    from archspec.lint.settings import check_code, settings_of
    from archspec.policy.config import closest, load

    found = load(config) if config else closest()
    settings = settings_of(found)
    selected, ignored = split(select), split(ignore)
    for code in (*selected, *ignored):
        check_code(code)
    settings = replace(settings, select=selected or settings.select, ignore=(*settings.ignore, *ignored))
    return settings, found.files(files)


def split(given: tuple[str, ...]) -> tuple[str, ...]:
    """Codes given as AS3,AS501 or one by one."""
    return tuple(code.strip() for text in given for code in text.split(",") if code.strip())


def differing(paths: list[str], settings: LintSettings, *, unsafe: bool, output: str | None) -> int:
    """Show what the fixes of some files would change; 1 where any would. Raises UsageError."""
    from archspec.errors import SpecError
    from archspec.lint.fixing import fix
    from archspec.render.findings import fixes
    from archspec.render.unified import unified
    from archspec.text.reader import text_of

    parts = []
    fixed: list[Finding] = []
    unread = False
    for path in paths:
        shown = "<stdin>" if path == "-" else path
        try:
            text = text_of(path)
        except SpecError as error:  # not UTF-8, or too large
            click.echo(f"error: {error.located(file=shown)}", err=True)
            unread = True
            continue
        after = fix(text, shown, settings, unsafe=unsafe)
        fixed += after.fixed
        parts.append(unified(text, after.text, shown, "fixed", color=use_color(output)))
    if any(parts) or output:
        write("".join(parts), output)
    click.echo(fixes(fixed, "would be fixed") if fixed else "nothing to fix\n", err=True, nl=False)
    return int(bool(fixed) or unread)


def linted(path: str, settings: LintSettings, *, fixing: bool, unsafe: bool) -> tuple[list[Finding], list[Finding]]:
    """The findings of one file after its fixes, which are written, and those that were fixed. Raises UsageError."""
    from archspec.errors import SpecError, UsageError
    from archspec.lint.engine import lint
    from archspec.lint.fixing import fix
    from archspec.text.findings import of_error
    from archspec.text.reader import text_of
    from archspec.text.writing import write_whole

    shown = "<stdin>" if path == "-" else path
    try:
        text = text_of(path)
    except SpecError as error:  # not UTF-8, or too large: no text to look at
        return [of_error(error, shown)], []
    if not fixing or path == "-":
        return lint(text, shown, settings).findings, []
    after = fix(text, shown, settings, unsafe=unsafe)
    if after.text != text:
        if text_of(path) != text:
            raise UsageError(f"{path} changed while it was read", hint="run archspec lint again")
        write_whole(path, after.text)
    return after.left.findings, after.fixed
