"""A diff as the comment on a pull request: the figures in a table, then the causes, the layers folded away.

Whatever a spec or a path holds is shown as code, where GitHub reads no mentions, links, references or tags.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, NamedTuple

from archspec.analysis.metrics import BY_NAME, DIFFED, Figures
from archspec.change.model import Diff, SpecDiff, VariantDiff
from archspec.errors import clipped, printable
from archspec.render.diff_words import (
    NO_CHANGE,
    arguments,
    changes,
    contribution,
    edit_words,
    figure,
    footnote,
    heaviest,
    notes,
    percent,
    signed,
    spec_name,
    steps,
    times,
    verdict,
)
from archspec.render.numbers import plural
from archspec.render.tables import compact_table

if TYPE_CHECKING:
    from archspec.text.findings import Finding

GITHUB = 65_536  # characters of a comment, https://github.com/orgs/community/discussions/41331
MAX_CODE = 160
COLUMNS = tuple(metric for metric in DIFFED if metric.across)
_PLAIN = re.compile(r"[^`|\\\n]+")


class Room(NamedTuple):
    """How many of each are shown at most: layers of a variant, causes of a spec, specs in detail, rows, findings."""

    layers: int
    causes: int
    details: int
    rows: int
    findings: int


ROOMS = (
    Room(layers=40, causes=30, details=50, rows=400, findings=50),
    Room(layers=10, causes=30, details=50, rows=400, findings=50),
    Room(layers=0, causes=30, details=50, rows=400, findings=50),
    Room(layers=0, causes=10, details=20, rows=200, findings=20),
    Room(layers=0, causes=3, details=10, rows=80, findings=10),
    Room(layers=0, causes=2, details=3, rows=20, findings=5),
)


def markdown(diff: Diff, room: int = GITHUB) -> str:
    """The comment, within ``room`` characters: layers are left out first, then causes, then rows, and it says so."""
    text = ""
    for index, size in enumerate(ROOMS):
        text = comment(diff, size, cut=index > 0)
        if len(text) <= room:
            break
    return text


def comment(diff: Diff, room: Room, *, cut: bool) -> str:
    """The comment with so much of everything."""
    parts = [
        f"### archspec: {headline(diff)}",
        *table(diff, room),
        *findings(diff.findings, room),
        *details(diff, room),
    ]
    return finished(diff, parts, cut=cut)


def finished(diff: Diff, parts: list[str], *, cut: bool) -> str:
    """The parts, and below them what was compared."""
    note = ["_Shortened to fit into a comment; `archspec diff` and its `--format html` show all of it._"] if cut else []
    return "\n\n".join([*parts, *note, f"<sub>{escaped(footnote(diff))}</sub>"]) + "\n"


def table(diff: Diff, room: Room, marked: Container[tuple[str, str | None]] = ()) -> list[str]:
    """The figures on both sides, a row for each variant that differs; ``marked`` are those that fail."""
    rows = [row for spec in diff.specs for row in table_rows(spec, marked)]
    titles = [f"{metric.title} ({diff.at.dtype})" if metric.unit == "bytes" else metric.title for metric in COLUMNS]
    return shortened(["spec", *titles], rows, room.rows, "variant", [False, *(True for _ in titles)])


def shortened(
    head: Sequence[str], rows: Sequence[Sequence[str]], most: int, word: str, right: Sequence[bool]
) -> list[str]:
    """A table of so many rows, with a last one that says how many are left out; none without rows."""
    rest = [[said, *[""] * (len(head) - 1)] for said in more(len(rows) - most, word)]
    return [compact_table(head, [*rows[:most], *rest], right)] if rows else []


def details(diff: Diff, room: Room) -> list[str]:
    """The causes and layers of each spec that changed, and a line for each that was only touched."""
    parts = []
    detailed = [spec for spec in diff.specs if any(variant.status == "changed" for variant in spec.variants)]
    for spec in detailed[: room.details]:
        parts += of_spec(spec, room)
    parts += [f"{said} changed" for said in more(len(detailed) - room.details, "spec")]
    quiet = [spec for spec in diff.specs if spec not in detailed and notes(spec)]
    parts += [f"- {code(spec.path)}: {'; '.join(map(spoken, notes(spec)))}" for spec in quiet[: room.details]]
    return [*parts, *(f"- {said}" for said in more(len(quiet) - room.details, "spec"))]


def headline(diff: Diff) -> str:
    """The change where one variant changed, else how many did."""
    changed = [variant for spec in diff.specs for variant in spec.variants if variant.status == "changed"]
    if len(changed) == 1 and all(v.status in ("changed", "unchanged") for spec in diff.specs for v in spec.variants):
        (variant,) = changed
        assert variant.base
        words = []
        for metric in COLUMNS:
            old, delta = variant.base[metric.name], variant.delta[metric.name]
            if delta and not metric.follows:
                words.append(
                    f"{metric.title} {signed(metric, delta)}" + (f" ({part})" if (part := percent(old, delta)) else "")
                )
        return " · ".join(words) or NO_CHANGE
    return verdict(diff).removesuffix(".")


def table_rows(spec: SpecDiff, marked: Container[tuple[str, str | None]] = ()) -> list[list[str]]:
    """A row for each variant that is not as it was, those that changed most first."""
    rows = []
    for variant in heaviest(variant for variant in spec.variants if variant.status != "unchanged"):
        mark = "❌ " if (spec.path, variant.variant) in marked else ""
        status = "" if variant.status == "changed" else f" {variant.status}"
        name = f"{mark}{code(spec_name(spec, variant.variant))}{status}"
        rows.append([name, *(cell(variant.base, variant.head, metric.name) for metric in COLUMNS)])
    if spec.status == "broken" and not spec.variants:
        rows.append([f"{code(spec.path)} not readable", *("" for _ in COLUMNS)])
    return rows


def cell(base: Figures | None, head: Figures | None, name: str) -> str:
    """One figure on both sides."""
    metric = BY_NAME[name]
    if base is None or head is None:
        there = head or base
        return figure(metric, there[name]) if there else ""
    old, new = base[name], head[name]
    if old == new:
        return figure(metric, new)
    part = percent(old, new - old)
    return f"{figure(metric, old)} → **{figure(metric, new)}**" + (f" ({part})" if part else "")


def findings(listed: Sequence[Finding], room: Room) -> list[str]:
    """What is wrong with the specs."""
    lines = []
    for finding in listed[: room.findings]:
        place = f":{finding.span.line}" if finding.span else ""
        variant = f" {code('@' + finding.variant)}" if finding.variant else ""
        where = code(printable(finding.file) + place)
        lines.append(f"- **{finding.severity}** {where}{variant}: {spoken(finding.message)}")
    lines += [f"- {said}" for said in more(len(listed) - room.findings, "finding")]
    return ["\n".join(lines)] if lines else []


def of_spec(spec: SpecDiff, room: Room) -> list[str]:
    """Causes and layers of the variant that changes most."""
    changed = heaviest(variant for variant in spec.variants if variant.status == "changed")
    first = changed[0]
    others = f", in the variant that changes most of {len(changed)}" if len(changed) > 1 else ""
    lines = [f"**Causes** {code(spec_name(spec, first.variant))}{others}", "", *causes(first, room)]
    for note in notes(spec):
        lines.append(f"- {spoken(note)}")
    same = sum(variant.status == "unchanged" for variant in spec.variants)
    if same:
        lines.append(f"- {plural(same, 'variant')} unchanged")
    return ["\n".join(lines), *layers(first, room)]


def causes(variant: VariantDiff, room: Room) -> list[str]:
    """The edits with their lines, and what each alone does."""
    lines = []
    edits = [(cause, index, edit) for cause in variant.causes for index, edit in enumerate(cause.edits)]
    for cause, index, edit in edits[: room.causes]:
        path, what = edit_words(edit)
        effect = f"**{contribution(cause, len(cause.edits))}**" if index == 0 else "with the edit above"
        lines.append(f"- {code(f'{edit.op} {path} {what}'.rstrip())} (line {edit.line}): {effect}")
    lines += [f"- {said}" for said in more(len(edits) - room.causes, "edit")]
    if any(variant.interaction.values()):
        lines.append(f"- together they do more or less than each alone: **{changes(variant.interaction)}**")
    return lines


def layers(variant: VariantDiff, room: Room) -> list[str]:
    """The layers that differ, folded."""
    aligned = variant.layers
    if aligned is None or not room.layers or not (aligned.changes or aligned.ripples):
        return []
    counts = f"{aligned.ripples:,} changed in shape only, {aligned.unchanged:,} unchanged"
    summary = f"Layers: {len(aligned.changes):,} changed, {counts}"
    rows = [
        [code(f"{change.op} {change.path}"), code(change.kind), code(arguments(change)), steps(change), times(change)]
        for change in aligned.changes
    ]
    head = ("layer", "kind", "arguments", "figures", "times")
    table = shortened(head, rows, room.layers, "layer", (False, False, False, False, True))
    follow = (
        [f"Layers changed in shape only: {changes(aligned.ripple) or 'no figure changes'}"] if aligned.ripples else []
    )
    return [f"<details><summary>{summary}</summary>", *table, *follow, "</details>"]


def more(count: int, word: str) -> list[str]:
    """What says how many are left out."""
    return [f"and {plural(count, 'more ' + word)}"] if count > 0 else []


def code(text: str) -> str:
    """Text as code, in a table or out of it; what would end the one or the other goes as a character's number."""
    text = printable(clipped(text, MAX_CODE)).strip()
    if not text:
        return ""
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    # Between tags Markdown is still read, so every sign that could mean something is written by its number.
    return f"<code>{escaped(text)}</code>"


def escaped(text: str) -> str:
    """Text with everything but letters, digits and plain punctuation by its number."""
    return re.sub(r"[^\w ,.=+()%-]|_|(?<=w)\.", lambda sign: f"&#{ord(sign[0])};", printable(text))


def spoken(text: str) -> str:
    """A sentence of archspec's, which may quote a spec."""
    return escaped(clipped(text, 400))
