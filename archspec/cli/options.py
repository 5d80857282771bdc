"""Options that several commands share, and what becomes of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from archspec.errors import ArchspecError, UsageError, listed, show, suggestion
from archspec.records import NamedTuple

if TYPE_CHECKING:
    from archspec.language.nodes import Spec

Command = TypeVar("Command", bound=Callable[..., Any])

spec_argument = click.argument("spec")
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
SELECTING = (
    click.option("--variant", metavar="NAME", help="Variant of the spec; the same as SPEC@NAME."),
    click.option(
        "--architecture",
        metavar="CLASS",
        help="The class that a config is of, where it names none: LlamaForCausalLM; the same as config.json@CLASS.",
    ),
    click.option(
        "--dims",
        metavar="N,...|NAME=N,...",
        help="Sizes of the dims, by name or in their order: --dims 1024, --dims H=320,W=320.",
    ),
    set_option,
)
convention_option = click.option(
    "--convention",
    default="archspec",
    show_default=True,
    metavar="NAME|FILE",
    help="Counting convention of columns.",
)
output_option = click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")


class Selection(NamedTuple):
    """Which network of a source is meant: its variant or its class, and values of its dims and vars."""

    variant: str | None = None
    architecture: str | None = None
    dims: str | None = None
    assignments: tuple[str, ...] = ()

    def values(self, spec: Spec) -> dict[str, Any]:
        """The values that `--dims` and `--set` give, by name. Raises UsageError."""
        values = assigned(self.assignments)
        given = [entry.strip() for entry in self.dims.split(",")] if self.dims else []
        for place, entry in enumerate(given):
            name, equals, number = entry.rpartition("=")
            if not equals:
                if place >= len(spec.dims):
                    has = f"it has {listed(spec.dims)}" if spec.dims else "it has none"
                    raise UsageError(f"--dims {self.dims} gives more sizes than {spec.name} has dims", hint=has)
                name = list(spec.dims)[place]
            if name not in spec.dims:
                hint = suggestion(name, spec.dims) or "--set takes vars too"
                raise UsageError(f"--dims {entry}: {spec.name} has no dim called {show(name)}", hint=hint)
            if name in values:
                raise UsageError(f"`{name}` is given twice")
            values |= assigned((f"{name}={number}",), "--dims")
        return values


def selecting(command: Command) -> Command:
    """`--variant --architecture --dims --set`, which the command takes as ``selection``."""

    @wraps(command)
    def selected(*args: Any, **options: Any) -> Any:
        chosen = Selection(*(options.pop(name) for name in Selection._fields))
        return command(*args, selection=chosen, **options)

    made: Any = selected
    for option in reversed(SELECTING):
        made = option(made)
    return cast(Command, made)


def settings(command: Command) -> Command:
    """`--variant --architecture --dims --set --batch --dtype --convention`."""
    for option in (convention_option, dtype_option, batch_option):
        command = option(command)
    return selecting(command)


def form_option(*forms: str, text: str = "Form of the output.") -> Callable[[Command], Command]:
    """`--format`, the first of the forms by default; the command's parameter is ``form``."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help=text)


def assigned(assignments: tuple[str, ...], option: str = "--set") -> dict[str, Any]:
    """``NAME=VALUE`` texts as values, read as YAML scalars and lists. Raises UsageError."""
    from archspec.models.types import grouped
    from archspec.text.reader import read_text

    values: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} takes NAME=VALUE, got {text!r}", hint=f"write {option} H=320")
        if name in values:
            raise UsageError(f"{option} {name} is given twice")
        try:
            values[name] = grouped(read_text(value, option).data)
        except ArchspecError as error:
            raise UsageError(f"{option} {name}: {error.message}", hint=error.hint) from None
    return values


def analyzed(name: str, selection: Selection, batch: int, dtype: str, convention: str) -> Any:
    """The report of one source under the shared options. Raises ArchspecError."""
    from archspec.analysis.run import run
    from archspec.analysis.setting import Setting

    spec, variant = chosen(name, selection)
    setting = Setting(batch=batch, dtype=dtype, vars=selection.values(spec), convention=convention)
    return run(spec, setting.for_spec(spec, variant))


def chosen(name: str, selection: Selection) -> tuple[Spec, str | None]:
    """The spec that a source holds or is made into, and its variant. Raises ArchspecError."""
    from archspec.importers.sources import opened
    from archspec.language.find import find

    place = find(name)
    for what, value in (("variant", selection.variant), ("architecture", selection.architecture)):
        if value and place.variant and value != place.variant:
            raise UsageError(f"`{name}` names the {what} {place.variant}, --{what} says {value}")
    return opened(place, selection.variant, selection.architecture)


def write(text: str | bytes, output: str | None) -> None:
    """Print, or write what ``-o`` names. Raises UsageError."""
    if output is None:
        if isinstance(text, bytes):
            sys.stdout.buffer.write(text)
            return
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
