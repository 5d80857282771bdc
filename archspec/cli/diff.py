"""`archspec diff`."""

from __future__ import annotations

import os

import click

from archspec.cli.options import assigned, batch_option, dtype_option, form_option, output_option, use_color, write


@click.command("diff")
@click.argument("base", required=False)
@click.argument("head", required=False)
@batch_option
@dtype_option
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a dim or var, where a spec has it; again for each: --set T=8192.",
)
@click.option(
    "--specs",
    "globs",
    multiple=True,
    metavar="GLOB",
    help="Only these, from the top of the repository; again for each.",
)
@form_option("text", "md", "json", "html", text="Form of the output; md is a comment for a pull request.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where a network changed.")
@output_option
def command(
    base: str | None,
    head: str | None,
    batch: int,
    dtype: str,
    assignments: tuple[str, ...],
    globs: tuple[str, ...],
    form: str,
    exit_code: bool,
    output: str | None,
) -> int:
    """What changed in the specs, what each edit does to the figures, and which layers it touches.

    Without arguments: from the merge base with the default branch to the working tree, uncommitted work included. BASE
    and HEAD are refs, files or REF:path. One ref stands for the merge base with it; two are compared as they are.
    Objects are read from git: nothing is checked out or fetched.

    \b
      archspec diff
      archspec diff origin/release --format md
      archspec diff v1.0 v1.1 --specs 'specs/**/*.yaml'
      archspec diff HEAD~3:specs/net.yaml specs/net.yaml
      archspec diff old.yaml new.yaml

    Exit code 0; 1 where a spec of the head is wrong, or with --exit-code where a network changed; 2 where git or the
    call fails.
    """
    from archspec.analysis.setting import Setting
    from archspec.change.collect import collect
    from archspec.ci.links import links_of
    from archspec.render.diff import render

    found = collect(base, head, globs, Setting(batch=batch, dtype=dtype, vars=assigned(assignments)))
    write(render(found, form, color=use_color(output), links=links_of(os.environ, found.head.sha)), output)
    return 1 if found.broken or (exit_code and found.changed) else 0
