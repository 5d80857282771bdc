"""`archspec history`."""

from __future__ import annotations

import sys
import time

import click

from archspec.cli.options import assigned, batch_option, dtype_option, form_option, output_option, set_option, write
from archspec.errors import UsageError, suggestion

PATIENCE = 1.0  # seconds before it says how far it is


@click.command("history")
@click.argument("spec")
@click.option(
    "--metric",
    "names",
    multiple=True,
    metavar="NAME,...",
    help="The figures, such as params,macs,weights_bytes; again for each.  [default: params]",
)
@click.option("--since", metavar="DATE|REF", help="Only the commits since a day, 2026-01-31, or behind a git ref.")
@click.option("--max", "most", type=click.IntRange(1), metavar="N", help="Only the newest N commits.")
@batch_option
@dtype_option
@set_option
@form_option("text", "md", "csv", "json", "svg", text="Form of the output; svg is a chart.")
@output_option
def command(
    *,
    spec: str,
    names: tuple[str, ...],
    since: str | None,
    most: int | None,
    batch: int,
    dtype: str,
    assignments: tuple[str, ...],
    form: str,
    output: str | None,
) -> None:
    """A spec's figures over the commits that touched it, the oldest first.

    SPEC is a file of a git repository, or FILE@variant. Its renames are followed. Each state is that of the branch:
    what a merged branch did is the change of its merge. A state that is broken, or that lacks the variant, is a gap
    with the reason as its remark; the working tree is the last state where it differs. Equal files are analysed once,
    and nothing is checked out.

    \b
      archspec history net.arch.yaml
      archspec history specs/llama.yaml@8b --metric params,macs --since v1.0
      archspec history net.arch.yaml --metric weights_bytes --format svg -o weights.svg
      archspec history net.arch.yaml --format csv --max 50

    Exit code 0; 2 where git or the call fails.
    """
    from archspec.analysis.metrics import BY_NAME
    from archspec.analysis.setting import Setting
    from archspec.change.history import history
    from archspec.render.history import render

    wanted = list(dict.fromkeys(name.strip() for text in names or ("params",) for name in text.split(",")))
    for name in wanted:
        if name not in BY_NAME:
            raise UsageError(f"no figure is called `{name}`", hint=suggestion(name, BY_NAME))
    metrics = [BY_NAME[name] for name in wanted]
    at = Setting(batch=batch, dtype=dtype, vars=assigned(assignments))
    begun = time.monotonic()
    telling = sys.stderr.isatty()

    def tell(done: int, among: int) -> None:
        if telling and time.monotonic() - begun > PATIENCE:
            click.echo(f"\r\033[K{done} of {among} commits", nl=False, err=True)

    made = history(spec, metrics, at, since, most, tell)
    if telling and time.monotonic() - begun > PATIENCE:
        click.echo("\r\033[K", nl=False, err=True)
    write(render(made, form), output)
