"""Models as files: those that come with archspec, in a folder of a room for each family, or one of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from archspec.errors import ArchspecError, SpecError, UsageError, did_you_mean, show
from archspec.language.validate import place
from archspec.models.base import Model
from archspec.models.worded import worded
from archspec.text.document import Document
from archspec.text.reader import read, read_text
from archspec.text.shipped import shipped

AnyModel = TypeVar("AnyModel", bound=Model)


def names(family: str, room: str = "memory") -> tuple[str, ...]:
    """The models of a family that come with archspec: `kv`, `autograd`, ..."""
    return tuple(shipped(f"{room}/{family}"))


def load(family: str, name: str, model: type[AnyModel], what: str, room: str = "memory") -> AnyModel:
    """The model of a name, or that of a file of one's own; ``what`` it is called in errors.

    Raises UsageError for an unknown name, SpecError for a file that is none.
    """
    if name in names(family, room):
        return _shipped(f"{room}/{family}", name, model)  # type: ignore[return-value]
    if not (name.endswith((".yaml", ".yml", ".json")) or (name and Path(name).exists())):
        raise unknown(what, name, names(family, room), "; or a file of your own")
    return checked(read(name), model)


def unknown(what: str, name: str, known: Iterable[str], more: str = "") -> UsageError:
    """The error for a name that is not among those there are."""
    known = tuple(known)
    longer = [f"`{other}`" for other in known if other.startswith(f"{name.lower()}-")]  # h100 of h100-pcie, h100-sxm
    near = f"did you mean {' or '.join(longer)}?" if longer else did_you_mean(name, known)
    there = f"known: {', '.join(known)}{more}"
    return UsageError(f"no {what} is called {show(name)}", hint=f"{near} {there}" if near else there)


def table(name: str, model: type[AnyModel]) -> AnyModel:
    """One of the tables that come with archspec, and of which there is one: weight formats, optimizers."""
    return _shipped("memory/tables", name, model)  # type: ignore[return-value]


@cache
def _shipped(folder: str, name: str, model: type[Model]) -> Model:
    text = shipped(folder)[name].read_text("utf-8")
    return checked(read_text(text, f"archspec/{folder}/{name}.yaml"), model)


def checked(document: Document, model: type[AnyModel]) -> AnyModel:
    """A document as the model of its family. Raises SpecError, with its place."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        keys, cause, of_key = worded(error, model)
        fault = place(SpecError(cause.message, hint=cause.hint), document.data, keys, "", of_key=of_key)
        raise fault.located(file=document.name) from None
    except ArchspecError as error:
        raise error.located(file=document.name) from None
