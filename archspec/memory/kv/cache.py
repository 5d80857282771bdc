"""Bytes of keys, values and states, by the conventions that are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from archspec.analysis.report import Report
from archspec.errors import ArchspecError, UsageError, suggestion
from archspec.memory.formats import Format, format_of
from archspec.memory.kv.keeps import Found, keeping
from archspec.memory.kv.model import KvFile, conventions
from archspec.memory.kv.pools import Alike, pooled
from archspec.memory.measured import Measured, Part
from archspec.memory.program import Program
from archspec.memory.settings import MemorySettings
from archspec.records import NamedTuple

TOTAL, TOKEN = "kv_cache_bytes", "kv_token_bytes"
GROWING = frozenset(("full", "sliding", "chunked", "latent"))  # what a further token adds to
WORDS = {
    "full": "full attention",
    "sliding": "sliding attention",
    "chunked": "chunked attention",
    "cross": "cross attention",
    "latent": "latent attention",
    "recurrent": "recurrent state",
}


class Asked(NamedTuple):
    """What the caches are worked out for."""

    found: Found
    sequences: int
    length: int
    form: Format
    given: Mapping[str, int]


def kv_cache(report: Report, program: Program, settings: MemorySettings) -> Measured:
    """The first convention's figures, and all of them side by side where there are several. Raises ArchspecError."""
    assert settings.length is not None
    wanted = conventions(settings.kv)
    form = format_of(settings.kv_dtype or report.setting.dtype)
    if form.bytes is None:
        raise UsageError(f"`{form.name}` is a format of matrices, not of a cache")
    sequences: Any = next(iter(report.graph.inputs.values())).shape[0]
    found = keeping(program, sequences)
    _fits(found, form)
    asked = Asked(found, sequences, settings.length, form, _given(settings.kv_set, wanted))
    counted = [(convention, _located(convention, asked)) for convention in wanted]
    able = [(convention, result) for convention, result in counted if result.totals]
    warnings = tuple(dict.fromkeys(text for _, result in counted for text in result.warnings))
    if not counted[0][1].totals:
        raise UsageError(warnings[0], hint="kv-architecture has a rule for everything")
    sums = [Part(model.kv, TOTAL, result.totals[TOTAL], model.summary, model.source) for model, result in able]
    return able[0][1]._replace(beside=tuple(sums) if len(wanted) > 1 else (), warnings=warnings)


def _fits(found: Found, form: Format) -> None:
    """Raise UsageError where nothing is kept at all, or where a block of the format does not divide what is."""
    if not (found.kept or found.encoders or found.unclear):
        raise UsageError("nothing is kept from token to token: the network has no attention and no recurrent layer")
    if not (found.kept or found.encoders):
        raise UsageError("what is kept from token to token cannot be told", hint="; ".join(_notes(found)))
    for kept in found.kept:
        facts = dict(kept.facts)
        for name in ("k_dim", "v_dim"):
            row = facts.get("kv_heads", 1) * facts.get(name, form.elements)
            if row % form.elements:
                blocks = f"`{form.name}` has blocks of {form.elements}"
                raise UsageError(f"`{kept.path}` keeps rows of {row} elements: {blocks}")


def _given(texts: tuple[str, ...], wanted: list[KvFile]) -> dict[str, int]:
    """Settings of runtimes. Raises UsageError for one that none of the conventions has."""
    given = {}
    known = dict.fromkeys(name for convention in wanted for name in convention.settings)
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not (value.isdecimal() and value.isascii() and len(value) <= 18):
            raise UsageError(f"`--kv-set` takes NAME=NUMBER, got `{text}`")
        if name not in known:
            hint = suggestion(name, known) if known else "a setting belongs to a runtime: kv-vllm, kv-llamacpp"
            raise UsageError(f"no convention asked for has a setting `{name}`", hint=hint)
        given[name] = int(value)
    return given


def _located(convention: KvFile, asked: Asked) -> Measured:
    """The figures of one convention, its name in what is wrong with them."""
    try:
        return _counted(convention, asked)
    except ArchspecError as error:
        error.message = f"{convention.kv}: {error.message}"
        raise


def _counted(convention: KvFile, asked: Asked) -> Measured:
    """The figures of one convention."""
    values = convention.values(asked.sequences, asked.length, asked.form.itemsize, asked.given)
    rules = convention.rules
    counts = Counter((kept.sort, kept.facts) for kept in asked.found.kept)
    sorts = [
        Alike(sort, facts, rules[sort], {**values, **dict(facts)}, layers)
        for (sort, facts), layers in counts.items()
        if sort in rules
    ]
    keys = [(alike.sort, alike.facts) for alike in sorts]
    if convention.together == "shared pages":
        sorts = pooled(sorts, rules)
    parts = [*(_part(alike) for alike in sorts), *(_padding(alike) for alike in sorts if alike.beside)]
    untold = dict.fromkeys(_word(alike) for alike in sorts if alike.rule.token is None and alike.sort in GROWING)
    parts += [_token(alike) for alike in sorts if alike.rule.token is not None and not untold]
    for part in parts:
        if type(part.value) is not int or part.value < 0:
            raise UsageError(f"{part.name}: {part.value} is no number of bytes ({part.formula})")
    ones = {key: alike.one for key, alike in zip(keys, sorts, strict=True)}
    layers = {kept.path: {TOTAL: ones[kept[1:]]} for kept in asked.found.kept if kept[1:] in ones}
    missing = Counter(kept.sort for kept in asked.found.kept if kept.sort not in rules)
    warnings = [
        f"{convention.kv} has no rule for {WORDS.get(sort, sort)} ({_layers(count)}): not in its total"
        for sort, count in missing.items()
    ]
    warnings += [f"{convention.kv} does not say what a token more of {word} adds" for word in untold]
    told = (TOTAL,) if untold else (TOTAL, TOKEN)
    totals = {total: sum(part.value for part in parts if part.total == total) for total in told}
    if missing and not sorts:
        return Measured(warnings=tuple(warnings))
    return Measured(totals, tuple(parts), layers, (*warnings, *_notes(asked.found)))


def _part(alike: Alike) -> Part:
    """What layers alike keep."""
    how = f"{_layers(alike.layers)} x {_how(alike)}"
    return Part(f"kv: {_word(alike)}", TOTAL, alike.layers * alike.one, how, alike.rule.source)


def _padding(alike: Alike) -> Part:
    """What is allotted for layers that only fill up a group."""
    how = f"{_layers(alike.beside)} that fill up a group x {alike.one:,}"
    return Part(f"kv: {_word(alike)}, unused", TOTAL, alike.beside * alike.one, how, alike.rule.source)


def _token(alike: Alike) -> Part:
    how = f"{_layers(alike.layers)} x {alike.rule.token.substituted(alike.values)}"  # type: ignore[union-attr]
    return Part(f"a token: {_word(alike)}", TOKEN, alike.layers * alike.of(alike.rule.token), how, alike.rule.source)


def _how(alike: Alike) -> str:
    """One layer's bytes with the values put in."""
    if alike.rule.bytes is not None:
        return alike.rule.bytes.substituted(alike.values)
    assert alike.rule.pages is not None
    page = str(alike.padded) if alike.padded else alike.rule.page.substituted(alike.values)  # type: ignore[union-attr]
    return f"batch {alike.values['batch']} x ({alike.rule.pages.substituted(alike.values)}) pages x {page}"


def _word(alike: Alike) -> str:
    return WORDS.get(alike.sort, alike.sort)


def _layers(count: int) -> str:
    return f"{count:,} layer{'s' * (count != 1)}"


def _notes(found: Found) -> Iterator[str]:
    """What to know of layers that are in no total."""
    if found.encoders:
        first, count = found.encoders[0], len(found.encoders)
        said = "sees later tokens and keeps" if count == 1 else "see later tokens and keep"
        yield f"{_layers(count)} {said} nothing from token to token, {first} the first"
    for reason, paths in found.unclear.items():
        yield f"{reason}: what it keeps cannot be told ({_layers(len(paths))}, {paths[0]} the first), not in the total"
