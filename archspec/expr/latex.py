"""Trees as LaTeX mathematics: floors and fractions drawn, choices as cases, long names set as one word."""

from __future__ import annotations

from fractions import Fraction

from archspec.expr.printer import CHOICE, NOT, OR, SIGN, SUM, binding, needed, to_text
from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary, lowered

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "_#$%&{}"} | {"^": r"\textasciicircum{}", "~": r"\textasciitilde{}"})
_SYMBOL = {
    "+": "+",
    "-": "-",
    "*": r"\cdot",
    "%": r"\bmod",
    "and": r"\land",
    "or": r"\lor",
    "==": "=",
    "!=": r"\ne",
    "<": "<",
    "<=": r"\le",
    ">": ">",
    ">=": r"\ge",
}
_FENCES = {
    "ceil": (r"\left\lceil ", r" \right\rceil"),
    "floor": (r"\left\lfloor ", r" \right\rfloor"),
    "abs": (r"\left\lvert ", r" \right\rvert"),
}
_NAMED = {"min": r"\min", "max": r"\max", "prod": r"\prod", "sum": r"\sum"}


def to_latex(node: Node) -> str:
    """The tree as LaTeX for math mode; needs amsmath (``cases``, ``\\text``)."""
    match node:
        case Const(value) if isinstance(value, str):
            return rf"\text{{{_escaped(value)}}}"
        case Const(value) if value is None or isinstance(value, bool):
            return rf"\text{{{to_text(node)}}}"
        case Const(value) if isinstance(value, (int, Fraction)):
            return to_text(node)
        case Const(value):
            return rf"\mathit{{{_escaped(str(value))}}}"
        case Ref():
            return _name(node.text.replace("$", ""))
        case Unary("not", operand):
            return rf"\lnot {_inner(operand, NOT)}"
        case Unary(op, operand):
            return op + _inner(operand, SIGN)
        case Binary("/", left, right):
            return rf"\frac{{{to_latex(left)}}}{{{to_latex(right)}}}"
        case Binary("//", left, right):
            return _quotient("floor", left, right)
        case Binary("**", left, right):
            base = to_latex(left) if isinstance(left, (Const, Ref)) else _fenced(left)
            return rf"{{{base}}}^{{{to_latex(right)}}}"
        case Binary(op, left, right):
            least = needed(node)
            return f"{_inner(left, least[0])} {_SYMBOL[op]} {_inner(right, least[1])}"
        case Compare(ops, operands):
            rest = (f" {_SYMBOL[op]} {_inner(operand, SUM)}" for op, operand in zip(ops, operands[1:], strict=True))
            return _inner(operands[0], SUM) + "".join(rest)
        case Logic(op, operands):
            return f" {_SYMBOL[op]} ".join(_inner(operand, binding(node) + 1) for operand in operands)
        case Choice():
            return _cases(node)
        case Call():
            return _call(node)


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)


def _name(text: str) -> str:
    return text if len(text) == 1 and text != "_" else rf"\mathit{{{_escaped(text)}}}"


def _inner(node: Node, least: int) -> str:
    # A fraction or a floor is drawn as one block: it needs no parentheses among products.
    closed = isinstance(node, Binary) and node.op in ("/", "//")
    return to_latex(node) if closed or binding(node) >= least else _fenced(node)


def _fenced(node: Node) -> str:
    return rf"\left({to_latex(node)}\right)"


def _quotient(fence: str, left: Node, right: Node) -> str:
    opening, closing = _FENCES[fence]
    return rf"{opening}\frac{{{to_latex(left)}}}{{{to_latex(right)}}}{closing}"


def _cases(node: Choice) -> str:
    rows = []
    rest: Node = node
    while isinstance(rest, Choice):
        rows.append(rf"{_inner(rest.then, OR)} & \text{{if }} {_inner(rest.condition, CHOICE + 1)}")
        rest = rest.other
    rows.append(rf"{to_latex(rest)} & \text{{otherwise}}")
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _call(node: Call) -> str:
    simple = lowered(node)
    if not isinstance(simple, Call):
        return to_latex(simple)
    if simple.name == "ceil_div":
        return _quotient("ceil", *simple.args)
    args = ", ".join(map(to_latex, simple.args))
    if simple.name in _FENCES:
        opening, closing = _FENCES[simple.name]
        return f"{opening}{args}{closing}"
    name = _NAMED.get(simple.name) or rf"\operatorname{{{_escaped(simple.name)}}}"
    return rf"{name}\left({args}\right)"
