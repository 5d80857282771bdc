"""Analyses over columns of design points: one run for all the points that go the same way.

Points part where a condition differs among them (`Split`: each side runs again) and where a requirement fails for some
(`Partial`: the others run again). The runs' figures are put together at the end. Why a point is impossible its own
analysis says, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from archspec.analysis.report import Report, Row, Totals, warnings
from archspec.analysis.run import run
from archspec.analysis.setting import Setting
from archspec.errors import ArchspecError, UsageError
from archspec.language.nodes import Spec
from archspec.sizes import Partial, Split, as_size, restrict, unwrap
from archspec.sizes.arrays import Array, fits
from archspec.sizes.grid import Grid

CHUNK = 1 << 13  # points of one run: its columns fit the processor's cache, and leave memory once they are summed


class Piece(NamedTuple):
    """One run: its design points as flat indices, the sizes that went in, and the sums that came out."""

    points: Array
    setting: Setting
    totals: Totals
    unknown: dict[str, Any]
    assumptions: list[str]


def analyze_columns(spec: Spec, setting: Setting) -> Report | Points:
    """The report over the broadcast of all arrays in a setting.

    Raises UsageError for arrays that hold no integers or do not fit together, and the first point's ArchspecError where
    none is possible.
    """
    arrays = [value for value in _leaves([setting.batch, *setting.values.values()]) if is_array(value)]
    try:
        shape = np.broadcast_shapes(*(np.shape(array) for array in arrays))
    except ValueError:
        shapes = " and ".join(str(list(np.shape(array))) for array in arrays)
        raise UsageError(f"arrays of shapes {shapes} do not fit together", hint="they broadcast as in NumPy") from None
    if shape == ():  # NumPy's scalars
        return run(spec, _changed(setting, lambda array: array.item() if is_array(array) else array))
    count = int(np.prod(shape))
    if count == 0:
        raise UsageError("there are no design points: an array is empty")

    def column(array: Any) -> Any:
        return as_size(np.broadcast_to(array, shape).ravel()) if is_array(array) else array

    whole = _changed(setting, column)
    waiting = [np.arange(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)][::-1]
    faults: list[ArchspecError] = []
    blame = np.full(count, -1)  # by point: the fault it has, -1 where it has none
    pieces: list[Piece] = []
    first: Report | None = None
    while waiting:
        points = waiting.pop()
        part = _changed(whole, partial(_at, points=points))
        try:
            report = run(spec, part)
            pieces.append(Piece(points, part, report.totals, report.unknown, report.assumptions))
            first = first or report
        except Split as split:
            waiting += [points[~split.mask], points[split.mask]]
        except Partial as fault:
            blame[points[fault.mask]] = len(faults)
            faults.append(fault.errors(int(fault.mask.argmax())))
            if not fault.mask.all():
                waiting.append(points[~fault.mask])
        except ArchspecError as error:
            blame[points] = len(faults)
            faults.append(error)
    impossible = Reasons(spec, whole, blame.reshape(shape), faults)
    if first is None:
        raise impossible.why(0)
    return Points(spec, setting, first, pieces, impossible)


class Reasons(Mapping[int | tuple[int, ...], str]):
    """Index -> why this point is impossible, in its own analysis' words. Indices into several axes are tuples."""

    def __init__(self, spec: Spec, setting: Setting, blame: Array, faults: list[ArchspecError]) -> None:
        self.mask = blame >= 0
        self._spec = spec
        self._setting = setting
        self._blame = blame
        self._faults = faults

    def why(self, point: int) -> ArchspecError:
        """The error of one point, given by its flat index."""
        try:
            run(self._spec, _changed(self._setting, lambda value: _at(value, np.array([point]))))
        except ArchspecError as error:
            return error
        return self._faults[int(self._blame.flat[point])]  # what is wrong with columns only: a symbol among them

    def __getitem__(self, index: int | tuple[int, ...]) -> str:
        place = index if isinstance(index, tuple) else (index,)
        if len(place) != self.mask.ndim or not all(0 <= i < n for i, n in zip(place, self.mask.shape, strict=True)):
            raise KeyError(index)
        point = int(np.ravel_multi_index(place, self.mask.shape))
        if not self.mask.flat[point]:
            raise KeyError(index)
        return str(self.why(point))

    def __iter__(self) -> Iterator[int | tuple[int, ...]]:
        for place in np.argwhere(self.mask).tolist():
            yield tuple(place) if self.mask.ndim > 1 else place[0]

    def __len__(self) -> int:
        return int(self.mask.sum())

    def __repr__(self) -> str:
        return f"Reasons({dict(self)!r})"


class Points:
    """Figures that are arrays, one entry to a design point: masked arrays where some points are impossible.

    ``totals`` are int64 arrays, of exact Python ints (dtype object) where one does not fit. ``unknown`` counts layers
    without a rule. ``impossible`` tells why a point is.
    """

    def __init__(self, spec: Spec, setting: Setting, first: Report, pieces: list[Piece], impossible: Reasons) -> None:
        self.spec = spec
        self.setting = setting
        self.variant = first.variant
        self.impossible = impossible
        self.pieces = pieces
        self.totals: Totals = self._joined([piece.totals for piece in pieces], self._column)
        kinds = dict.fromkeys(kind for piece in pieces for kind in piece.unknown)
        self.unknown: dict[str, Any] = {
            kind: self._number_or_column([piece.unknown.get(kind, 0) for piece in pieces]) for kind in kinds
        }
        assumed = dict.fromkeys(text for piece in pieces for text in piece.assumptions)
        self.warnings = warnings(first.convention.name, self.unknown, assumed)

    @property
    def layers(self) -> tuple[Row, ...]:
        """Every layer, repeats written out unless that would be more than 10,000 lines."""
        unfoldable = all(report.unfoldable for report in self._reports())
        return tuple(row for row in self.rows(full=unfoldable) if not row.group)

    def rows(self, *, full: bool = False) -> Iterator[Row]:
        """Groups and layers; a figure in which all points agree is a number.

        Raises UsageError where the points do not have the same layers.
        """
        reports = list(self._reports())
        if full and not all(report.unfoldable for report in reports):
            raise UsageError("repeats that differ between design points cannot be written out")
        tables = [tuple(report.rows(full=full)) for report in reports]
        if len({tuple(map(_form, table)) for table in tables}) > 1:
            raise UsageError(
                "the design points do not have the same layers, so there is no table of them all",
                hint="take the totals, or analyse points of one structure at a time",
            )
        return map(self._row, zip(*tables, strict=True))

    def _reports(self) -> Iterator[Report]:
        """The pieces' reports, worked out again: kept, they would take kilobytes for every design point."""
        for piece in self.pieces:
            yield run(self.spec, piece.setting)

    def to_dict(self, *, full: bool | None = None) -> dict[str, Any]:
        raise UsageError("the JSON contract is of one design point", hint="`.totals` and `.rows()` hold the arrays")

    def __str__(self) -> str:
        name, mask = self.variant or self.spec.name, self.impossible.mask
        lines = [f"{name} | {mask.size} design points {list(mask.shape)}, {int(mask.sum())} impossible"]
        for key in ("params", "macs", "flops", "activations"):
            lines.append(f"{key}: {self.totals[key].min()} to {self.totals[key].max()}")
        return "\n".join([*lines, *(f"warning: {text}" for text in self.warnings)]) + "\n"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"

    def _row(self, rows: tuple[Row, ...]) -> Row:
        first = rows[0]
        figures = {
            name: self._joined([getattr(row, name) for row in rows], self._number_or_column)
            for name in Row._fields
            if name not in ("item", "state")
        }
        return Row(item=first.item, state=first.state, **figures)

    def _joined(self, values: list[Any], join: Callable[[list[Any]], Any]) -> Any:
        """The pieces' values of one thing, mappings and shapes entry by entry."""
        first = values[0]
        if isinstance(first, dict):
            return type(first)({key: self._joined([value[key] for value in values], join) for key in first})
        if isinstance(first, tuple):
            return tuple(self._joined(list(entries), join) for entries in zip(*values, strict=True))
        return first if first is None or isinstance(first, (str, bool)) else join(values)

    def _number_or_column(self, values: list[Any]) -> Any:
        first = values[0]
        same = all(type(value) is int and value == first for value in values)
        return first if same else self._column(values)

    def _column(self, values: list[Any]) -> Any:
        wide = any(
            value.dtype == object if isinstance(value, np.ndarray) else not fits((value, value)) for value in values
        )
        mask = self.impossible.mask
        column = np.zeros(mask.shape, object if wide else np.int64)
        for piece, value in zip(self.pieces, values, strict=True):
            column.flat[piece.points] = value
        return np.ma.MaskedArray(column, mask) if self.impossible else column


def is_array(value: Any) -> bool:
    """Whether a value is an array or a scalar of NumPy's."""
    return isinstance(value, (np.ndarray, np.generic))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _changed(setting: Setting, change: Callable[[Any], Any]) -> Setting:
    """A setting with each of its values changed, those in lists and mappings too."""

    def within(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: within(item) for key, item in value.items()}
        return [within(item) for item in value] if isinstance(value, (list, tuple)) else change(value)

    return setting._replace(batch=within(setting.batch), dims=within(setting.dims), vars=within(setting.vars))


def _at(value: Any, points: Array) -> Any:
    """Some points of a column; one in which they agree is a plain number."""
    if not isinstance(value, Grid):
        return value
    part = restrict(value, points)
    content = unwrap(part)
    return content.item(0) if (content == content.item(0)).all() else part


def _form(row: Row) -> tuple[Any, ...]:
    """What rows of different pieces must share to be one row."""
    return row.path, row.kind, row.group, row.status, row.note, tuple(map(len, row.inputs)), len(row.output)
