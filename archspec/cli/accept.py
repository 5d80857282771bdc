"""`archspec accept`."""

from __future__ import annotations

import click


@click.command("accept")
@click.argument("fingerprint")
@click.argument("specs", nargs=-1, metavar="[SPEC...]")
@click.option("--reason", required=True, help="Why the finding is accepted.")
@click.option("--by", metavar="NAME", help="Who accepts it; git's user.name where it is not said.")
@click.option("--until", metavar="DATE", help="The last day it holds, as 2030-01-31.")
@click.option("--base", metavar="REF", help="Git ref of the base, for a finding that `archspec check --base REF` has.")
@click.option("--config", metavar="FILE", help="The configuration instead of the closest one.")
def command(
    fingerprint: str,
    specs: tuple[str, ...],
    reason: str,
    by: str | None,
    until: str | None,
    base: str | None,
    config: str | None,
) -> int:
    """Waive a finding of the policy by its fingerprint, which `archspec check` and `archspec ci` print.

    The waiver goes to .archspec/waivers.toml beside the configuration, with its reason, its author and its last day.
    Where the waiver of what a change renames has the old name, it is written anew. Where the configuration says
    `waivers = "base"`, a waiver holds once it is merged.

    \b
      archspec accept 3f2a90c1b7de --reason "wider head, agreed in #42" --until 2030-01-31
    """
    from datetime import date

    from archspec.errors import UsageError, printable
    from archspec.policy.accept import accept

    try:
        day = date.fromisoformat(until) if until is not None else None
    except ValueError:
        raise UsageError(f"--until takes a day such as 2030-01-31, got {until!r}") from None
    path, finding = accept(fingerprint, specs, reason=reason, by=by, until=day, base=base, config=config)
    click.echo(printable(f"{path}: {finding.code} {finding.message}"))
    return 0
