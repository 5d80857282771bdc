"""`archspec git-diff-driver`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

NOTHING = "/dev/null"


@click.command("git-diff-driver")
@click.argument("path")
@click.argument("rest", nargs=-1)
def command(path: str, rest: tuple[str, ...]) -> None:
    """Show specs in `git diff` and `git log -p --ext-diff` as archspec does; git calls it.

    \b
      git config diff.archspec.command 'archspec git-diff-driver'
      echo '*.yaml diff=archspec' >> .gitattributes

    git gives PATH OLD-FILE OLD-HEX OLD-MODE NEW-FILE NEW-HEX NEW-MODE, and for a renamed file its new path. A file that
    is no spec is shown line by line.
    """
    from archspec.analysis.setting import Setting
    from archspec.change.diff import compare_files
    from archspec.change.git import read_stable
    from archspec.change.model import Diff, Side
    from archspec.errors import UsageError
    from archspec.language.files import is_spec
    from archspec.render.diff import render

    if not rest:
        click.echo(f"{path}: unmerged")
        return
    if len(rest) < 6:
        raise UsageError("git gives this command seven arguments or more", hint="see `archspec git-diff-driver --help`")
    old, new = (None if name == NOTHING else read_stable(Path(name), path) for name in (rest[0], rest[3]))
    after = rest[6] if len(rest) > 6 else path
    if not any(content is not None and is_spec(content) for content in (old, new)):
        click.echo("".join(by_lines(path, after, old or b"", new or b"")), nl=False)
        return
    spec = compare_files(after, after if old is None else path, old, new, Setting())
    names = [Side(oid[:10]) for oid in (rest[1], rest[4])]
    # git's pager takes colour; git itself tells so.
    color = not os.environ.get("NO_COLOR") and (sys.stdout.isatty() or os.environ.get("GIT_PAGER_IN_USE") == "true")
    click.echo(render(Diff(base=names[0], head=names[1], at=Setting(), specs=(spec,)), "text", color=color), nl=False)


def by_lines(path: str, after: str, old: bytes, new: bytes) -> list[str]:
    """A file that is no spec, as git itself shows it."""
    from difflib import unified_diff

    left, right = (side.decode("utf-8", "replace").splitlines(keepends=True) for side in (old, new))
    return [
        line if line.endswith("\n") else line + "\n" for line in unified_diff(left, right, f"a/{path}", f"b/{after}")
    ]
