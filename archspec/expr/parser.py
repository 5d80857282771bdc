"""From text to the checked tree: Python's parser gives the structure, a whitelist of its nodes the language."""

from __future__ import annotations

import ast
from typing import Literal

from archspec.expr.arithmetic import FUNCTIONS
from archspec.expr.fault import ExpressionFault
from archspec.expr.printer import to_text
from archspec.expr.scan import MAX_DEPTH, MAX_LENGTH, Scan, scan
from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary

_Place = Literal["top", "operand", "compared", "branch"]

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def parse_tree(text: str, *, dollar: bool) -> Node:
    """The checked tree of the text; ``dollar`` asks for names as ``$name``. Raises ExpressionFault."""
    text = text.rstrip()  # a YAML block ends in a newline
    scanned = scan(text, dollar=dollar)
    source = scanned.source.strip(" \t")
    indent = len(scanned.source) - len(scanned.source.lstrip(" \t"))
    try:
        body = ast.parse(source, mode="eval").body
    except SyntaxError:
        # The scanner has placed every value and operator; what is left to go wrong is a choice.
        raise ExpressionFault(
            "an `if` without its `else`, or the reverse",
            text=text,
            column=scanned.choice,
            hint="a choice is written `a if condition else b`",
        ) from None
    except (MemoryError, RecursionError):
        raise ExpressionFault(f"nested deeper than {MAX_DEPTH}", text=text, column=0) from None
    tree = _Builder(text, scanned, indent).build(body, "top", 1)
    if len(text) > MAX_LENGTH // 10 and len(to_text(tree)) > MAX_LENGTH:
        # The canonical text must read back; it is longer than the source by spaces and written-out exponents.
        raise ExpressionFault(f"written out, the expression has more than {MAX_LENGTH} characters", text=text, column=0)
    return tree


class _Builder:
    def __init__(self, text: str, scanned: Scan, indent: int) -> None:
        self.text = text
        self.leaves = scanned.leaves
        self.indent = indent

    def build(self, node: ast.expr, place: _Place, depth: int) -> Node:
        """The node and all below it; ``place`` says whether a text may stand here."""
        column = node.col_offset + self.indent
        if depth > MAX_DEPTH:
            raise self.fault(f"nested deeper than {MAX_DEPTH}", column)
        match node:
            case ast.Constant() | ast.Name():
                return self.leaf(column, place)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return Unary(_UNARY[type(op)], self.build(operand, "operand", depth + 1), column)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                operands = self.build(left, "operand", depth + 1), self.build(right, "operand", depth + 1)
                return Binary(_BINARY[type(op)], *operands, column)
            case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(op) in _COMPARE for op in ops):
                names = tuple(_COMPARE[type(op)] for op in ops)
                side: _Place = "compared" if all(name in ("==", "!=") for name in names) else "operand"
                return Compare(names, tuple(self.build(operand, side, depth + 1) for operand in (left, *rest)), column)
            case ast.BoolOp(op=op, values=values):
                return self.logic("and" if isinstance(op, ast.And) else "or", values, column, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                branch: _Place = place if place in ("operand", "compared") else "branch"
                then = self.build(body, branch, depth + 1)
                return Choice(
                    self.build(test, "operand", depth + 1), then, self.build(orelse, branch, depth + 1), column
                )
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
                return self.call(name, args, column, depth)
            case ast.Tuple():
                raise self.fault("a list of values is not an expression", column)
            case _:
                raise self.fault(f"this form ({type(node).__name__}) is not part of the language", column)

    def leaf(self, column: int, place: _Place) -> Const | Ref:
        leaf = self.leaves[column]
        if not isinstance(leaf, Const) or not isinstance(leaf.value, str) or place == "branch":
            return leaf
        if self.text[column] not in "'\"":
            hint = f"write `${leaf.value}`, or `'{leaf.value}'` for the text"
            raise self.fault(f"`{leaf.value}` is not a name", column, hint)
        if place != "compared":
            cause = "a text may only be compared with `==` and `!=`, or be a branch of `a if c else b`"
            raise self.fault(cause, column)
        return leaf

    def logic(self, op: str, values: list[ast.expr], column: int, depth: int) -> Logic:
        operands: list[Node] = []
        for value in values:
            operand = self.build(value, "operand", depth + 1)
            # `and` and `or` are associative, in value and in what they evaluate.
            operands.extend(operand.operands if isinstance(operand, Logic) and operand.op == op else (operand,))
        return Logic(op, tuple(operands), column)

    def call(self, name: str, args: list[ast.expr], column: int, depth: int) -> Call:
        _, least, most, _ = FUNCTIONS[name]
        if len(args) < least or (most is not None and len(args) > most):
            wanted = f"{least}" if least == most else f"at least {least}"
            raise self.fault(f"`{name}` takes {wanted} argument{'s' * (least != 1)}, not {len(args)}", column)
        return Call(name, tuple(self.build(arg, "operand", depth + 1) for arg in args), column)

    def fault(self, cause: str, column: int, hint: str | None = None) -> ExpressionFault:
        return ExpressionFault(cause, text=self.text, column=column, hint=hint)
