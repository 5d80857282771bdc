"""The config of a layer, of which every key has to be known: what is not read may bear on sizes."""

from __future__ import annotations

from typing import Any

from archspec.errors import SpecError, show, suggestion
from archspec.language.validate import fail
from archspec.text.document import Map

# Keys of any layer that no size follows from.
PLAIN = frozenset({"name", "trainable", "dtype", "dynamic", "batch_input_shape", "batch_shape", "seed", "autocast"})
ENDINGS = ("_initializer", "_regularizer", "_constraint")
MAX_RANK = 16
MAX_SIZE = 2**40


class Config:
    """A layer's config while it is read."""

    def __init__(self, data: Any, path: str) -> None:
        self.data = data
        self.path = path
        self.read: set[str] = set()

    def fail(self, message: str, key: str | None = None, hint: str | None = None) -> SpecError:
        """An error of this layer, at a key of its config."""
        keys = () if key is None else (key,)
        return fail(message, self.data, *keys, path=self.path, hint=hint)

    def take(self, key: str, default: Any = None) -> Any:
        """The value of a key, whatever it is."""
        self.read.add(key)
        return self.data.get(key, default)

    def ignore(self, *keys: str) -> None:
        """Keys of this layer that no size follows from."""
        self.read.update(keys)

    def only(self, key: str, *values: Any) -> None:
        """A key that may be absent or one of these values: archspec has no other."""
        value = self.take(key, values[0])
        if not any(isinstance(value, bool) is isinstance(known, bool) and value == known for known in values):
            raise self.fail(f"is {show(value)}, which archspec does not know", key)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.fail(f"must be true or false, got {show(value)}", key)
        return value

    def whole(self, key: str, default: int | None = None, least: int = 1) -> int:
        """A whole number."""
        value = self.take(key, default)
        if not is_whole(value, least):
            raise self.fail(f"must be a whole number of at least {least}, got {show(value)}", key)
        return int(value)

    def number(self, key: str, default: float) -> float:
        """A number."""
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fail(f"must be a number, got {show(value)}", key)
        return value

    def word(self, key: str, default: str | None, *choices: str) -> str:
        """One of some words."""
        value = self.take(key, default)
        if value not in choices:
            raise self.fail(f"must be {' or '.join(choices)}, got {show(value)}", key)
        return str(value)

    def sizes(self, key: str, rank: int, default: int | None = None) -> tuple[int, ...]:
        """A number for each axis, which one number may stand for."""
        value = self.take(key, default)
        listed = value if isinstance(value, list) else [value] * rank
        if len(listed) != rank or not all(is_whole(item, 1) for item in listed):
            raise self.fail(f"must be {rank} whole numbers of at least 1, got {show(value)}", key)
        return tuple(listed)

    def done(self) -> None:
        """Raise SpecError where the config has a key that nobody read."""
        for key in self.data:
            if key not in self.read and key not in PLAIN and not key.endswith(ENDINGS):
                message = f"{show(key)} is a key that archspec does not know here: a size may follow from it"
                raise fail(
                    message, self.data, key, path=self.path, hint=suggestion(key, sorted(self.read)), of_key=True
                )


def is_whole(value: Any, least: int) -> bool:
    """A whole number that a size may be."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_SIZE


def mapping(value: Any, what: str, path: str) -> Map:
    """A mapping of the file. Raises SpecError."""
    if not isinstance(value, Map):
        raise SpecError(f"{what} must be a mapping, got {show(value)}", path=path)
    return value
