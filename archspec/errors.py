"""Every error archspec raises, and how it is worded.

    ArchspecError            anything a user can cause; exit code 2
    ├── SpecError            the text of a spec: YAML, keys, types, references
    ├── ExpressionError      an expression does not parse or cannot be evaluated
    ├── ShapeError           sizes that do not fit: a kernel larger than its input
    ├── ConventionError      a convention file: unknown fact, kind or column
    ├── ConfigError          archspec.toml, [tool.archspec] or the waivers: TOML, keys, limits that contradict
    └── UsageError           the command line: an unknown name, a missing file

An error is raised where the cause is known and located where the file is known: inner code raises the bare cause, the
walker that knows the layer calls ``located``. The wording is ``file:line:column: path: cause``, then a hint.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, Self

from archspec.records import NamedTuple

MAX_TEXT = 1000
MAX_PATH = 200
MAX_CALLS = 3
MAX_NAME = 60
MAX_CHOICES = 5000
MAX_LISTED = 40


class Span(NamedTuple):
    """A range of text; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class CallSite(NamedTuple):
    """The call of a block that an error was reached through."""

    file: str
    line: int
    column: int
    path: str

    def __str__(self) -> str:
        return f"called from {self.file}:{self.line}:{self.column}: {self.path}"


class Instance(NamedTuple):
    """The instance of a repeat that an error arose in; ``path`` is the repeat's."""

    path: str
    number: int

    def __str__(self) -> str:
        return f"in instance {self.number} of the repeat at {self.path}, counted from 0"


class Member(NamedTuple):
    """The instance of an `each` that an error arose in; ``path`` is that of the `each`."""

    path: str
    variable: str
    value: int | str

    def __str__(self) -> str:
        return f"where `{self.variable}` is {self.value}, of the `each` at {self.path}"


class Fault(NamedTuple):
    """What sort of fault an error is, for whoever acts on it: the lint rule of that name, a fix.

    ``name`` is what is at fault, as it is written; ``nearest`` is what was probably meant, ``choices`` the names there
    are.
    """

    sort: str
    name: str
    nearest: str | None = None
    choices: tuple[str, ...] = ()

    @classmethod
    def of_name(cls, sort: str, name: str, choices: Iterable[str]) -> Fault:
        """A name that is none of ``choices``."""
        known = tuple(choices)
        return cls(sort, name, nearest(name, known), known)

    @property
    def suggestion(self) -> str:
        """As a hint: the nearest choice, else what choices there are."""
        return _did_you_mean(self.nearest) or _listing(self.choices)


class ArchspecError(Exception):
    """A cause in words, with as much of its place as is known.

    ``file`` is a display name, ``span`` the range in it, ``path`` the place in the spec (``layers.3.conv.kernel``) and
    ``hint`` what the user can do about it. ``argument`` is the argument of the layer or block that it is about.
    ``inside`` is the expression it arose in with the column there, from 0; ``calls`` are the places it was reached
    from, innermost first.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        argument: str | None = None,
        fault: Fault | None = None,
        file: str | None = None,
        span: Span | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.argument = argument
        self.fault = fault
        self.file = file
        self.span = span
        self.path = path
        self.inside: tuple[str, int] | None = None
        self.calls: list[CallSite | Instance | Member] = []

    def __reduce__(self) -> Any:
        """Made anew without ``__init__``, which may ask for more than the message: for pickle and deepcopy."""
        return Exception.__new__, (type(self), *self.args), self.__dict__

    def located(self, *, file: str | None = None, span: Span | None = None, path: str | None = None) -> Self:
        """Fill in what is not known yet and return the same error; the innermost place wins."""
        if self.span is None:
            self.span = span
            self.path = self.path or path
        self.file = self.file or file
        return self

    def __str__(self) -> str:
        place = self.file or ""
        if self.span is not None:
            place += f":{self.span.line}:{self.span.column}"
        path = clipped(self.path or "", MAX_PATH)
        parts = place, path, clipped(self.message, MAX_TEXT)
        lines = [": ".join(printable(part) for part in parts if part)]
        lines += [f"  {printable(str(call))}" for call in self.calls[:MAX_CALLS]]
        if len(self.calls) > MAX_CALLS:
            lines.append(f"  and {len(self.calls) - MAX_CALLS} more calls around it")
        if self.hint:
            lines.append(f"  hint: {printable(clipped(self.hint, MAX_TEXT))}")
        return "\n".join(lines)


class SpecError(ArchspecError):
    """The text of a spec is not a spec."""


class ExpressionError(ArchspecError):
    """An expression does not parse, or has no value."""


class ShapeError(ArchspecError):
    """Sizes that do not fit together."""


class ConventionError(ArchspecError):
    """A convention file is wrong."""


class ConfigError(ArchspecError):
    """A configuration file, or the file of waivers, is wrong."""


class UsageError(ArchspecError):
    """The command or the call is wrong: an unknown name, a missing file."""


def clipped(text: str, most: int) -> str:
    """The text, cut where it is longer than ``most`` characters: a message may quote what a user wrote."""
    return text if len(text) <= most else text[: most - 3] + "..."


def printable(text: str) -> str:
    """The text on one line with control characters and lone surrogates escaped, so that any terminal can show it.

    Two colons where a line begins, and ``##[`` anywhere, are a command to GitHub, which reads the log of a workflow:
    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    if text.lstrip().startswith("::"):
        text = text.replace(":", "\\x3a", 1)
    return text.replace("##[", "#\\x23[")


def show(value: Any) -> str:
    """A value as a message shows it: spelled as a spec spells it, texts in quotes, cut to 60 characters."""
    return clipped(_spelled(value, 2), MAX_NAME)


def _spelled(value: Any, depth: int) -> str:
    if isinstance(value, (list, tuple, dict)):
        if len(value) > 20 or not depth:
            return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key}: {_spelled(item, depth - 1)}" for key, item in value.items()) + "}"
        return "[" + ", ".join(_spelled(item, depth - 1) for item in value) + "]"
    if isinstance(value, str):
        return repr(clipped(value, MAX_NAME))
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The nearest of ``choices``, whatever the case, or None where nothing is near."""
    from difflib import get_close_matches

    if len(word) > MAX_NAME:
        return None
    # Every comparison takes microseconds, and a file may declare a hundred thousand names.
    folded = {name.lower(): name for name in islice(choices, MAX_CHOICES) if len(name) <= MAX_NAME}
    near = get_close_matches(word.lower(), folded, n=1)
    # A longer word for the same thing: convolution, dropout2d.
    stems = sorted(folded, key=len, reverse=True)
    near = near or [name for name in stems if len(name) > 3 and word.lower().startswith(name)]
    return folded[near[0]] if near else None


def did_you_mean(word: str, choices: Iterable[str]) -> str | None:
    """A hint naming the nearest of ``choices``, or None where nothing is near."""
    return _did_you_mean(nearest(word, choices))


def suggestion(word: str, choices: Iterable[str]) -> str:
    """The nearest of ``choices`` where one is near, else what there is."""
    choices = tuple(choices)
    return did_you_mean(word, choices) or _listing(choices)


def _did_you_mean(name: str | None) -> str | None:
    return None if name is None else f"did you mean `{name}`?"


def listed(choices: Iterable[str]) -> str:
    """Choices one after the other, the first of many."""
    choices = tuple(choices)
    shown = ", ".join(clipped(name, MAX_NAME) for name in choices[:MAX_LISTED])
    return shown + (f" and {len(choices) - MAX_LISTED} more" if len(choices) > MAX_LISTED else "")


def _listing(choices: tuple[str, ...]) -> str:
    return f"known: {listed(choices)}" if choices else "there are none"
