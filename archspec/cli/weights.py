"""`archspec weights`."""

from __future__ import annotations

import click

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


@click.command("weights")
@spec_argument
@selecting
@dtype_option
@form_option("table", "csv", "json")
@output_option
def command(spec: str, selection: Selection, dtype: str, form: str, output: str | None) -> None:
    """Every tensor of SPEC as a checkpoint holds it: name, shape, dtype, the layer it belongs to.

    \b
      archspec weights resnet50
      archspec weights gpt2_xl --dtype float16 --format json

    Names are PyTorch's, or those that `weights:` of a layer says. A tensor that several layers share stands once more
    under each other name, with the name of the owner's.
    """
    from archspec.analysis.report import of_one_point
    from archspec.render.weights import render
    from archspec.studies.tensors import tensors

    report = analyzed(spec, selection, 1, dtype, "archspec")
    of_one_point(report, "weights")
    write(render(tensors(report.graph, dtype), form), output)
