"""Source text with marked values in it, which differ from one use of a block to another and become parameters then."""

from __future__ import annotations

import keyword
import re
from typing import Any

from archspec.records import NamedTuple

_MARKED = re.compile("\x01([^\x02]*)\x02([^\x03]*)\x03")
# Names that a module has already: an attribute called so would not be found.
_TAKEN = frozenset(
    re.findall(
        r"\w+",
        """
        add_module append apply bfloat16 buffers call_super_init children clear compile cpu cuda double
        dump_patches eval extend extra_repr float forward get_buffer get_extra_state get_parameter
        get_submodule half insert ipu items keys load_state_dict modules mtia named_buffers named_children
        named_modules named_parameters parameters pop register_buffer register_module register_parameter
        requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train training type
        update values xpu zero_grad
        """,
    )
)
_LOCAL = frozenset({"self", "torch", "nn", "F", "layer", "range", "super", "float", "bool"})


class Marked(NamedTuple):
    """A value in a text, and what it is called there."""

    name: str
    value: str


def mark(name: str, value: Any) -> str:
    """A value as it stands in a text, marked."""
    return raw(name, repr(value))


def raw(name: str, text: str) -> str:
    """A value that is a text of Python already, marked."""
    return f"\x01{name}\x02{text}\x03"


def below(prefix: str, text: str) -> str:
    """The text with its values called as those of one of its parts."""
    return _MARKED.sub(lambda found: f"\x01{prefix}.{found[1]}\x02{found[2]}\x03", text)


def marked(text: str) -> list[Marked]:
    """The values in a text."""
    return [Marked(name, value) for name, value in _MARKED.findall(text)]


def template(text: str) -> str:
    """The text without them."""
    return _MARKED.sub("\x01", text)


def filled(text: str, values: list[str]) -> str:
    """The text with others in their place, in order."""
    rest = iter(values)
    return _MARKED.sub(lambda _: next(rest), text)


def is_attribute(name: str) -> bool:
    """Whether a module may have an attribute of that name."""
    return is_word(name) and name not in _TAKEN


def is_word(name: str) -> bool:
    """Whether it is a name in Python that means nothing else here."""
    usual = name.isascii() and name.isidentifier() and not name.startswith("_")
    return usual and not keyword.iskeyword(name) and name not in _LOCAL


def word(name: str) -> str:
    """The nearest name in Python."""
    made = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    made = made if made and not made[0].isdigit() else f"x{made}"
    return made if is_word(made) else f"{made}_"


def class_word(name: str) -> str:
    """The name as a class has it: `BasicBlock` for basic_block."""
    parts = re.split(r"[^A-Za-z0-9]+", name)
    made = "".join([part[:1].upper() + part[1:] for part in parts])
    return made if made and not made[0].isdigit() else f"Network{made}"
