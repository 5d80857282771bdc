"""A diff for a terminal: figures, causes, layers, in the manner of a plan."""

from __future__ import annotations

from typing import NamedTuple

from archspec.change.checkpoint_words import sentence
from archspec.change.model import Diff, Layers, SpecDiff, VariantDiff
from archspec.errors import printable
from archspec.render.diff_words import (
    arguments,
    contribution,
    edit_words,
    facts,
    figure,
    follows,
    heaviest,
    interaction,
    notes,
    percent,
    setting,
    shown_metrics,
    side_name,
    signed,
    spec_name,
    steps,
    times,
    titled,
    verdict,
)
from archspec.render.numbers import plural
from archspec.render.tables import plain_table

MARKS = {"added": "+", "removed": "-", "repaired": "+", "broken": "!"}
TITLE = "title"
CODES = {"+": 32, "-": 31, "~": 33, "!": 31, ">": 36, "#": 2, "=": 2, TITLE: 1}  # of colours, by mark
MAX_LAYERS = 20
MAX_CAUSES = 30
MAX_NAMES = 6
DETAILED = 3  # variants shown in full; of more, the one that changes most


class Line(NamedTuple):
    """A line, and the mark whose colour it has."""

    text: str
    mark: str = ""

    @property
    def painted(self) -> str:
        """The line in its colour."""
        return f"\033[{CODES[self.mark]}m{self.text}\033[0m" if self.mark else self.text


def remark(text: str, indent: int = 4) -> Line:
    """What is said of the lines above; of a whole spec, further out."""
    return Line(f"{' ' * indent}# {text}", "#")


def text(diff: Diff, *, color: bool = False) -> str:
    """All specs, the line that sums them up at the end."""
    name = "" if diff.base.sha is None else f"   ({printable(diff.base.name)})"
    lines = [Line(f"archspec diff  {side_name(diff.base)}..{side_name(diff.head)}{name}", TITLE), Line("")]
    for spec in diff.specs:
        lines += [*of_spec(spec, diff), Line("")]
    lines.append(Line(verdict(diff)))
    return "".join(f"{line.painted if color else line.text}\n" for line in lines)


def of_spec(spec: SpecDiff, diff: Diff) -> list[Line]:
    """One spec: what is wrong, then its variants."""
    lines = []
    if spec.findings or (spec.status == "broken" and not spec.variants):
        lines.append(Line(f"! {spec_name(spec)}", "!"))
        for finding in spec.findings:
            place = f":{finding.span.line}:{finding.span.column}" if finding.span else ""
            whose = f" @{printable(finding.variant)}" if finding.variant else ""
            lines.append(Line(f"    {finding.severity}{whose}{place}: {printable(finding.message)}"))
            lines += [Line(f"      hint: {printable(hint)}") for hint in (finding.hint,) if hint]
    changed = heaviest(variant for variant in spec.variants if variant.status == "changed")
    for status, mark in MARKS.items():
        for variant in spec.variants:
            if variant.status == status:
                side = variant.base if status == "removed" else variant.head
                words = f"{spec_name(spec, variant.variant)}   {variant.word}   {facts(side)}".rstrip()
                lines.append(Line(f"{mark} {words}", mark))
    if len(changed) > DETAILED:
        lines += compact(spec, changed, setting(diff))
        changed = changed[:1]
    for variant in changed:
        lines += of_variant(spec, variant, diff)
    same = [variant.variant for variant in spec.variants if variant.status == "unchanged"]
    unchanged = []
    if same:
        words = ", ".join(f"@{printable(name)}" for name in same[:MAX_NAMES] if name is not None)
        more = f" and {len(same) - MAX_NAMES} more" if len(same) > MAX_NAMES else ""
        unchanged.append(Line(f"= {spec_name(spec)}{' ' + words if words else ''}{more}   unchanged", "="))
    remarks = [remark(note, 2) for note in notes(spec)] if changed or same else []
    return [*lines, *remarks, *unchanged] if changed else [*lines, *unchanged, *remarks]


def compact(spec: SpecDiff, variants: list[VariantDiff], at: str) -> list[Line]:
    """Many variants: a line each; what follows is of the first."""
    metrics = [metric for metric in shown_metrics(variants) if metric.across and not metric.follows]
    head = ["", *(title for metric in metrics for title in (metric.title, ""))]
    rows = [head]
    for variant in variants:
        assert variant.base
        assert variant.head
        cells = [f"  @{printable(variant.variant)}" if variant.variant is not None else "  (no variant)"]
        for metric in metrics:
            old, new = variant.base[metric.name], variant.head[metric.name]
            cells += [f"{figure(metric, old)} -> {figure(metric, new)}", percent(old, new - old)]
        rows.append(cells)
    lines = plain_table(rows, (False, *(True for _ in head[1:])))
    title = f"~ {spec_name(spec)}   {plural(len(variants), 'variant')} changed, the one that changes most below"
    return [Line(f"{title}   {at}", "~"), *map(Line, lines), Line("")]


def of_variant(spec: SpecDiff, variant: VariantDiff, diff: Diff) -> list[Line]:
    """One variant that changed: figures, causes, layers."""
    assert variant.base
    assert variant.head
    rows = [["", "base", "head", "change", ""]]
    for metric in shown_metrics([variant], diff.memory):
        old, delta = variant.base[metric.name], variant.delta[metric.name]
        rows.append(
            [
                f"  {titled(metric)}",
                figure(metric, old),
                figure(metric, variant.head[metric.name]),
                signed(metric, delta) if delta else "=",
                percent(old, delta),
            ]
        )
    title = Line(f"~ {spec_name(spec, variant.variant)}   {setting(diff)}", "~")
    figures = map(Line, plain_table(rows, (False, True, True, True, True)))
    return [title, *figures, *causes(variant), *layers(variant.layers), *checkpoint(variant)]


def checkpoint(variant: VariantDiff) -> list[Line]:
    """What becomes of a checkpoint of the base."""
    if variant.checkpoint is None:
        return []
    return [Line("  checkpoint", TITLE), Line(f"    {printable(sentence(variant.checkpoint))}")]


def causes(variant: VariantDiff) -> list[Line]:
    """The edits, and what each alone does."""
    rows, marks = [], []
    for cause in variant.causes:
        for index, edit in enumerate(cause.edits):
            path, what = edit_words(edit)
            effect = contribution(cause, len(cause.edits)) if index == 0 else "  with the edit above"
            rows.append([f"    :{edit.line}", f"{edit.op} {path}", what, effect])
            marks.append(edit.op)
    if not rows:
        return []
    lines = [Line("  causes", TITLE), *map(Line, plain_table(rows[:MAX_CAUSES]), marks)]
    if len(rows) > MAX_CAUSES:
        lines.append(remark(plural(len(rows) - MAX_CAUSES, "more edit")))
    rest = interaction(variant)
    return [*lines, remark(rest)] if rest else lines


def layers(aligned: Layers | None) -> list[Line]:
    """The layers that differ; the rest in a line."""
    if aligned is None:
        return []
    shown = aligned.changes[:MAX_LAYERS]
    rows = [
        [f"    {change.op} {printable(change.path)}", change.kind, arguments(change), steps(change), times(change)]
        for change in shown
    ]
    lines = list(map(Line, plain_table(rows), (change.op for change in shown)))
    if len(aligned.changes) > MAX_LAYERS:
        more = plural(len(aligned.changes) - MAX_LAYERS, "more layer")
        lines.append(remark(f"{more} changed (--format json has them all)"))
    lines += map(remark, follows(aligned))
    if aligned.unchanged:
        lines.append(remark(f"{plural(aligned.unchanged, 'layer')} unchanged"))
    return [Line("  layers", TITLE), *lines] if lines else []
