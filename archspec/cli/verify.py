"""`archspec verify`."""

from __future__ import annotations

import os
from typing import Any

import click

from archspec.cli.options import Selection, analyzed, form_option, output_option, selecting, spec_argument, write


@click.command("verify")
@spec_argument
@click.option("--against", required=True, metavar="FILE", help="Whose tensors: a file of weights, or a config.json.")
@selecting
@click.option("--full", is_flag=True, help="Write out tensors whose names differ in numbers alone.")
@form_option("table", "json")
@output_option
def command(spec: str, against: str, selection: Selection, full: bool, form: str, output: str | None) -> int:
    """Hold SPEC's tensors against those of a checkpoint, by name and shape; exit code 1 where they differ.

    FILE is model.safetensors, model.safetensors.index.json, model.gguf, model.onnx, or a config.json; of files of
    weights the header alone is read, however large they are.

    \b
      archspec verify llama.arch.yaml --against model.safetensors.index.json
      archspec verify config.json --against model.gguf

    What differs: missing in the file, extra there, reshaped, transposed, tied on one side alone, renamed as a whole.
    """
    from archspec.analysis.report import of_one_point
    from archspec.importers.headers.files import read
    from archspec.render.verify import render
    from archspec.studies.tensors import tensors
    from archspec.studies.verify import verify

    report = analyzed(spec, selection, 1, "float32", "archspec")
    of_one_point(report, "verify")
    header = (read(against) if os.path.lexists(against) else None) or of_network(against)
    verdict = verify(tensors(report.graph), header)
    write(render(report, against, header, verdict, form, full=full), output)
    return 1 if verdict.differences else 0


def of_network(source: str) -> Any:
    """The tensors of another source of a network. Raises ArchspecError."""
    from archspec.importers.headers.base import Entry, Header
    from archspec.studies.tensors import tensors

    other = analyzed(source, Selection(), 1, "float32", "archspec")
    own = [tensor for tensor in tensors(other.graph) if tensor.tied_to is None]
    entries = {tensor.name: Entry(tensor.name, tensor.shape, tensor.dtype) for tensor in own}  # type: ignore[arg-type]
    return Header("network", entries)
