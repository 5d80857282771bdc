"""`archspec schema`."""

from __future__ import annotations

import click

from archspec.cli.options import output_option, write


@click.command("schema")
@click.option(
    "--for",
    "of",
    metavar="NAME",
    default="spec",
    show_default=True,
    help="What the schema is of: spec, config, convention, waivers, chip, or an output: report, summary, findings, ...",
)
@output_option
def command(of: str, output: str | None) -> None:
    """The JSON Schema (draft 7) of a spec, of another file that archspec reads, or of a JSON output.

    It describes every key, which editors show. An output names its schema: archspec.findings/1 is that of `findings`.

    \b
      archspec schema -o archspec.schema.json
      check-jsonschema --schemafile archspec.schema.json my_net.yaml

    In an editor with the YAML language server, the first line of a spec names it:

    \b
      # yaml-language-server: $schema=archspec.schema.json
    """
    import json

    from archspec.render.schemas import schema

    write(json.dumps(schema(of), indent=1) + "\n", output)
