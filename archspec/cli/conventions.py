"""`archspec conventions`."""

from __future__ import annotations

import click

from archspec.cli.options import form_option, output_option, terminal_room, write


@click.command("conventions")
@click.argument("name", required=False)
@form_option("table", "json", "md")
@output_option
def command(name: str | None, form: str, output: str | None) -> None:
    """The counting conventions, or the one NAME (a name, or a file of your own) in full, kind by kind.

    \b
      archspec conventions
      archspec conventions torchinfo
      archspec conventions ./mine.yaml --format md
    """
    from archspec.conventions.loader import convention, convention_names
    from archspec.render.conventions import full, listing

    if name is None:
        conventions = [convention(convention_name) for convention_name in convention_names()]
        write(listing(conventions, form, terminal_room(output)), output)
    else:
        write(full(convention(name), form), output)
