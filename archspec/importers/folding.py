"""Expressions with what is known put in, as far as that decides them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.expr import Expr, parse
from archspec.expr.evaluate import Evaluator
from archspec.expr.printer import to_text
from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary, walk

CHOICES = (bool, str, dict, type(None))  # values that choose, and leave nothing to vary


class Folder:
    """Folds the expressions of one place. ``known`` has the values of its names. Of those a number or a list stays a
    variable, unless a condition asks for it: what a source measures varies, what it decides does not.

    ``put`` are trees that stand for names.
    """

    def __init__(self, known: Mapping[str, Any], put: Mapping[str, Node] | None = None) -> None:
        self.known = known
        self.put = put or {}

    def fold(self, value: Any) -> Any:
        """The value with its expressions folded; layers of a list that are left out are gone."""
        if isinstance(value, str):
            return self.text(value) if "$" in value else value
        if isinstance(value, list):
            return self.items(value)
        if isinstance(value, dict):
            return {key: self.fold(item) for key, item in value.items()}
        return value

    def items(self, items: list[Any]) -> list[Any]:
        """The items of a list, without layers that are left out; what refers to one of them takes its input."""
        folded: list[Any] = []
        inputs: dict[str, str] = {}
        for item in items:
            made = self.fold(item)
            if isinstance(item, dict) and "when" in item:
                if made["when"] is False:
                    if "id" in made and isinstance(made.get("from"), str):
                        inputs[made["id"]] = inputs.get(made["from"], made["from"])
                    elif "id" in made:
                        inputs[made["id"]] = "prev"
                    continue
                if made["when"] is True:
                    del made["when"]
            if isinstance(made, dict) and made.get("id", "") is None:
                del made["id"]
            if isinstance(made, dict) and made.get("tie", "") is None:
                del made["tie"]
            made = redirected(made, inputs) if inputs else made
            if isinstance(made, dict) and list(made) == ["seq"]:
                folded.extend(made["seq"])
            else:
                folded.append(made)
        return folded

    def text(self, value: str) -> Any:
        """An expression's text as folded text, or the constant that it comes to."""
        node = self.node(parse(value, dollar=True).tree)
        return node.value if isinstance(node, Const) else to_text(node)

    def settled(self, value: Any) -> Any:
        """The value that an expression of known names comes to."""
        return self.value(parse(value, dollar=True).tree) if isinstance(value, str) and "$" in value else value

    def node(self, node: Node) -> Node:
        """A tree with what is known put in; a part that leaves nothing open becomes a constant."""
        match node:
            case Ref():
                return self.reference(node)
            case Compare() | Unary("not") if self.closed(node):
                return Const(self.value(node), node.column)
            case Choice(condition, then, other, column):
                decided = Const(self.value(condition), column) if self.closed(condition) else self.node(condition)
                if isinstance(decided, Const):
                    return self.node(then if decided.value else other)
                return Choice(decided, self.node(then), self.node(other), column)
            case Logic(op, operands, column):
                return joined(op, [self.node(operand) for operand in operands], column)
            case Unary(op, operand, column):
                return self.constant(Unary(op, self.node(operand), column))
            case Binary(op, left, right, column):
                return self.constant(Binary(op, self.node(left), self.node(right), column))
            case Compare(ops, operands, column):
                return self.constant(Compare(ops, tuple(map(self.node, operands)), column))
            case Call(name, args, column):
                return self.constant(Call(name, tuple(map(self.node, args)), column))
            case _:
                return node

    def reference(self, node: Ref) -> Node:
        """What stands for a name: a tree, a choice that is made, or the name."""
        if node.path[0] in self.put:
            target = self.put[str(node.path[0])]
            if len(node.path) == 1:
                return target
            if isinstance(target, Ref):  # an entry of a list that has another name here
                path = (*target.path, *node.path[1:])
                return Ref(path, "$" + ".".join(map(str, path)), node.column)
        if not self.closed(node):
            return node
        value = self.value(node)
        return Const(value, node.column) if isinstance(value, CHOICES) else node

    def constant(self, node: Node) -> Node:
        """The constant that an operation on constants comes to; else the operation."""
        return node if any(isinstance(part, Ref) for part in walk(node)) else Const(self.value(node), node.column)

    def closed(self, node: Node) -> bool:
        """Whether every name in it is known."""
        return all(name in self.known for name in Expr("", node).names)

    def value(self, node: Node) -> Any:
        """What a tree comes to. Raises ExpressionFault."""
        return Evaluator(to_text(node), self.lookup).value(node)

    def lookup(self, path: tuple[str | int, ...]) -> Any:
        """A known value, or a part of it. Raises LookupError."""
        value = self.known[str(path[0])]
        for part in path[1:]:
            value = value[part]
        return value


def joined(op: str, operands: list[Node], column: int) -> Node:
    """`and` and `or` without the operands that decide nothing."""
    left: list[Node] = []
    for operand in operands:
        if not isinstance(operand, Const):
            left.append(operand)
        elif bool(operand.value) == (op == "or"):
            return Const(op == "or", column)
    if not left:
        return Const(op == "and", column)
    return left[0] if len(left) == 1 else Logic(op, tuple(left), column)


def redirected(layer: Any, inputs: Mapping[str, str]) -> Any:
    """A layer whose references to layers that are left out go to their inputs instead."""
    if isinstance(layer, str):
        head, dot, rest = layer.partition(".")
        return inputs[layer] if layer in inputs else f"{inputs[head]}{dot}{rest}" if head in inputs and dot else layer
    if isinstance(layer, list):
        return [redirected(item, inputs) for item in layer]
    if isinstance(layer, dict):
        return {key: value if key in ("id", "use") else redirected(value, inputs) for key, value in layer.items()}
    return layer
