"""`archspec layer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import (
    assigned,
    batch_option,
    convention_option,
    dtype_option,
    form_option,
    output_option,
    write,
)
from archspec.errors import ArchspecError, UsageError

FILE = "<layer>"

if TYPE_CHECKING:
    from archspec.kinds.base import Kind


@click.command("layer")
@click.argument("kind")
@click.argument("arguments", nargs=-1, metavar="[ARGUMENT=VALUE]...")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    required=True,
    metavar="SIZES",
    help="Input sizes without the batch axis, channels first: 3,224,224. Again for each further input.",
)
@batch_option
@dtype_option
@convention_option
@form_option("text", "json")
@output_option
def command(
    kind: str,
    arguments: tuple[str, ...],
    inputs: tuple[str, ...],
    batch: int,
    dtype: str,
    convention: str,
    form: str,
    output: str | None,
) -> None:
    """Figures of one layer and the formulas behind them, without a file.

    \b
      archspec layer conv out=64 kernel=7 stride=2 padding=3 --input 3,224,224
      archspec layer lstm hidden=128 bias=1 --input 20,300
      archspec layer linear 1000 --input 2048
    """
    from archspec.analysis.run import run
    from archspec.analysis.setting import Setting
    from archspec.kinds import kind_called
    from archspec.language.load import load_text
    from archspec.render.explain import text
    from archspec.studies.explain import explain

    called = kind_called(kind)
    main = called.main
    if main is None and not all("=" in argument for argument in arguments):
        raise UsageError(f"{kind} has no main argument", hint="write ARGUMENT=VALUE")
    assignments = [argument if "=" in argument else f"{main}={argument}" for argument in arguments]
    try:
        spec = load_text(_spec(called, assigned(tuple(assignments)), inputs), FILE)
        report = run(spec, Setting(batch=batch, dtype=dtype, convention=convention))
    except ArchspecError as error:
        if error.file != FILE:
            raise
        # Its place is in a text that nobody wrote.
        raise UsageError(f"{kind}: {error.message}", hint=error.hint) from None
    if form == "json":
        from archspec.render.json import summary
        from archspec.render.json_text import dumps

        write(dumps(summary(report)), output)
        return
    sums = report.totals
    line = f"params {sums.params:,}  buffers {sums.buffers:,}  MACs {sums.macs:,}  FLOPs {sums.flops:,}\n"
    write(line + text(explain(report), placed=False), output)


def _spec(kind: type[Kind], arguments: dict[str, Any], inputs: tuple[str, ...]) -> str:
    """The layer as a spec, in JSON; its inputs are integers where it takes nothing else."""
    import json

    from archspec.kinds.dtypes import OWN

    shapes: dict[str, Any] = {}
    for index, text in enumerate(inputs, 1):
        try:
            shapes["input" if len(inputs) == 1 else f"input{index}"] = [int(size) for size in text.split(",") if text]
        except ValueError:
            raise UsageError(f"--input takes whole numbers, got {text!r}", hint="write --input 3,224,224") from None
    for place, (name, sizes) in enumerate(shapes.items()):
        takes = kind.dtypes.taken(place)
        if OWN not in takes:
            shapes[name] = {"shape": sizes, "dtype": "int64" if "int64" in takes else "bool"}
    layer: dict[str, Any] = {kind.kind: arguments or None, "id": kind.kind}
    if len(inputs) > 1:
        layer["from"] = list(shapes)
    return json.dumps({"archspec": 1, "name": kind.kind, "inputs": shapes, "layers": [layer]})
