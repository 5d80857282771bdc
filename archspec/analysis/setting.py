"""At what a spec is analysed, and which of its variants there are to analyse."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from archspec.analysis.metrics import OWN
from archspec.language.nodes import Spec
from archspec.records import NamedTuple


class Setting(NamedTuple):
    """At what a spec is analysed; ``dims`` and ``vars`` hold values that stand before the variant's and the defaults.

    A setting for several specs has its values under ``vars``; :meth:`for_spec` sorts them.
    """

    variant: str | None = None
    batch: Any = 1
    dtype: str = "float32"
    dims: Mapping[str, Any] = {}
    vars: Mapping[str, Any] = {}
    convention: str = OWN

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Setting:
        """As a configuration writes it: batch, dtype, and each dim or var by its name."""
        own = {name: given[name] for name in ("batch", "dtype") if name in given}
        return cls(vars={name: value for name, value in given.items() if name not in own}, **own)

    @property
    def values(self) -> dict[str, Any]:
        """The dims and vars together."""
        return {**self.dims, **self.vars}

    @property
    def key(self) -> Hashable:
        """Equal where two settings are."""
        values = tuple(sorted((name, repr(value)) for name, value in self.values.items()))
        return self.variant, repr(self.batch), self.dtype, values, self.convention

    def for_spec(self, spec: Spec, variant: str | None = None, *, declared: bool = False) -> Setting:
        """The setting for a variant of a spec; where ``declared``, without the values that it declares no name for."""
        values = self.values
        dims = {name: value for name, value in values.items() if name in spec.dims}
        rest = {name: value for name, value in values.items() if name not in dims}
        known = {name: value for name, value in rest.items() if name in spec.vars} if declared else rest
        return self._replace(variant=variant, dims=dims, vars=known)


def cases(spec: Spec) -> tuple[str | None, ...]:
    """What there is to analyse of a spec: each variant, and the plain spec (None) unless it needs a variant's values.

    A spec without variants is analysed in any case: that it needs a value from its caller is an error to be told.
    """
    plain = not (spec.variants and any(parameter.required for parameter in spec.vars.values()))
    return (*spec.variants, None) if plain else tuple(spec.variants)


def settled(spec: Spec, setting: Setting) -> Setting:
    """The setting with the spec's only variant, where none was chosen and the plain spec lacks values."""
    if setting.variant is not None or len(spec.variants) != 1:
        return setting
    values = setting.values
    lacking = any(parameter.required and name not in values for name, parameter in spec.vars.items())
    return setting._replace(variant=next(iter(spec.variants))) if lacking else setting
