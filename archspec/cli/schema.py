"""`archspec schema`."""

from __future__ import annotations

import click

from archspec.cli.options import output_option, write


@click.command("schema")
@output_option
def command(output: str | None) -> None:
    """The JSON Schema of a spec (draft 7), with hover text for every field.

    \b
      archspec schema -o archspec.schema.json
      check-jsonschema --schemafile archspec.schema.json my_net.yaml

    In an editor with the YAML language server, the first line of a spec names it:

    \b
      # yaml-language-server: $schema=archspec.schema.json
    """
    import json

    from archspec.schema import spec_schema

    write(json.dumps(spec_schema(), indent=1) + "\n", output)
