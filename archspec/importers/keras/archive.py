"""A `.keras` archive: its `config.json` is the model, its weights are not looked at."""

from __future__ import annotations

from archspec.errors import SpecError
from archspec.importers.archives import text_in
from archspec.importers.keras.source import convert as of_document
from archspec.importers.sources import Converted
from archspec.text.contents import MAX_BYTES
from archspec.text.reader import decoded, read_text


def convert(file: str, architecture: str | None) -> Converted:
    """The spec of a saved model. Raises ArchspecError."""
    name, content = text_in(file, ("config.json",), MAX_BYTES, "model of Keras 3")
    try:
        document = read_text(decoded(content), f"{file}/{name}")
    except SpecError as error:
        raise error.located(file=f"{file}/{name}") from None
    return of_document(document, architecture)
