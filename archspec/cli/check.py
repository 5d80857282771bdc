"""`archspec check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from archspec.cli.options import output_option, write
from archspec.errors import ArchspecError, SpecError


class Result(NamedTuple):
    """One variant of one spec: clean where ``problems`` is empty."""

    spec: str
    variant: str | None
    figures: int
    problems: list[str]


@click.command("check")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--quiet", "-q", is_flag=True, help="Only print what is wrong.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@output_option
@click.pass_context
def command(ctx: click.Context, specs: tuple[str, ...], quiet: bool, form: str, output: str | None) -> int:
    """Validate each SPEC in every variant and compare the figures under `expect`.

    A figure is compared at the precision it is written in: 1.814G stands for all that round to it. Exit code 0 when all is
    well, 1 where a figure differs or a spec is wrong.
    """
    results: list[Result] = []
    showing = sys.stderr.isatty() and len(specs) > 1
    for index, name in enumerate(specs, 1):
        if showing:
            click.echo(f"\r\033[K{index}/{len(specs)} {name}", nl=False, err=True)
        results.extend(check(name))
    if showing:
        click.echo("\r\033[K", nl=False, err=True)
    bad = [result for result in results if result.problems]
    if form == "json":
        from archspec.render.json_text import dumps

        write(dumps({"schema": "archspec.check/1", "results": [result._asdict() for result in results]}), output)
    else:
        lines = [_line(result) for result in (bad if quiet else results)]
        files = len({result.spec for result in results})
        figures = sum(result.figures for result in results)
        summary = f"{plural(len(results), 'variant')} of {plural(files, 'spec')} checked, {plural(figures, 'figure')}"
        if bad or not quiet:
            lines.append(f"{summary}, {len(bad)} wrong" if bad else f"{summary}, all as expected")
        write("\n".join(lines) + "\n" if lines else "", output)
    return 1 if bad else 0


def check(name: str) -> Iterator[Result]:
    """The variants of a spec, one after the other; an unreadable spec is one result with its error."""
    from archspec.spec.find import find
    from archspec.spec.load import load_spec

    place = find(name)
    try:
        spec = load_spec(place.file)
    except SpecError as error:
        yield Result(name, None, 0, [str(error)])
        return
    variants: list[str | None] = [place.variant] if place.variant else [*spec.variants] or [None]
    if None not in variants and not place.variant and not any(one.required for one in spec.vars.values()):
        variants.append(None)
    for variant in variants:
        yield check_variant(name, spec, variant)


def check_variant(name: str, spec: Any, variant: str | None) -> Result:
    """One variant analysed, and each expected figure that it misses."""
    from archspec.api import analyze
    from archspec.expect import compare, figure
    from archspec.spec.validate import fail

    expected = spec.expect.get(variant or "", {})
    problems = []
    try:
        totals = analyze(spec, variant=variant).totals
    except ArchspecError as error:
        return Result(name, variant, 0, [str(error)])
    section = spec.document.data.get("expect") or {}
    around = section[variant] if variant in section else section
    for key, value in expected.items():
        path = f"expect.{variant}" if variant else "expect"
        try:
            actual = figure(totals, key)
            if not compare(value, actual):
                raise SpecError(f"expected {value}, is {actual:,}")
        except SpecError as error:
            found = fail(error.message, around, key, path=path, hint=error.hint)
            problems.append(str(found.located(file=spec.file)))
    return Result(name, variant, len(expected), problems)


def _line(result: Result) -> str:
    name = result.spec + (f"@{result.variant}" if result.variant and not result.spec.endswith(result.variant) else "")
    if result.problems:
        return "\n".join([f"wrong  {name}", *("  " + problem.replace("\n", "\n  ") for problem in result.problems)])
    return f"ok     {name}  {plural(result.figures, 'figure') if result.figures else 'no figures expected'}"


def plural(count: int, word: str) -> str:
    """``1 figure``, ``2 figures``."""
    return f"{count} {word}{'s' * (count != 1)}"
