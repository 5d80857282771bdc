"""A diff as one HTML page: an overview of all variants, then the causes of each change as bars, and its layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.analysis.metrics import Metric
from archspec.change.checkpoint_words import sentence
from archspec.change.model import Cause, Diff, Layers, VariantDiff
from archspec.render import html_page
from archspec.render.diff_rows import STILL, Row, rows_of, total_of
from archspec.render.diff_words import (
    arguments,
    by_size,
    columns,
    edit_words,
    figure,
    follows,
    footnote,
    notes,
    percent,
    shown_metrics,
    signed,
    spec_name,
    steps,
    times,
    titled,
    verdict,
)
from archspec.render.headline import headline
from archspec.render.html_page import Scale, code, folded, table, text
from archspec.render.numbers import plural

if TYPE_CHECKING:
    from archspec.text.findings import Finding

MAX_LAYERS = 2_000  # rows of a table that a browser still scrolls
TONES = {"broken": "bad", "repaired": "good", "added": "good", "removed": "quiet", STILL: "quiet"}


def page(diff: Diff) -> str:
    """The page."""
    rows = rows_of(diff)
    return whole(
        diff, [header(diff, rows), *overview(diff, rows), *wrong([one] for one in diff.findings), *sections(diff, rows)]
    )


def whole(diff: Diff, parts: Sequence[str]) -> str:
    """The page of a header and what follows it."""
    last = f"<footer>{remark(footnote(diff))}</footer>"
    return html_page.page("archspec", [parts[0], "<main>", *parts[1:], "</main>", last])


def header(diff: Diff, rows: Sequence[Row], failures: Sequence[str] = ()) -> str:
    """What changed most by how much, what fails, and how many variants there are."""
    first = headline(diff, rows)
    bad = f'<p class="bad"><strong>{text(", ".join(failures))}</strong></p>' if failures else ""
    return f"<header><h1>{code(first.name)}{text(first.said)}</h1>{bad}{remark(verdict(diff))}</header>"


def sections(diff: Diff, rows: Sequence[Row]) -> Iterator[str]:
    """The causes and layers of each line of the overview, and what else is to say of specs."""
    if not all(row.broken for row in rows):
        yield "<h2>In detail</h2>"
    for index, row in enumerate(rows):
        if not row.broken:
            yield of_row(diff, row, index)
    yield from quiet(diff)


def overview(diff: Diff, rows: Sequence[Row]) -> Iterator[str]:
    """All variants that are not as they were, those that changed most first."""
    if not rows:
        return
    metrics = columns(diff)
    variants = [variant for row in rows for variant in row.variants if row.status == "changed"]
    scales = {metric.name: Scale.of(share(variant, metric) for variant in variants) for metric in metrics}
    lines = [line for index, row in enumerate(rows) for line in overview_lines(row, index, scales, metrics)]
    total = total_of(rows)
    foot = []
    if total:
        foot = [f"{plural(total.variants, 'variant')} of {total.specs} specs together"]
        foot += [both(metric, total.base[metric.name], total.head[metric.name]) for metric in metrics]
    titles = [text(f"{titled(m)} ({diff.at.dtype})" if m.unit == "bytes" else titled(m)) for m in metrics]
    yield "<h2>Overview</h2>"
    yield table("figures of all variants that changed", ["variant", *titles], lines, right(1, len(metrics)), foot)


def overview_lines(row: Row, index: int, scales: Mapping[str, Scale], metrics: Sequence[Metric]) -> Iterator[list[str]]:
    """A line for each variant, one for all that are broken."""
    if row.broken:
        single = row.variants[0].variant if len(row.variants) == 1 else None
        more = f" {len(row.variants)} variants" if len(row.variants) > 1 else ""
        yield [code(spec_name(row.spec, single)) + tag(row) + more, *("" for _ in metrics)]
        return
    for variant in row.variants:
        name = f'<a href="#c{index}">{code(spec_name(row.spec, variant.variant))}</a>{tag(row)}'
        yield [name, *(cell(variant, metric, scales[metric.name]) for metric in metrics)]


def right(left: int, rest: int) -> list[bool]:
    """Columns of words, then of figures."""
    return [False] * left + [True] * rest


def tag(row: Row) -> str:
    """What a variant is beside changed."""
    words = [] if row.status == "changed" else [(TONES[row.status], row.status)]
    words += [("bad", "over its limit")] if row.fails else []
    return "".join(f" {tagged(tone, said)}" for tone, said in words)


def tagged(tone: str, said: str) -> str:
    """A word in a frame."""
    return f'<span class="tag {tone}">{said}</span>'


def share(variant: VariantDiff, metric: Metric) -> float:
    """The relative change of a figure; of one that was nothing, and of one side alone, nothing."""
    old = variant.base[metric.name] if variant.base else 0
    return variant.delta[metric.name] / old if old else 0.0


def cell(variant: VariantDiff, metric: Metric, scale: Scale) -> str:
    """One figure of a variant on both sides, its change as a bar."""
    if variant.base is None or variant.head is None:
        side = variant.head or variant.base
        return figure(metric, side[metric.name]) if side else ""  # gone, and broken where it was
    picture = "" if metric.follows else scale.bar(share(variant, metric))
    return both(metric, variant.base[metric.name], variant.head[metric.name], picture)


def both(metric: Metric, old: int, new: int, picture: str = "") -> str:
    """A figure on both sides and its change."""
    if old == new:
        return f'{figure(metric, new)}<small class="quiet">unchanged</small>'
    values = f'<span class="was">{figure(metric, old)} → </span>{figure(metric, new)}'
    return f"{values}<small>{change(metric, old, new - old)}{picture}</small>"


def change(metric: Metric, old: int, delta: int) -> str:
    """A change, coloured by its direction."""
    tone = "up" if delta > 0 else "down"
    return f'<span class="{tone}">{signed(metric, delta)} {percent(old, delta)}</span>' if delta else ""


def wrong(groups: Iterable[Sequence[Finding]], title: str = "Findings") -> Iterator[str]:
    """What is wrong with the specs: findings of one cause in an item, those behind the first folded."""
    items = []
    for group in groups:
        first, *rest = map(finding_line, group)
        others = folded(f"{len(rest)} likewise", *(f"<p>{line}</p>" for line in rest)) if rest else ""
        items.append(f"<li>{first}{others}</li>")
    if items:
        yield f"<h2>{title}</h2>\n<ul>{''.join(items)}</ul>"


def finding_line(finding: Finding) -> str:
    """One finding."""
    tone = "bad" if finding.severity == "error" else "quiet"
    return f"{tagged(tone, finding.severity)} {code(place(finding))} {text(finding.sentence)}"


def place(finding: Finding) -> str:
    """Where a finding stands."""
    return finding.file + (f":{finding.span.line}" if finding.span else "")


def of_row(diff: Diff, row: Row, index: int) -> str:
    """Figures, causes and layers of a variant; of several alike, those of the first."""
    variant = row.variants[0]
    others = [f"@{other.variant}" for other in row.variants[1:] if other.variant is not None]
    alike = f'<p class="quiet">alike: {text(", ".join(others))}</p>' if others else ""
    title = f"<h3>{code(spec_name(row.spec, variant.variant))}{tag(row)}</h3>"
    parts = [title, alike, *map(remark, notes(row.spec))]
    if variant.checkpoint and not (variant.checkpoint.loads and not variant.checkpoint.moved):
        parts.append(remark(f"a checkpoint of the base {sentence(variant.checkpoint)}"))
    if row.status == "changed":
        parts += [causes(variant), folded("All figures", figures(diff, variant)), layers(variant.layers)]
    else:
        parts.append(figures(diff, variant))
    return f'<section class="variant" id="c{index}">{"".join(parts)}</section>'


def remark(said: str) -> str:
    """What is to say of a spec beside its figures."""
    return f'<p class="quiet">{text(said)}</p>'


def figures(diff: Diff, variant: VariantDiff) -> str:
    """Every figure that changed, on both sides."""
    metrics = shown_metrics([variant], diff.memory) if variant.status == "changed" else columns(diff)
    rows = []
    for metric in metrics:
        old, new = (figure(metric, side[metric.name]) if side else "" for side in (variant.base, variant.head))
        said = change(metric, variant.base[metric.name], variant.delta[metric.name]) if variant.base else ""
        rows.append([text(titled(metric)), old, new, said])
    return table("figures", ["", "base", "head", "change"], rows, right(1, 3))


def causes(variant: VariantDiff) -> str:
    """What each edit does, as bars, the largest first; then what they do together beyond that, and the sum."""
    effects = [cause.contribution for cause in variant.causes if cause.contribution] + [variant.interaction]
    metrics = [m for m in shown_metrics([variant]) if not m.follows and any(e.get(m.name) for e in effects)][:3]
    if not variant.causes:
        return ""
    scales = {m.name: Scale.of(effect.get(m.name, 0) for effect in [*effects, variant.delta]) for m in metrics}

    def line(name: str, place: str, effect: Mapping[str, int] | None) -> list[str]:
        return [name, place, *(effect_cell(metric, effect, scales[metric.name]) for metric in metrics)]

    rows = [line(cause_name(cause), places(cause), cause.contribution) for cause in by_size(variant)]
    if any(variant.interaction.values()):
        rows.append(line(f'<span class="quiet">{text(interaction_name(variant))}</span>', "", variant.interaction))
    foot = line("together", "", variant.delta) if len(rows) > 1 else []
    head = ["cause", "line", *(text(metric.title) for metric in metrics)]
    return table("what each edit does", head, rows, right(2, len(metrics)), foot)


def interaction_name(variant: VariantDiff) -> str:
    """What the rest is that the causes leave of the change."""
    name = "interaction, beyond what each does alone"
    return f"{name}, and {plural(variant.not_worked_out, 'cause')} not worked out" if variant.not_worked_out else name


def cause_name(cause: Cause) -> str:
    """The edits of a cause."""
    names = []
    for edit in cause.edits:
        path, what = edit_words(edit)
        names.append(code(f"{edit.op} {path} {what}".rstrip()))
    return "<br>".join(names)


def places(cause: Cause) -> str:
    """The lines of a cause's edits."""
    return "<br>".join(str(edit.line) for edit in cause.edits)


def effect_cell(metric: Metric, effect: Mapping[str, int] | None, scale: Scale) -> str:
    """What a cause does to a figure."""
    if effect is None:
        return '<span class="quiet">not worked out</span>'
    delta = effect.get(metric.name, 0)
    tone = "up" if delta > 0 else "down" if delta < 0 else "quiet"
    said = signed(metric, delta) if delta else "0"
    return f'<span class="{tone}">{said}</span>{scale.bar(delta)}'


def layers(aligned: Layers | None) -> str:
    """The layers that differ, folded."""
    if aligned is None:
        return ""
    number = len(aligned.changes)
    summary = f"{plural(number, 'layer')} changed, {aligned.ripples:,} that follow, {aligned.unchanged:,} unchanged"
    rows = [
        [code(f"{layer.op} {layer.path}"), code(layer.kind), code(arguments(layer)), text(steps(layer)), times(layer)]
        for layer in aligned.changes[:MAX_LAYERS]
    ]
    head = ("layer", "kind", "arguments", "figures", "times")
    parts = [table("layers", head, rows, (False, False, False, False, True))] if rows else []
    parts += [f"<p>and {number - MAX_LAYERS:,} more</p>"] if number > MAX_LAYERS else []
    parts += map(remark, follows(aligned))
    return folded(summary, *parts)


def quiet(diff: Diff) -> Iterator[str]:
    """Specs that no figure changed of, and variants that are as they were."""
    lines = []
    for spec in diff.specs:
        same = [variant.variant for variant in spec.variants if variant.status == "unchanged"]
        said = notes(spec) if len(same) == len(spec.variants) else []
        names = ", ".join(f"@{name}" for name in same if name is not None)
        said += [f"unchanged{': ' if names else ''}{names}"] if same else []
        if said:
            lines.append(f'<li>{code(spec.path)} <span class="quiet">{text("; ".join(said))}</span></li>')
    if lines:
        yield f"<h2>Unchanged</h2>\n<ul>{''.join(lines)}</ul>"
