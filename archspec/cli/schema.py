"""`archspec schema`."""

from __future__ import annotations

import click

from archspec.cli.options import output_option, write


@click.command("schema")
@click.option(
    "--for", "of", type=click.Choice(["spec", "config", "report"]), default="spec", show_default=True,
    help="What the schema is of: a spec, archspec.toml, or report.json of `archspec ci`.",
)  # fmt: skip
@output_option
def command(of: str, output: str | None) -> None:
    """The JSON Schema of a spec (draft 7), of the configuration or of a report, with hover text for every field.

    \b
      archspec schema -o archspec.schema.json
      check-jsonschema --schemafile archspec.schema.json my_net.yaml

    In an editor with the YAML language server, the first line of a spec names it:

    \b
      # yaml-language-server: $schema=archspec.schema.json
    """
    import json

    from archspec.language.schema import spec_schema
    from archspec.policy.config_model import config_schema
    from archspec.render.report_schema import report_schema

    schema = {"spec": spec_schema, "config": config_schema, "report": report_schema}[of]()
    write(json.dumps(schema, indent=1) + "\n", output)
