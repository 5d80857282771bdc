"""`archspec fmt`."""

from __future__ import annotations

import click

from archspec.cli.options import use_color


@click.command("fmt")
@click.argument("names", nargs=-1, metavar="[FILE...]")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a file is not formatted.")
@click.option("--diff", is_flag=True, help="Write nothing, show what would change; exit with 1 where something would.")
def command(names: tuple[str, ...], check: bool, diff: bool) -> int:
    """Put each FILE into its canonical layout: comments and meaning stay.

    FILE is a file, a folder, a glob, or - for standard input, which is printed; without any, the specs that the
    configuration includes. Keys of the header and of layers are put in one order. What fits into 120 columns stands on
    one line, a layer a line; quotes go where none are needed, and long texts are folded. A comment stays with what it
    belongs to; a collection with one inside has an entry a line.

    Exit code 0; 1 where a file is no YAML or JSON, or with --check or --diff is not formatted.
    """
    from archspec.errors import SpecError, UsageError, printable
    from archspec.language.canonical import formatted
    from archspec.policy.config import closest
    from archspec.render.unified import unified
    from archspec.text.reader import text_of
    from archspec.text.writing import write_whole

    counts = {"formatted": 0, "unchanged": 0, "unreadable": 0}
    for name in closest().files(names):
        shown = "<stdin>" if name == "-" else name
        try:
            text = text_of(name)
            after = formatted(text, shown)
        except SpecError as error:
            click.echo(f"error: {error.located(file=shown)}", err=True)
            counts["unreadable"] += 1
            continue
        counts["unchanged" if after == text else "formatted"] += 1
        if diff:
            click.echo(unified(text, after, shown, "formatted", color=use_color(None)), nl=False)
        elif name == "-" and not check:
            click.echo(after, nl=False)
        elif after != text:
            if not check:
                if text_of(name) != text:
                    raise UsageError(f"{name} changed while it was read", hint="run archspec fmt again")
                write_whole(name, after)
            click.echo(f"{'would format' if check else 'formatted'} {printable(name)}", err=name == "-")
    words = {"formatted": "not formatted"} if check or diff else {}
    told = ", ".join(f"{count} {words.get(word, word)}" for word, count in counts.items() if count)
    click.echo(told, err=True)
    return int(counts["unreadable"] > 0 or ((check or diff) and counts["formatted"] > 0))
