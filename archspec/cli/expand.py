"""`archspec expand`."""

from __future__ import annotations

import click

from archspec.cli.options import analyzed, output_option, spec_argument, write


@click.command("expand")
@spec_argument
@click.option("--variant", metavar="NAME", help="Variant of the spec; the same as SPEC@NAME.")
@click.option(
    "--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Value of a dim or var; again for each."
)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@output_option
def command(spec: str, variant: str | None, assignments: tuple[str, ...], form: str, output: str | None) -> None:
    """Write SPEC with every variable, block, repeat and condition resolved: a flat list of layers, itself a valid spec.

    \b
      archspec expand resnet50 > flat.yaml && archspec summary flat.yaml
    """
    from archspec.render.json_text import dumps
    from archspec.render.yaml_text import dump_spec
    from archspec.unfold import unfold

    data = unfold(analyzed(spec, variant, 1, "float32", assignments, "archspec"))
    write(dumps(data) if form == "json" else dump_spec(data), output)
