"""`archspec import`."""

from __future__ import annotations

import click

from archspec.cli.options import output_option, terminal_room, write
from archspec.cli.streams import complain
from archspec.errors import UsageError


@click.command("import")
@click.argument("source", required=False)
@click.option("--architecture", metavar="CLASS", help="The class that is meant, where the source names none.")
@click.option("--types", is_flag=True, help="List the model types of transformers that are known.")
@output_option
def command(source: str | None, architecture: str | None, types: bool, output: str | None) -> None:
    """Write SOURCE, a network of another format, as a spec: with variables, blocks and repeats, in canonical layout.

    \b
      archspec import config.json -o llama.yaml
      archspec import config.json --architecture LlamaForCausalLM | archspec summary -
      archspec import model.onnx

    A source may stand wherever a spec may: `archspec summary config.json`. docs/importing.md names the formats.
    """
    from archspec.importers.sources import convert
    from archspec.language.find import find

    if types:
        write(listing(), output)
        return
    if source is None:
        raise UsageError("which SOURCE? A config.json, a model.onnx, ...", hint="`archspec import --help`")
    imported = convert(find(source), architecture)
    for note in imported.notes:
        complain(f"note: {note}")
    write(imported.text, output)


def listing() -> str:
    """The model types and their classes, a line each."""
    from archspec.importers.transformers.types import model_type, names
    from archspec.render.tables import wrapped_table

    rows = [(name, ", ".join(model_type(name).classes)) for name in sorted(names())]
    return wrapped_table([("model type", "classes"), *rows], terminal_room())
