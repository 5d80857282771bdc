"""Formulas of shapes and weights: one text that is computed with, printed and explained.

A kind states each rule once, as text. The text is parsed by :mod:`archspec.expr`, compiled, and called with sizes of
any of the three sorts. While :func:`tracing` is on, every call is recorded, so that ``archspec explain`` shows the very
formula that made a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from archspec.expr import Expr, parse
from archspec.records import NamedTuple
from archspec.sizes import Size

# Of each thread and task its own.
_trace: ContextVar[list[Step] | None] = ContextVar("trace", default=None)


class Step(NamedTuple):
    """One application of a formula: its name, the formula, the values put in, the result."""

    formula: Formula
    values: dict[str, Any]
    result: Any


class Formula:
    """``Formula("output size", "size kernel stride", "(size - kernel) // stride + 1")``, called with sizes in order."""

    __slots__ = ("_call", "expr", "name", "params", "source")

    def __init__(self, name: str, params: str, text: str, source: str = "") -> None:
        self.name = name
        self.params = tuple(params.split())
        self.expr: Expr = parse(text)
        self.source = source
        self._call: Callable[..., Any] | None = None

    def __call__(self, *values: Any) -> Size:
        call = self._call
        if call is None:
            call = self._call = self.expr.function(self.params)
        result: Size = call(*values)
        trace = _trace.get()
        if trace is not None:
            trace.append(Step(self, dict(zip(self.params, values, strict=True)), result))
        return result


@contextmanager
def tracing() -> Iterator[list[Step]]:
    """Record every formula called inside the block, in order."""
    trace: list[Step] = []
    before = _trace.set(trace)
    try:
        yield trace
    finally:
        _trace.reset(before)


class WeightRule:
    """One weight of a kind: its name in PyTorch and its shape as text over the facts.

    ``WeightRule("weight", "c_out, c_in // groups, *kernel")``; a starred name is a fact that holds several sizes.
    ``when`` names the boolean fact that decides whether the weight exists; ``dtype`` is empty for the analysis' dtype.
    """

    __slots__ = ("_dims", "buffer", "dims", "dtype", "name", "when")

    def __init__(self, name: str, dims: str, *, when: str | None = None, buffer: bool = False, dtype: str = "") -> None:
        self.name = name
        self.dims = dims
        self.when = when
        self.buffer = buffer
        self.dtype = dtype
        self._dims: list[tuple[bool, str, tuple[str, ...], Callable[..., Any]]] | None = None

    def shape(self, facts: Mapping[str, Any]) -> tuple[Size, ...]:
        """The weight's sizes for one layer's facts."""
        shape: list[Size] = []
        for star, text, names, call in self._compiled():
            if star:
                shape.extend(facts[text])
            else:
                shape.append(call(*[facts[name] for name in names]))
        return tuple(shape)

    def _compiled(self) -> list[tuple[bool, str, tuple[str, ...], Callable[..., Any]]]:
        if self._dims is None:
            self._dims = []
            for dim in filter(None, (part.strip() for part in self.dims.split(","))):
                if dim.startswith("*"):
                    self._dims.append((True, dim[1:], (), tuple))
                else:
                    expr = parse(dim)
                    names = tuple(sorted(expr.names))
                    self._dims.append((False, dim, names, expr.function(names)))
        return self._dims
