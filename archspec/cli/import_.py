"""`archspec import`."""

from __future__ import annotations

import click

from archspec.cli.options import output_option, write
from archspec.cli.streams import complain


@click.command("import")
@click.argument("source")
@click.option("--architecture", metavar="CLASS", help="The class that is meant, where the source names none.")
@output_option
def command(source: str, architecture: str | None, output: str | None) -> None:
    """Write SOURCE, a network of another format, as a spec: with variables, blocks and repeats, in canonical layout.

    \b
      archspec import config.json -o llama.yaml
      archspec import config.json --architecture LlamaForCausalLM | archspec summary -

    A source may stand wherever a spec may: `archspec summary config.json`.
    """
    from archspec.importers.sources import convert
    from archspec.language.find import find

    imported = convert(find(source), architecture)
    for note in imported.notes:
        complain(f"note: {note}")
    write(imported.text, output)
