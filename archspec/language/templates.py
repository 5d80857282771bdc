"""Addresses with variables in them: `stage.$i.conv1`, `merged.($level - 1)`, `in.$i`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from archspec.errors import SpecError, show
from archspec.expr import Expr, parse
from archspec.language.validate import show_name

_PIECE = re.compile(r"(?P<text>[^$()]+)|\$(?P<name>[A-Za-z_]\w*)|\((?P<open>)")
_WORD = re.compile(r"\w[\w-]*", re.ASCII)


@lru_cache(maxsize=4096)
def pieces(address: str) -> tuple[str | Expr, ...]:
    """An address as texts and the expressions between them: variables, and what stands in brackets. Raises SpecError.

    A dot ends a variable here, since what follows it is the next part of the address.
    """
    made: list[str | Expr] = []
    at = 0
    while at < len(address):
        match = _PIECE.match(address, at)
        if match is None:
            hint = "a variable, `stage.$i`, or an expression in brackets, `stage.($i + 1)`"
            raise SpecError(f"`{show_name(address)}` is no address", hint=hint)
        end = match.end()
        if match["text"] is not None:
            made.append(match["text"])
        elif match["name"] is not None:
            made.append(parse(match[0], dollar=True))
        else:
            end = _closed(address, at)
            made.append(parse(address[at + 1 : end - 1], dollar=True))
        at = end
    if any(isinstance(piece, Expr) and "in" in piece.names for piece in made):
        raise SpecError(f"`{show_name(address)}` cannot ask for `$in`: it says what the input is")
    return tuple(made)


def _closed(address: str, start: int) -> int:
    """Where the bracket that opens at ``start`` has been closed."""
    depth = 0
    for at in range(start, len(address)):
        depth += (address[at] == "(") - (address[at] == ")")
        if not depth:
            return at + 1
    raise SpecError(f"`{show_name(address)}`: a bracket is not closed")


def is_template(address: str) -> bool:
    """Whether an address has a variable or an expression in it."""
    return "$" in address or "(" in address


def names_in(address: str | None) -> frozenset[str]:
    """The variables that an address asks for."""
    if address is None or not is_template(address):
        return frozenset()
    return frozenset().union(*(piece.names for piece in pieces(address) if isinstance(piece, Expr)))


def stem(address: str) -> str:
    """What is known of an address before variables have values: its parts before the first that has one in it."""
    return address.partition("$")[0].partition("(")[0].rpartition(".")[0]


def as_part(value: Any, address: str) -> str:
    """A variable's value as a part of an address: a whole number from 0 or a word. Raises SpecError."""
    if (type(value) is int and value >= 0) or (isinstance(value, str) and _WORD.fullmatch(value)):
        return str(value)
    if getattr(value, "is_size", False):
        raise SpecError(f"`{show_name(address)}` needs a number here, got {show(value)}")
    hint = "a part of an address is a whole number from 0, or a word"
    raise SpecError(f"`{show_name(address)}`: there is nothing at {show(value)}", hint=hint)
