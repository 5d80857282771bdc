"""Options that several commands share, and what becomes of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from archspec.errors import ArchspecError, UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

spec_argument = click.argument("spec")
variant_option = click.option("--variant", metavar="NAME", help="Variant of the spec; the same as SPEC@NAME.")
batch_option = click.option(
    "--batch", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Samples in the batch."
)
dtype_option = click.option(
    "--dtype",
    default="float32",
    show_default=True,
    metavar="DTYPE",
    help="Element type of weights and activations.",
)
set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a dim or var; again for each: --set H=320 --set depths=[3,4,23,3].",
)
convention_option = click.option(
    "--convention",
    default="archspec",
    show_default=True,
    metavar="NAME|FILE",
    help="Counting convention of columns.",
)
output_option = click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")


def settings(command: Command) -> Command:
    """`--variant --batch --dtype --set --convention`."""
    for option in (convention_option, set_option, dtype_option, batch_option, variant_option):
        command = option(command)
    return command


def form_option(*forms: str, text: str = "Form of the output.") -> Callable[[Command], Command]:
    """`--format`, the first of the forms by default; the command's parameter is ``form``."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help=text)


def assigned(assignments: tuple[str, ...]) -> dict[str, Any]:
    """``NAME=VALUE`` texts as values, read as YAML scalars and lists. Raises UsageError."""
    from archspec.models.types import grouped
    from archspec.text.reader import read_text

    values: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--set takes NAME=VALUE, got {text!r}", hint="write --set H=320")
        if name in values:
            raise UsageError(f"--set {name} is given twice")
        try:
            values[name] = grouped(read_text(value, "--set").data)
        except ArchspecError as error:
            raise UsageError(f"--set {name}: {error.message}", hint=error.hint) from None
    return values


def analyzed(
    name: str, variant: str | None, batch: int, dtype: str, assignments: tuple[str, ...], convention: str
) -> Any:
    """The report of one spec under the shared options. Raises ArchspecError."""
    from archspec.analysis.run import run
    from archspec.analysis.setting import Setting
    from archspec.language.find import find
    from archspec.language.load import load_spec

    place = find(name)
    if variant and place.variant and variant != place.variant:
        raise UsageError(f"`{name}` names the variant {place.variant}, --variant says {variant}")
    spec = load_spec(place.file)
    setting = Setting(batch=batch, dtype=dtype, vars=assigned(assignments), convention=convention)
    return run(spec, setting.for_spec(spec, variant or place.variant))


def write(text: str, output: str | None) -> None:
    """Print, or write what ``-o`` names. Raises UsageError."""
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    from archspec.text.writing import write_output

    write_output(output, text)


def terminal_room(output: str | None = None) -> int | None:
    """Columns of the terminal, or of COLUMNS; None where the output goes elsewhere and may be as wide as it is."""
    if output is not None:
        return None
    if os.environ.get("COLUMNS", "").isdigit():
        return int(os.environ["COLUMNS"])
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None


def use_color(output: str | None) -> bool:
    """Colour on a terminal only, and not where NO_COLOR is set."""
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
