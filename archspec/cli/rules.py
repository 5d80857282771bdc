"""`archspec rules`."""

from __future__ import annotations

import click

from archspec.cli.options import form_option, output_option, terminal_room, write


@click.command("rules")
@click.argument("code", required=False)
@form_option("text", "json", "md")
@output_option
def command(code: str | None, form: str, output: str | None) -> None:
    """The rules of `archspec lint`, or the rule CODE in full: what it finds, why, an example, the cure.

    \b
      archspec rules
      archspec rules AS301
    """
    from archspec.lint.registry import rule_called, rules
    from archspec.render.rules import full, listing

    write(listing(rules(), form, terminal_room(output)) if code is None else full(rule_called(code), form), output)
