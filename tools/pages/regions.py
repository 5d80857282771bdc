"""The tables inside pages that are written by hand, between ``<!-- generated: NAME -->`` and ``<!-- end -->``."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from pydantic import BaseModel

from archspec.analysis.metrics import BY_NAME
from archspec.conventions.facts import CALL_FACTS
from archspec.conventions.model import Column, ConventionFile, RuleEntry
from archspec.expr.arithmetic import FUNCTIONS
from archspec.graph.frame import AXES
from archspec.hardware.catalogue import chips
from archspec.hardware.model import Chip
from archspec.kinds.base import BASE_FACTS
from archspec.kinds.dtypes import DTYPES
from archspec.language.blocks import standard, standard_names
from archspec.language.header import BlockHeader, Header
from archspec.language.keys import Copies, Experts, Layer, LayerKeys, Parallel, Residual
from archspec.memory.autograd.model import Autograd, KeepRule
from archspec.memory.files import load
from archspec.memory.measured import FIGURES
from archspec.models.docstrings import field_docs
from archspec.policy.expect import SUFFIXES
from archspec.render.hardware import listing
from archspec.render.tables import reference_table

REGION = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """A page with its regions written anew."""
    return REGION.sub(lambda region: region[1] + REGIONS[region[2]]() + region[3], text)


def model_table(model: type[BaseModel], *required: str, without: type[BaseModel] | None = None) -> Callable[[], str]:
    """A region that is a model's keys with their docstrings; ``required`` are those that code asks for."""

    def table() -> str:
        docs = field_docs(model)
        rows = []
        for name, field in model.model_fields.items():
            if without and name in without.model_fields:
                continue
            needed = " (required)" * (field.is_required() or name in required)
            shown = isinstance(field.default, str) and field.default and name != "call"
            usual = f" Left out, `{field.default}`." if shown else ""
            rows.append((f"`{field.alias or name}`{needed}", docs[name] + usual))
        return reference_table(("key", "meaning"), rows)

    return table


def facts_table() -> str:
    rows = [(f"`{name}`", meaning) for name, meaning in (BASE_FACTS | CALL_FACTS).items()]
    return reference_table(("fact", "meaning"), rows)


def functions_table() -> str:
    rows = []
    for name, function in FUNCTIONS.items():
        taken = "a, ..." if function.most is None else ", ".join("ab"[: function.most])
        rows.append((f"`{name}({taken})`", function.summary))
    return reference_table(("function", "value"), rows)


def axes_table() -> str:
    rows = [(f"[{', '.join(names.upper())}]", ", ".join(f"`$in.{name}`" for name in names)) for names in AXES.values()]
    return reference_table(("shape", "names of its axes"), rows)


def dtypes_table() -> str:
    by_size = groupby(sorted(DTYPES, key=lambda name: -DTYPES[name]), DTYPES.__getitem__)
    return reference_table(
        ("dtype", "bytes"), [(" ".join(f"`{name}`" for name in names), str(size)) for size, names in by_size]
    )


def memory_table() -> str:
    return reference_table(("figure", "what it is"), [(f"`{name}`", text) for name, text in FIGURES.items()])


def suffixes() -> str:
    return ", ".join(f"`{suffix}`" for suffix in SUFFIXES if suffix) + "\n"


def blocks_table() -> str:
    rows = []
    for name in standard_names():
        block = standard(name)
        params = ", ".join(f"`{param}`" + " (required)" * declared.required for param, declared in block.params.items())
        rows.append((f"`{name}`", block.data["summary"], params))
    return reference_table(("block", "what it is", "parameters"), rows)


def metrics_table() -> str:
    rows = []
    for metric in BY_NAME.values():
        where = "networks, layers" if metric.of_layers else "networks"
        rows.append((f"`{metric.name}`", metric.unit, metric.adds, metric.meaning, where))
    return reference_table(("metric", "unit", "a whole has", "what it is", "of"), rows)


def autograd_table() -> str:
    convention = load("autograd", "autograd-cpu", Autograd, "convention")
    rows = [(f"`{kind}`", kept_of(rule), rule.note) for kind, rule in convention.rules.items()]
    return reference_table(("kind", "what is kept", "what that is"), rows)


def kept_of(rule: KeepRule) -> str:
    """Its entries in words."""
    found = []
    for keep in rule.keeps:
        which = getattr(keep, keep.what)
        shown = (
            keep.what
            if which in (0, "all")
            else f"{keep.what} {which}"
            if type(which) is int
            else f"{keep.what}: `{which}`"
        )
        shown += f" of {keep.dtype}" if keep.dtype else ""
        shown += f", a copy if `{keep.copied}`" if keep.copied is not None else ""
        found.append(shown + (f", if `{keep.when}`" if keep.when is not None else ""))
    return "; ".join(found)


REGIONS: dict[str, Callable[[], str]] = {
    "chip": model_table(Chip),
    "chips": lambda: listing(chips(), "md"),
    "convention": model_table(ConventionFile),
    "convention-column": model_table(Column),
    "convention-rule": model_table(RuleEntry),
    "header": model_table(Header, "inputs", "layers"),
    "block": model_table(BlockHeader),
    "layer-keys": model_table(LayerKeys),
    "structures": model_table(Layer, without=LayerKeys),
    "residual": model_table(Residual),
    "parallel": model_table(Parallel),
    "experts": model_table(Experts),
    "copies": model_table(Copies),
    "facts": facts_table,
    "functions": functions_table,
    "axes": axes_table,
    "dtypes": dtypes_table,
    "suffixes": suffixes,
    "blocks": blocks_table,
    "memory-figures": memory_table,
    "autograd": autograd_table,
    "metrics": metrics_table,
}
