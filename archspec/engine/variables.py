"""Values of a spec's dims and vars: defaults, then the variant's, then the caller's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.engine.frame import Frame, resolve
from archspec.engine.graph import Value
from archspec.errors import ArchspecError, SpecError, UsageError, did_you_mean
from archspec.sizes import Partial, require
from archspec.spec.load import fits
from archspec.spec.nodes import Spec
from archspec.spec.validate import span_of

NOWHERE = Value((1,), "")


def variables(spec: Spec, variant: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values by name. Raises UsageError for an unknown variant or name, SpecError for a missing or unfit value."""
    if variant is not None and variant not in spec.variants:
        hint = did_you_mean(variant, spec.variants) or ("variants: " + ", ".join(spec.variants) or None)
        raise UsageError(f"{spec.name} has no variant `{variant}`", hint=hint if spec.variants else "it has no variants")
    known = [*spec.dims, *spec.vars]
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known) or ("known: " + ", ".join(known) if known else "it has no dims and no vars")
            raise UsageError(f"{spec.name} has no dim or var `{name}`", hint=hint)
    chosen = {**spec.variants.get(variant or "", {}), **given}
    env: dict[str, Any] = {}
    frame = Frame(env, NOWHERE)
    for name in (*spec.dims, *spec.vars):
        parameter = spec.vars.get(name)
        if name in chosen:
            value = chosen[name]
        elif parameter is None:
            value = spec.dims[name]
        elif not parameter.required:
            value = parameter.default
        else:
            raise _missing(spec, name, parameter.type, variant)
        section = "dims" if parameter is None else "vars"
        try:
            value = resolve(value, frame)
            _check(spec, name, value, section)
        except (ArchspecError, Partial) as error:
            raise error.located(file=spec.file, span=_place(spec, section, name), path=f"{section}.{name}") from None
        env[name] = value
    return env


def _missing(spec: Spec, name: str, sort: str, variant: str | None) -> ArchspecError:
    if spec.variants and variant is None:
        example = next(iter(spec.variants))
        return UsageError(
            f"{spec.name} needs a variant: {', '.join(spec.variants)}",
            file=spec.file, hint=f"write {spec.file}@{example}, or --variant {example}",
        )  # fmt: skip
    return SpecError(
        f"`{name}` has no value", file=spec.file, span=_place(spec, "vars", name), path=f"vars.{name}",
        hint=f"it is required, of type {sort}: --set {name}=...",
    )  # fmt: skip


def _check(spec: Spec, name: str, value: Any, section: str) -> None:
    where = {"file": spec.file, "span": _place(spec, section, name), "path": f"{section}.{name}"}
    if section == "dims":
        if not (type(value) is int or getattr(value, "is_size", False)):
            raise SpecError(f"dim `{name}` must be a whole number, got {value!r}", **where)  # type: ignore[arg-type]
        require(value >= 1, f"dim `{name}` must be at least 1, got {{value}}", value=value)
    elif not fits(value, spec.vars[name]):
        sort = spec.vars[name].type
        raise SpecError(f"`{name}` must be of type {sort}, got {value!r}", **where)  # type: ignore[arg-type]


def _place(spec: Spec, section: str, name: str) -> Any:
    return span_of(spec.document.data.get(section), name)
