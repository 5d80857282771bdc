"""One analysis: a spec at one setting, worked out to a report."""

from __future__ import annotations

from typing import Any

from archspec.analysis.count import Ledger, Sums
from archspec.analysis.metrics import OWN, TOOLS, Figures, figures, unwrapped
from archspec.analysis.report import Counts, Report, Totals, warnings
from archspec.analysis.rows import tree
from archspec.analysis.setting import Setting, settled
from archspec.conventions.loader import Convention
from archspec.conventions.loader import convention as find_convention
from archspec.errors import ArchspecError, SpecError, UsageError, show, suggestion
from archspec.graph.frame import Frame, Level, resolve
from archspec.graph.graph import Tensor
from archspec.graph.network import expand
from archspec.graph.variables import NOWHERE, variables
from archspec.graph.walk import UNFOLD_LIMIT, written_out
from archspec.graph.work import Together
from archspec.kinds.args import MAX_SIZE_DIGITS
from archspec.kinds.base import MAX_SIZE
from archspec.kinds.dtypes import DTYPES
from archspec.language.nodes import Spec
from archspec.sizes import as_size, assuming, is_size, require, unwrap, whole


def sizes(value: Any) -> Any:
    """A value with the symbols in it as sizes; text, numbers, columns stay. Raises UsageError for any other object."""
    if isinstance(value, dict):
        return {key: sizes(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [sizes(item) for item in value]
    return value if value is None or isinstance(value, (int, float, str)) else as_size(value)


def run(spec: Spec, setting: Setting = Setting(), together: Together | None = None) -> Report:  # noqa: B008 it is frozen
    """One analysis with sizes of one sort: numbers, symbols or columns of equally many points.

    ``together`` bounds several analyses together.
    Raises ArchspecError.
    """
    if setting.dtype not in DTYPES:
        raise UsageError(f"unknown dtype `{setting.dtype}`", hint=suggestion(setting.dtype, DTYPES))
    for name in setting.dims:
        if name in setting.vars:
            raise UsageError(f"`{name}` is given as a dim and as a var")
    setting = settled(spec, setting)
    batch, values = sizes(setting.batch), sizes(setting.values)
    if not is_size(batch):
        raise UsageError(f"batch must be a whole number, got {show(batch)}")
    require(batch >= 1, "batch must be at least 1, got {batch}", batch=batch)
    if type(batch) is int and batch >= MAX_SIZE:
        raise UsageError(f"batch must have at most {MAX_SIZE_DIGITS} digits, got {len(str(batch))}")
    with assuming() as assumptions:
        env = variables(spec, setting.variant, values)
        graph = expand(spec, env, inputs(spec, env, batch), together)
        chosen = find_convention(setting.convention)
        ledger = Ledger(graph, setting.dtype, [*map(find_convention, (OWN, *TOOLS)), chosen])
        sums = ledger.sums()
        nodes = tree(ledger, chosen, graph)
    unknown = of_kinds(sums, "unknown", chosen.name)
    return Report(
        spec=spec,
        setting=setting,
        graph=graph,
        convention=Counts(chosen.name, chosen.version, chosen.columns),
        totals=totals(sums, chosen),
        tree=nodes,
        unknown=unknown,
        beyond=of_kinds(sums, "beyond", OWN),
        remarks={tool: remarks(sums, find_convention(tool), setting.dtype) for tool in TOOLS},
        assumptions=assumptions,
        warnings=warnings(chosen.name, unknown, assumptions),
        unfoldable=written_out(graph.body) <= UNFOLD_LIMIT,
    )


def totals(sums: Sums, convention: Convention) -> Totals:
    """Sums over the network, repeats multiplied in and shared weights once."""
    found = Totals()
    memory: dict[str, Figures] = {tool: {} for tool in TOOLS}
    for name, value in figures(sums).items():
        tool, dot, key = name.partition(".")
        (memory[tool] if dot else found)[key or name] = value
    if convention.name != OWN:
        found["columns"] = {name: sums.get((convention.name, name), 0) for name in convention.columns}
    found["memory"] = memory
    made: Totals = unwrapped(found)
    return made


def remarks(sums: Sums, tool: Convention, dtype: str) -> list[str]:
    """What to know of a tool's figures of memory: where it was never measured, or cannot run such a network."""
    met = [*of_kinds(sums, "remark", tool.name), *["dtype"] * (dtype != "float32")]
    return [tool.remarks[what] for what in met if what in tool.remarks]


def of_kinds(sums: Sums, what: str, convention: str) -> Figures:
    """What the sums say of kinds: the layers that are "unknown" to a convention, operations "beyond" MACs."""
    return {key[2]: unwrap(value) for key, value in sums.items() if key[:2] == (what, convention)}


def inputs(spec: Spec, env: dict[str, Any], batch: Any) -> dict[str, Tensor]:
    """The shapes of the network's inputs, the batch in front. Raises SpecError."""
    frame = Frame(env, NOWHERE, Level())
    found = {}
    for name, given in spec.inputs.items():
        try:
            shape = tuple(resolve(given.shape, frame))
            for size in shape:
                if not is_size(size):
                    raise SpecError(f"a size must be a whole number, got {show(size)}")
                require(whole(size), "a size must be a whole number, got {size}", size=size)
                require(size >= 1, "a size must be at least 1, got {shape}", shape=shape)
        except ArchspecError as error:
            raise error.located(file=spec.file, span=given.span, path=f"inputs.{name}") from None
        found[name] = Tensor((batch, *shape), given.dtype)
    return found
