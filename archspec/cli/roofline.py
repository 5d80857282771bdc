"""`archspec roofline`."""

from __future__ import annotations

import click

from archspec.cli.memory_options import weights_option
from archspec.cli.options import (
    Selection,
    analyzed,
    batch_option,
    dtype_option,
    form_option,
    output_option,
    selecting,
    spec_argument,
    terminal_room,
    write,
)


@click.command("roofline")
@spec_argument
@click.option("--chip", "chip_name", required=True, metavar="CHIP", help="An id of `archspec hardware`, or a file.")
@selecting
@batch_option
@dtype_option
@click.option("--compute", metavar="DTYPE", help="In what the units work: tfloat32, int8, ...  [default: --dtype]")
@weights_option
@click.option(
    "--utilisation",
    multiple=True,
    metavar="PART",
    help="Part of its peaks that the chip reaches: 0.5, or compute=0.4 and bandwidth=0.8.  [default: 1]",
)
@click.option("--top", type=click.IntRange(1), metavar="N", help="Only the slowest N layers, slowest first.")
@form_option("table", "md", "json", "svg")
@output_option
def command(
    *,
    spec: str,
    chip_name: str,
    selection: Selection,
    batch: int,
    dtype: str,
    compute: str | None,
    weights: str | None,
    utilisation: tuple[str, ...],
    top: int | None,
    form: str,
    output: str | None,
) -> None:
    """The least time each layer takes on a chip, and whether its arithmetic or its bandwidth holds it up.

    \b
      archspec roofline resnet50 --chip h100-sxm --dtype bfloat16 --top 10
      archspec roofline resnet50 --chip jetson-orin-nano-8gb --dtype float16 --utilisation 0.5
      archspec roofline gpt2 --chip a100-sxm-80gb --compute tfloat32 --format svg -o roofline.svg

    A bound, not a prediction: docs/hardware.md says what is counted and what is left out.
    """
    from archspec.hardware.catalogue import chip
    from archspec.hardware.roofline import roofline, utilised

    used, found = utilised(utilisation), chip(chip_name)
    made = roofline(analyzed(spec, selection, batch, dtype, "archspec"), found, used, compute, weights)
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.roofline import roofline_document

        write(written(roofline_document(made)), output)
    elif form == "svg":
        from archspec.render.roofline_svg import chart

        write(chart(made), output)
    else:
        from archspec.render.roofline import markdown, table

        write(markdown(made, top) if form == "md" else table(made, top, terminal_room(output)), output)
