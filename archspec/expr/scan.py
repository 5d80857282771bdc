"""From text to leaves: the numbers, texts and names of an expression, each at its column.

What is left for Python's parser is the structure alone. Names with ``$`` and the inside of texts are masked with as
many underscores, so the masked source is plain ASCII, has the columns of the original, and holds nothing Python could
read in a second way. Length, digits and nesting are bounded here, before any recursion.
"""

from __future__ import annotations

import re
from fractions import Fraction
from keyword import kwlist

from archspec.errors import did_you_mean, printable
from archspec.expr.arithmetic import FUNCTIONS
from archspec.expr.fault import ExpressionFault
from archspec.expr.tree import Const, Ref, decimal
from archspec.records import NamedTuple

MAX_LENGTH = 2000
MAX_DEPTH = 60
MAX_DIGITS = 40

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)
      | (?P<text>'[^'\\]*'|"[^"\\]*")
      | (?P<number>(?:[0-9]|\.[0-9])(?:[eE][+-]|[.A-Za-z0-9_])*)
      | (?P<ref>\$[A-Za-z_][A-Za-z0-9_]*(?:\.(?:\$?[A-Za-z_][A-Za-z0-9_]*|[0-9]+))*)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<op>\*\*|//|[<>=!]=|[-+*/%<>(),])""",
    re.VERBOSE,
)
_HIDDEN = r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]"  # what no text holds
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_NUMBER = rf"(?:(?:0|[1-9][0-9]*(?:_[0-9]+)*)(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?"
_WORDS = {"and", "or", "not", "if", "else"}
_LITERALS = {"true": True, "false": False, "null": None}
_FOREIGN = frozenset(kwlist) - _WORDS
_PYTHONS = {"True": "true", "False": "false", "None": "null"}
_ADVICE = {
    "^": "a power is written `**`",
    "&": "write `and`",
    "|": "write `or`",
    "~": "write `not`",
    "!": "write `not`, or `!=` for unequal",
    "?": "a choice is written `a if condition else b`",
    "=": "equality is written `==`; arguments have no names",
    ":": "a choice is written `a if condition else b`",
    "{": "a name is written `$name`",
    "\n": "an expression is one line",
    "\r": "an expression is one line",
    "\\": "a text holds no backslash",
    "'": "a text ends with the same quote and holds no backslash or control character",
    '"': "a text ends with the same quote and holds no backslash or control character",
}


class Scan(NamedTuple):
    """The masked source, the leaves by column, and the column of the last ``if`` or ``else``."""

    source: str
    leaves: dict[int, Const | Ref]
    choice: int


def scan(text: str, *, dollar: bool) -> Scan:
    """Split the text into leaves and structure; raises ExpressionFault for whatever is neither."""
    if len(text) > MAX_LENGTH:
        cause = f"an expression has at most {MAX_LENGTH} characters, this has {len(text)}"
        raise ExpressionFault(cause, text=text, column=0)
    if not text.strip(" \t"):
        raise ExpressionFault("the expression is empty", text=text, column=0)
    leaves: dict[int, Const | Ref] = {}
    order = _Order(text)
    source = ""
    while len(source) < len(text):
        column = len(source)
        match = _TOKEN.match(text, column)
        if match is None:
            raise _unreadable(text, column, dollar)
        kind, token = match.lastgroup, match.group()
        masked = token
        if kind == "space":
            source += masked
            continue
        leaf: Const | Ref | None = None
        if kind == "text":
            if re.search(_HIDDEN, token):
                raise _unreadable(text, column, dollar)
            leaf = Const(token[1:-1], column)
            masked = "'" + "_" * (len(token) - 2) + "'"
        elif kind == "number":
            leaf = Const(_number(text, token, column), column)
        elif kind == "ref":
            leaf = Ref(_path(text, token, column, dollar), token, column)
            masked = "_" * len(token)
        elif kind == "name":
            leaf = _name(text, token, column, match.end(), dollar)
        if leaf is not None:
            leaves[column] = leaf
        order.take(token, column, is_leaf=leaf is not None)
        source += masked
    order.end()
    return Scan(source, leaves, order.choice)


class _Order:
    """Values and operators take turns, parentheses pair up: what Python would call invalid syntax, told precisely."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.choice = 0
        self.value_next = True
        self.previous = ""

    def take(self, token: str, column: int, *, is_leaf: bool) -> None:
        opens = token == "(" or token in FUNCTIONS
        if self.value_next:
            prefix = token in ("+", "-", "not")
            empty_call = token == ")" and self.previous == "("
            if not (is_leaf or opens or prefix or empty_call):
                raise self.fault(f"a value is expected before `{token}`", column)
            if token == "not" and self.previous not in ("", "(", ",", *_WORDS):
                raise self.fault(f"`not` after `{self.previous}` needs parentheses", column)
            self.value_next = not (is_leaf or empty_call)
        elif token == "(":
            raise self.fault("only a function can be called", column, f"there are {', '.join(FUNCTIONS)}")
        elif is_leaf or opens or token == "not":
            raise self.fault(f"an operator is expected before `{token}`", column)
        else:
            self.value_next = token != ")"
        if token in ("if", "else"):
            self.choice = column
        if token in ("(", ")"):
            self.nest(token, column)
        self.previous = token

    def nest(self, token: str, column: int) -> None:
        self.depth += 1 if token == "(" else -1
        if self.depth < 0:
            raise self.fault("`)` without `(`", column)
        if self.depth > MAX_DEPTH:
            raise self.fault(f"nested deeper than {MAX_DEPTH}", column)

    def end(self) -> None:
        if self.value_next:
            raise self.fault("the expression ends where a value is expected", len(self.text))
        if self.depth:
            raise self.fault("`(` without `)`", len(self.text))

    def fault(self, cause: str, column: int, hint: str | None = None) -> ExpressionFault:
        return ExpressionFault(cause, text=self.text, column=column, hint=hint)


def _number(text: str, token: str, column: int) -> int | Fraction:
    """The exact value of a decimal literal: ``0.75`` is three quarters, not the nearest binary float."""
    if token.isdigit() and len(token) <= MAX_DIGITS and (token[0] != "0" or token == "0"):
        return int(token)
    if not re.fullmatch(_NUMBER, token):
        cause = f"`{token}` is not a number"
        raise ExpressionFault(cause, text=text, column=column, hint="decimal, without leading zeros")
    plain, _, exponent = token.lower().partition("e")
    digits = plain.replace("_", "")
    if len(digits.replace(".", "")) <= MAX_DIGITS and len(exponent) <= 3:
        value = Fraction(f"{digits}e{exponent or 0}")
        if value.denominator == 1 and value < 10**MAX_DIGITS:
            return value.numerator
        if value.denominator != 1 and decimal(value) is not None:
            return value
    raise ExpressionFault(f"a number has at most {MAX_DIGITS} digits when written out", text=text, column=column)


def _path(text: str, token: str, column: int, dollar: bool) -> tuple[str | int, ...]:
    if not dollar:
        raise ExpressionFault(f"names here have no `$`: `{token}`", text=text, column=column, hint="leave it out")
    head, *rest = token[1:].split(".")
    if any(len(part) > MAX_DIGITS for part in rest if part.isdigit()):
        raise ExpressionFault(f"an index has at most {MAX_DIGITS} digits", text=text, column=column)
    return (head, *(int(part) if part.isdigit() else part for part in rest))


def _name(text: str, token: str, column: int, end: int, dollar: bool) -> Const | Ref | None:
    """The leaf a bare word stands for, in a spec a text; None for an operator and for the name in a call."""
    if token in _WORDS:
        return None
    if token in _LITERALS:
        return Const(_LITERALS[token], column)
    if token in _FOREIGN:
        hint = f"write `{_PYTHONS[token]}`" if token in _PYTHONS else None
        raise ExpressionFault(f"`{token}` is not part of the language", text=text, column=column, hint=hint)
    if text[end : end + 1] in ("'", '"'):
        raise ExpressionFault(f"a text has no prefix, this has `{token}`", text=text, column=column)
    if text[end:].lstrip(" \t").startswith("("):
        if token not in FUNCTIONS:
            hint = did_you_mean(token, FUNCTIONS) or f"there are {', '.join(sorted(FUNCTIONS))}"
            raise ExpressionFault(f"unknown function `{token}`", text=text, column=column, hint=hint)
        return None
    if token in FUNCTIONS:
        raise ExpressionFault(f"`{token}` is a function", text=text, column=column, hint=f"write `{token}(...)`")
    return Const(token, column) if dollar else Ref((token,), token, column)


def _unreadable(text: str, column: int, dollar: bool) -> ExpressionFault:
    char = text[column]
    cause, hint = f"`{printable(char)}` is not part of the language", _ADVICE.get(char)
    if char == "$":
        cause, hint = "`$` without a name", "write `$width`" if dollar else "names here have no `$`"
    elif char == ".":
        hint = "a part of a value is written `$depths.0` or `$in.c`" if dollar else "a name has no parts here"
    elif char == "[":
        hint = "an item is written `$depths.0`" if dollar else "a name has no items here"
    return ExpressionFault(cause, text=text, column=column, hint=hint)
