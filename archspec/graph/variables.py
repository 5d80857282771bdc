"""Values of a spec's dims and vars: defaults, then the variant's, then the caller's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import MAX_TEXT, ArchspecError, SpecError, UsageError, clipped, show, suggestion
from archspec.expr import Expr
from archspec.graph.frame import Frame, Level, resolve
from archspec.graph.graph import Tensor
from archspec.kinds.args import MAX_SIZE_DIGITS
from archspec.kinds.base import MAX_SIZE
from archspec.language.nodes import Parameter, Spec
from archspec.language.parameters import fits
from archspec.language.validate import place, show_name
from archspec.sizes import is_size, require, whole

NOWHERE = Tensor((1,), "")


def variables(spec: Spec, variant: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values by name. Raises UsageError for an unknown variant or name, SpecError for a missing or unfit value."""
    if variant is not None and variant not in spec.variants:
        hint = suggestion(variant, spec.variants) if spec.variants else "it has no variants"
        raise UsageError(f"{spec.name} has no variant `{show_name(variant)}`", hint=hint)
    for name in given:
        if name not in spec.dims and name not in spec.vars:
            known = [*spec.dims, *spec.vars]
            hint = suggestion(name, known) if known else "it has no dims and no vars"
            raise UsageError(f"{spec.name} has no dim or var `{show_name(name)}`", hint=hint)
    settings = spec.variants.get(variant or "", {})
    env: dict[str, Any] = {}
    frame = Frame(env, NOWHERE, Level())
    for name in (*spec.dims, *spec.vars):
        parameter = spec.vars.get(name)
        section = "dims" if parameter is None else "vars"
        keys: tuple[str, ...] = (section, name)
        if name in given:
            value = given[name]
        elif name in settings:
            value, keys = settings[name], ("variants", variant or "", name)
        elif parameter is None:
            value = spec.dims[name]
        elif not parameter.required:
            value = parameter.default
        else:
            raise _missing(spec, name, parameter.type, variant)
        try:
            _in_order(value, spec, env)
            value = resolve(value, frame)
            _check(name, value, parameter)
        except ArchspecError as error:
            if name in given:
                where = place(error, spec.document.data, keys, "")
                line = f"{spec.file}:{where.span.line}" if where.span else spec.file
                raise UsageError(error.message, hint=f"`{name}` is declared at {line}") from None
            raise place(error, spec.document.data, keys, "").located(file=spec.file) from None
        env[name] = value
    return env


def _in_order(value: Any, spec: Spec, env: Mapping[str, Any]) -> None:
    if isinstance(value, list):
        for item in value:
            _in_order(item, spec, env)
    elif isinstance(value, Expr):
        later = [name for name in value.names if name not in env and (name in spec.dims or name in spec.vars)]
        if later:
            hint = "dims come first, then vars in the order of the file"
            raise SpecError(f"`${later[0]}` has no value yet", hint=hint)


def _missing(spec: Spec, name: str, sort: str, variant: str | None) -> ArchspecError:
    if spec.variants and variant is None:
        example = next(iter(spec.variants))
        listed = clipped(", ".join(spec.variants), MAX_TEXT)
        hint = f"write {spec.file}@{example}, or --variant {example}"
        unchosen = UsageError(f"{spec.name} needs a variant: {listed}", hint=hint)
        return place(unchosen, spec.document.data, ("variants",), "").located(file=spec.file)
    hint = f"it is required, of type {sort}: --set {name}=..."
    error = SpecError(f"`{name}` has no value", hint=hint)
    return place(error, spec.document.data, ("vars", name), "").located(file=spec.file)


def _check(name: str, value: Any, parameter: Parameter | None) -> None:
    if parameter is None:
        if not is_size(value):
            raise SpecError(f"dim `{name}` must be a whole number, got {show(value)}")
        require(whole(value), f"dim `{name}` must be a whole number, got {{value}}", value=value)
        require(value >= 1, f"dim `{name}` must be at least 1, got {{value}}", value=value)
        if type(value) is int and value >= MAX_SIZE:
            raise SpecError(f"dim `{name}` must have at most {MAX_SIZE_DIGITS} digits, got {len(str(value))}")
    elif not fits(value, parameter):
        raise SpecError(f"`{name}` must be of type {parameter.type}, got {show(value)}")
