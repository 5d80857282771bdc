"""`archspec rules`."""

from __future__ import annotations

import click

from archspec.cli.options import form_option, output_option, terminal_room, write


@click.command("rules")
@click.argument("code", required=False)
@form_option("text", "json", "md")
@output_option
def command(code: str | None, form: str, output: str | None) -> None:
    """The rules of `archspec lint` and the codes of what `check` and `ci` say of limits and changes; or CODE in full:
    what it finds, why, an example, the cure.

    \b
      archspec rules
      archspec rules AS301
    """
    from archspec.lint.registry import rule_called, rules
    from archspec.policy.codes import BY_CODE, TABLE
    from archspec.render.rules import full, listing

    if code is None:
        write(listing(rules(), TABLE, form, terminal_room(output)), output)
    else:
        write(full(BY_CODE.get(code) or rule_called(code), form), output)
