"""Names while a spec is expanded: values of variables, and the tensors that ids stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from archspec.errors import Fault, ShapeError, SpecError, show
from archspec.expr import Expr
from archspec.graph.addresses import Entry, Target, follow
from archspec.graph.graph import Body, Tensor
from archspec.language.templates import as_part, is_template, pieces
from archspec.sizes import prod

# Names of the axes after the batch, by rank; `$in.c` is the first, whatever the rank.
AXES = {1: "c", 2: "cl", 3: "chw", 4: "cdhw"}


class Level:
    """A body while it is filled, and the level around it whose tensors it may refer to; a block has none."""

    __slots__ = ("around", "body", "seen")

    def __init__(self, around: Level | None = None) -> None:
        self.around = around
        self.body = Body()
        self.seen: dict[int, int] = {}  # tensors of the level around, by the ports that stand for them here

    def given(self, tensors: Iterable[Tensor]) -> tuple[int, ...]:
        """Inputs for what is handed over."""
        ports = tuple([self.body.port(tensor.shape, tensor.dtype) for tensor in tensors])
        self.body.given = len(ports)
        return ports

    def take(self, body: Body, number: int) -> int:
        """The tensor here that stands for one of a body around this one."""
        if body is self.body:
            return number
        assert self.around is not None
        outer = self.around.take(body, number)
        if outer not in self.seen:
            tensor = self.around.body.tensors[outer]
            self.seen[outer] = self.body.port(tensor.shape, tensor.dtype)
        return self.seen[outer]

    def outer(self, number: int, sources: tuple[int, ...]) -> int:
        """What an input stands for in the level around, ``sources`` being what is handed over."""
        return (*sources, *self.seen)[self.body.inputs.index(number)]

    def height(self, body: Body) -> int:
        """How many levels up a body is."""
        level, height = self, 0
        while level.body is not body:
            assert level.around is not None
            level, height = level.around, height + 1
        return height


class Frame:
    """One level of names. A block has no ``outer``: it sees its own ids only."""

    __slots__ = ("env", "here", "ids", "level", "outer")

    def __init__(self, env: dict[str, Any], here: Tensor, level: Level, outer: Frame | None = None) -> None:
        self.env = env
        self.here = here  # what `$in` means: the input of the layer at hand
        self.ids: dict[str, Entry] = {}
        self.level = level
        self.outer = outer

    def lookup(self, parts: tuple[Any, ...]) -> Any:
        """The value of ``$name.part.part``. Raises SpecError."""
        name = parts[0]
        if name == "in":
            return axis_of(self.here, parts[1:])
        try:
            value = self.env[name]
        except KeyError:
            fault = Fault.of_name("unknown-variable", str(name), [*self.env, "in"])
            hint = "`$index` counts the instances inside a `repeat`" if name == "index" else fault.suggestion
            raise SpecError(f"unknown variable `${name}`", hint=hint, fault=fault) from None
        for depth, part in enumerate(parts[1:], 1):
            shown = "$" + ".".join(map(str, parts[:depth]))
            if not isinstance(value, (list, tuple)):
                raise SpecError(f"`{shown}` is {show(value)}, it has no part `{part}`")
            if not isinstance(part, int):
                raise SpecError(f"`{shown}` is a list, `{part}` is no index of it")
            if not -len(value) <= part < len(value):
                raise SpecError(f"`{shown}` has {len(value)} entries, there is none at {part}")
            value = value[part]
        return value

    def entry(self, name: str, values: tuple[int, ...], item: int | None = None) -> Entry:
        """Let a name stand for tensors of this level and what makes them."""
        entry = self.ids[name] = Entry(self.level.body, values, item)
        return entry

    def tensors(self, name: str) -> tuple[int, ...]:
        """The tensors that an address stands for, as this level has them. Raises SpecError."""
        name = self.filled(name)
        return tuple([number for address in self.listed(name) for number in self.numbers(self.find(address))])

    def sources(self, name: str) -> tuple[int, ...]:
        """The tensors that a `from` means by an address: of several outputs the first, unless it asks for all."""
        name = self.filled(name)
        if "*" in name:
            return self.tensors(name)
        target = self.find(name)
        count = len(target.last.members or ())
        if target.output is None and count > 1:
            first = next(iter(target.last.members or ()))
            hint = f"name one of them, `{name}.{first}`, or all: `{name}.*`"
            raise SpecError(f"`{name}` stands for {count} instances side by side", hint=hint)
        return self.numbers(target)[:1]

    def numbers(self, target: Target) -> tuple[int, ...]:
        """The tensors of a target, as this level has them."""
        return tuple([self.level.take(target.body, number) for number in target.tensors()])

    def filled(self, address: str) -> str:
        """An address with the values of its variables put in. Raises SpecError."""
        if not is_template(address):
            return address
        texts = [
            piece if isinstance(piece, str) else as_part(resolve(piece, self), address) for piece in pieces(address)
        ]
        return "".join(texts)

    def listed(self, name: str) -> Iterator[str]:
        """The addresses that one with a `*` stands for: of all instances, or all outputs, of what is before it."""
        head, star, rest = name.partition(".*")
        if not star:
            yield name
            return
        if rest[:1] not in ("", "."):
            raise SpecError(f"`{name}`: `*` stands alone, for all instances or all outputs of `{head}`")
        for inner in self.find(head).parts(head):
            yield from self.listed(f"{head}.{inner}{rest}")

    def find(self, name: str) -> Target:
        """What an address leads to. Raises SpecError."""
        name = self.filled(name)
        parts = name.split(".")
        frame: Frame | None = self
        while frame is not None:
            # An id may hold dots itself, as those of an expanded spec do.
            heads = [end for end in range(len(parts), 0, -1) if ".".join(parts[:end]) in frame.ids]
            if heads:
                return frame.only(name, parts, heads)
            frame = frame.outer
        raise SpecError(f"`{name}` names no layer before this one")

    def only(self, name: str, parts: list[str], heads: list[int]) -> Target:
        """The reading of an address that may begin with any of these ids. Raises SpecError where there are two."""
        readings: list[tuple[int, Target]] = []
        faults: list[SpecError] = []
        for end in heads:
            try:
                readings.append((end, follow(self.ids[".".join(parts[:end])], parts[end:], name)))
            except SpecError as error:
                faults.append(error)
        if not readings:
            raise faults[0]
        if len(readings) > 1:
            ids = [".".join(parts[:end]) for end, _ in readings[:2]]
            raise SpecError(
                f"`{name}` is the id of a layer, and a part of `{ids[1]}`",
                hint=f"give one of the two another id: `{ids[0]}`, `{ids[1]}`",
            )
        return readings[0][1]


def axis_of(tensor: Tensor, parts: tuple[Any, ...]) -> Any:
    """``$in.c``, ``.h``, ``.w``, ``.d``, ``.l``, ``.last``, ``.rank``, ``.numel``, ``.0``: without the batch axis."""
    shape = tensor.shape[1:]
    if len(parts) != 1:
        raise SpecError("`$in` is a shape; name an axis of it: `$in.c`, `$in.h`, `$in.w`, `$in.last` or `$in.0`")
    (part,) = parts
    if isinstance(part, int) and -len(shape) <= part < len(shape):
        return shape[part]
    if part == "rank":
        return len(shape)
    if part == "numel":
        return prod(shape)
    if shape and part == "last":
        return shape[-1]
    letters = AXES.get(len(shape), "c" if shape else "")
    if isinstance(part, str) and len(part) == 1 and part in letters:
        return shape[letters.index(part)]
    raise ShapeError(f"`$in.{part}`: the input has the axes {show(shape)}, named {', '.join(letters) or 'by number'}")


def resolve(value: Any, frame: Frame) -> Any:
    """A value with every expression in it evaluated; a whole Fraction is an int already.

    A condition must hold for all sizes or for none: Split or Undecided otherwise.
    """
    if isinstance(value, Expr):
        found = value.evaluate(frame.lookup)
        return bool(found) if getattr(found, "is_condition", False) else found
    if isinstance(value, (list, tuple)):
        return [resolve(item, frame) for item in value]
    if isinstance(value, dict):
        return {key: resolve(item, frame) for key, item in value.items()}
    return value
