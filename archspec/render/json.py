"""The JSON contract ``archspec.summary/1``: exact integers, shapes with the batch at axis 0, additions only."""

from __future__ import annotations

from typing import Any

from archspec.analysis.report import Report, Row
from archspec.analysis.setting import Setting


def summary(report: Report, *, full: bool | None = None) -> dict[str, Any]:
    """The report as plain data. ``full`` writes repeats out, as it does unless that would be more than 10,000 layers;
    folded, an entry stands for ``repeat`` layers."""
    columns = {name: _total(report, name) for name in report.convention.columns}
    full = report.unfoldable if full is None else full
    alike: dict[int, dict[str, Any]] = {}  # layers by their figures, which rows of layers alike share
    layers = []
    for row in report.rows(full=full):
        if not row.group:
            common = alike.get(id(row.figures))
            if common is None:
                common = alike[id(row.figures)] = layer(row)
            layers.append({**common, "path": row.path, "repeat": plain(row.repeat), "line": row.line})
    return {
        "schema": "archspec.summary/1",
        "spec": {"path": report.spec.file, "name": report.spec.name, "variant": report.variant},
        "settings": settings(report.setting),
        "totals": plain({**report.totals, "columns": columns}),
        "layers": layers,
        "warnings": list(report.warnings),
    }


def settings(setting: Setting) -> dict[str, Any]:
    """At what a spec was analysed; the variant stands beside its name."""
    return {key: plain(value) for key, value in setting._asdict().items() if key != "variant"}


def layer(row: Row) -> dict[str, Any]:
    """One entry of ``layers``: the figures of one instance."""
    return {
        "path": row.path,
        "kind": row.kind,
        "inputs": plain(row.inputs),
        "output": plain(row.output),
        **plain(row.figures),
        "status": row.status,
        "repeat": plain(row.repeat),
        "line": row.line,
        "columns": plain(row.columns),
    }


def _total(report: Report, column: str) -> Any:
    """The sum of one of the convention's columns; archspec's own stand among the totals themselves."""
    return report.totals.get("columns", report.totals)[column]


def plain(value: Any) -> Any:
    """Sizes as JSON: ints as they are, columns as lists, symbols as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if type(value).__module__.startswith("numpy"):
        return value.tolist()
    return str(value)
