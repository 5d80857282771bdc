"""A source of a network: a spec, or a file of another format, which is made into one.

A format is known by what a file holds, or by its suffix where it is no text. Each has a module with a function
``convert(source, options) -> Converted``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from archspec.errors import ArchspecError, SpecError, UsageError
from archspec.language.find import Place
from archspec.language.load import load_text, spec_of
from archspec.language.nodes import Spec
from archspec.language.parts import TREE
from archspec.records import NamedTuple
from archspec.text.document import Document
from archspec.text.reader import read_text, text_of

# Files that are neither YAML nor JSON, by their suffix: the module that reads them.
BINARY = {
    ".cfg": "darknet.source",
    ".gguf": "headers.source",
    ".keras": "keras.archive",
    ".onnx": "onnx.source",
    ".prototxt": "caffe.source",
    ".pt2": "torch_export.source",
    ".safetensors": "headers.source",
}


class Converted(NamedTuple):
    """A source as a spec's data, and what a reader should know of it that the spec does not say."""

    spec: dict[str, Any]
    notes: tuple[str, ...] = ()


class Imported(NamedTuple):
    """A source as the text of a spec."""

    text: str
    notes: tuple[str, ...]


def opened(place: Place, variant: str | None = None, architecture: str | None = None) -> tuple[Spec, str | None]:
    """The spec a source holds or is made into, and the variant of it that is meant. Raises ArchspecError.

    Of a source of another format the place's variant is the class that is meant (``config.json@LlamaModel``).
    """
    document = None if suffixed(place.file) else document_in(place.file)
    if document is not None and not foreign(document):
        if architecture is not None:
            hint = "--variant names one of a spec"
            raise UsageError(f"--architecture is of sources of other formats, {place.file} is a spec", hint=hint)
        return spec_of(document, TREE), variant or place.variant
    if variant is not None:
        raise UsageError(f"{place.file} has no variants: --variant is of specs")
    imported = converted(place.file, document, architecture or place.variant)
    return load_text(imported.text, f"{place.file} (imported)"), None


def convert(place: Place, architecture: str | None = None) -> Imported:
    """A source of another format as the text of a spec. Raises ArchspecError."""
    document = None if suffixed(place.file) else document_in(place.file)
    if document is not None and not foreign(document):
        hint = "`archspec fmt` lays a spec out, `archspec expand` resolves one"
        raise UsageError(f"{place.file} is no source of another format that archspec knows", hint=hint)
    return converted(place.file, document, architecture or place.variant)


def document_in(file: str) -> Document:
    """What a text file holds, or standard input for ``-``. Raises ArchspecError.

    Python writes Infinity and NaN into JSON, so configs have them, as bounds of time steps; a spec has not.
    """
    text, name = text_of(file), "<stdin>" if file == "-" else file
    try:
        return read_text(text, name)
    except SpecError:
        if "Infinity" in text or "NaN" in text:
            document = read_text(text, name, constants=True)
            if foreign(document):
                return document
        raise


def converted(file: str, document: Document | None, architecture: str | None) -> Imported:
    """A file made into a spec by the module of its format; ``document`` is what it holds, of a text."""
    from archspec.language.canonical import formatted
    from archspec.language.dump import dump_spec

    module = suffixed(file) if document is None else foreign(document)
    assert module is not None
    make: Callable[[Any, str | None], Converted] = import_module(f"archspec.importers.{module}").convert
    try:
        made = make(file if document is None else document, architecture)
    except ArchspecError as error:
        raise error.located(file=file) from None
    return Imported(formatted(dump_spec(made.spec), file + ".yaml"), made.notes)


def suffixed(file: str) -> str | None:
    """The module that reads a file by its suffix."""
    return BINARY.get(os.path.splitext(file)[1].lower())


def foreign(document: Document) -> str | None:
    """The module that makes a spec of a text that is none."""
    data = document.data
    if not isinstance(data, dict) or "archspec" in data:
        return None
    if "model_type" in data:
        return "transformers.config"
    if "weight_map" in data:
        return "headers.source"
    if "class_name" in data and "config" in data:
        return "keras.source"
    if "backbone" in data and "head" in data:
        return "ultralytics.source"
    return None
