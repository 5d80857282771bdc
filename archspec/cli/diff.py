"""`archspec diff`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from archspec.analysis.metrics import TOOLS
from archspec.cli.options import (
    assigned,
    batch_option,
    convention_option,
    dtype_option,
    form_option,
    output_option,
    use_color,
    write,
)

if TYPE_CHECKING:
    from archspec.change.model import Diff


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
    help="Value of a dim or var, where a spec has it; again for each. With one network: before and after.",
)
@convention_option
@click.option("--memory", metavar="TOOL,...", help="Also memory as torchinfo or torchsummary would print it.")
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
    *,
    base: str | None,
    head: str | None,
    batch: int,
    dtype: str,
    assignments: tuple[str, ...],
    convention: str,
    memory: str | None,
    globs: tuple[str, ...],
    form: str,
    exit_code: bool,
    output: str | None,
) -> int:
    """What changed in the specs, what each edit does to the figures, and which layers it touches.

    Without arguments: from the merge base with the default branch to the working tree, uncommitted work included. BASE
    and HEAD are git refs, files, REF:path, or networks: a name of the zoo, FILE@variant. One ref stands for the merge
    base with it; two are compared as they are. Objects are read from git: nothing is checked out or fetched, and files
    and networks need no repository.

    \b
      archspec diff
      archspec diff origin/release --format md
      archspec diff v1.0 v1.1 --specs 'specs/**/*.yaml'
      archspec diff HEAD~3:specs/net.yaml specs/net.yaml
      archspec diff old.yaml new.yaml
      archspec diff resnet50 resnet101
      archspec diff resnet50 my.arch.yaml@small --convention fvcore
      archspec diff resnet50 --set H=320 --set W=320      before and after

    A name of the zoo that is a ref of git too is an error: write refs/heads/NAME for the ref, or the network's file.
    Between two networks causes are told up to 12 edits; two variants of one file differ by the values they set.

    Exit code 0; 1 where a spec of the head is wrong, or with --exit-code where a network changed; 2 where git, a
    network that was named or the call is wrong.
    """
    from archspec.analysis.setting import Setting
    from archspec.change.collect import collect
    from archspec.change.networks import compared
    from archspec.ci.links import links_of
    from archspec.conventions.loader import convention as convention_called
    from archspec.errors import UsageError, suggestion
    from archspec.render.diff import render

    tools = tuple(name.strip() for name in memory.split(",")) if memory else ()
    for tool in tools:
        if tool not in TOOLS:
            raise UsageError(f"no tool is called `{tool}`", hint=suggestion(tool, TOOLS))
    convention_called(convention)  # an unknown one is told before anything is read
    at = Setting(batch=batch, dtype=dtype, vars=assigned(assignments), convention=convention)
    found = None if globs else compared(base, head, at)
    if found is None:
        found = collect(base, head, globs, at)
    found = replace(found, memory=tools)
    made = page_with_limits(found) if form == "html" else None
    if made is None:
        made = render(found, form, color=use_color(output), links=links_of(os.environ, found.head.sha))
    write(made, output)
    return 1 if found.broken or (exit_code and found.changed) else 0


def page_with_limits(diff: Diff) -> str | None:
    """The page of a difference from a commit to the working tree, with its limits; None for any other."""
    from archspec.ci.limits import with_limits
    from archspec.render.ci_html import page

    outcome = with_limits(diff)
    return None if outcome is None else page(outcome)
