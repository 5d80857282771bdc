"""`archspec list`."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

import click

from archspec.cli.options import form_option, output_option, write
from archspec.errors import UsageError, did_you_mean


@click.command("list")
@click.argument("pattern", required=False)
@form_option("table", "json", "md", "csv")
@output_option
def command(pattern: str | None, form: str, output: str | None) -> None:
    """The networks that come with archspec, with their figures at their nominal input.

    PATTERN chooses names: `archspec list 'resne*'`.
    """
    from archspec.render.zoo import render

    write(render(networks(pattern), form), output)


def networks(pattern: str | None) -> list[dict[str, Any]]:
    """Name, file, input and figures of each network, worked out now. Raises UsageError where none fits."""
    from archspec.analysis.metrics import LEAD
    from archspec.analysis.run import run
    from archspec.analysis.setting import Setting
    from archspec.language.find import zoo
    from archspec.language.load import load_spec

    networks = []
    places = {name: place for name, place in zoo().items() if pattern is None or fnmatch(name, pattern)}
    if not places:
        raise UsageError(f"no network of the zoo fits `{pattern}`", hint=did_you_mean(pattern or "", zoo()))
    specs = {file: load_spec(file) for file in dict.fromkeys(place.file for place in places.values())}
    for name, place in sorted(places.items()):
        spec = specs[place.file]
        if place.variant is None and spec.variants:
            continue  # a family's file; its variants stand under their own names
        report = run(spec, Setting(place.variant))
        inputs = {name: list(value.shape[1:]) for name, value in report.graph.inputs.items()}
        sums = report.totals
        networks.append(
            {
                "name": name,
                "family": spec.name,
                "inputs": inputs,
                **{metric.name: sums[metric.name] for metric in LEAD},
            }
        )
    return networks
