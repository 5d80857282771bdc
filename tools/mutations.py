"""The mutants of a file: one change each of its syntax tree, written back into the text at its place."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}
_FORMULAS = ("Formula", "WeightRule")  # calls whose texts are formulas
_GUARDS = ("strict", "source")  # arguments that only guard or cite: without them nothing is computed otherwise
_UNSEEN = ("annotation", "returns", "decorator_list", "type_params", "bases")


class Mutant(NamedTuple):
    """A change: where its text begins and ends in the file, and what stands there instead."""

    file: Path  # within the tree
    text: str
    start: int
    end: int
    now: str

    @property
    def mutated(self) -> str:
        """The file's text with the change."""
        return self.text[: self.start] + self.now + self.text[self.end :]

    @property
    def line(self) -> int:
        """The line it stands in, from 1."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in the list of equivalent ones: the file, the lines it touches before and after."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.end)
        was = self.text[first:last]
        now = self.text[first : self.start] + self.now + self.text[self.end : last]
        return str(self.file), was.strip(), now.strip()

    def place(self, root: Path) -> str:
        """File and line, and what is put for what."""
        return f"{self.file}:{self.line}: {self.text[self.start : self.end]!r} -> {self.now!r}"

    def diff(self, root: Path) -> str:
        """The change as a diff."""
        lines = unified_diff(self.text.splitlines(), self.mutated.splitlines(), lineterm="", n=1)
        return "\n".join([f"{self.file}:{self.line}", *list(lines)[2:]])

    @contextmanager
    def applied(self, tree: Path) -> Iterator[None]:
        """The file of a tree with the change, and as it was afterwards."""
        path = tree / self.file
        before = path.stat()
        path.write_text(self.mutated, "utf-8")
        # Another time than the compiled file has noted, however little the text's length tells.
        os.utime(path, (before.st_atime, before.st_mtime + 1000))
        try:
            yield
        finally:
            path.write_text(self.text, "utf-8")
            os.utime(path, (before.st_atime, before.st_mtime))


def mutants(path: Path, root: Path) -> Iterator[Mutant]:
    """Every mutant of a file, top to bottom."""
    text = path.read_text("utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = text.splitlines()

    def offset(line: int, column: int) -> int:
        # The tree counts columns in bytes.
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    for node in seen(ast.parse(text)):
        place = node.test if isinstance(node, (ast.If, ast.While)) else node
        start, end = offset(place.lineno, place.col_offset), offset(place.end_lineno, place.end_col_offset)
        for now in changes(node):
            # The last of a tuple is its first where there is one, as of most layers' inputs.
            same = text[start:end] == now or (text[start - 1 : end + 1] == "[0]" and now == "-1")
            if not same:
                yield Mutant(path.relative_to(root), text, start, end, now)


def seen(node: ast.AST) -> Iterator[Any]:
    """The nodes that run, without annotations, docstrings, decorators and what only a type checker reads."""
    for field, value in ast.iter_fields(node):
        if field in _UNSEEN:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_idle(child):
                continue
            if hasattr(child, "lineno"):
                yield child
            if not isinstance(child, ast.JoinedStr):  # what a message says is no figure
                yield from seen(child)


def _is_idle(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.keyword):
        return node.arg in _GUARDS
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def changes(node: ast.AST) -> Iterator[str]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                other = deepcopy(node)
                other.ops[index] = _COMPARE[type(op)]()
                yield ast.unparse(other)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC and not _is_text(left, right):
            yield f"({ast.unparse(ast.BinOp(left, _ARITHMETIC[type(op)](), right))})"
        case ast.BoolOp(op=op, values=values):
            yield f"({ast.unparse(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values))})"
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield f"({ast.unparse(operand)})"
        case ast.Constant(value=bool() as value):
            yield str(not value)
        case ast.Constant(value=int() | float() as value):
            yield str(value + 1)
            yield str(value - 1)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield f"({ast.unparse(ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse))})"
        case ast.If(test=test) | ast.While(test=test):
            yield f"not ({ast.unparse(test)})"
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield "return None"
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield "pass"
        case ast.Call():
            yield from _calls(node)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for index, generator in enumerate(node.generators):
                for place, test in enumerate(generator.ifs):
                    other = deepcopy(node)
                    other.generators[index].ifs[place] = ast.UnaryOp(ast.Not(), test)
                    yield ast.unparse(other)


def _calls(node: ast.Call) -> Iterator[str]:
    """A call of the opposite function, without one of its arguments, or with a formula that is another."""
    if isinstance(node.func, ast.Name) and node.func.id in _NAMES:
        yield ast.unparse(ast.Call(ast.Name(_NAMES[node.func.id]), node.args, node.keywords))
    for index, keyword in enumerate(node.keywords):
        if keyword.arg not in _GUARDS and not _is_default(keyword):
            yield ast.unparse(ast.Call(node.func, node.args, node.keywords[:index] + node.keywords[index + 1 :]))
    if len(node.args) > 1 and not isinstance(node.args[-1], ast.Starred):
        yield ast.unparse(ast.Call(node.func, node.args[:-1], node.keywords))
    if isinstance(node.func, ast.Name) and node.func.id in _FORMULAS:
        for index, argument in enumerate(node.args[1:], 1):
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                for text in _formulas(argument.value):
                    other = deepcopy(node)
                    other.args[index] = ast.Constant(text)
                    yield ast.unparse(other)


def _is_default(keyword: ast.keyword) -> bool:
    """Whether ruff asks for an argument that says what holds without it."""
    return keyword.arg == "check" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False


def _formulas(text: str) -> Iterator[str]:
    """The mutants of a formula, or of a list of them as a weight's sizes are."""
    try:
        tree = ast.parse(f"({text},)", mode="eval").body
    except SyntaxError:
        return
    for node in ast.walk(tree):
        for now in changes(node) if hasattr(node, "lineno") else ():
            source = f"({text},)"
            yield (source[: node.col_offset] + now + source[node.end_col_offset :])[1:-2]


def _is_text(*nodes: ast.AST) -> bool:
    """Whether one of them is plainly a text: a sum of texts is a message."""
    return any(isinstance(node, ast.JoinedStr) or _is_string(node) for node in nodes)


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_nothing(value: ast.AST) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
