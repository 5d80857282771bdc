"""A body's calls in order, each on values by number; the variables that hold these."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from archspec.records import NamedTuple

Write = Callable[[list[str]], str]


class Step(NamedTuple):
    """One statement: an expression of its inputs, or a loop over modules that carries the first of them along."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    write: Write
    loop: str = ""  # its head; the expression is then what it does each time

    @property
    def carried(self) -> tuple[int, ...]:
        """The inputs that a loop carries along."""
        return self.inputs[: len(self.outputs)] if self.loop else ()


def used(steps: list[Step], outputs: Iterable[int]) -> list[Step]:
    """The steps without those that nothing comes of."""
    needed = set(outputs)
    kept = []
    for step in reversed(steps):
        if needed.intersection(step.outputs):
            needed.update(step.inputs)
            kept.append(step)
    return kept[::-1]


def statements(steps: list[Step], inputs: dict[int, str], outputs: tuple[int, ...]) -> list[str]:
    """The steps as lines of Python, and what is returned. A value takes over the variable of one that is not needed."""
    steps = used(steps, outputs)
    last: dict[int, int] = {}
    for place, step in enumerate(steps):
        last.update(dict.fromkeys(step.inputs, place))
    last.update(dict.fromkeys(outputs, len(steps)))
    names = dict(inputs)
    lines: list[str] = []
    for place, step in enumerate(steps):
        taken = [names[number] for number in step.inputs]
        ending = [number for number in dict.fromkeys(step.inputs) if last[number] == place]
        free = [names[number] for number in ending]
        live = {names[number] for number in names if last.get(number, -1) >= place} - set(free)
        made: list[str] = []
        for number, output in enumerate(step.outputs):
            if output not in last and not step.loop:
                made.append("_")
                continue
            if step.loop:
                mine = taken[number] if step.carried[number] in ending else ""
                mine = "" if mine in made else mine
            else:
                mine = next((name for name in free if name not in made), "")
            made.append(mine or _fresh({*live, *free, *made}))
        for number in ending:
            del names[number]
        names.update(zip(step.outputs, made, strict=True))
        if step.loop:
            changed = [(new, old) for new, old in zip(made, taken, strict=False) if new != old]
            if changed:
                lines.append(f"{', '.join(new for new, _ in changed)} = {', '.join(old for _, old in changed)}")
            lines.append(step.loop)
            lines.append(f"    {', '.join(made)} = {step.write([*made, *taken[len(made) :]])}")
        else:
            lines.append(f"{', '.join(made)} = {step.write(taken)}")
    lines.append(f"return {', '.join([names[number] for number in outputs])}")
    return lines


def _fresh(taken: set[str]) -> str:
    return next(name for name in chain("xyzuvw", (f"x{number}" for number in range(1, 100_000))) if name not in taken)
