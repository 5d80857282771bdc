"""Named tuples and records whose classes cost little to make.

``typing.NamedTuple`` compiles the text of a constructor and of every annotation for each class, ``dataclass`` that of
several methods; for the classes of a plain summary that took an eighth of its time. Here a constructor is compiled with
this file, and gets a class' names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, dataclass_transform

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from _collections import _tuplegetter as field
    from types import FunctionType

    new = tuple.__new__
    # By the number of fields, which take the places of the letters.
    CONSTRUCTORS = (
        lambda cls, a: new(cls, (a,)),
        lambda cls, a, b: new(cls, (a, b)),
        lambda cls, a, b, c: new(cls, (a, b, c)),
        lambda cls, a, b, c, d: new(cls, (a, b, c, d)),
        lambda cls, a, b, c, d, e: new(cls, (a, b, c, d, e)),
        lambda cls, a, b, c, d, e, f: new(cls, (a, b, c, d, e, f)),
        lambda cls, a, b, c, d, e, f, g: new(cls, (a, b, c, d, e, f, g)),
        lambda cls, a, b, c, d, e, f, g, h: new(cls, (a, b, c, d, e, f, g, h)),
        lambda cls, a, b, c, d, e, f, g, h, i: new(cls, (a, b, c, d, e, f, g, h, i)),
        lambda cls, a, b, c, d, e, f, g, h, i, j: new(cls, (a, b, c, d, e, f, g, h, i, j)),
        lambda cls, a, b, c, d, e, f, g, h, i, j, k: new(cls, (a, b, c, d, e, f, g, h, i, j, k)),
        lambda cls, a, b, c, d, e, f, g, h, i, j, k, m: new(cls, (a, b, c, d, e, f, g, h, i, j, k, m)),
        lambda cls, a, b, c, d, e, f, g, h, i, j, k, m, n: new(cls, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
        lambda cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o: new(cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o)),
        lambda cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p: new(
            cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p)
        ),
    )

    class Tuple(tuple):
        """What all named tuples can do."""

        __slots__ = ()

        def _replace(self, **values: Any) -> NamedTuple:
            """The tuple with other values of some fields."""
            replaced = new(type(self), map(values.pop, self._fields, self))
            if values:
                raise ValueError(f"no fields of {type(self).__name__}: {', '.join(values)}")
            return replaced

        def _asdict(self) -> dict[str, Any]:
            """The values by name."""
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    class Definition(type):
        """Makes a class of its annotated fields; of the sort `type`, by which it is told soonest what an object is."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return type.__new__(cls, name, bases, namespace)
            fields = tuple(namespace["__annotations__"])
            defaults = tuple([namespace.pop(name) for name in fields if name in namespace])
            code = CONSTRUCTORS[len(fields) - 1].__code__.replace(co_varnames=("cls", *fields))
            made = {
                "__slots__": (),
                "__match_args__": fields,
                "_fields": fields,
                "__new__": FunctionType(code, {"new": new}, "__new__", defaults),
                **{name: field(place, "") for place, name in enumerate(fields)},
                **namespace,
            }
            return type(name, (Tuple,), made)

    class NamedTuple(metaclass=Definition):
        """A tuple whose items have names; a subclass states them with their types and defaults."""


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=False)
class Record:
    """A value of named fields, given by keyword, equal to itself only; what a subclass assigns is a default.

    That all are given and nobody sets one later is left to the type checker: asking at run time makes a value five
    times as slow to make, and a spec has up to a hundred thousand.
    """

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            for name, value in values.items():
                setattr(self, name, value)

    def replaced(self, **values: Any) -> Self:
        """The record with other values of some fields."""
        return type(self)(**{**vars(self), **values})


__all__ = ["NamedTuple", "Record"]
