"""A diff as one HTML page that needs nothing beside itself: no script, no style sheet, no font from elsewhere."""

from __future__ import annotations

from html import escape

from archspec.analysis.metrics import DIFFED
from archspec.change.model import Diff, Layers, SpecDiff, VariantDiff
from archspec.errors import printable
from archspec.render.diff_words import (
    arguments,
    contribution,
    edit_words,
    figure,
    follows,
    footnote,
    heaviest,
    interaction,
    notes,
    percent,
    shown_metrics,
    signed,
    spec_name,
    steps,
    times,
    verdict,
)
from archspec.render.numbers import plural
from archspec.render.tables import html_table

SIDES = ("", ' class="n"')
MAX_LAYERS = 2_000  # rows of a table that a browser still scrolls
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
body { color: #1f2328; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
code { font: 0.92em ui-monospace, monospace; overflow-wrap: anywhere }
table { border-collapse: collapse; margin: .5rem 0; display: block; overflow-x: auto }
td, th { border-bottom: 1px solid #d0d7de; padding: .2rem .7rem; text-align: left; vertical-align: top }
.up { color: #9a3412 } .down { color: #166534 } .quiet { color: #59636e } .error { color: #b91c1c }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117 } td, th { border-color: #30363d }
  .up { color: #fdba74 } .down { color: #86efac } .quiet { color: #9198a1 } .error { color: #fca5a5 }
}
""".strip()


def page(diff: Diff) -> str:
    """The page."""
    parts = [f"<h1>archspec diff</h1>\n<p>{text(verdict(diff))}</p>"]
    for spec in diff.specs:
        parts += of_spec(spec)
    parts.append(f'<p class="quiet">{text(footnote(diff))}</p>')
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>archspec diff</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def of_spec(spec: SpecDiff) -> list[str]:
    """One spec: what is wrong, then each variant that is not as it was."""
    parts = [f"<h2>{code(spec.path)}</h2>"]
    for finding in spec.findings:
        place = f"line {finding.span.line}: " if finding.span else ""
        whose = f"@{finding.variant}: " if finding.variant else ""
        parts.append(f'<p class="error">{finding.severity}: {text(whose + place + finding.message)}</p>')
    parts += [f'<p class="quiet">{text(note)}</p>' for note in notes(spec)]
    for variant in heaviest(variant for variant in spec.variants if variant.status != "unchanged"):
        parts += of_variant(spec, variant)
    same = [variant for variant in spec.variants if variant.status == "unchanged"]
    if same:
        names = ", ".join(
            f"@{variant.variant}" if variant.variant is not None else "the spec without a variant" for variant in same
        )
        parts.append(f'<p class="quiet">unchanged: {text(names)}</p>')
    return parts


def of_variant(spec: SpecDiff, variant: VariantDiff) -> list[str]:
    """One variant: figures, causes, layers."""
    title = f"<h3>{code(spec_name(spec, variant.variant))} {variant.status}</h3>"
    if variant.base is None and variant.head is None:
        return [title]
    rows = []
    for metric in shown_metrics([variant]) if variant.status == "changed" else DIFFED:
        old, new = (figure(metric, side[metric.name]) if side else "" for side in (variant.base, variant.head))
        delta = variant.delta[metric.name]
        part = percent(variant.base[metric.name], delta) if variant.base else ""
        tone = "up" if delta > 0 else "down"
        change = f'<span class="{tone}">{signed(metric, delta)} {part}</span>' if delta else ""
        rows.append([metric.title, old, new, change])
    figures = html_table(("", "base", "head", "change"), rows, (False, True, True, True), SIDES)
    return [title, figures, *causes(variant), *layers(variant.layers)]


def causes(variant: VariantDiff) -> list[str]:
    """The edits, and what each alone does."""
    rows = []
    for cause in variant.causes:
        for index, edit in enumerate(cause.edits):
            path, what = edit_words(edit)
            effect = contribution(cause, len(cause.edits)) if index == 0 else "with the edit above"
            rows.append([str(edit.line), code(f"{edit.op} {path}"), code(what), text(effect)])
    head = ("line", "cause", "", "what it does alone")
    parts = [html_table(head, rows, (True,), SIDES)] if rows else []
    rest = interaction(variant)
    return [*parts, f"<p>{text(rest)}</p>"] if rest else parts


def layers(aligned: Layers | None) -> list[str]:
    """The layers that differ, folded."""
    if aligned is None:
        return []
    count = len(aligned.changes)
    summary = f"{plural(count, 'layer')} changed, {aligned.ripples:,} that follow, {aligned.unchanged:,} unchanged"
    rows = [
        [
            code(f"{change.op} {change.path}"),
            code(change.kind),
            code(arguments(change)),
            text(steps(change)),
            times(change),
        ]
        for change in aligned.changes[:MAX_LAYERS]
    ]
    head = ("layer", "kind", "arguments", "figures", "times")
    parts = [html_table(head, rows, (False, False, False, False, True), SIDES)] if rows else []
    parts += [f"<p>and {count - MAX_LAYERS:,} more</p>"] if count > MAX_LAYERS else []
    parts += [f"<p>{text(said)}</p>" for said in follows(aligned)]
    return [f"<details><summary>{summary}</summary>{''.join(parts)}</details>"]


def text(words: str) -> str:
    """Text of any origin."""
    return escape(printable(words))


def code(words: str) -> str:
    """A name or a value of any origin."""
    return f"<code>{text(words)}</code>" if words else ""
