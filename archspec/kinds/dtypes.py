"""Dtypes of tensors: their sizes, which ones a kind takes and which one comes out, as PyTorch answers."""

from __future__ import annotations

from archspec.errors import ShapeError
from archspec.records import NamedTuple

DTYPES = {
    "float64": 8,
    "float32": 4,
    "bfloat16": 2,
    "float16": 2,
    "float8": 1,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
"""Bytes of an element."""

OWN = ""  # the analysis' own dtype, which is floating point
FLOATS = frozenset({OWN, *(name for name in DTYPES if "float" in name)})
INTEGERS = frozenset(name for name in DTYPES if "int" in name)
NUMBERS = FLOATS | INTEGERS
ANY = NUMBERS | {"bool"}
WORDS = {NUMBERS: "numbers", ANY: "numbers"}
DECLARED = "an input of integers says so: `inputs: {x: {shape: [...], dtype: int64}}`"
COMPARED = "`compare` gives bools, and an input may be of bools: `inputs: {m: {shape: [...], dtype: bool}}`"
UNDECLARED = "an input that names no `dtype` is floating point; `embedding` looks integers up, `scale: 1` converts them"


INDICES = frozenset({"int32", "int64"})
MASK = frozenset({"bool"})


class DtypeRule(NamedTuple):
    """What a kind does with dtypes. ``kept``: the inputs' dtype comes out, otherwise the analysis' own."""

    takes: frozenset[str] = FLOATS
    kept: bool = False
    alike: bool = False  # the inputs must be all floating point, or all of one dtype
    mask: int | None = None  # the place of an input that may be bool as well
    then: tuple[frozenset[str], ...] = ()  # what the inputs after the first take, where that is something else
    of: slice = slice(None)  # the inputs whose dtype is kept
    gives: str | None = None  # the one that comes out whatever goes in

    def taken(self, place: int) -> frozenset[str]:
        """What an input may be."""
        return self.then[place - 1] if 0 < place <= len(self.then) else self.takes

    def check(self, kind: str, dtypes: tuple[str, ...]) -> None:
        """Raise ShapeError where an input has a dtype that the kind does not take."""
        for place, dtype in enumerate(dtypes):
            takes = self.taken(place)
            if dtype not in takes and not (dtype == "bool" and place == self.mask):
                which = f" as input {place + 1}" if len(dtypes) > 1 else ""
                wanted = WORDS.get(takes) or " or ".join(named(takes))
                hint = UNDECLARED if OWN in takes else DECLARED if takes & INTEGERS else COMPARED
                raise ShapeError(f"{kind} takes {wanted}, got {dtype or 'floating-point numbers'}{which}", hint=hint)
        joined = [dtype for place, dtype in enumerate(dtypes) if self.taken(place) is not INDICES]
        if self.alike and len({OWN if dtype in FLOATS else dtype for dtype in joined}) > 1:
            both = " and ".join(dtype or "floating-point numbers" for dtype in dtypes)
            raise ShapeError(f"{kind} takes inputs of one dtype, got {both}", hint=UNDECLARED)

    def output(self, dtypes: tuple[str, ...]) -> str:
        """The dtype that comes out."""
        if self.gives is not None:
            return self.gives
        return promoted(dtypes[self.of]) if self.kept else OWN


class SumRule(DtypeRule):
    """Of a sum: that of integers, small ones too, is an int64."""

    def output(self, dtypes: tuple[str, ...]) -> str:
        """The dtype that comes out."""
        return dtypes[0] if dtypes[0] in FLOATS else "int64"


class NumberRule(DtypeRule):
    """Of arithmetic with a whole number: bools become int64, all else stays."""

    def output(self, dtypes: tuple[str, ...]) -> str:
        """The dtype that comes out."""
        kept = promoted(dtypes)
        return "int64" if kept == "bool" else kept


def named(dtypes: frozenset[str]) -> list[str]:
    """Dtypes in words, all that is floating point as one."""
    floats = ["floating-point numbers"] if dtypes >= FLOATS else []
    return floats + [name for name in DTYPES if name in dtypes - FLOATS]


def promoted(dtypes: tuple[str, ...]) -> str:
    """The dtype of a result of several: floating point before integers before bool, and the wider of two of a sort."""
    different = set(dtypes)
    if len(different) < 2:
        return dtypes[0] if dtypes else OWN
    floats = different & FLOATS
    if OWN in floats:
        return OWN
    if floats >= {"float16", "bfloat16"} and floats.isdisjoint({"float64"}):
        return "float32"
    if different <= {"uint8", "int8", "bool"} and different >= {"uint8", "int8"}:
        return "int16"
    return max(floats or different & INTEGERS, key=lambda name: (DTYPES[name], name))


COMPUTES = DtypeRule()
MOVES = DtypeRule(ANY, kept=True)
