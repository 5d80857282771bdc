"""`archspec memory`."""

from __future__ import annotations

from typing import Any

import click

from archspec.cli.memory_options import memory_options
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


@click.command("memory")
@spec_argument
@selecting
@batch_option
@dtype_option
@memory_options
@form_option("table", "md", "json", "svg")
@output_option
def command(
    *,
    spec: str,
    selection: Selection,
    batch: int,
    dtype: str,
    form: str,
    output: str | None,
    **asked: Any,
) -> None:
    """What a network needs of memory: weights, tensors alive at once, and what is asked for; each with its model.

    \b
      archspec memory resnet50 --batch 8
      archspec memory gpt2 --train --optimizer adamw --policy amp
      archspec memory resnet50 --format svg -o memory.svg

    docs/memory.md defines every figure.
    """
    from archspec.memory.measure import measure
    from archspec.memory.settings import MemorySettings

    report = analyzed(spec, selection, batch, dtype, "archspec")
    memory = measure(report, MemorySettings(**asked))
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.memory import memory_document

        write(written(memory_document(memory)), output)
        return
    if form == "svg":
        from archspec.render.memory_svg import chart

        write(chart(memory), output)
        return
    from archspec.render.memory import markdown, table

    write(markdown(memory) if form == "md" else table(memory, room=terminal_room(output)), output)
