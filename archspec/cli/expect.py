"""`archspec expect`."""

from __future__ import annotations

import click


@click.command("expect")
@click.argument("names", nargs=-1, metavar="[SPEC...]")
@click.option("--update", is_flag=True, help="Rewrite the figures that differ, in place, and nothing else.")
@click.option("--add", is_flag=True, help="With --update, also write figures for variants that have none.")
@click.option(
    "--digits",
    type=click.IntRange(1, 20),
    metavar="N",
    help="Digits of the figures with a suffix that are written; without it as many as there are.",
)
def command(names: tuple[str, ...], update: bool, add: bool, digits: int | None) -> int:
    """The figures under `expect` beside those that are counted; --update makes them what is counted.

    A figure keeps the way it is written: 11_689_512 stays exact and keeps its underscores, 1.814G stays four digits
    with a suffix. SPEC is a file, a folder, a glob or a name of the zoo; without any, the specs that the configuration
    includes.

    \b
      archspec expect my_net.yaml
      archspec expect my_net.yaml --update
      archspec expect my_net.yaml --update --add --digits 5

    Exit code 0; 1 where a figure differs and is not updated, or a spec is wrong.
    """
    from archspec.analysis.subject import Subject
    from archspec.errors import ArchspecError, UsageError
    from archspec.language.load import load_text
    from archspec.language.parts import TREE
    from archspec.policy.config import closest
    from archspec.policy.expect_update import edits, expectations
    from archspec.render.expect import lines
    from archspec.text.edits import apply
    from archspec.text.reader import text_of
    from archspec.text.writing import write_whole

    if add and not update:
        raise UsageError("--add goes with --update")
    failed = False
    for name in closest().files(names):
        if update and name == "-":
            raise UsageError("standard input cannot be updated", hint="name the file")
        try:
            text = text_of(name)
            spec = load_text(text, "<stdin>" if name == "-" else name, TREE)
        except UsageError:
            raise
        except ArchspecError as error:
            click.echo(f"wrong: {error}", err=True)
            failed = True
            continue
        expected = list(expectations(Subject(spec, name), digits))
        failed |= any(
            expectation.problem is not None or (expectation.written and expectation.new and not update)
            for expectation in expected
        )
        changes = edits(expected, spec.document, add=add) if update else []
        if changes:
            if text_of(name) != text:
                raise UsageError(f"{name} changed while it was read", hint="run archspec expect again")
            mark = "\ufeff" * text.startswith("\ufeff")
            write_whole(name, mark + apply(spec.document.text, changes))
        for line in lines(spec.file, expected, update=update, add=add):  # what was written, once it is
            click.echo(line)
    return int(failed)
