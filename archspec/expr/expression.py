"""``Expr``, an expression that has been parsed and checked, and ``parse``, which makes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from archspec.expr.evaluate import Evaluator, Lookup
from archspec.expr.parser import parse_tree
from archspec.expr.printer import to_text, with_values
from archspec.expr.tree import Node, Ref, walk


class Expr:
    """A parsed expression; immutable, equal to another that prints the same.

    ``text`` is the source as written, ``tree`` the checked tree. ``refs`` are the references in the order of the text,
    each as its parts (``("in", "c")``; a part looked up first keeps its ``$``: ``("widths", "$index")``), ``names``
    the first parts of them all, those of inner lookups included.
    """

    __slots__ = ("names", "refs", "text", "tree")

    text: str
    tree: Node
    refs: tuple[tuple[str | int, ...], ...]
    names: frozenset[str]

    def __init__(self, text: str, tree: Node) -> None:
        refs = tuple(dict.fromkeys(node.path for node in walk(tree) if isinstance(node, Ref)))
        inner = (part[1:] for ref in refs for part in ref if isinstance(part, str) and part.startswith("$"))
        put = object.__setattr__
        put(self, "text", text)
        put(self, "tree", tree)
        put(self, "refs", refs)
        put(self, "names", frozenset((*(str(ref[0]) for ref in refs), *inner)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an Expr is immutable, so `{name}` cannot be set")

    def __reduce__(self) -> tuple[type[Expr], tuple[str, Node]]:
        return Expr, (self.text, self.tree)

    def evaluate(self, lookup: Lookup) -> Any:
        """The value, every name found by ``lookup(parts)``; an int where it is whole, else a Fraction or a size.

        A reference alone gives the value as it was found, whatever its type. In arithmetic a float stands for the
        decimal it prints as. Raises ExpressionFault where an operand is no number, where something is divided by
        zero or grows beyond 8192 bits, and for a LookupError of ``lookup``; its other errors pass.
        """
        return Evaluator(self.text, lookup).value(self.tree)

    def function(self, params: tuple[str, ...]) -> Callable[..., Any]:
        """A native function of the named values, by position, for formulas that run often.

        Its arguments are trusted to be numbers where the formula calculates with them, unlike those of ``evaluate``.
        Raises ExpressionFault for a name that is not in ``params``; the function raises it as ``evaluate`` does.
        """
        from archspec.expr.native import to_function

        return to_function(self.text, self.tree, params)

    def substituted(self, values: Mapping[str, Any]) -> str:
        """The canonical text with values for names (keys ``c_in``, ``in.c``); it reads back to the same value.

        A name without a value stays. A value of more than 40 digits is printed in full and does not read back.
        """
        return to_text(with_values(self.tree, values))

    def latex(self) -> str:
        """The expression in LaTeX, for math mode with amsmath."""
        from archspec.expr.latex import to_latex

        return to_latex(self.tree)

    def __str__(self) -> str:
        return to_text(self.tree)

    def __repr__(self) -> str:
        return f"Expr({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


@lru_cache(maxsize=4096)
def parse(text: str, *, dollar: bool = False) -> Expr:
    """The expression in the text; with ``dollar``, in the flavour of specs, where names are written ``$name``.

    Raises ExpressionFault, with the column, for whatever is not in the language or exceeds its bounds.
    """
    return Expr(text, parse_tree(text, dollar=dollar))
