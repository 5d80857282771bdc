"""`archspec summary`."""

from __future__ import annotations

from typing import Any

import click

from archspec.analysis.metrics import TOOLS
from archspec.cli.options import (
    analyzed,
    form_option,
    output_option,
    settings,
    spec_argument,
    terminal_room,
    use_color,
    write,
)
from archspec.errors import UsageError, suggestion


@click.command("summary")
@spec_argument
@settings
@click.option("--depth", type=click.IntRange(1), default=3, show_default=True, help="Levels of the tree to show.")
@click.option("--full", is_flag=True, help="Write repeats out instead of folding them (x12).")
@click.option("--columns", metavar="A,B,...", help="Columns to show, such as kind,output,params,flops,flops%,status.")
@click.option("--sort", metavar="COLUMN", help="List layers by a column, largest first.")
@click.option("--top", type=click.IntRange(1), metavar="N", help="Only the N largest layers.")
@click.option("--memory", metavar="TOOL,...", help="Also memory as torchinfo or torchsummary would print it.")
@form_option("table", "json", "md", "csv")
@output_option
def command(
    spec: str,
    depth: int,
    full: bool,
    columns: str | None,
    sort: str | None,
    top: int | None,
    memory: str | None,
    form: str,
    output: str | None,
    **options: Any,
) -> None:
    """Table of layers with shapes, parameters, MACs and their shares, then the totals.

    SPEC is a file, FILE@variant, a name of the zoo (`archspec list`), or - for standard input.

    \b
      archspec summary resnet50
      archspec summary resnet50 --batch 8 --set H=320 --set W=320 --dtype bfloat16
      archspec summary vgg16 --sort params --top 5
      archspec summary my_net.yaml --format json
    """
    tools = [name.strip() for name in memory.split(",")] if memory else []
    for tool in tools:
        if tool not in TOOLS:
            raise UsageError(f"no tool is called `{tool}`", hint=suggestion(tool, TOOLS))
    names = [name.strip() for name in columns.split(",")] if columns else None
    report = analyzed(spec, **options)
    if full and not report.unfoldable:
        raise UsageError("the network has more than 10,000 layers written out", hint="leave --full out")
    if form == "table":
        from archspec.render.table import table

        text = table(
            report,
            columns=names,
            depth=depth,
            full=full,
            sort=sort,
            top=top,
            room=terminal_room() if output is None else None,
            color=use_color(output),
            memory=tools,
        )
    elif form == "json":
        from archspec.render.json import summary
        from archspec.render.json_text import dumps

        text = dumps(summary(report, full=True if full else None))
    else:
        from archspec.render.flat import comma_separated, markdown
        from archspec.render.table import ranked

        flat = sort is not None or top is not None
        if flat:
            rows = ranked(report, sort or "macs", top, full=full)
        elif form == "csv":
            rows = list(report.layers)
        else:
            rows = [row for row in report.rows(full=full) if row.depth < depth]
        if form == "md":
            text = markdown(report, columns=names, rows=rows, indent=not flat, memory=tools)
        else:
            text = comma_separated(report, columns=names, rows=rows)
    write(text, output)
