"""What a convention of caches holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import model_validator

from archspec.conventions.model import Formula, FormulaOrNone, Version
from archspec.errors import UsageError, did_you_mean
from archspec.expr import Expr
from archspec.memory.files import load, names
from archspec.models.base import Model
from archspec.models.types import Invalid, Text, keyed

# What the formulas may name, beside the convention's settings and names.
BASE = {
    "batch": "sequences",
    "length": "tokens of each sequence",
    "itemsize": "bytes of an element, scales included",
}
_HEADS = {
    "kv_heads": "heads of key and value",
    "k_dim": "size of a key",
    "v_dim": "size of a value",
}
_KERNEL = {"conv_kernel": "size of the convolution before the state"}
FACTS: dict[str, dict[str, str]] = {
    "full": _HEADS,
    "sliding": {**_HEADS, "window": "most keys that a query sees"},
    "chunked": {**_HEADS, "chunk": "tokens of a chunk, beyond which nothing is seen"},
    "cross": {**_HEADS, "keys": "keys of the other sequence"},
    "latent": {"kv_rank": "size of the latent vector", "rope_dim": "size of the key that is turned by position"},
    "recurrent": {"state": "elements of the state"},
    "mamba1": {"inner": "inner size", "state_size": "size of a state", **_KERNEL},
    "mamba2": {
        "inner": "inner size",
        "groups": "groups that share B and C",
        "state_size": "size of a state",
        "heads": "heads",
        "head_dim": "size of a head",
        **_KERNEL,
    },
    "short_conv": {"channels": "channels", **_KERNEL},
    "gated_delta_net": {
        "k_heads": "heads of query and key",
        "k_dim": "size of a key",
        "v_heads": "heads of the value",
        "v_dim": "size of a value",
        **_KERNEL,
    },
}


class KvSetting(Model):
    """A number of the runtime's, which `--kv-set` gives."""

    default: Formula
    """What it is if nobody says, over `batch` and `length`."""
    summary: Text
    """What it is."""
    least: int = 1
    """The least it may be."""


class KvRule(Model):
    """What is allocated for one layer."""

    token: FormulaOrNone = None
    """Bytes that a further token of one sequence adds while no window is full."""
    bytes: FormulaOrNone = None
    """Bytes of all sequences."""
    page: FormulaOrNone = None
    """In place of `bytes`: bytes of a page."""
    pages: FormulaOrNone = None
    """And pages of one sequence."""
    source: Text
    """Where that was read."""
    note: Text = ""
    """What it means."""

    @property
    def formulas(self) -> Iterator[tuple[str, Expr]]:
        """Those that it has."""
        for key in ("token", "bytes", "page", "pages"):
            formula = getattr(self, key)
            if formula is not None:
                yield key, formula


class KvFile(Model):
    """A convention of what is kept from token to token."""

    kv: Text
    """Its name."""
    version: Version = ""
    """Of the runtime."""
    summary: Text = ""
    """What is counted."""
    source: Text = ""
    """Where its formulas are from."""
    settings: dict[str, KvSetting] = {}
    """The runtime's numbers."""
    names: dict[str, Formula] = {}
    """Formulas by name, over those before, the settings, `batch`, `length` and `itemsize`."""
    together: Literal["sum", "shared pages"] = "sum"
    """How layers add up; `shared pages` as in vLLM, where sorts of layers share pools of pages of one size."""
    rules: Annotated[dict[str, KvRule], keyed(FACTS, "sort of layer")]
    """By what a layer keeps."""

    @model_validator(mode="after")
    def _known(self) -> KvFile:
        known = list(BASE)
        taken = {*BASE, *(name for facts in FACTS.values() for name in facts)}
        stated = [("settings", name, setting.default) for name, setting in self.settings.items()]
        for section, name, formula in [*stated, *(("names", name, formula) for name, formula in self.names.items())]:
            if name in taken:
                raise Invalid(f"`{name}` is the name of a fact or of another number", section, name, of_key=True)
            _refuse(formula, known, section, name)
            known.append(name)
            taken.add(name)
        if self.together == "shared pages" and "block_size" not in self.settings:
            raise Invalid("`together: shared pages` needs a setting `block_size`, the tokens of a page", "together")
        for sort, rule in self.rules.items():
            keys = {key for key, _ in rule.formulas} - {"token"}
            ways = [{"page", "pages"}] if self.together == "shared pages" else [{"bytes"}, {"page", "pages"}]
            if keys not in ways:
                wanted = " or ".join(" and ".join(f"`{key}`" for key in sorted(way)) for way in ways)
                raise Invalid(f"rule `{sort}` needs {wanted}", "rules", sort)
            for key, formula in rule.formulas:
                _refuse(formula, (*known, *FACTS[sort]), "rules", sort, key)
        return self

    def values(self, batch: int, length: int, itemsize: Fraction | int, given: Mapping[str, int]) -> dict[str, Any]:
        """What the formulas may name beside facts of a layer. Raises UsageError for a setting that cannot be."""
        values: dict[str, Any] = {"batch": batch, "length": length, "itemsize": itemsize}
        for name, setting in self.settings.items():
            values[name] = given[name] if name in given else evaluated(setting.default, values)
            if values[name] < setting.least:
                raise UsageError(f"`{name}` must be at least {setting.least}, got {values[name]}")
        for name, formula in self.names.items():
            values[name] = evaluated(formula, values)
        return values


def _refuse(formula: Expr, known: Iterable[str], *keys: str) -> None:
    for name in sorted(formula.names - set(known)):
        near = did_you_mean(name, known)
        listed = "it may name " + ", ".join(known)
        raise Invalid(
            f"a formula names `{name}`, which there is not here", *keys, hint=f"{near} {listed}" if near else listed
        )


def evaluated(formula: Expr, values: Mapping[str, Any]) -> Any:
    """A formula's value."""
    return formula.evaluate(lambda path: values[str(path[0])])


def convention(name: str) -> KvFile:
    """A convention by its name or file. Raises ArchspecError."""
    return load("kv", name, KvFile, "convention of caches")


def conventions(asked: Iterable[str]) -> list[KvFile]:
    """Those that are asked for, each once; `all` are all that come with archspec. Raises ArchspecError."""
    expanded = [name for text in asked for name in (names("kv") if text == "all" else (text,))]
    return [convention(name) for name in dict.fromkeys(expanded)]
