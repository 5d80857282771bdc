"""Named tuples against those of Python."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from archspec import records


class Ours(records.NamedTuple):
    """A place."""

    line: int
    column: int = 0
    path: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.line}:{self.column}"


class Pythons(typing.NamedTuple):
    line: int
    column: int = 0
    path: tuple[str, ...] = ()


@pytest.mark.parametrize(("args", "values"), [((3,), {}), ((3, 4), {}), ((), {"column": 2, "line": 1, "path": ("a",)})])
def test_like_pythons(args: tuple[int, ...], values: dict[str, typing.Any]) -> None:
    ours, pythons = Ours(*args, **values), Pythons(*args, **values)
    assert tuple(ours) == tuple(pythons)
    assert hash(ours) == hash(pythons)
    assert ours._asdict() == pythons._asdict()
    assert repr(ours).removeprefix("Ours") == repr(pythons).removeprefix("Pythons")
    assert (ours.line, ours.column, ours.path) == tuple(pythons)
    assert tuple(ours._replace(column=9)) == tuple(pythons._replace(column=9))
    for copied in (pickle.loads(pickle.dumps(ours)), copy.deepcopy(ours), copy.copy(ours)):
        assert type(copied) is Ours
        assert copied == ours
    match ours:
        case Ours(line, column, path):
            assert (line, column, path) == pythons
    assert not hasattr(ours, "__dict__")


def test_refuses_what_pythons_refuse() -> None:
    for made in (Ours, Pythons):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'line'"):
            made()
        with pytest.raises(TypeError, match="unexpected keyword argument 'row'"):
            made(1, row=2)
        with pytest.raises(ValueError, match="row"):
            made(1)._replace(row=2)
        with pytest.raises(AttributeError):
            made(1).line = 2
