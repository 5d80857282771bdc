"""`expect` against what was counted: figures rewritten in place, in the precision and the style they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from archspec.analysis.metrics import USUAL
from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.errors import ArchspecError, Span
from archspec.policy.expect import FIGURE, SUFFIXES, compare, figure
from archspec.text.document import Document
from archspec.text.edits import LINE_END, Edit, line_starts, offset

DIGITS = 4
_FAMILIES = (("K", "M", "G", "T", "P"), ("KiB", "MiB", "GiB", "TiB"))
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


class Expectation(NamedTuple):
    """A figure of a variant: as written, as counted, and as it should be written; None where nothing is to change.

    ``written`` is None where the variant has no figures yet. ``problem`` is why there is no figure.
    """

    variant: str | None
    name: str
    written: str | None
    actual: int | None
    new: str | None
    span: Span | None
    problem: ArchspecError | None = None


def expectations(subject: Subject, digits: int | None = None) -> Iterator[Expectation]:
    """The figures under `expect`, then those that variants without any would have."""
    spec = subject.spec
    data: Any = spec.document.data
    section = data.get("expect")
    starts = line_starts(spec.document.text)
    for variant, figures in spec.expect.items():
        around = section[variant] if variant else section
        for name, value in figures.items():
            span = around.spans[name]
            text = spec.document.text[offset(starts, *span[:2]) : offset(starts, *span[2:])]
            try:
                actual = figure(subject.report(Setting(variant or None)), name)
                same = compare(value, actual)
            except ArchspecError as error:
                yield Expectation(variant or None, name, text, None, None, span, error)
                continue
            new = None if same else rewritten(text, actual, digits)
            yield Expectation(variant or None, name, text, actual, new, span)
    flat = "" in spec.expect
    for case in () if flat else cases(subject.spec):
        # A plain spec beside variants has no place of its own.
        if (case or "") not in spec.expect and (case is not None or not spec.variants):
            yield from _missing(subject, case, digits)


def _missing(subject: Subject, variant: str | None, digits: int | None) -> Iterator[Expectation]:
    examples = next((figures for figures in subject.spec.expect.values() if figures), None)
    for name in examples or [metric.name for metric in USUAL]:
        try:
            actual = figure(subject.report(Setting(variant)), name)
        except ArchspecError as error:
            yield Expectation(variant, name, None, None, None, None, error)
            return
        example = str(examples[name]) if examples else ("" if name == "params" else "1.000G")
        yield Expectation(variant, name, None, actual, _like(example, actual, digits), None)


def _like(example: str, actual: int, digits: int | None) -> str:
    match = FIGURE.fullmatch(example)
    if match is None or not match[3]:
        return f"{actual:_}"
    count = digits or max(len((match[1] + (match[2] or "")).replace("_", "").lstrip("0")), DIGITS)
    return _scaled(actual, match[3], count)


def rewritten(text: str, actual: int, digits: int | None = None) -> str:
    """A written figure with another value: quotes, underscores, suffix and the number of digits as they are.

    One that holds already stays, so that writing twice is writing once: 9,500 in one digit is 10K, and not 9.5K then.

    >>> rewritten("11_689_512", 11_690_000), rewritten("1.814G", 2_345_678_901), rewritten("1.814G", 12_345_678)
    ('11_690_000', '2.346G', '12.35M')
    """
    quote = text[0] if text[:1] in ("'", '"') else ""
    body = text.strip(quote) if quote else text
    match = FIGURE.fullmatch(body)
    if match is not None and match[3] and digits is None and compare(body, actual):
        return text
    if match is None or not match[3]:
        return quote + (f"{actual:_}" if "_" in body else str(actual)) + quote
    whole, decimals, suffix = match[1], match[2] or "", match[3]
    gap = " " if f" {suffix}" in body else ""
    small = actual < SUFFIXES[suffix] <= actual * 10 ** len(decimals)
    if whole == "0" and small and not digits:
        # Written below one, as 0.217G, which is kept as long as a digit is left.
        return f"{quote}{_fixed(actual, SUFFIXES[suffix], len(decimals))}{gap}{suffix}{quote}"
    count = digits or max(1, len((whole + decimals).replace("_", "").lstrip("0")))
    new = _scaled(actual, suffix, count)
    number = new.rstrip("KMGTPiB")
    return f"{quote}{number}{gap if len(number) < len(new) else ''}{new[len(number) :]}{quote}"


def _scaled(actual: int, suffix: str, digits: int) -> str:
    """A figure in so many digits with a suffix: the one given where the number before it is from 1 up to the next."""
    family = next(suffixes for suffixes in _FAMILIES if suffix in suffixes)
    index = family.index(suffix)
    step = 1000 if family is _FAMILIES[0] else 1024
    while index < len(family) - 1 and actual >= SUFFIXES[family[index]] * step:
        index += 1
    while index >= 0 and actual < SUFFIXES[family[index]]:
        index -= 1
    if index < 0:
        return f"{actual:_}"  # too small for any suffix
    unit = SUFFIXES[family[index]]
    places = max(0, digits - len(str(actual // unit)))
    text = _fixed(actual, unit, places)
    whole = text.partition(".")[0]
    if int(whole) == step and index < len(family) - 1:
        return f"1{'.' * (digits > 1)}{'0' * (digits - 1)}{family[index + 1]}"  # 999.96 became 1000
    if len(whole) > len(str(actual // unit)) and places:
        text = _fixed(actual, unit, places - 1)  # 9.9996 became 10.000
    return text + family[index]


def _fixed(actual: int, unit: int, places: int) -> str:
    """``actual / unit`` with so many decimals, half up."""
    scaled = int(Fraction(actual * 10**places, unit) + Fraction(1, 2))
    text = str(scaled).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}" if places else text


def edits(expectations: list[Expectation], document: Document, *, add: bool = False) -> list[Edit]:
    """What to change in the text: figures that differ, and with ``add`` those of variants without any."""
    changed = [Edit(item.span, item.new) for item in expectations if item.span is not None and item.new is not None]
    return changed + (list(_added(expectations, document)) if add else [])


def _added(expectations: list[Expectation], document: Document) -> Iterator[Edit]:
    """The missing variants behind the last of those that are there, in the style of the section."""
    variants: dict[str | None, list[Expectation]] = {}
    for expectation in expectations:
        if expectation.written is None and expectation.new is not None:
            variants.setdefault(expectation.variant, []).append(expectation)
    if not variants:
        return
    data: Any = document.data
    json = _is_json(document)
    entries = [_entry(variant, figures, json) for variant, figures in variants.items()]
    section = data.get("expect")
    if section:
        yield _behind(document, section, entries, json)
        return
    flat = None in variants
    if section is not None:
        line, column = section.span.end_line, section.span.end_column - 1
        yield Edit(Span(line, column, line, column), entries[0][1:-1] if flat else ", ".join(entries))
        return
    starts = line_starts(document.text)
    if document.text[offset(starts, *data.span[:2])] == "{":
        place = Span(*data.spans[next(reversed(data))][2:] * 2)
        key = '"expect"' if json else "expect"
        yield Edit(place, f", {key}: {entries[0]}" if flat else f", {key}: {{{', '.join(entries)}}}")
        return
    newline = "\r\n" if "\r\n" in document.text else "\n"
    end = len(starts), len(document.text) - starts[-1] + 1
    lead = "" if document.text.endswith("\n") else newline
    body = [f"expect: {entries[0]}"] if flat else ["expect:", *(f"  {entry}" for entry in entries)]
    yield Edit(Span(*end, *end), lead + newline.join(body) + newline)


def _behind(document: Document, section: Any, entries: list[str], json: bool) -> Edit:
    starts = line_starts(document.text)
    last = section.spans[next(reversed(section))]
    at = offset(starts, *last[2:])
    if json or document.text[offset(starts, *section.span[:2])] == "{":
        return Edit(Span(*last[2:], *last[2:]), "".join(f", {entry}" for entry in entries))
    # Behind the comment of the last line.
    line_break = LINE_END.search(document.text, at)
    newline = line_break[0] if line_break else "\n"
    column = (line_break.start() if line_break else len(document.text)) - starts[last.end_line - 1] + 1
    pad = " " * (section.span.column - 1)
    place = Span(last.end_line, column, last.end_line, column)
    return Edit(place, "".join(f"{newline}{pad}{entry}" for entry in entries))


def _entry(variant: str | None, figures: list[Expectation], json: bool) -> str:
    """``resnet18: {params: 11_689_512, macs: 1.814G}``."""
    if json:
        import json as text

        inner = ", ".join(f"{text.dumps(item.name)}: {_json_figure(str(item.new))}" for item in figures)
        return f"{{{inner}}}" if variant is None else f"{text.dumps(variant, ensure_ascii=False)}: {{{inner}}}"
    inner = ", ".join(f"{expectation.name}: {expectation.new}" for expectation in figures)
    return f"{{{inner}}}" if variant is None else f"{_key(variant)}: {{{inner}}}"


def _key(name: str) -> str:
    """A name as a key of YAML: without quotes where no reader could take it for anything else."""
    import json

    words = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    return name if _PLAIN_KEY.fullmatch(name) and name.lower() not in words else json.dumps(name, ensure_ascii=False)


def _json_figure(text: str) -> str:
    return text.replace("_", "") if text.replace("_", "").isdigit() else f'"{text}"'


def _is_json(document: Document) -> bool:
    from archspec.text.json_text import is_json

    return document.name.lower().endswith(".json") or is_json(document.text)
