"""`archspec explain`."""

from __future__ import annotations

from typing import Any

import click

from archspec.cli.options import analyzed, form_option, output_option, settings, spec_argument, write


@click.command("explain")
@spec_argument
@click.argument("layer", required=False)
@settings
@form_option("text", "md", "json", text="Form of the output; md has the formulas in LaTeX.")
@output_option
def command(spec: str, layer: str | None, form: str, output: str | None, **options: Any) -> None:
    """The formula behind each figure of LAYER: shapes, weights and every column of a convention.

    LAYER is a path from the summary (conv1, layer1.0.conv2) or a group's path (layer1); every layer where it is absent.

    \b
      archspec explain resnet50 conv1
      archspec explain resnet50 layer2.0 --convention torchinfo
    """
    from archspec.render import explain as render
    from archspec.studies.explain import explain

    explanations = explain(analyzed(spec, **options), layer)
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.explain import explain_document

        write(written(explain_document(explanations)), output)
    else:
        write(render.text(explanations) if form == "text" else render.markdown(explanations), output)
