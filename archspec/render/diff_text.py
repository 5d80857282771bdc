"""A diff for a terminal: figures, causes, layers, in the manner of a plan."""

from __future__ import annotations

from archspec.analysis.metrics import USUAL, Figures
from archspec.change.model import Diff, Layers, SpecDiff, VariantDiff
from archspec.errors import printable
from archspec.render.diff_words import (
    arguments,
    changes,
    contribution,
    edit_words,
    figure,
    heaviest,
    notes,
    percent,
    setting,
    shown_metrics,
    side_name,
    signed,
    spec_name,
    steps,
    times,
    verdict,
)
from archspec.render.numbers import plural
from archspec.render.tables import plain_table

MARKS = {"added": "+", "removed": "-", "changed": "~", "unchanged": "=", "broken": "!"}
COLORS = {
    "+": "\033[32m",
    "-": "\033[31m",
    "~": "\033[33m",
    "!": "\033[31m",
    ">": "\033[36m",
    "#": "\033[2m",
    "=": "\033[2m",
}
BOLD, OFF = "\033[1m", "\033[0m"
MAX_LAYERS = 20
MAX_CAUSES = 30
MAX_NAMES = 6
DETAILED = 3  # variants shown in full; of more, the one that changes most


def text(diff: Diff, *, color: bool = False) -> str:
    """All specs, the line that sums them up at the end."""
    name = "" if diff.base.sha is None else f"   ({printable(diff.base.name)})"
    lines = [f"archspec diff  {side_name(diff.base)}..{side_name(diff.head)}{name}", ""]
    for spec in diff.specs:
        lines += [*of_spec(spec, setting(diff)), ""]
    lines.append(verdict(diff))
    if color:
        lines = [painted(line) for line in lines]
    return "\n".join(lines) + "\n"


def of_spec(spec: SpecDiff, at: str) -> list[str]:
    """One spec: what is wrong, then its variants."""
    lines = []
    if spec.findings or (spec.status == "broken" and not spec.variants):
        lines.append(f"! {spec_name(spec)}")
        for finding in spec.findings:
            place = f":{finding.span.line}:{finding.span.column}" if finding.span else ""
            whose = f" @{printable(finding.variant)}" if finding.variant else ""
            lines.append(f"    {finding.severity}{whose}{place}: {printable(finding.message)}")
            lines += [f"      hint: {printable(hint)}" for hint in (finding.hint,) if hint]
    changed = heaviest(one for one in spec.variants if one.status == "changed")
    for status in ("added", "removed"):
        alone = [one for one in spec.variants if one.status == status]
        for variant in alone:
            lines.append(
                f"{MARKS[status]} {spec_name(spec, variant.variant)}   {status}   {facts(variant.head or variant.base)}"
            )
    if len(changed) > DETAILED:
        lines += compact(spec, changed, at)
        changed = changed[:1]
    for variant in changed:
        lines += of_variant(spec, variant, at)
    lines += [f"    # {note}" for note in notes(spec)] if changed else []
    same = [one for one in spec.variants if one.status == "unchanged"]
    if same:
        words = ", ".join(f"@{printable(one.variant)}" for one in same[:MAX_NAMES] if one.variant is not None)
        more = f" and {len(same) - MAX_NAMES} more" if len(same) > MAX_NAMES else ""
        lines.append(f"= {spec_name(spec)}{' ' + words if words else ''}{more}   unchanged")
        lines += [f"    # {note}" for note in notes(spec)] if not changed else []
    return lines


def facts(figures: Figures | None) -> str:
    """The figures of a variant that stands on one side alone."""
    return ", ".join(f"{m.title} {figure(m, figures[m.name])}" for m in USUAL) if figures else ""


def compact(spec: SpecDiff, variants: list[VariantDiff], at: str) -> list[str]:
    """Many variants: a line each; what follows is of the first."""
    metrics = [metric for metric in shown_metrics(variants) if metric.across and not metric.follows]
    head = ["", *(title for metric in metrics for title in (metric.title, ""))]
    rows = [head]
    for one in variants:
        cells = [f"  @{printable(one.variant)}" if one.variant is not None else "  (no variant)"]
        for metric in metrics:
            assert one.base
            assert one.head
            delta = one.delta[metric.name]
            cells += [
                f"{figure(metric, one.base[metric.name])} -> {figure(metric, one.head[metric.name])}",
                percent(one.base[metric.name], delta),
            ]
        rows.append(cells)
    lines = plain_table(rows, (False, *(True for _ in head[1:])))
    title = f"~ {spec_name(spec)}   {plural(len(variants), 'variant')} changed, the one that changes most below"
    return [f"{title}   {at}", *lines, ""]


def of_variant(spec: SpecDiff, variant: VariantDiff, at: str) -> list[str]:
    """One variant that changed: figures, causes, layers."""
    assert variant.base
    assert variant.head
    rows = [["", "base", "head", "change", ""]]
    for metric in shown_metrics([variant]):
        old, delta = variant.base[metric.name], variant.delta[metric.name]
        rows.append(
            [
                f"  {metric.title}",
                figure(metric, old),
                figure(metric, variant.head[metric.name]),
                signed(metric, delta) if delta else "=",
                percent(old, delta),
            ]
        )
    lines = [f"~ {spec_name(spec, variant.variant)}   {at}", *plain_table(rows, (False, True, True, True, True))]
    return [*lines, *causes(variant), *layers(variant.layers)]


def causes(variant: VariantDiff) -> list[str]:
    """The edits, and what each alone does."""
    rows = []
    for cause in variant.causes:
        for index, edit in enumerate(cause.edits):
            path, what = edit_words(edit)
            effect = contribution(cause, len(cause.edits)) if index == 0 else "  with the edit above"
            rows.append([f"    :{edit.line}", f"{edit.op} {path}", what, effect])
    if not rows:
        return []
    more = [f"    # {plural(len(rows) - MAX_CAUSES, 'more edit')}"] if len(rows) > MAX_CAUSES else []
    lines = ["  causes", *plain_table(rows[:MAX_CAUSES]), *more]
    if any(variant.interaction.values()):
        lines.append(f"    # together they do more or less than each alone: {changes(variant.interaction)}")
    return lines


def layers(found: Layers | None) -> list[str]:
    """The layers that differ; the rest in a line."""
    if found is None:
        return []
    rows = [
        [f"    {change.op} {printable(change.path)}", change.kind, arguments(change), steps(change), times(change)]
        for change in found.changes[:MAX_LAYERS]
    ]
    lines = plain_table(rows)
    if len(found.changes) > MAX_LAYERS:
        lines.append(
            f"    # {plural(len(found.changes) - MAX_LAYERS, 'more layer')} changed (--format json has them all)"
        )
    if found.ripples:
        effect = changes(found.ripple)
        lines.append(
            f"    # {plural(found.ripples, 'layer')} changed in shape only" + (f": {effect}" if effect else "")
        )
    if found.unchanged:
        lines.append(f"    # {plural(found.unchanged, 'layer')} unchanged")
    return ["  layers", *lines] if lines else []


def painted(line: str) -> str:
    """A line in the colour of its mark."""
    mark = line.lstrip()[:1]
    words = line.split()
    if words and words[0].startswith(":") and len(words) > 1:
        mark = words[1]
    if line.startswith("archspec diff") or line in ("  causes", "  layers"):
        return BOLD + line + OFF
    if mark in COLORS and (line[:1] in MARKS.values() or line.startswith("    ")):
        return COLORS[mark] + line + OFF
    return line
