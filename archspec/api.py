"""The calls of a program: load a spec, analyse it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from archspec.collecting import paused
from archspec.engine.convention import convention as find_convention
from archspec.engine.count import Ledger
from archspec.engine.expand import expand
from archspec.engine.frame import Frame, resolve
from archspec.engine.graph import Value
from archspec.engine.variables import NOWHERE, variables
from archspec.errors import ArchspecError, SpecError, UsageError, show, suggestion
from archspec.kinds.args import MAX_SIZE_DIGITS
from archspec.kinds.base import MAX_SIZE
from archspec.report import MEMORY, OWN, Report
from archspec.sizes import as_size, assuming, is_size, require
from archspec.spec.find import find
from archspec.spec.load import DTYPES, load_spec
from archspec.spec.nodes import Spec


def load(path: str | os.PathLike[str]) -> Spec:
    """Read and check a spec: a file, a name of the zoo (``resnet50``), or ``-`` for standard input.

    A variant is chosen when the spec is analysed. Raises SpecError and UsageError.
    """
    return load_spec(find(os.fspath(path)).file)


def analyze(
    spec: Spec | str | os.PathLike[str],
    *,
    variant: str | None = None,
    batch: Any = 1,
    dtype: str = "float32",
    dims: Mapping[str, Any] | None = None,
    vars: Mapping[str, Any] | None = None,
    convention: str = OWN,
) -> Report:
    """Work out a spec's shapes, parameters, operations and memory.

    ``spec`` is a loaded one, or what :func:`load` takes, ``FILE@variant`` included. ``batch``, and every value of
    ``dims`` and ``vars``, may be an int, an integer NumPy array or a SymPy expression; lists may hold them. Arrays make
    every figure an array over the broadcast of all of them (see :class:`archspec.columns.ColumnsReport`). Symbols make
    figures their polynomials; they stand for positive integers, whatever else they assume, and what had to be assumed
    beside is among the report's warnings. ``convention`` is a name or a file. Raises ArchspecError.
    """
    if not isinstance(spec, Spec):
        place = find(os.fspath(spec))
        spec, variant = load_spec(place.file), variant or place.variant
    if dtype not in DTYPES:
        raise UsageError(f"unknown dtype `{dtype}`", hint=suggestion(dtype, DTYPES))
    dims, vars = dict(dims or {}), dict(vars or {})
    for name in dims:
        if name in vars:
            raise UsageError(f"`{name}` is given as a dim and as a var")
    given = {**dims, **vars}
    settings = {"batch": batch, "dtype": dtype, "dims": dims, "vars": vars, "convention": convention}

    def analysis(batch: Any, given: Any) -> Report:
        return run(spec, variant, sizes(batch), sizes(given), settings)

    if not has_arrays((batch, *given.values())):
        return analysis(batch, given)
    from archspec.columns import analyze_columns

    return analyze_columns(analysis, batch, given)


def has_arrays(value: Any) -> bool:
    """Whether NumPy's arrays or scalars stand in a value."""
    if isinstance(value, (list, tuple)):
        return any(map(has_arrays, value))
    return type(value).__module__ == "numpy"


def sizes(value: Any) -> Any:
    """A value with the symbols in it as sizes; text, numbers, columns stay. Raises UsageError for any other object."""
    if isinstance(value, dict):
        return {key: sizes(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [sizes(item) for item in value]
    return value if value is None or isinstance(value, (int, float, str)) else as_size(value)


def run(spec: Spec, variant: str | None, batch: Any, given: Mapping[str, Any], settings: Mapping[str, Any]) -> Report:
    """One analysis with sizes of one sort."""
    if not is_size(batch):
        raise UsageError(f"batch must be a whole number, got {show(batch)}")
    require(batch >= 1, "batch must be at least 1, got {batch}", batch=batch)
    if type(batch) is int and batch >= MAX_SIZE:
        raise UsageError(f"batch must have at most {MAX_SIZE_DIGITS} digits, got {len(str(batch))}")
    with assuming() as assumptions, paused():
        env = variables(spec, variant, given)
        graph = expand(spec, env, inputs(spec, env, batch))
        chosen = find_convention(settings["convention"])
        conventions = {name: find_convention(name) for name in (OWN, *MEMORY)}
        conventions[chosen.name] = chosen
        ledger = Ledger(list(conventions.values()), settings["dtype"], graph)
        report = Report(spec, variant, graph, ledger, settings, chosen, assumptions)
        _ = report.totals  # what counting assumes belongs to the report too
    return report


def inputs(spec: Spec, env: dict[str, Any], batch: Any) -> dict[str, Value]:
    """The shapes of the network's inputs, the batch in front. Raises SpecError."""
    frame = Frame(env, NOWHERE)
    found = {}
    for name, given in spec.inputs.items():
        try:
            shape = tuple(resolve(given.shape, frame))
            for size in shape:
                if not is_size(size):
                    raise SpecError(f"a size must be a whole number, got {show(size)}")
                require(size >= 1, "a size must be at least 1, got {shape}", shape=shape)
        except ArchspecError as error:
            raise error.located(file=spec.file, span=given.span, path=f"inputs.{name}") from None
        found[name] = Value((batch, *shape), given.dtype)
    return found
