"""A diff as the comment on a pull request: what changed most in the title, then figures, causes, the layers folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from archspec.analysis.metrics import Metric
from archspec.change.checkpoint_words import sentence
from archspec.change.model import Cause, Diff, SpecDiff, VariantDiff
from archspec.ci.comment import LIMIT, length
from archspec.ci.links import NOWHERE, Links
from archspec.errors import printable
from archspec.render.blocks import Block, bullets, fitted, folded
from archspec.render.diff_rows import Row, Total, rows_of, total_of
from archspec.render.diff_words import (
    arguments,
    by_size,
    columns,
    contribution,
    edit_words,
    figure,
    follows,
    footnote,
    interaction,
    notes,
    percent,
    signed,
    spec_name,
    steps,
    times,
    titled,
)
from archspec.render.headline import headline
from archspec.render.markdown import code, escaped, html_code, spoken
from archspec.render.numbers import plural
from archspec.render.tables import compact_table

if TYPE_CHECKING:
    from archspec.text.findings import Finding

MARKER = 100  # characters of the first line, by which a comment is known
CHECKPOINTS = "**Checkpoints of the base**"
ALIKE = 4  # variants that are named where several changed alike


class Room(NamedTuple):
    """How many are shown: ``rows``, ``details`` of specs and ``findings`` before the rest is folded, ``folded`` of
    these, ``layers`` of a variant, ``causes`` of a spec."""

    rows: int = 10
    details: int = 3
    findings: int = 5
    folded: int = 100
    layers: int = 40
    causes: int = 10


COMMENT = Room()


def markdown(diff: Diff, links: Links = NOWHERE) -> str:
    """The comment: what there is no room for is left out, and it says so."""
    rows = rows_of(diff)
    found = [finding_line([finding], links) for finding in diff.findings]
    blocks = [
        Block(title(diff, rows)),
        *table(diff, rows, COMMENT),
        *listed("**Findings**", found, COMMENT),
        *checkpoints(rows, COMMENT),
        *details(diff, rows, links, COMMENT),
    ]
    return fitted(blocks, footer(diff), LIMIT - MARKER, "`archspec diff --format html` shows", length)


def title(diff: Diff, rows: Sequence[Row]) -> str:
    """The first line."""
    first = headline(diff, rows)
    return f"### archspec: {code(first.name)}{first.said}"


def footer(diff: Diff) -> str:
    """What was compared."""
    return f"<sub>{escaped(footnote(diff))}</sub>"


def table(diff: Diff, rows: Sequence[Row], room: Room) -> list[Block]:
    """The figures on both sides: a few rows and the sum of all, then more rows, folded."""
    metrics = columns(diff)
    titles = [f"{titled(metric)} ({diff.at.dtype})" if metric.unit == "bytes" else metric.title for metric in metrics]
    head, right = ["spec", *titles], [False, *(True for _ in titles)]
    lines = [[name_cell(row), *(cell(row.variants, metric) for metric in metrics)] for row in rows]
    total = total_of(rows)
    last = [total_line(total, metrics)] if total else []
    if not lines:
        return []
    blocks = [Block(compact_table(head, [*lines[: room.rows], *last], right), 1, "table of figures")]
    for start in range(room.rows, len(lines), room.folded):
        part = lines[start : start + room.folded]
        text = folded(f"Figures of {plural(len(part), 'more row')}", compact_table(head, part, right))
        blocks.append(Block(text, 4, "table of more figures"))
    return blocks


def name_cell(row: Row) -> str:
    """Which variants a row is about, and what became of them."""
    mark = "❌ " if row.fails else ""
    status = "" if row.status == "changed" else f" {row.status}"
    if len(row.variants) < 2:
        return mark + code(spec_name(row.spec, row.variants[0].variant if row.variants else None)) + status
    names = ", ".join(map(variant_name, row.variants[:ALIKE]))
    more = f" and {len(row.variants) - ALIKE} more" if len(row.variants) > ALIKE else ""
    how = " alike" if row.status == "changed" else ""
    return f"{mark}{code(row.spec.path)}{status}, {len(row.variants)} variants{how}: {names}{more}"


def variant_name(variant: VariantDiff) -> str:
    """A variant beside others."""
    return "without a variant" if variant.variant is None else code(f"@{variant.variant}")


def cell(variants: Sequence[VariantDiff], metric: Metric) -> str:
    """One figure on both sides; of variants that changed alike, by how much each did."""
    bases = [variant.base[metric.name] for variant in variants if variant.base]
    heads = [variant.head[metric.name] for variant in variants if variant.head]
    if len(variants) == 1 and variants[0].status == "broken":
        return "".join(f"{figure(metric, old)} → ?" for old in bases)
    if len(variants) == 1:
        return pair(metric, *bases, *heads) if bases and heads else "".join(figure(metric, n) for n in bases or heads)
    if not bases or not heads or variants[0].status != "changed":
        return ""
    if len(set(bases)) == 1:
        return pair(metric, bases[0], heads[0])
    delta = heads[0] - bases[0]
    if not delta:
        return "="
    parts = [percent(old, delta) for old in (max(bases), min(bases))]
    return f"**{signed(metric, delta)}** each ({' to '.join(dict.fromkeys(parts))})"


def pair(metric: Metric, old: int, new: int) -> str:
    """A figure on both sides, and its change."""
    if old == new:
        return figure(metric, new)
    part = percent(old, new - old)
    before, after = figure(metric, old), figure(metric, new)
    said = f"{before} → **{after}**" if before != after else f"{before} **{signed(metric, new - old)}**"
    return said + (f" ({part})" if part else "")


def total_line(total: Total, metrics: Sequence[Metric]) -> list[str]:
    """The last row: the sum of all."""
    name = f"**together**, {plural(total.variants, 'variant')} of {total.specs} specs"
    return [name, *(pair(metric, total.base[metric.name], total.head[metric.name]) for metric in metrics)]


def checkpoints(rows: Sequence[Row], room: Room) -> list[Block]:
    """What becomes of checkpoints of the base that need more than to be loaded, a line for each spec."""
    specs: dict[tuple[str, bool], list[tuple[VariantDiff, str]]] = {}
    for row in rows:
        for variant in row.variants:
            weights = variant.checkpoint
            if weights and (weights.moved or not weights.loads):
                specs.setdefault((row.spec.path, weights.loads), []).append((variant, sentence(weights)))
    lines = []
    for (path, loads), variants in specs.items():
        first, said = variants[0]
        name = path if first.variant is None else f"{path}@{first.variant}"
        rest = f"; {plural(len(variants) - 1, 'more variant')} likewise" if variants[1:] else ""
        lines.append(f"{'ℹ️' if loads else '⚠️'} {code(name)}: {spoken(said)}{rest}")
    return listed(CHECKPOINTS, lines, room)


def details(diff: Diff, rows: Sequence[Row], links: Links, room: Room) -> list[Block]:
    """The causes and layers of each spec that changed, the first ones open; a line for each that was only touched."""
    blocks: list[Block] = []
    changed: dict[SpecDiff, VariantDiff] = {}
    for row in rows:
        if row.status == "changed":
            changed.setdefault(row.spec, row.variants[0])
    for index, (spec, first) in enumerate(changed.items()):
        blocks += of_spec(spec, first, links, room, fold=index >= room.details)
    quiet = [
        f"{code(spec.path)}: {'; '.join(map(spoken, notes(spec)))}"
        for spec in diff.specs
        if spec not in changed and notes(spec)
    ]
    return [*blocks, *listed("**Also touched**", quiet, room)]


def of_spec(spec: SpecDiff, first: VariantDiff, links: Links, room: Room, *, fold: bool) -> Iterator[Block]:
    """Causes and layers of the spec's first variant in the table."""
    changed = [variant for variant in spec.variants if variant.status == "changed"]
    lines = [*causes(spec, first, links, room), *map(spoken, notes(spec))]
    alike = all(variant.delta == first.delta for variant in changed)
    others = [f"alike in {len(changed)} variants" if alike else f"one of {len(changed)} variants that changed"]
    others = others if len(changed) > 1 else []
    same = sum(variant.status == "unchanged" for variant in spec.variants)
    others += [f"{plural(same, 'variant')} unchanged"] if same else []
    name = spec_name(spec, first.variant)
    if fold:
        main = "; ".join(edit_text(cause) for cause in by_size(first)[:1])
        summary = f"Causes: {html_code(name)}{', ' if main else ''}{escaped(main)}"
        yield Block(folded(summary, *([bullets("", lines).strip()] if lines else []), *layers(first, room)), 3, "spec")
        return
    title = ", ".join([f"**Causes** {code(name)}", *others])
    yield Block(bullets(title, lines) if lines else title, 2, "list of causes")
    yield from (Block(text, 5, "table of layers") for text in layers(first, room))


def edit_text(cause: Cause) -> str:
    """A cause in a few words."""
    path, what = edit_words(cause.edits[0])
    more = f" and {plural(len(cause.edits) - 1, 'more edit')}" if len(cause.edits) > 1 else ""
    return f"{path} {what}{more}, {contribution(cause)}"


def causes(spec: SpecDiff, variant: VariantDiff, links: Links, room: Room) -> list[str]:
    """The causes with their lines and what each alone does, the largest first, then what they do together."""
    lines = []
    for cause in by_size(variant)[: room.causes]:
        edits = []
        for edit in cause.edits[: room.causes]:
            path, what = edit_words(edit)
            place = f"line {edit.line}" + (" of the base" if edit.op == "-" else "")
            address = "" if edit.op == "-" else links.line(spec.path, edit.line)
            edits.append(f"{code(f'{edit.op} {path} {what}'.rstrip())} ({linked(place, address)})")
        edits += [plural(len(cause.edits) - room.causes, "more edit")] if len(cause.edits) > room.causes else []
        lines.append(f"{', '.join(edits)}: **{contribution(cause)}**")
    lines += more(len(variant.causes) - room.causes, "cause")
    rest = interaction(variant)
    return [*lines, rest] if rest else lines


def layers(variant: VariantDiff, room: Room) -> list[str]:
    """The layers that differ, folded."""
    aligned = variant.layers
    if aligned is None or not (aligned.changes or aligned.ripples):
        return []
    counts = f"{aligned.ripples:,} that follow, {aligned.unchanged:,} unchanged"
    summary = f"Layers: {len(aligned.changes):,} changed, {counts}"
    rows = [
        [code(f"{change.op} {change.path}"), code(change.kind), code(arguments(change)), steps(change), times(change)]
        for change in aligned.changes[: room.layers]
    ]
    rest = [[said, "", "", "", ""] for said in more(len(aligned.changes) - room.layers, "layer")]
    head = ("layer", "kind", "arguments", "figures", "times")
    table = [compact_table(head, [*rows, *rest], (False, False, False, False, True))] if rows else []
    return [folded(summary, *table, *follows(aligned))]


def listed(title: str, lines: Sequence[str], room: Room, rank: int = 1) -> list[Block]:
    """Lines below a title, those beyond the first few folded."""
    what = "list"
    blocks = [Block(bullets(title, lines[: room.findings]), rank, what)] if lines else []
    for start in range(room.findings, len(lines), room.folded):
        part = lines[start : start + room.folded]
        blocks.append(Block(folded(f"{len(part)} more", "\n".join(f"- {line}" for line in part)), rank + 2, what))
    return blocks


def finding_line(findings: Sequence[Finding], links: Links) -> str:
    """What is wrong, where, and in how many variants."""
    first, rest = findings[0], len({finding.variant for finding in findings}) - 1
    variant = f" {code('@' + first.variant)}" if first.variant else ""
    likewise = f"; {plural(rest, 'more variant')} likewise" if rest else ""
    return f"**{first.severity}** {place(first, links)}{variant}: {spoken(first.message)}{likewise}"


def place(finding: Finding, links: Links) -> str:
    """Where a finding stands, with a link to its line where there is an address."""
    line = finding.span.line if finding.span else None
    address = links.line(links.from_here(finding.file), line)
    return linked(code(printable(finding.file) + (f":{line}" if line else "")), address)


def linked(text: str, address: str) -> str:
    """Markdown that leads to an address where there is one."""
    return f"[{text}]({address})" if address else text


def more(count: int, word: str) -> list[str]:
    """What says how many are left out."""
    return [f"and {plural(count, 'more ' + word)}"] if count > 0 else []
