"""When two values of a spec mean the same, and what a layer is known by, however either is spelled."""

from __future__ import annotations

from typing import Any

from archspec.errors import ArchspecError
from archspec.expr import parse
from archspec.kinds import kinds
from archspec.language.keys import LAYER_KEYS


def same(old: Any, new: Any) -> bool:
    """Whether two values mean the same: of the same types, expressions however they are spaced."""
    if isinstance(old, dict):
        return (
            isinstance(new, dict)
            and list(old) == list(new)
            and all(same(*alike(key, old[key], new[key])) for key in old)
        )
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(same, old, new))
    if type(old) is not type(new):
        return False
    return bool(old == new) or (isinstance(old, str) and same_expression(old, new))


def same_expression(old: str, new: str) -> bool:
    """Whether two texts are one expression."""
    if "$" not in old or "$" not in new:
        return False
    try:
        return parse(old, dollar=True) == parse(new, dollar=True)
    except ArchspecError:
        return False


def alike(key: str, old: Any, new: Any) -> tuple[Any, Any]:
    """Two values of a key in the longer of the spellings that they have: `linear: 10` and `linear: {out: 10}`."""
    if type(old) is type(new):
        return old, new
    kind = kinds().get(key)
    if kind is not None and (isinstance(old, dict) or isinstance(new, dict)):
        spelled = [
            {} if value is None else value if isinstance(value, dict) else {kind.main: value} for value in (old, new)
        ]
        return spelled[0], spelled[1]
    if key == "residual":
        spelled = [{"body": value} if isinstance(value, list) else value for value in (old, new)]
        return spelled[0], spelled[1]
    return old, new


def opened(item: Any) -> Any:
    """A layer in its long form: `relu` as `{relu: null}`."""
    return {item: None} if isinstance(item, str) else item


def kind_of(item: Any) -> str | None:
    """The key that says what a layer is."""
    return next((key for key in item if key not in LAYER_KEYS), None) if isinstance(item, dict) else None


def id_of(item: Any) -> str | None:
    """The id that is written for a layer."""
    name = item.get("id") if isinstance(item, dict) else None
    return name if isinstance(name, str) else None


def label(item: Any) -> tuple[str, str]:
    """What a layer is known by at its place: its id, else its kind."""
    name = id_of(item)
    return ("id", name) if name is not None else ("kind", kind_of(opened(item)) or "")


def known_by(item: Any, path: tuple[str | int, ...]) -> Any:
    """What a layer is known by at another place of its block, or of the file's own layers: its id, else every word."""
    return path[:2] if path[0] == "blocks" else (), id_of(item) or frozen(item)


def frozen(value: Any) -> Any:
    """A value that can be a key; equal where the values mean the same."""
    if isinstance(value, dict):
        return ("map", *((key, frozen(value[key])) for key in sorted(value)))
    if isinstance(value, list):
        return ("list", *map(frozen, value))
    if isinstance(value, str) and "$" in value:
        try:
            return str, str(parse(value, dollar=True))
        except ArchspecError:
            return str, value
    return type(value), value
