"""What a plain scalar means: the core schema of YAML 1.2 (section 10.3.2), less what a reader could take two ways."""

from __future__ import annotations

import re

from archspec.errors import Fault, SpecError, clipped

MAX_DIGITS = 400

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMERIC = frozenset("+-.0123456789")
# Patterns that few files need, compiled when one does.
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_OCTAL = r"0o([0-7]+)"
_HEX = r"0x([0-9a-fA-F]+)"
_NOT_FINITE = r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
# YAML 1.1 reads 1:30 as 90: https://yaml.org/type/int.html, https://yaml.org/type/float.html
_SEXAGESIMAL = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
# The C0 and C1 controls and DEL, less tab and line breaks, and halves of surrogate pairs.
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of a scalar written without quotes.

    Raises SpecError for what YAML 1.1 and 1.2 read differently (012, 1:30), for infinities and nan, and for an
    integer of more than ``MAX_DIGITS`` digits.
    """
    if text[:1] in _NUMERIC and text:
        return _number(text)
    return _WORDS.get(text, text)


def _number(text: str) -> str | int | float:
    digits = text[1:] if text[0] in "+-" else text
    if digits.isascii() and digits.isdigit():
        _bounded(digits)
        if len(digits) > 1 and digits[0] == "0":
            raise _leading_zero(text, digits)
        return int(text)
    if re.fullmatch(_FLOAT, text):
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise SpecError(f"{short(text)} is too large for a float")
        return value
    if text.startswith("0o") and (match := re.fullmatch(_OCTAL, text)):
        _bounded(match[1])
        return int(match[1], 8)
    if text.startswith("0x") and (match := re.fullmatch(_HEX, text)):
        _bounded(match[1])
        return int(match[1], 16)
    if digits.startswith(".") and re.fullmatch(_NOT_FINITE, text):
        raise SpecError(f"{'nan' if text[-1] in 'nN' else 'infinity'} is not a size", hint=_quote(text))
    if ":" in text and re.fullmatch(_SEXAGESIMAL, text):
        message = f"`{short(text)}` is ambiguous: some readers take it as a number in base 60"
        raise SpecError(message, hint=_quote(text), fault=Fault("ambiguous-scalar", text))
    return text


def check_characters(text: str) -> None:
    """Raise SpecError for a control character or half a surrogate pair, which only an escape can have put there."""
    if not text.isprintable() and (match := re.search(_CONTROL, text)):
        code = ord(match[0])
        what = "half a surrogate pair" if code >= 0xD800 else "the control character"
        raise SpecError(f"{what} U+{code:04X} in a string")


def _bounded(digits: str) -> None:
    if len(digits) > MAX_DIGITS:
        raise SpecError(f"an integer of {len(digits)} digits: at most {MAX_DIGITS} are read")


def _leading_zero(text: str, digits: str) -> SpecError:
    sign = "-" if text[0] == "-" else ""
    bare = digits.lstrip("0") or "0"
    hint = f"write {sign}{bare}"
    if not sign and set(bare) <= set("01234567"):
        hint += f", or 0o{bare} if it is octal"
    message = f"`{text}` is ambiguous: some readers take a leading zero as octal"
    return SpecError(message, hint=hint, fault=Fault("ambiguous-scalar", text, sign + bare))


def _quote(text: str) -> str:
    return f'quote it if it is text: "{short(text)}"'


def short(text: str) -> str:
    """At most 40 characters of a text, for a message."""
    return clipped(text, 40)
