"""`archspec export`."""

from __future__ import annotations

import sys

import click

from archspec.cli.options import Selection, analyzed, output_option, selecting, spec_argument, write
from archspec.errors import UsageError

FORMS = ("torch", "onnx", "mermaid", "dot")


@click.command("export")
@spec_argument
@selecting
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="What is written.")
@output_option
def command(spec: str, selection: Selection, form: str, output: str | None) -> None:
    """Write SPEC for others to read: the source of a PyTorch module, an ONNX graph, or a picture.

    \b
      archspec export resnet50 --to torch -o resnet50.py
      archspec export resnet50 --to onnx -o resnet50.onnx
      archspec export gpt2 --to mermaid

    What a format cannot say is an error that names the layer and its kind, and nothing is written.
    """
    report = analyzed(spec, selection, 1, "float32", "archspec")
    if form == "torch":
        from archspec.exporters.torch.write import source

        write(source(report), output)
        return
    if form == "onnx":
        from archspec.exporters.onnx.write import model

        if output is None and sys.stdout.isatty():
            raise UsageError("an ONNX graph is no text for a terminal", hint="-o names a file")
        write(model(report), output)
        return
    from archspec.exporters import pictures
    from archspec.exporters.picture import picture

    write({"mermaid": pictures.mermaid, "dot": pictures.dot}[form](picture(report)), output)
