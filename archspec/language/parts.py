"""Specs as parts of others: `use: resnet50`, `use: ./backbone.arch.yaml@variant`."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable

from archspec.errors import SpecError, suggestion
from archspec.language.find import SUFFIXES
from archspec.language.nodes import Block, Parameter, Spec
from archspec.language.validate import show_name
from archspec.text.document import Document
from archspec.text.links import within
from archspec.text.reader import read

Load = Callable[[Document, "Parts"], Spec]
BEFORE = ("./", "../")  # what a file's name begins with, so that no file takes the place of a block


class Files(ABC):
    """Where the files of parts are: beside the specs that name them, in one state of the repository."""

    @abstractmethod
    def path(self, name: str, asking: str) -> str:
        """The path of the file that a spec in the file ``asking`` means by a name. Raises SpecError."""

    @abstractmethod
    def document(self, path: str) -> Document:
        """What is in it. Raises ArchspecError."""


class Tree(Files):
    """The files that lie there now; specs are named from a folder, the current one unless said."""

    def __init__(self, folder: str = "") -> None:
        self.folder = folder

    def path(self, name: str, asking: str) -> str:
        return within(os.path.dirname(os.path.join(self.folder, asking)), name)

    def document(self, path: str) -> Document:
        return read(path)


class Unread(Files):
    """Those beside a text that lies nowhere."""

    def path(self, name: str, asking: str) -> str:
        raise SpecError(f"`{show_name(name)}` is a file beside the spec, which is not read for what is no file itself")

    def document(self, path: str) -> Document:
        raise AssertionError(path)


TREE, UNREAD = Tree(), Unread()


class Parts:
    """The parts of one spec and of its parts, each read once."""

    def __init__(self, files: Files, load: Load, chain: tuple[str, ...] = (), known: dict[str, Spec] | None = None):
        self.files = files
        self.load = load
        self.chain = chain  # the files around, outermost first
        self.known: dict[str, Spec] = {} if known is None else known

    def block(self, name: str, asking: str) -> Block:
        """The spec that a name in the file ``asking`` means, as a block. Raises ArchspecError."""
        file, variant = split(name)
        path = self.files.path(file, asking)
        chain = (*(self.chain or (os.path.normpath(asking),)), path)
        if path in chain[:-1]:
            raise SpecError(f"`{show_name(name)}` is a part of itself: {' -> '.join(chain)}")
        if path not in self.known:
            document = self.files.document(path)
            self.known[path] = self.load(document, Parts(self.files, self.load, chain, self.known))
        return as_block(name, self.known[path], variant)


def is_file(name: str) -> bool:
    """Whether the name of a part is that of a file."""
    return name.startswith(BEFORE)


def split(name: str) -> tuple[str, str | None]:
    """A file and the variant of it. Raises SpecError."""
    file, at, variant = (name, "", None) if name.endswith(SUFFIXES) else name.rpartition("@")
    if not file.endswith(SUFFIXES):
        raise SpecError(f"`{show_name(name)}` is no spec's file: {', '.join(SUFFIXES)}")
    return file, variant if at else None


def as_block(name: str, spec: Spec, variant: str | None) -> Block:
    """A spec as a block called ``name``. Its parameters are its dims and vars. Raises SpecError."""
    if variant is not None and variant not in spec.variants:
        hint = suggestion(variant, spec.variants) if spec.variants else "it has no variants"
        raise SpecError(f"{spec.name} has no variant `{show_name(variant)}`", hint=hint)
    dims = {dim: Parameter(type="int", default=value, required=False) for dim, value in spec.dims.items()}
    return Block(
        name=name,
        params={**dims, **spec.vars},
        conditions=(),
        inputs=tuple(spec.inputs),
        needed=len(spec.inputs),
        layers=spec.layers,
        outputs=spec.outputs,
        shared=False,
        home=spec.home,
        span=spec.document.span,
        data=spec.document.data,
        network=(spec, variant),
    )
