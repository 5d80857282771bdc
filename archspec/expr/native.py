"""A tree as a native Python function of its names, as fast as the same formula written by hand.

The source given to ``compile`` is printed from the checked tree, every operation in parentheses and every name replaced
by a numbered parameter, and runs without builtins. Operands are not type-checked and only powers and functions are
bounded: the arguments are facts of the caller's own making, numbers wherever the formula calculates with them. When
the function fails, the guarded evaluator goes over the same arguments to say what was wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from archspec.errors import ExpressionError, did_you_mean
from archspec.expr.arithmetic import FUNCTIONS, bounded, divide, power
from archspec.expr.evaluate import Evaluator
from archspec.expr.fault import ExpressionFault
from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary, lowered, walk

_FUNCTION = """\
def formula({params}):
    try:
        return {body}
    except faults:
        return explain({params})
"""


@lru_cache(maxsize=4096)
def to_function(text: str, tree: Node, params: tuple[str, ...]) -> Callable[..., Any]:
    """The function of ``params``, by position; raises ExpressionFault for a name that is not among them.

    Conventions say the same few formulas of many kinds; to compile one takes longer than to parse it.
    """
    if isinstance(tree, Ref) and params == tree.path:
        return _itself
    places = {name: f"p{i}" for i, name in enumerate(params)}
    scope: dict[str, Any] = {
        "__builtins__": {},
        "faults": (TypeError, ValueError, ArithmeticError, ExpressionError),
        "divide": divide,
        "power": power,
        "whole": bounded,
    }
    body = _Writer(text, places, scope).source(tree)
    if any(_makes_fractions(node) for node in walk(tree)):
        body = f"whole({body})"

    def explain(*values: Any) -> Any:
        known = dict(zip(params, values, strict=True))
        return Evaluator(text, lambda path: known[str(path[0])]).value(tree)

    scope["explain"] = explain
    source = _FUNCTION.format(params=", ".join(places.values()), body=body)
    exec(compile(source, "<formula>", "exec"), scope)
    function: Callable[..., Any] = scope["formula"]
    return function


def _itself(value: Any) -> Any:
    return value


def _makes_fractions(node: Node) -> bool:
    return (isinstance(node, Const) and isinstance(node.value, Fraction)) or (
        isinstance(node, Binary) and node.op == "/"
    )


class _Writer:
    def __init__(self, text: str, places: dict[str, str], scope: dict[str, Any]) -> None:
        self.text = text
        self.places = places
        self.scope = scope

    def source(self, node: Node) -> str:
        match node:
            case Const(value):
                return self.constant(value)
            case Ref():
                return self.parameter(node)
            case Unary(op, operand):
                return f"({op} {self.source(operand)})"
            case Binary("/", left, right):
                return f"divide({self.source(left)}, {self.source(right)})"
            case Binary("**", left, right):
                return f"power({self.source(left)}, {self.source(right)})"
            case Binary(op, left, right):
                return f"({self.source(left)} {op} {self.source(right)})"
            case Compare(ops, operands):
                rest = "".join(f" {op} {self.source(operand)}" for op, operand in zip(ops, operands[1:], strict=True))
                return f"({self.source(operands[0])}{rest})"
            case Logic(op, operands):
                return f"({f' {op} '.join(map(self.source, operands))})"
            case Choice(condition, then, other):
                return f"({self.source(then)} if {self.source(condition)} else {self.source(other)})"
            case Call():
                simple = lowered(node)
                if not isinstance(simple, Call):
                    return self.source(simple)
                self.scope[f"call_{simple.name}"] = FUNCTIONS[simple.name].body
                return f"call_{simple.name}({', '.join(map(self.source, simple.args))})"

    def constant(self, value: Any) -> str:
        if not isinstance(value, Fraction):
            return repr(value)
        name = f"c{value.numerator}_{value.denominator}"
        self.scope[name] = value
        return name

    def parameter(self, node: Ref) -> str:
        if len(node.path) == 1 and node.path[0] in self.places:
            return self.places[str(node.path[0])]
        there = f"there are {', '.join(self.places)}" if self.places else "there are no names here"
        hint = "; ".join(filter(None, (did_you_mean(node.text, self.places), there)))
        raise ExpressionFault(f"nothing is named `{node.text}`", text=self.text, column=node.column, hint=hint)
