"""`archspec config`."""

from __future__ import annotations

from pathlib import Path

import click

from archspec.errors import ArchspecError, ConfigError


@click.command("config")
@click.argument("files", nargs=-1, metavar="[FILE...]")
def command(files: tuple[str, ...]) -> int:
    """Check the configuration and the waivers, without looking at a spec.

    FILE is an archspec.toml, a pyproject.toml, of which [tool.archspec] is looked at, or a file of waivers, which is
    known by its name, waivers.toml. Without any, the configuration that the other commands would use here, and the
    waivers beside it.

    \b
      archspec config
      archspec config archspec.toml .archspec/waivers.toml

    Exit code 0; 2 where a file is wrong or missing.
    """
    from archspec.policy.config import closest
    from archspec.policy.waivers import PLACE

    if not files:
        config = closest()
        if not config.file:
            click.echo("no configuration here: no archspec.toml, and no pyproject.toml with [tool.archspec]")
            return 0
        waivers = config.folder / PLACE
        files = (config.file, *([str(waivers)] if waivers.exists() else []))
    wrong = False
    for file in files:
        try:
            click.echo(f"{file}: {said(Path(file))}")
        except ArchspecError as error:
            click.echo(f"error: {error}", err=True)
            wrong = True
    return 2 if wrong else 0


def said(file: Path) -> str:
    """What a file holds, once it is checked. Raises ConfigError."""
    from archspec.policy.config import config_in
    from archspec.policy.waivers import PLACE, waivers_in
    from archspec.render.numbers import plural

    if not file.is_file():
        raise ConfigError("a directory, not a file" if file.is_dir() else "no such file", file=str(file))
    if file.name == PLACE.name:
        return plural(len(waivers_in(file)), "waiver")
    config = config_in(file.parent, names=(file.name,))
    if config is None:
        return "no [tool.archspec]"
    return f"{plural(len(config.include), 'glob')} of specs, {plural(len(config.budgets), 'budget')}"
