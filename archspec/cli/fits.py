"""`archspec fits`."""

from __future__ import annotations

from typing import Any

import click

from archspec.cli.memory_options import memory_options
from archspec.cli.options import (
    Selection,
    analyzed,
    dtype_option,
    form_option,
    output_option,
    selecting,
    spec_argument,
    write,
)
from archspec.errors import UsageError


@click.command("fits")
@spec_argument
@click.option("--chip", "chip_name", metavar="CHIP", help="Whose memory: an id of `archspec hardware`, or a file.")
@click.option("--memory", "size", metavar="BYTES", help="How much memory there is: 24GiB; instead of the chip's.")
@click.option("--reserve", metavar="BYTES|%", default="0", show_default=True, help="What is kept for others of it.")
@click.option("--solve", type=click.Choice(["batch", "length"]), help="Find the largest that fits.")
@selecting
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Samples in the batch.  [default: 1]")
@dtype_option
@memory_options
@form_option("table", "md", "json")
@output_option
def command(
    *,
    spec: str,
    chip_name: str | None,
    size: str | None,
    reserve: str,
    solve: Any,
    selection: Selection,
    batch: int | None,
    dtype: str,
    form: str,
    output: str | None,
    **asked: Any,
) -> int:
    """Whether a network fits into a chip's memory; exit code 1 where it does not.

    \b
      archspec fits resnet50 --chip rtx-4090 --batch 64
      archspec fits gpt2_xl --chip rtx-4090 --train --policy amp --reserve 5%
      archspec fits vit_b_16 --memory 24GiB --train --solve batch

    What is added up: weights, buffers, the peak of an evaluation and the cache; with --train training's total.
    """
    from archspec.hardware.catalogue import chip
    from archspec.hardware.fits import fit, place
    from archspec.hardware.fits import solve as solved
    from archspec.memory.measure import measure
    from archspec.memory.settings import MemorySettings

    if len(asked["kv"]) > 1 or "all" in asked["kv"]:
        raise UsageError("one cache is added up, --kv names several", hint="`archspec memory` has them side by side")
    if asked["train"] and asked["kv"]:
        raise UsageError("a training step keeps no cache: --train or --kv", hint="leave one of them out")
    if solve == "batch" and batch is not None:
        raise UsageError("--solve batch finds the batch that --batch gives", hint="leave one of them out")
    if solve == "length" and asked.get("length") is not None:
        raise UsageError("--solve length finds the length that --length gives", hint="leave one of them out")
    room = place(chip(chip_name) if chip_name is not None else None, size, reserve)
    settings = MemorySettings(**asked)
    report = analyzed(spec, selection, batch or 1, dtype, "archspec")
    found = solved(report, settings, room, solve) if solve else fit(measure(report, settings), room)
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.fits import fits_document

        write(written(fits_document(found)), output)
    else:
        from archspec.render.fits import markdown, table

        write(markdown(found) if form == "md" else table(found), output)
    return 0 if found.fits else 1
