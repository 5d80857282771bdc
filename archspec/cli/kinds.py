"""`archspec kinds`."""

from __future__ import annotations

import click

from archspec.cli.options import form_option, output_option, terminal_room, write


@click.command("kinds")
@click.argument("name", required=False)
@form_option("table", "json", "md")
@output_option
def command(name: str | None, form: str, output: str | None) -> None:
    """The kinds of layers, or the kind NAME in full: arguments, weights, formulas, facts, how it is counted.

    \b
      archspec kinds
      archspec kinds conv
    """
    from archspec.render.kinds import full, listing
    from archspec.studies.catalog import entries, entry

    write(listing(entries(), form, terminal_room(output)) if name is None else full(entry(name), form), output)
