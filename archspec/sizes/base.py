"""What checks on sizes share: the signals a check can raise, ``require`` and the list of assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from archspec.errors import ArchspecError, ShapeError, UsageError
from archspec.records import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy.typing as npt

    class Sized(Protocol):
        """A size that is no int."""

        @property
        def is_size(self) -> bool: ...

    class Relation(Protocol):
        """A condition on sizes that is no bool."""

        def require(self, requirement: Requirement) -> None: ...

    Operand: TypeAlias = int | Fraction | Sized

_assumptions: ContextVar[list[str] | None] = ContextVar("archspec_assumptions", default=None)


class Split(Exception):
    """The truth of a condition differs from design point to design point: run the two halves apart.

    ``mask`` is the bool array of the truth values, one per point.
    """

    def __init__(self, mask: npt.NDArray[Any]) -> None:
        super().__init__("a condition holds at some design points only")
        self.mask = mask


class Partial(Exception):
    """Some design points have no answer: drop them, remember why, and run the others again.

    ``mask`` is True where a point fails (it may be all of them); ``errors(index)`` is the error of one failing point,
    without its place in the spec: an analysis of that point alone tells it.
    """

    def __init__(self, mask: npt.NDArray[Any], errors: Callable[[int], ArchspecError]) -> None:
        super().__init__("a requirement fails at some design points")
        self.mask = mask
        self.errors = errors


class Undecided(ShapeError):
    """A condition on symbolic sizes holds for some of their values only."""


@contextmanager
def assuming() -> Iterator[list[str]]:
    """Collect what symbolic sizes had to be assumed to satisfy, as readable conditions (``w % 2 == 0``), each once.

    Outside of any ``assuming`` an undecided requirement raises `Undecided`: no assumption is made in silence.
    """
    collected: list[str] = []
    token = _assumptions.set(collected)
    try:
        yield collected
    finally:
        _assumptions.reset(token)


def assume(condition: str) -> bool:
    """Record an assumption; False where nothing collects them."""
    collected = _assumptions.get()
    if collected is None:
        return False
    if condition not in collected:
        collected.append(condition)
    return True


class Requirement(NamedTuple):
    """What is said where a condition does not hold."""

    message: str
    hint: str | None
    argument: str | None
    values: Mapping[str, Any]

    def check(self, condition: bool | Relation) -> None:
        """Raise what `require` says it does."""
        if not isinstance(condition, bool):
            condition.require(self)
        elif not condition:
            column = _column(self.values)
            if column is None:
                raise self.failure()
            (column < column.lo).require(self)  # false at every point, and each has its own values to name

    def failure(self, index: int | None = None) -> ShapeError:
        """The error, with the values of one design point where ``index`` names one."""
        values = {name: shown(value if index is None else at(value, index)) for name, value in self.values.items()}
        return ShapeError(self.message.format(**values), hint=self.hint, argument=self.argument)


def require(
    condition: bool | Relation,
    message: str,
    *,
    hint: str | None = None,
    argument: str | None = None,
    **values: Any,
) -> None:
    """Check a condition on sizes; ``message`` is a format string over ``values`` (sizes, or shapes as tuples), and
    ``argument`` the layer's argument that it is about.

    Raises `ShapeError` where the condition is false, `Partial` where it is false at some points of a grid. A condition
    on symbols that is neither true nor false for all of them becomes an assumption (see `assuming`).
    """
    if condition is not True:
        Requirement(message, hint, argument, values).check(condition)


def _column(value: Any) -> Any:
    """A grid that stands in a value, or None."""
    if isinstance(value, (tuple, list, dict)):
        items = value.values() if isinstance(value, dict) else value
        return next((column for item in items if (column := _column(item)) is not None), None)
    return value if hasattr(value, "point") else None


def shown(value: Any) -> Any:
    """A value as it stands in a message: shapes as ``[1, 64, 56, 56]``, symbols in words, numbers as they are."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(str(shown(item)) for item in value)}]"
    return str(value) if hasattr(value, "is_size") else value


def at(value: Any, index: int) -> Any:
    """The value at one flat index: the int of a grid, also inside lists and mappings; anything else unchanged."""
    if isinstance(value, (tuple, list)):
        return type(value)(at(item, index) for item in value)
    if isinstance(value, dict):
        return {key: at(item, index) for key, item in value.items()}
    point = getattr(value, "point", None)
    return value if point is None else point(index)


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal at every design point, for all values of the symbols."""
    try:
        return bool(a == b)
    except (Split, Undecided):
        return False


def mixed() -> UsageError:
    """The error of an operation between a grid and a symbol."""
    return UsageError("arrays and symbols cannot be mixed in one analysis", hint="use one kind, or one after the other")
