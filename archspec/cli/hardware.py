"""`archspec hardware`."""

from __future__ import annotations

import click

from archspec.cli.options import form_option, output_option, terminal_room, write


@click.command("hardware")
@click.argument("name", metavar="[CHIP]", required=False)
@form_option("table", "md", "json")
@output_option
def command(name: str | None, form: str, output: str | None) -> None:
    """What chips can do, or CHIP in full: an id, a file of your own, or a pattern that chooses some.

    \b
      archspec hardware
      archspec hardware 'jetson*'
      archspec hardware h100-sxm
      archspec hardware jetson-orin-nano-8gb@15w    in another power mode

    docs/hardware.md says what the figures are.
    """
    from archspec.hardware.catalogue import chip, chips
    from archspec.render.hardware import full, listing

    room = terminal_room(output)
    listed = name is None or any(sign in name for sign in "*?[")
    write(listing(chips(name), form, room) if listed else full(chip(name or ""), form, room), output)
