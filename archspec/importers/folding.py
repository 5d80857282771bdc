"""Expressions with what is known put in, as far as that decides them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archspec.expr import Expr, parse
from archspec.expr.evaluate import Evaluator
from archspec.expr.printer import to_text
from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary, walk
from archspec.language.templates import pieces

ADDRESS = re.compile(r"\w[\w.-]*\.[$(]|\([^()]*\)\.")  # of layers, with an expression in it
INDEX = "$index"
OTHERS = ("id", "use", "tie")  # keys of a layer that name no layer whose output it takes
OPTIONAL = ("id", "from", "tie", "weights", "freeze", "unused")  # keys of a layer that say nothing where they are null
NAMING = ("from", "inputs", "outputs")  # keys whose lists are written out
LISTS = ("router", "weigh", "shared")  # of layers, which say nothing where they are empty
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
            return {key: self.settled(item) if key in NAMING else self.fold(item) for key, item in value.items()}
        return value

    def items(self, items: list[Any]) -> list[Any]:
        """The items of a list, without layers that are left out; what refers to one of them takes its input."""
        folded: list[Any] = []
        inputs: dict[str, str] = {}
        standing: set[str] = set()  # ids of layers that are not left out
        for item in items:
            if isinstance(item, dict) and self.fold(item.get("when", True)) is False:
                name, source = (self.fold(item.get(key)) for key in ("id", "from"))
                if name is not None and name not in standing:
                    inputs[name] = inputs.get(source, source) if isinstance(source, str) else "prev"
                continue
            made = self.fold(item)
            if isinstance(made, dict) and made.get("when") is True:
                del made["when"]
            if isinstance(item, dict) and "kind" in item:
                kind = made.pop("kind")
                made = {**(kind if isinstance(kind, dict) else {kind: None}), **made}
            if isinstance(made, dict):
                made = {key: value for key, value in made.items() if value is not None or key not in OPTIONAL}
                made = {key: value if key == "with" else stated(value) for key, value in made.items()}
            made = redirected(made, inputs) if inputs else made
            if isinstance(made, dict) and "from" in made:
                if isinstance(made["from"], str) and made["from"].startswith("$"):  # a list of names is no variable
                    made["from"] = self.settled(made["from"])
                if made["from"] == "prev":
                    del made["from"]
            if isinstance(made, dict) and isinstance(made.get("id"), str):
                standing.add(made["id"])
                inputs.pop(made["id"], None)
            if isinstance(made, dict) and list(made) == ["seq"]:
                folded.extend(made["seq"])
            else:
                folded.append(made)
        return folded

    def text(self, value: str) -> Any:
        """An expression's text as folded text, or the constant that it comes to."""
        if ADDRESS.match(value):
            return "".join(self.piece(piece) for piece in pieces(value))
        node = self.node(parse(value, dollar=True).tree)
        if not isinstance(node, Const):
            return to_text(node)
        return self.fold(node.value) if isinstance(node.value, dict) else node.value

    def piece(self, piece: str | Expr) -> str:
        """A piece of an address, with its value put in where it has one."""
        if isinstance(piece, str):
            return piece
        if not self.closed(piece.tree):
            return piece.text if piece.text == f"${piece.refs[0][0]}" else f"({piece.text})"
        return str(self.value(piece.tree))

    def settled(self, value: Any) -> Any:
        """The value that an expression comes to, where its names are known."""
        if not isinstance(value, str) or "$" not in value or ADDRESS.match(value):
            return self.fold(value)
        tree = parse(value, dollar=True).tree
        return self.value(tree) if self.closed(tree) else value

    def node(self, node: Node) -> Node:
        """A tree with what is known put in; a part that leaves nothing open becomes a constant."""
        match node:
            case Ref():
                return self.reference(node)
            case Compare() | Unary("not") if self.closed(node):
                return Const(self.value(node), node.column)
            case Compare() | Unary("not") if (truths := self.truths(node)) is not None:
                return pattern(truths, node)
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

    def truths(self, node: Node) -> list[bool] | None:
        """Whether a condition holds for each instance of a repeat, where it asks for an entry of a list by `$index`."""
        lists = [
            self.known.get(str(part.path[0])) for part in walk(node) if isinstance(part, Ref) and INDEX in part.path
        ]
        counts = {len(entries) for entries in lists if isinstance(entries, list)}
        if len(counts) != 1 or not all(name in self.known or name == "index" for name in Expr("", node).names):
            return None
        instances = range(counts.pop())
        return [bool(Folder({**self.known, "index": index}).value(node)) for index in instances]

    def reference(self, node: Ref) -> Node:
        """What stands for a name: a tree, a choice that is made, or the name."""
        if node.path[0] in self.put:
            target = self.put[str(node.path[0])]
            if len(node.path) == 1:
                return self.node(target) if INDEX in to_text(target) else target
            # An entry of a list that has another name here.
            if isinstance(target, Ref) and target.path != node.path[:1]:
                path = (*target.path, *node.path[1:])
                return self.reference(Ref(path, "$" + ".".join(map(str, path)), node.column))
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
            value = value[self.known[part[1:]] if isinstance(part, str) and part.startswith("$") else part]
        return value


def pattern(truths: list[bool], node: Compare | Unary) -> Node:
    """A condition on `$index` that holds where the truths say, as a person would write it; else as it stands."""
    count, column = len(truths), node.column
    if len(set(truths)) < 2:
        return Const(bool(truths) and truths[0], column)
    changes = [index for index in range(1, count) if truths[index] != truths[index - 1]]
    if len(changes) == 1:  # up to an instance, or from it on
        return condition(">=" if truths[-1] else "<", Ref(("index",), INDEX, column), changes[0], column)
    for period in range(2, count // 2 + 1):
        if all(truths[index] == truths[index % period] for index in range(count)):
            for op, what in (("==", True), ("!=", False)):
                if truths[:period].count(what) == 1:
                    remainder = Binary("%", Ref(("index",), INDEX, column), Const(period, column), column)
                    return condition(op, remainder, truths.index(what), column)
            break
    return node


def condition(op: str, left: Node, right: int, column: int) -> Node:
    """A comparison with a number."""
    return Compare((op,), (left, Const(right, column)), column)


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


def stated(arguments: Any) -> Any:
    """The arguments of a kind, without those that are null, as they are where nothing is said."""
    if not isinstance(arguments, dict):
        return arguments
    return {key: value for key, value in arguments.items() if value is not None and (value or key not in LISTS)}


def redirected(layer: Any, inputs: Mapping[str, str]) -> Any:
    """A layer whose references to layers that are left out go to their inputs instead."""
    if isinstance(layer, str):
        head, dot, rest = layer.partition(".")
        return inputs[layer] if layer in inputs else f"{inputs[head]}{dot}{rest}" if head in inputs and dot else layer
    if isinstance(layer, list):
        return [redirected(item, inputs) for item in layer]
    if isinstance(layer, dict):
        return {key: value if key in OTHERS else redirected(value, inputs) for key, value in layer.items()}
    return layer
