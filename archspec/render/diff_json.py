"""The contract ``archspec.diff/1``."""

from __future__ import annotations

from typing import Any

from archspec import __version__
from archspec.analysis.metrics import DIFFED, Figures
from archspec.change.model import Cause, Diff, LayerChange, Layers, SpecDiff, VariantDiff
from archspec.change.semantic import ABSENT, Edit
from archspec.render.diff_words import figure, signed
from archspec.render.json import plain
from archspec.text.findings import Finding


def document(diff: Diff) -> dict[str, Any]:
    """Exact integers, units in names; totals may exceed 2^53."""
    return {
        "schema": "archspec.diff/1",
        "tool": {"name": "archspec", "version": __version__},
        "base": {"ref": diff.base.name, "sha": diff.base.sha},
        "head": {"ref": diff.head.name, "sha": diff.head.sha},
        "settings": {"batch": diff.at.batch, "dtype": diff.at.dtype, "set": plain(dict(diff.at.values))},
        "conventions": {"mac_flops": 2, "attention": "full"},
        "units": {metric.name: metric.unit for metric in DIFFED},
        "specs": [entry(spec, variant) for spec in diff.specs for variant in spec.variants or (None,)],
        "findings": [finding(one) for one in diff.findings],
        "summary": {
            "specs": len(diff.specs),
            **{
                status: sum(one.status == status for spec in diff.specs for one in spec.variants)
                for status in ("added", "removed", "changed", "unchanged", "broken")
            },
        },
    }


def entry(spec: SpecDiff, variant: VariantDiff | None) -> dict[str, Any]:
    """One variant of one spec; one entry without figures for a file that cannot be read."""
    found: dict[str, Any] = {
        "path": spec.path,
        "old_path": spec.old_path if spec.renamed else None,
        "variant": variant and variant.variant,
        "status": variant.status if variant else spec.status,
    }
    if variant is None or (variant.base is None and variant.head is None):
        return found
    found["metrics"] = metrics(variant.base, variant.head)
    found["changes"] = [change for cause in variant.causes for change in causes(cause)]
    found["interaction"] = variant.interaction
    if variant.layers is not None:
        found["layers"] = layers(variant.layers)
    return found


def metrics(base: Figures | None, head: Figures | None) -> dict[str, Any]:
    """Each figure on both sides."""
    found = {}
    for metric in DIFFED:
        old, new = (None if side is None else side[metric.name] for side in (base, head))
        delta = new - old if old is not None and new is not None else None
        found[metric.name] = {
            "base": old,
            "head": new,
            "delta": delta,
            "pct": round(100 * delta / old, 4) if delta is not None and old else None,
            "base_text": None if old is None else figure(metric, old),
            "head_text": None if new is None else figure(metric, new),
            "delta_text": None if delta is None else signed(metric, delta),
        }
    return found


def causes(cause: Cause) -> list[dict[str, Any]]:
    """The edits of a cause. Those made together share one contribution, at the first of them."""
    first, *others = cause.edits
    head = {**edit(first), "contribution": cause.contribution, "with": [one.path for one in others]}
    head["needs"] = [one.path for one in cause.needs]
    return [head, *({**edit(one), "contribution": None, "with": [first.path], "needs": []} for one in others)]


def edit(one: Edit) -> dict[str, Any]:
    """One edit."""
    old, new = (None if value is ABSENT else plain(value) for value in (one.old, one.new))
    return {"op": one.op, "path": one.path, "line": one.line, "from": old, "to": new}


def layers(found: Layers) -> dict[str, Any]:
    """Layers that differ, with the figures of all their instances."""
    return {
        "changed": [layer(change) for change in found.changes],
        "unchanged": found.unchanged,
        "follow": {"count": found.ripples, "delta": found.ripple},
    }


def layer(change: LayerChange) -> dict[str, Any]:
    """One layer or group."""
    return {
        "op": change.op, "path": change.path, "old_path": change.old_path, "kind": change.kind, "line": change.line,
        "arguments": {name: {"from": old, "to": new} for name, old, new in change.what},
        "times": {"base": change.base_times, "head": change.head_times},
        "base": change.base, "head": change.head,
    }  # fmt: skip


def finding(one: Finding) -> dict[str, Any]:
    """What is wrong with a spec."""
    span = one.span
    return {
        "code": one.code, "severity": one.severity, "message": one.message, "hint": one.hint, "file": one.file,
        "variant": one.variant, "path": one.path, "line": span and span.line, "col": span and span.column,
        "end_line": span and span.end_line, "end_col": span and span.end_column, "fingerprint": one.fingerprint,
    }  # fmt: skip
