"""Variants without expected figures.

What:
    A spec, or some of its variants, without `expect`.
Why:
    A number nobody has written down changes unseen; with it, `archspec check` tells of every drift.
Example:
    layers:
      - linear: 10
Cure:
    Write published figures, or those that are worked out now.

    layers:
      - linear: 10
    expect: {params: 330}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.metrics import USUAL
from archspec.lint.context import Context, Run
from archspec.lint.editing import fix, insert, is_json
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS501", "missing-expectation", "warning", "safe"
LISTED = 5


def check(context: Context) -> Iterator[Finding]:
    """One finding for all variants that lack figures."""
    expected = context.spec.expect
    if context.spec.variants:
        missing = [run for run in context.runs if run.variant is not None and not expected.get(run.variant)]
        names = ", ".join(f"`{run.variant}`" for run in missing[:LISTED])
        more = f" and {len(missing) - LISTED} more" if len(missing) > LISTED else ""
        message, path = f"no figures are expected of {names}{more}", ("variants",)
    else:
        missing = [run for run in context.runs if not expected.get("")]
        message, path = "no figures are expected", ("name",)
    if missing:
        yield context.finding(
            CODE,
            message,
            path=path,
            key=True,
            hint="`archspec expect --update --add` writes them",
            values=tuple(run.variant or "" for run in missing),
            fix=fix("write the figures that are worked out now", _edit(context, missing), safe=True),
        )


def _edit(context: Context, runs: list[Run]) -> Edit | None:
    """The figures as one insertion."""
    if runs[0].variant is None:
        return insert(context, (), "expect", _figures(context, runs[0])) if context.at(("expect",)) is None else None
    if isinstance(context.at(("expect",)), dict):
        edits = [insert(context, ("expect",), str(run.variant), _figures(context, run)) for run in runs]
        if not context.at(("expect",)) or None in edits:
            return None
        return Edit(edits[0].span, "".join(edit.text for edit in edits if edit)) if edits[0] else None
    if is_json(context):
        inner = ", ".join(f'"{run.variant}": {_figures(context, run)}' for run in runs)
        return insert(context, (), "expect", f"{{{inner}}}")
    lines = (f"{context.newline}  {_key(str(run.variant))}: {_figures(context, run)}" for run in runs)
    return insert(context, (), "expect", "".join(lines))


def _figures(context: Context, run: Run) -> str:
    figures = {metric.name: run.report.totals[metric.name] for metric in USUAL}
    if is_json(context):
        return "{" + ", ".join(f'"{name}": {value}' for name, value in figures.items()) + "}"
    return "{" + ", ".join(f"{name}: {value:_}" for name, value in figures.items()) + "}"


def _key(name: str) -> str:
    """A variant's name as a key: bare where YAML reads it back."""
    return name if name.replace("_", "").replace("-", "").replace(".", "").isalnum() else f'"{name}"'
