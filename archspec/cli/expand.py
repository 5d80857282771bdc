"""`archspec expand`."""

from __future__ import annotations

import click

from archspec.cli.options import Selection, analyzed, form_option, output_option, selecting, spec_argument, write


@click.command("expand")
@spec_argument
@selecting
@form_option("yaml", "json")
@output_option
def command(spec: str, selection: Selection, form: str, output: str | None) -> None:
    """Write SPEC with every variable, block, repeat and condition resolved: a flat list of layers, itself a valid spec.

    \b
      archspec expand resnet50 > flat.yaml && archspec summary flat.yaml

    Its figures are those of SPEC, but for what tools count of blocks, of which a flat list has none: torchsummary's
    memory counts the output of a block once more beside that of its last layer, and ptflops counts a module that
    several blocks share once for each of them.
    """
    from archspec.language.dump import dump_spec
    from archspec.render.json_text import dumps
    from archspec.studies.unroll import unfold

    data = unfold(analyzed(spec, selection, 1, "float32", "archspec"))
    write(dumps(data) if form == "json" else dump_spec(data), output)
