"""What the JSON outputs share: their base, who wrote them, and how sizes are written."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, WithJsonSchema

from archspec import __version__
from archspec.models.base import Model
from archspec.render.json import plain
from archspec.render.json_text import dumps

Count = Annotated[int, Field(ge=0)]
Line = Annotated[int, Field(ge=1)]
# An exact integer, which may exceed 2^53; a list for design points, a text for a symbol.
Size = Annotated[Any, WithJsonSchema({"type": ["integer", "array", "string"]})]
Shape = list[Size]
Digits = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]


class Output(Model):
    """An object of an output; the docstring below each key is its description in the schema. A key that is a word of
    Python or of pydantic is written here with ``_`` behind it."""

    model_config = ConfigDict(
        extra="ignore",
        alias_generator=lambda name: name.removesuffix("_"),
        populate_by_name=True,
        serialize_by_alias=True,
    )

    def data(self) -> dict[str, Any]:
        """The object as plain data: the keys that were given."""
        dumped: dict[str, Any] = plain(self.model_dump(exclude_unset=True))
        return dumped


class Tool(Output):
    """What wrote it."""

    name: str
    version: str


ARCHSPEC = Tool(name="archspec", version=__version__)


def written(document: Output) -> str:
    """An output as text."""
    return dumps(document.data())
