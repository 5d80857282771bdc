"""What a change takes away, or gives another shape: specs, variants, inputs, outputs, expected figures."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from archspec.analysis.report import Report
from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.errors import ArchspecError, Span
from archspec.policy.codes import BY_CODE
from archspec.text.findings import Finding, Judged

LEAST = 0.5  # of a variant's values that are those of one which is gone, for it to be that one under a new name

Ports = Mapping[str, tuple[Any, ...]]


def renamed_variants(old: Subject, new: Subject, moved: Container[str | None]) -> dict[str, str]:
    """Variants under a new name, each with the one that it was: alike in values, or the only ones. Those that ``moved``
    from or to other files are none."""
    before, after = old.spec.variants, new.spec.variants
    gone = [name for name in before if name not in after and name not in moved]
    come = [name for name in after if name not in before and name not in moved]
    if len(gone) == len(come) == 1:
        return {come[0]: gone[0]}
    renamed: dict[str, str] = {}
    for name in come:
        was = max(gone, key=lambda other: _likeness(before[other], after[name]), default=None)
        if was is not None and _likeness(before[was], after[name]) >= LEAST:
            gone.remove(was)
            renamed[name] = was
    return renamed


def _likeness(old: Mapping[str, Any], new: Mapping[str, Any]) -> float:
    same = sum(name in new and repr(new[name]) == repr(value) for name, value in old.items())
    return same / max(len(old.keys() | new.keys()), 1)


def removed_spec(path: str) -> Finding:
    """The finding of a spec that is gone; ``path`` is from the top of the repository."""
    return _finding("AB112", path, path, None, f"{path}: the spec is removed", path)


def removals(old: Subject, new: Subject, renamed: Mapping[str, str], left: Container[str | None]) -> Iterator[Finding]:
    """What a spec had before a change and has no more; variants that ``left`` are in another file."""
    path, file = new.path, new.spec.file
    names = {was: now for now, was in renamed.items()}
    for gone in old.spec.variants:
        if gone not in new.spec.variants and gone not in left:
            words = f"called {names[gone]} now" if gone in names else "removed"
            yield _finding("AB113", path, file, None, f"{path}@{gone}: the variant is {words}", gone)
    for section, figures in old.spec.expect.items():
        now = names.get(section, section)
        if not now or (now in new.spec.variants and section not in left):
            yield from _unexpected(figures, new, now)
    alike: dict[tuple[str, str], list[str | None]] = {}
    for variant in cases(new.spec):
        for said in _ports(old, new, renamed.get(variant or "", variant or "") or None, variant):
            alike.setdefault(said, []).append(variant)
    for (code, words), several in alike.items():
        first = None if len(several) == len(cases(new.spec)) else several[0]
        more = f"; likewise in {len(several) - 1} more" if first is not None and len(several) > 1 else ""
        at = f"{path}@{first}" if first else path
        yield _finding(code, path, file, first, f"{at}: {words}{more}", words)


def removals_of(old: Subject, was: str | None, new: Subject, now: str | None) -> Iterator[Finding]:
    """What a variant had in another file and has no more."""
    yield from _unexpected(old.spec.expect.get(was or "", {}), new, now or "")
    at = f"{new.path}@{now}" if now else new.path
    for code, words in _ports(old, new, was, now):
        yield _finding(code, new.path, new.spec.file, now, f"{at}: {words}", words)


def _unexpected(figures: Mapping[str, Any], new: Subject, now: str) -> Iterator[Finding]:
    """The figures that were expected of a variant and are no more."""
    at = f"{new.path}@{now}" if now else new.path
    for name in (name for name in figures if name not in new.spec.expect.get(now, {})):
        message = f"{at}: {name} is expected no more, it was {figures[name]}"
        yield _finding("AB117", new.path, new.spec.file, now or None, message, now, name)


def _ports(old: Subject, new: Subject, was: str | None, variant: str | None) -> Iterator[tuple[str, str]]:
    """What is to be said of each input and output of a variant that is another."""
    if was not in cases(old.spec):
        return
    try:
        before, after = old.report(Setting(was)), new.report(Setting(variant))
    except ArchspecError:  # said elsewhere
        return
    sides = {"input": (_inputs(before), _inputs(after)), "output": _outputs(before, after)}
    for kind, (left, right) in sides.items():
        for name, shape in left.items():
            title = f"{kind} `{name}`" if name else f"the {kind}"
            if name not in right:
                yield "AB114" if kind == "input" else "AB115", f"{title} is removed"
            elif right[name] != shape:
                yield "AB116", f"{title} is {_shape(right[name])}, it was {_shape(shape)}"


def _inputs(report: Report) -> Ports:
    return {name: tensor.shape for name, tensor in report.graph.inputs.items()}


def _outputs(before: Report, after: Report) -> tuple[Ports, Ports]:
    """The outputs of both sides by their names, where both name each; else by their numbers, a single one by none."""
    named = all(len(report.spec.outputs) == len(report.graph.outputs) for report in (before, after))
    sides = []
    for report in (before, after):
        shapes = [tensor.shape for tensor in report.graph.outputs]
        names = report.spec.outputs if named else ("", *map(str, range(2, len(shapes) + 1)))
        sides.append(dict(zip(names, shapes, strict=False)))
    return sides[0], sides[1]


def _shape(shape: tuple[Any, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _finding(code: str, spec: str, file: str, variant: str | None, message: str, *values: str) -> Finding:
    return Finding(
        code=code,
        severity=BY_CODE[code].severity,
        message=message,
        file=file,
        span=Span(1, 1, 1, 1),
        variant=variant,
        values=(spec, *values),
        judged=Judged(spec),
    )
