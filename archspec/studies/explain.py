"""Why a figure is what it is: each formula, its values put in, its result, its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from archspec.analysis.count import Ledger, why_nothing
from archspec.analysis.metrics import OWN
from archspec.analysis.report import Report, Row, of_one_point
from archspec.conventions.loader import Rule, convention
from archspec.errors import UsageError, did_you_mean
from archspec.expr import Expr
from archspec.graph.graph import Layer
from archspec.kinds.base import infer
from archspec.kinds.formula import tracing
from archspec.language.scope import NUMBER
from archspec.sizes import unwrap


class Step(NamedTuple):
    """One formula at work. ``unit`` may be empty; ``note`` says what the formula cannot."""

    section: str  # shape, weights, or the name of a convention
    name: str
    formula: str
    substituted: str
    result: Any
    unit: str = ""
    source: str = ""
    note: str = ""
    latex: str = ""


class Explanation(NamedTuple):
    """A layer and the steps to its figures."""

    row: Row
    steps: tuple[Step, ...]


def explain(report: Report, layer: str | None = None) -> list[Explanation]:
    """The layer of that path, or every layer below a group of that path, or every layer. Raises UsageError."""

    of_one_point(report, "explain")

    def below(path: str | None, *, full: bool = False) -> list[Row]:
        layers = (row for row in report.rows(full=full) if not row.group)
        return [row for row in layers if path is None or f"{row.path}.".startswith(f"{path}.")]

    rows = below(layer)
    if layer is not None and not rows:
        rows = below(layer, full=True) if report.unfoldable else below(_first_alike(layer, report))
        if not rows:
            hint = did_you_mean(layer, [row.path for row in report.rows()]) or "`archspec summary` shows the names"
            raise UsageError(f"no layer is called `{layer}`", hint=hint)
    ledger = Ledger(report.graph, report.setting.dtype, map(convention, (OWN, report.setting.convention)))
    return [Explanation(row, tuple(_steps(ledger, row))) for row in rows]


def _first_alike(path: str, report: Report) -> str:
    """The path with each number of a folded instance made that of the first one alike, whose row stands for all."""
    for row in report.rows():
        first, count = row.item.first, row.item.repeat
        if first is None or type(count) is not int:
            continue
        above = row.path.removesuffix(str(first))
        number, dot, below = path.removeprefix(above).partition(".")
        if path.startswith(above) and NUMBER.fullmatch(number) and first <= int(number) < first + count:
            path = f"{above}{first}{dot}{below}"
    return path


def _steps(ledger: Ledger, row: Row) -> Iterator[Step]:
    call = row.item
    assert isinstance(call, Layer)
    yield from _shape(call)
    yield from _weights(call)
    kind = call.traits.kind.kind
    counted = ledger.call(call, row.state)
    for table in ledger.conventions:
        rule = table.rule(kind)
        status = counted.status[table.name]
        if status == "counted" and rule is not None:
            yield from _columns(rule, counted.facts, counted.columns[table.name], table.name, table.columns)
        elif status == "free":
            yield Step(table.name, "free", "0", "0", 0, note=why_nothing(table, kind, status, counted.facts))
        else:
            yield Step(table.name, "unknown", "", "", None, note=why_nothing(table, kind, status, counted.facts))


def _shape(call: Layer) -> Iterator[Step]:
    """The formulas that the shape rule called, recorded while it runs once more."""
    with tracing() as trace:
        infer(call.traits.kind, call.traits.inputs)
    for (formula, values, result), same in groupby(trace):
        axes = len(list(same))
        note = f"alike on {axes} axes" if axes > 1 else ""
        yield _step("shape", formula.name, formula.expr, values, result, source=formula.source, note=note)
    if not trace:
        shapes = ", ".join(_listed(shape) for shape in call.traits.inputs)
        outputs = ", ".join(_listed(shape) for shape in call.traits.outputs)
        note = " ".join((call.traits.kind.__doc__ or "").split())
        yield Step("shape", "output", shapes, "", outputs, source=call.traits.kind.source, note=note)


def _weights(call: Layer) -> Iterator[Step]:
    for weight in call.traits.weights:
        separate = weight.met is not None and not weight.stacked
        sizes = (weight.copies, *weight.shape) if separate else weight.shape
        shape = " * ".join(str(unwrap(size)) for size in sizes) or "1"
        note = (
            "buffer, not learned"
            if weight.buffer
            else "owned by the layer it is tied to"
            if weight.name in call.shared
            else f"of {unwrap(weight.experts)} experts, {'in one tensor' if weight.stacked else 'a tensor each'}"
            if weight.met is not None
            else ""
        )
        yield Step(
            "weights",
            weight.name,
            f"[{'experts, ' if weight.stacked else ''}{weight.rule}]{' * experts' if separate else ''}",
            shape,
            unwrap(weight.numel),
            "scalars",
            call.traits.kind.source,
            note,
        )


def _columns(
    rule: Rule, facts: Mapping[str, Any], figures: Mapping[str, Any], convention: str, columns: Mapping[str, Any]
) -> Iterator[Step]:
    known = dict(facts)
    for name, formula in rule.formulas.items():
        values = {key: value for key, value in known.items() if key in formula.names}
        known |= {name: figures[name]} if name in figures else {}  # a formula sees the columns before its own
        if name not in rule.spans and (formula.text.isdigit() or formula.text in columns):
            continue  # a default that counts nothing, or as another column; one that is a formula counts this kind too
        yield _step(
            convention,
            name,
            formula,
            values,
            figures.get(name),
            unit=columns[name].unit,
            source=rule.source,
            note=rule.note,
        )


def _step(section: str, name: str, formula: Expr, values: Mapping[str, Any], result: Any, **more: str) -> Step:
    plain = {key: unwrap(value) if not isinstance(value, bool) else value for key, value in values.items()}
    return Step(section, name, str(formula), formula.substituted(plain), unwrap(result), latex=formula.latex(), **more)


def _listed(shape: tuple[Any, ...]) -> str:
    return "[" + ", ".join(str(unwrap(size)) for size in shape) + "]"
