"""The calls of a program: load a spec, analyse it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.analysis import report as plain
from archspec.analysis.metrics import OWN
from archspec.analysis.run import run
from archspec.analysis.setting import Setting
from archspec.importers.sources import opened
from archspec.language.find import find
from archspec.language.nodes import Spec
from archspec.text.collecting import paused

if TYPE_CHECKING:
    from archspec.studies.points import Points


class Report(plain.Report):
    """Figures of one spec at one setting. ``str`` is the table, ``to_dict`` the JSON contract."""

    def to_dict(self, *, full: bool | None = None) -> dict[str, Any]:
        """The contract ``archspec.summary/1``: exact integers, shapes with the batch at axis 0."""
        from archspec.render.json import summary

        return summary(self, full=full)

    def __str__(self) -> str:
        from archspec.render.table import table

        return table(self)

    def _repr_html_(self) -> str:
        from archspec.render.html import html_table

        return html_table(self)


@paused()
def load(path: str | os.PathLike[str]) -> Spec:
    """Read and check a spec: a file, a name of the zoo (``resnet50``), or ``-`` for standard input.

    A variant is chosen when the spec is analysed. Raises SpecError and UsageError.
    """
    return opened(find(os.fspath(path)))[0]


@paused()
def analyze(
    spec: Spec | str | os.PathLike[str],
    *,
    variant: str | None = None,
    batch: Any = 1,
    dtype: str = "float32",
    dims: Mapping[str, Any] | None = None,
    vars: Mapping[str, Any] | None = None,
    convention: str = OWN,
) -> Report | Points:
    """Work out a spec's shapes, parameters, operations and memory.

    ``spec`` is a loaded one, or what :func:`load` takes, ``FILE@variant`` included. ``batch``, and every value of
    ``dims`` and ``vars``, may be an int, an integer NumPy array or a SymPy expression; lists may hold them. Arrays make
    every figure an array over the broadcast of all of them (:class:`archspec.studies.points.Points`). Symbols
    make figures their polynomials; they stand for positive integers, whatever else they assume, and what had to be
    assumed beside is among the report's warnings. ``convention`` is a name or a file. Raises ArchspecError.
    """
    if not isinstance(spec, Spec):
        spec, variant = opened(find(os.fspath(spec)), variant)
    setting = Setting(variant, batch, dtype, dict(dims or {}), dict(vars or {}), convention)
    if not has_arrays((batch, *setting.values.values())):
        return Report(**run(spec, setting).__dict__)
    from archspec.studies.points import Points, analyze_columns

    made = analyze_columns(spec, setting)
    return made if isinstance(made, Points) else Report(**made.__dict__)


def has_arrays(value: Any) -> bool:
    """Whether NumPy's arrays or scalars stand in a value."""
    if isinstance(value, (list, tuple)):
        return any(map(has_arrays, value))
    return type(value).__module__ == "numpy"
