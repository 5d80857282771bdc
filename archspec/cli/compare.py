"""`archspec compare`."""

from __future__ import annotations

import click

from archspec.cli.options import (
    Selection,
    analyzed,
    batch_option,
    dtype_option,
    form_option,
    output_option,
    selecting,
    write,
)
from archspec.errors import UsageError


@click.command("compare")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@selecting
@batch_option
@dtype_option
@click.option("--convention", "names", multiple=True, metavar="NAME|FILE", help="Only these; again for each.")
@click.option("--layers", "by_layer", is_flag=True, help="The layers on which two conventions differ.")
@click.option(
    "--between", nargs=2, metavar="A B", help="The two conventions of --layers.  [default: archspec torchinfo]"
)
@form_option("table", "md", "csv", "json")
@output_option
def command(
    specs: tuple[str, ...],
    selection: Selection,
    batch: int,
    dtype: str,
    names: tuple[str, ...],
    by_layer: bool,
    between: tuple[str, str] | None,
    form: str,
    output: str | None,
) -> None:
    """What each counting convention says of a network: its total, its ratio to archspec's, what it does not see.

    \b
      archspec compare resnet50
      archspec compare resnet50 --layers --between thop fvcore
      archspec compare resnet50 vit_b_16 swin_t
    """
    from archspec.conventions.loader import convention
    from archspec.render import compare as render
    from archspec.studies.compare import compare, differences

    for name in (*names, *(between or ())):
        convention(name)  # an unknown one is told before anything is analysed
    if selection.variant and len(specs) > 1:
        raise UsageError("--variant goes with one spec", hint="write SPEC@VARIANT for each")
    reports = [analyzed(name, selection, batch, dtype, "archspec") for name in specs]
    if by_layer or between:
        if len(specs) > 1:
            raise UsageError("--layers takes one spec")
        if names:
            raise UsageError("--convention goes with totals", hint="--layers compares the two of --between A B")
        left, right = between or ("archspec", "torchinfo")
        write(render.layers(differences(reports[0], left, right), left, right, form), output)
        return
    tallies = [compare(report, names) for report in reports]
    if len(specs) == 1:
        write(render.one_spec(reports[0], tallies[0], form), output)
    elif form == "json":
        from archspec.render.json_text import dumps
        from archspec.render.outputs.compare import compare_document

        write(dumps([compare_document(*pair).data() for pair in zip(reports, tallies, strict=True)]), output)
    else:
        write(render.matrix(specs, tallies, form), output)
