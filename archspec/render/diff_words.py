"""A diff in words: what its forms share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from typing import Any

from archspec import __version__
from archspec.analysis.metrics import OWN, Figures, Metric, metric_called
from archspec.change.model import Cause, Diff, LayerChange, Layers, Side, SpecDiff, VariantDiff
from archspec.change.semantic import ABSENT, Edit
from archspec.errors import clipped, printable, show
from archspec.render.numbers import binary, plural, short

MAX_VALUE = 60
NO_CHANGE = "no numeric change"


def figure(metric: Metric, value: int) -> str:
    """A figure of a metric in four digits."""
    return binary(value) if metric.unit == "bytes" else short(value)


def signed(metric: Metric, value: int) -> str:
    """A change of a metric with its sign."""
    return ("+" if value > 0 else "-" if value < 0 else "") + figure(metric, abs(value))


def percent(old: int, delta: int, digits: int = 2) -> str:
    """A change relative to the base; empty where the base is 0."""
    if not old or not delta:
        return ""
    part = 100 * delta / old
    least = 10**-digits
    if abs(part) < least / 2:
        return f"{'+' if delta > 0 else '-'}<{least}%"
    return f"{part:+,.{digits}f}%"


def changes(figures: Figures) -> str:
    """The figures that change: ``params +4.719M, MACs -1.2G``."""
    return ", ".join([f"{metric.title} {signed(metric, figures[metric.name])}" for metric in leading(figures)][:3])


def leading(figures: Figures) -> list[Metric]:
    """The metrics that are not 0, without those that follow others where any stands for itself.

    FLOPs follow MACs and weights follow params; who wants every figure of every edit reads the JSON.
    """
    moved = [metric for metric in map(metric_called, figures) if figures[metric.name] and not metric.tool]
    return [metric for metric in moved if not metric.follows] or moved


def steps(change: LayerChange) -> str:
    """A layer's figures on both sides: ``params 41.94M -> 37.75M``."""
    both_sides = change.op in "~>"
    moved = leading({name: value - change.base[name] for name, value in change.head.items()})
    words = []
    for metric in moved[: 1 if moved and moved[0].follows else 2]:
        old, new = change.base[metric.name], change.head[metric.name]
        both = f"{figure(metric, old)} -> {figure(metric, new)}"
        words.append(f"{metric.title} {both if both_sides else figure(metric, old or new)}")
    return ", ".join(words)


def times(change: LayerChange) -> str:
    """How often a layer stands there: ``x32``, ``x32 -> x40``, nothing for once."""
    if change.base_times and change.head_times and change.base_times != change.head_times:
        return f"x{change.base_times} -> x{change.head_times}"
    count = change.head_times or change.base_times
    return f"x{count}" if count != 1 else ""


def arguments(change: LayerChange) -> str:
    """What differs in a layer's arguments, ``out 64 -> 128``, and where it was before it moved."""
    words = [f"{name} {old or 'none'} -> {new}" for name, old, new in change.what]
    if change.op == ">":
        words.insert(0, "moved" if change.old_path == change.path else f"moved from {change.old_path}")
    return printable(", ".join(words))


def value(side: Any) -> str:
    """One side of an edit."""
    if side is ABSENT:
        return ""
    return printable(clipped(side if isinstance(side, str) else show(side), MAX_VALUE))


def edit_words(edit: Edit) -> tuple[str, str]:
    """What was edited, and what became of it: ``8 -> 4``."""
    name = printable(edit.name)
    if edit.op == "~":
        return name, f"{value(edit.old)} -> {value(edit.new)}"
    if edit.op == ">":
        return name, f"moved from line {edit.was}"
    return name, value(edit.old if edit.op == "-" else edit.new)


def contribution(cause: Cause, count: int = 1) -> str:
    """What a cause does; ``count`` is the number of its edits before which it stands."""
    if cause.contribution is None:
        return "not worked out"
    words = changes(cause.contribution) or "no figure changes"
    return words + (f" ({count} edits together)" if count > 1 else "")


def by_size(variant: VariantDiff) -> list[Cause]:
    """The causes of a change, that with the largest effect relative to the base first; those not known last."""

    def size(cause: Cause) -> float:
        shares = [
            abs(effect) / ((variant.base or {}).get(name) or 1) for name, effect in (cause.contribution or {}).items()
        ]
        return max(shares, default=-1.0)

    return sorted(variant.causes, key=size, reverse=True)


def interaction(variant: VariantDiff) -> str:
    """What the causes' contributions leave of the change, and why; empty where they leave nothing."""
    rest = changes(variant.interaction) if variant.interaction else ""
    if variant.not_worked_out:
        left = f"{plural(variant.not_worked_out, 'cause')} not worked out (a run is limited in its analyses)"
        return f"{left}: with the interaction {rest or 'no figure changes'}"
    return f"interaction: {rest} (what the causes do together beyond each alone)" if rest else ""


def follows(layers: Layers) -> list[str]:
    """The layers that follow one before them, and what this adds up to."""
    said = ((layers.inputs, "with another input and so other weights"), (layers.shapes, "changed in shape only"))
    return [
        f"{plural(follow.layers, 'layer')} {how}" + (f": {effect}" if (effect := changes(follow.delta)) else "")
        for follow, how in said
        if follow.layers
    ]


def spec_name(spec: SpecDiff, variant: str | None = None) -> str:
    """A spec's path, and its variant."""
    return printable(spec.path) + (f"@{printable(variant)}" if variant is not None else "")


def short_names(diff: Diff) -> dict[str, str]:
    """What a title calls each spec: its file's name without an ending, its path where two files are called alike."""
    stems = {spec.path: spec.path.rpartition("/")[2].partition(".")[0] for spec in diff.specs}
    counts = Counter(stems.values())
    return {path: stem if stem and counts[stem] == 1 else path for path, stem in stems.items()}


def side_name(side: Side) -> str:
    """A side's commit where it is one, else its name."""
    return side.sha[:10] if side.sha else printable(side.name)


def setting(diff: Diff) -> str:
    """At what the figures are counted."""
    values = "".join(f" {name}={show(size)}" for name, size in diff.at.values.items())
    whose = f" by {printable(diff.at.convention)}" if diff.at.convention != OWN else ""
    return f"batch={diff.at.batch} {diff.at.dtype}{printable(values)}{whose}"


def titled(metric: Metric) -> str:
    """A metric's title, with the tool whose memory it is."""
    return f"{metric.tool} {metric.title}".lstrip()


def heaviest(variants: Iterable[VariantDiff]) -> list[VariantDiff]:
    """Variants with the largest relative change first."""
    return sorted(variants, key=lambda variant: -variant.weight)


def shown_metrics(variants: Iterable[VariantDiff], memory: Container[str] = ()) -> list[Metric]:
    """The metrics of which any variant changes; params and MACs in any case, and a tool's memory if asked for."""
    moved: dict[str, int] = {}
    for variant in variants:
        for name, delta in variant.delta.items():
            moved[name] = moved.get(name) or delta
    metrics = map(metric_called, moved)
    return [m for m in metrics if (m.tool in memory if m.tool else moved[m.name] or usual(m))]


def usual(metric: Metric) -> bool:
    """Whether it is one of those that a network is known by."""
    return metric.lead and not metric.follows


def facts(figures: Figures | None) -> str:
    """The figures of a network that stands on one side alone."""
    metrics = filter(usual, map(metric_called, figures or ()))
    return ", ".join(f"{metric.title} {figure(metric, (figures or {})[metric.name])}" for metric in metrics)


def columns(diff: Diff) -> list[Metric]:
    """The metrics that are columns where networks stand side by side."""
    sides = (side for spec in diff.specs for variant in spec.variants for side in (variant.head, variant.base) if side)
    metrics = map(metric_called, next(sides, ()))
    return [metric for metric in metrics if metric.across or metric.tool in diff.memory]


def verdict(diff: Diff) -> str:
    """The whole in a line: how many variants changed, how many did not, and what is broken."""
    variants = [variant for spec in diff.specs for variant in spec.variants]
    counted = {
        status: sum(variant.word == status for variant in variants)
        for status in ("changed", "added", "removed", "repaired", "broken", "still broken")
    }
    unreadable = [spec for spec in diff.specs if spec.status == "broken" and not spec.variants]
    still = sum(spec.was_broken for spec in unreadable)
    unread = [(len(unreadable) - still, "not readable"), (still, "still not readable")]
    words = [f"{count} {status}" for status, count in counted.items() if count]
    rest = len(variants) - sum(counted.values())
    if not diff.specs:
        return "no spec changed."
    if not words and not unreadable:
        return f"{NO_CHANGE}: {plural(len(diff.specs), 'spec')} touched, {plural(len(variants), 'variant')} unchanged."
    words += [f"{rest} unchanged"] * (rest > 0) + [f"{plural(count, 'spec')} {how}" for count, how in unread if count]
    return f"{plural(len(variants), 'variant')} in {plural(len(diff.specs), 'spec')}: {', '.join(words)}."


def notes(spec: SpecDiff) -> list[str]:
    """What to say of a spec beside its variants: its old name, edits that no figure depends on, no change."""
    lines = [f"renamed from {printable(spec.old_path)}"] if spec.renamed else []
    for variant in spec.variants:
        if variant.moved_from:
            path, was = variant.moved_from
            what = f"@{printable(variant.variant)} " if variant.variant is not None else ""
            lines.append(f"{what}moved from {printable(path)}" + (f"@{printable(was)}" if was is not None else ""))
    texts = [edit for edit in spec.edits if edit.text]
    if texts:
        listed = ", ".join(printable(edit.path) for edit in texts[:4]) + (", ..." if len(texts) > 4 else "")
        lines.append(f"{plural(len(texts), 'edit')} that no figure depends on: {listed}")
    if spec.untold is not None:
        if spec.untold:
            lines.append(f"{plural(spec.untold, 'edit')} from one network to the other, too many for causes")
        return lines
    if spec.status == "unchanged" and not (spec.edits or spec.renamed or spec.moved):
        lines.append(f"{NO_CHANGE}: comments or layout only")
    elif not spec.numeric and spec.status in ("unchanged", "changed"):
        lines.append(NO_CHANGE)
    return lines


def footnote(diff: Diff) -> str:
    """What was compared, and what the figures mean."""
    base = side_name(diff.base)
    if diff.base.sha and diff.base.name != diff.base.sha:
        base += f" ({printable(diff.base.name)})"
    return f"base {base}, head {side_name(diff.head)}, {setting(diff)}, archspec {__version__}, 1 MAC = 2 FLOPs"
