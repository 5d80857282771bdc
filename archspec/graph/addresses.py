"""What an address means: ``blk.3.conv1``, ``parts.1``, ``s.q``, by way of the bodies between here and there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archspec.errors import SpecError, show, suggestion
from archspec.graph.graph import Body, Item
from archspec.language.scope import NUMBER
from archspec.records import NamedTuple
from archspec.sizes import Size, require

MAX_LISTED = 10_000  # what a `*` may stand for
MAX_NAMED = 20  # instances that a message lists


class Run(NamedTuple):
    """Alike instances of a repeat: the first one's number, how many, and what the first stands for."""

    first: int
    times: Size
    entry: Entry


class Entry(NamedTuple):
    """What an id stands for: tensors of a body, the item there that makes them, the ids or the instances inside it."""

    body: Body
    values: tuple[int, ...]
    item: int | None = None
    inside: Mapping[str, Entry] | None = None
    runs: tuple[Run, ...] | None = None
    instances: Size = 1
    members: Mapping[str, Entry] | None = None  # of a family, by their names


class Step(NamedTuple):
    """One step of an address inwards: an entry, and which instance is meant where the entry's item repeats."""

    entry: Entry
    turn: Size | None


class Target:
    """What an address leads to: step by step from a body that is known into those inside it."""

    def __init__(self, steps: list[Step], output: int | None) -> None:
        self.steps = steps
        self.output = output  # of the last step's tensors, where the address numbers it

    @property
    def body(self) -> Body:
        """The body that the way begins in."""
        return self.steps[0].entry.body

    @property
    def last(self) -> Entry:
        """The entry at the end of the way."""
        return self.steps[-1].entry

    def parts(self, name: str) -> Iterable[str]:
        """What `*` stands for behind it, ``name`` being its address: instances, or else outputs. Raises SpecError."""
        if self.last.members is not None:
            return self.last.members
        count = len(self.last.values) if self.last.runs is None else self.last.instances
        if type(count) is not int or count > MAX_LISTED:
            raise SpecError(f"`{name}.*` needs a number of instances of at most {MAX_LISTED}, got {show(count)}")
        if self.output is not None or not count:
            raise SpecError(f"`{name}` has no instances and no outputs that `*` could stand for")
        return map(str, range(count))

    @property
    def item(self) -> Item | None:
        """The item at the end of the way."""
        entry = self.last
        return None if entry.item is None else entry.body.items[entry.item]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the items along the way."""
        return tuple([_name(step) for step in self.steps])

    def tensors(self) -> tuple[int, ...]:
        """Its tensors, seen from the body that the way begins in: each body on the way puts them out."""
        entry, turn = self.steps[-1]
        values = entry.values if self.output is None else (entry.values[self.output],)
        values = tuple([_at(entry.body, value, turn) for value in values])
        for entry, turn in reversed(self.steps[:-1]):
            assert entry.item is not None
            group: Any = entry.body.items[entry.item]
            values = tuple([entry.body.tap(entry.item, group.body.open(value), turn) for value in values])
        return values


def follow(entry: Entry, parts: list[str], name: str) -> Target:
    """What the ``parts`` behind an entry mean; ``name`` is the address as written. Raises SpecError."""
    steps: list[Step] = []
    turn: Size | None = None
    while True:
        steps.append(Step(entry, turn))
        number = int(parts[0]) if parts and NUMBER.fullmatch(parts[0]) else None
        if entry.runs is not None and parts:
            run, turn = _instance(entry, -1 if number is None else number, name)
            entry, parts = run.entry, parts if number is None else parts[1:]
            continue
        if not parts:
            return Target(steps, None)
        if entry.members is not None:
            entry, parts, turn = _member(entry, entry.members, parts[0], number, name), parts[1:], None
            continue
        ids = entry.inside or {}
        shown = name.removesuffix("." + ".".join(parts))
        head = next((end for end in range(len(parts), 0, -1) if ".".join(parts[:end]) in ids), 0)
        if number is not None and 0 <= number < len(entry.values) and len(parts) == 1:
            if head:
                raise SpecError(
                    f"`{name}` is output {number} of `{shown}`, and the part `{number}` inside it",
                    hint=f"`{shown}` is what comes out; of the part, name a layer by its id: `{shown}.{number}.ID`",
                )
            return Target(steps, number)
        if not head:
            raise _nothing(entry, parts, name, shown, number)
        entry, parts, turn = ids[".".join(parts[:head])], parts[head:], None


def _member(entry: Entry, members: Mapping[str, Entry], written: str, number: int | None, name: str) -> Entry:
    """The instance of a family that is called so; a negative number counts from the end."""
    found = members.get(written)
    if found is None and number is not None and -len(members) <= number < 0:
        return list(members.values())[number]
    if found is None:
        hint = f"there are {', '.join(members)}" if len(members) <= MAX_NAMED else None
        raise SpecError(f"`{name}`: no instance of the `each` is called `{written}`", hint=hint)
    return found


def _nothing(entry: Entry, parts: list[str], name: str, shown: str, number: int | None) -> SpecError:
    if number is None:
        hint = suggestion(parts[0], entry.inside) if entry.inside else None
        if parts[0].removeprefix("-").isdecimal():
            hint = "a number has no leading zeros and at most 18 digits"
        return SpecError(f"`{name}`: nothing inside is called `{parts[0]}`", hint=hint)
    outputs = f"{len(entry.values)} output{'s' * (len(entry.values) != 1)}"
    missing = f"there is none at {parts[0]}" if not 0 <= number < len(entry.values) else "an output has no parts"
    return SpecError(f"`{name}`: `{shown}` has {outputs}, {missing}")


def _instance(entry: Entry, number: int, name: str) -> tuple[Run, Size | None]:
    """The run in which an instance stands, and its place there; a negative number counts from the end."""
    count = entry.instances
    index: Any = number if number >= 0 else count + number
    if not entry.runs:
        raise SpecError(f"`{name}`: it repeats 0 times, there is no instance in it")
    if type(count) is int and not 0 <= index < count:
        hint = f"instances are numbered from 0 to {count - 1}, or from -{count} to -1"
        raise SpecError(f"`{name}`: there are {count} instances, there is none at {number}", hint=hint)
    for run in entry.runs[:-1]:
        if type(index) is int and index < run.first + run.times:
            return run, index - run.first
    run = entry.runs[-1]
    if number == -1:
        return run, None
    require(index >= run.first, "an instance {index} needs a number here", index=index)
    require(index < count, "there are {count} instances, there is none at {index}", count=count, index=index)
    return run, index - run.first


def _name(step: Step) -> str:
    """The name of an entry's item, of the instance that is meant."""
    entry, turn = step
    item = None if entry.item is None else entry.body.items[entry.item]
    if item is None:
        return ""
    last: Any = item.repeat - 1 if turn is None else turn
    return item.name if item.first is None else show(item.first + last)


def _at(body: Body, value: int, turn: Size | None) -> int:
    """A tensor of a repeated item as one of its instances gives it."""
    tensor = body.tensors[value]
    return value if turn is None or tensor.item < 0 else body.tap(tensor.item, tensor.port, turn)
