"""Frozen values with named fields.

They read as dataclasses do. dataclasses writes and compiles several methods for each class, eight milliseconds for
those of a spec's nodes alone, which is felt in a command that takes a tenth of a second.
"""

from __future__ import annotations

from typing import Any, Self, dataclass_transform


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=False)
class Record:
    """A value made of its annotated fields, all given by name; defaults stand in the class. Equal to itself only."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen, `{name}` cannot be set")

    def replace(self, **fields: Any) -> Self:
        """A copy with other values for some fields."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__, **fields)
        return copy

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items() if name != "data")
        return f"{type(self).__name__}({fields})"
