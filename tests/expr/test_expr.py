from __future__ import annotations

import ast
import contextlib
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from archspec.errors import ExpressionError, ShapeError
from archspec.expr import Expr, ExpressionFault, parse
from archspec.expr.arithmetic import FUNCTIONS

NAMES = ("a", "b", "c_in", "flag")


def lookup(values: dict[str, Any]) -> Callable[[tuple[str | int, ...]], Any]:
    """The lookup of nested dicts and lists, as a spec has them."""

    def find(path: tuple[str | int, ...]) -> Any:
        found: Any = values
        for part in path:
            found = found[part]
        return found

    return find


def value(text: str, *, dollar: bool = False, **values: Any) -> Any:
    return parse(text, dollar=dollar).evaluate(lookup(values))


def outcome(call: Callable[[], Any]) -> Any:
    """What a computation gives, or the class of its failure."""
    try:
        return call()
    except (ExpressionError, ZeroDivisionError, OverflowError, TypeError):
        return "failed"


def shape(node: Any) -> Any:
    """A tree without its columns."""
    if not isinstance(node, tuple):
        return type(node), node
    items = node[:-1] if hasattr(node, "column") else node
    return type(node).__name__, tuple(map(shape, items))


# A tree is drawn as two texts with every parenthesis: the first is parsed, the second is for Python's eval. Its numbers
# are Fractions, so that its `/` is exact too.
def python_constant(number: str) -> str:
    return f"Fraction('{number}')"


def grown(children: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    def binary(left: tuple[str, str], op: str, right: tuple[str, str]) -> tuple[str, str]:
        return f"({left[0]}) {op} ({right[0]})", f"(({left[1]}) {op} ({right[1]}))"

    def power(base: tuple[str, str], exponent: int) -> tuple[str, str]:
        return f"({base[0]})**{exponent}", f"(({base[1]})**{exponent})"

    def unary(op: str, operand: tuple[str, str]) -> tuple[str, str]:
        return f"{op}({operand[0]})", f"({op}({operand[1]}))"

    def chain(first: tuple[str, str], op: str, second: tuple[str, str], then: str, third: tuple[str, str]) -> Any:
        return tuple(f"({first[i]}) {op} ({second[i]}) {then} ({third[i]})" for i in (0, 1))

    def choice(then: tuple[str, str], condition: tuple[str, str], other: tuple[str, str]) -> Any:
        return tuple(f"({then[i]}) if ({condition[i]}) else ({other[i]})" for i in (0, 1))

    def call(name: str, first: tuple[str, str], second: tuple[str, str]) -> Any:
        return tuple(f"{name}({first[i]}, {second[i]})" for i in (0, 1))

    compare = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(binary, children, st.sampled_from(["+", "-", "*", "/", "//", "%", "and", "or"]), children),
        st.builds(power, children, st.integers(0, 3)),
        st.builds(unary, st.sampled_from(["-", "+", "not "]), children),
        st.builds(chain, children, compare, children, compare, children),
        st.builds(choice, children, children, children),
        st.builds(call, st.sampled_from(["min", "max"]), children, children),
    )


NUMBERS = st.sampled_from(["0", "1", "2", "3", "7", "0.75", "1.5", "64"])
LEAVES = st.one_of(
    NUMBERS.map(lambda number: (number, python_constant(number))),
    st.sampled_from(NAMES).map(lambda name: (name, name)),
    st.sampled_from([("true", "True"), ("false", "False"), ("null", "None")]),
)
TREES = st.recursive(LEAVES, grown, max_leaves=10)
PLAIN = st.integers(-9, 9) | st.fractions(-9, 9, max_denominator=12) | st.none()
VALUES = st.fixed_dictionaries({"a": PLAIN, "b": PLAIN, "c_in": st.integers(0, 10**12), "flag": st.booleans()})


def python_value(text: str, values: dict[str, Any]) -> Any:
    fractions = {name: v if v is None or isinstance(v, bool) else Fraction(v) for name, v in values.items()}
    return eval(text, {"Fraction": Fraction, "min": min, "max": max}, fractions)


@given(TREES, VALUES)
def test_canonical_text_reads_back_and_means_what_python_means(tree: tuple[str, str], values: dict[str, Any]) -> None:
    expr = parse(tree[0])
    again = parse(str(expr))
    assert shape(again.tree) == shape(expr.tree)
    assert str(again) == str(expr)
    expected = outcome(lambda: python_value(tree[1], values))
    assert outcome(lambda: expr.evaluate(lookup(values))) == expected
    assert outcome(lambda: again.evaluate(lookup(values))) == expected
    function = expr.function(NAMES)
    assert outcome(lambda: function(*(values[name] for name in NAMES))) == expected


@given(TREES)
def test_no_parenthesis_of_the_canonical_text_can_go(tree: tuple[str, str]) -> None:
    text = str(parse(tree[0]))
    same = shape(parse(text).tree)
    for start in (i for i, char in enumerate(text) if char == "(" and text[max(0, i - 3) : i] not in ("min", "max")):
        depth, end = 0, start
        while True:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
            end += 1
        without = text[:start] + text[start + 1 : end] + text[end + 1 :]
        with contextlib.suppress(ExpressionError):
            assert shape(parse(without).tree) != same


@given(TREES, VALUES)
def test_values_put_in_read_back_to_the_same_value(tree: tuple[str, str], values: dict[str, Any]) -> None:
    expr = parse(tree[0])
    text = expr.substituted(values)
    assert not parse(text).names
    assert outcome(lambda: value(text)) == outcome(lambda: expr.evaluate(lookup(values)))


@given(TREES)
def test_latex_is_balanced(tree: tuple[str, str]) -> None:
    latex = parse(tree[0]).latex()
    assert latex.count(r"\left") == latex.count(r"\right")
    assert latex.count(r"\begin{cases}") == latex.count(r"\end{cases}")
    depth = 0
    for char in latex.replace(r"\{", "").replace(r"\}", ""):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0


@given(st.text(max_size=80), st.booleans())
@example("\x00", False)
@example("'\udc80' == 'a'", True)
@example("1\n+1", False)
@example("1\u2028", False)
def test_any_text_gives_an_expression_or_a_placed_error(text: str, dollar: bool) -> None:
    parses_or_faults(text, dollar)


@given(st.text(alphabet="aif else$.0123456789()+-*/%<=>!,'\"_ndortmx ", max_size=60), st.booleans())
def test_almost_expressions_give_an_expression_or_a_placed_error(text: str, dollar: bool) -> None:
    parses_or_faults(text, dollar)


TOKENS = [
    "a",
    "1",
    "0.5",
    "(",
    ")",
    "+",
    "-",
    "*",
    "**",
    "not",
    "and",
    "or",
    "if",
    "else",
    "<",
    "==",
    "min(",
    ",",
    "true",
    "null",
]


@given(st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join))
def test_shuffled_tokens_are_accepted_exactly_where_python_accepts_them(text: str) -> None:
    assert (parses_or_faults(text, False) is not None) == python_accepts(text)


def python_accepts(text: str) -> bool:
    """Whether Python reads the text as one value, with calls of ``min`` only and no trailing comma."""
    try:
        python = text.replace("true", "True").replace("null", "None")
        nodes = list(ast.walk(ast.parse(python.strip(), mode="eval")))
    except SyntaxError:
        return False
    calls = (node for node in nodes if isinstance(node, ast.Call))
    fine = all(isinstance(call.func, ast.Name) and call.func.id == "min" and call.args for call in calls)
    return fine and not any(isinstance(node, (ast.Tuple, ast.Starred)) for node in nodes) and ", )" not in text


def parses_or_faults(text: str, dollar: bool) -> Expr | None:
    result: Expr | ExpressionFault
    try:
        result = parse(text, dollar=dollar)
    except ExpressionFault as fault:
        result = fault
    if isinstance(result, ExpressionFault):
        assert 0 <= result.column <= len(text)
        assert str(result).encode()
        return None
    expr = result
    assert shape(parse(str(expr), dollar=dollar).tree) == shape(expr.tree)
    return expr


@pytest.mark.parametrize(
    "text",
    [
        "a * (b // c)", "a // (b * c)", "a - (b - c)", "a - b - c", "a / (b / c)", "(-a) ** 2", "-a ** 2", "2 ** -a",
        "(a ** b) ** c", "a ** b ** c", "(a if c else b) * d", "not (a and b)", "not a and b", "a and (b or c)",
        "(a < b) < c", "a < b <= c != d", "a if b else c if d else e", "(a if b else c) if d else e",
        "a if (b if c else d) else e", "(not a) + b", "-(a * b)", "--a", "a - -b", "-(a if b else c)", "(a == b) == c",
        "min(a, b if c else d)", "a % (b + c)", "(a + b) * c", "not a == b", "(not a) == b", "a * -b", "prod()",
        "a == 'x'", "a == \"it's\"", "'p' if a else 'q'", "0.75 * a",
    ],
)  # fmt: skip
def test_canonical_text_is_left_alone(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a))*(b)", "a * b"),
        ("(a*b)//c", "a * b // c"),
        ("(a and b) and (c and d)", "a and b and c and d"),
        ("1e3+2.50", "1000 + 2.5"),
        ("1_000", "1000"),
        ("1. + .5e1 + 1_0.5_0", "1 + 5 + 10.5"),
        ("1e-5", "0.00001"),
        ('a=="x"', "a == 'x'"),
        ("  a\n", "a"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("0.75 * w", {"w": 32}, 24),
        ("0.1 * 3 == 0.3", {}, True),
        ("6 / 3", {}, 2),
        ("7 / 2", {}, Fraction(7, 2)),
        ("int(0.75 * 33)", {}, 24),
        ("int(-7 / 2)", {}, -3),
        ("floor(-7 / 2)", {}, -4),
        ("ceil(7 / 2)", {}, 4),
        ("ceil(w)", {"w": Fraction(7, 2)}, 4),
        ("ceil_div(7, 2)", {}, 4),
        ("ceil_div(-7, 2)", {}, -3),
        ("round(5 / 2)", {}, 2),
        ("abs(-3)", {}, 3),
        ("prod(k)", {"k": [3, 5]}, 15),
        ("prod(k, 2)", {"k": (3, 5)}, 30),
        ("sum(k) + len(k)", {"k": [3, 5]}, 10),
        ("sum() + prod()", {}, 1),
        ("max(k)", {"k": [3, 5]}, 5),
        ("min(4, 3, 5)", {}, 3),
        ("true + 1", {}, 2),
        ("false", {}, False),
        ("null", {}, None),
        ("null if a else 1", {"a": 1}, None),
        ("a == null", {"a": None}, True),
        ("a != null", {"a": 0}, True),
        ("a == true", {"a": True}, True),
        ("not null", {}, True),
        ("flag / 2", {"flag": True}, Fraction(1, 2)),
        ("-7 // 2", {}, -4),
        ("-7 % 3", {}, 2),
        ("a if mode == 'same' else 0", {"mode": "same", "a": 3}, 3),
        ("mode != 'same'", {"mode": None}, True),
        ("not norm", {"norm": None}, True),
        ("p", {"p": 0.5}, 0.5),
        ("p", {"p": "text"}, "text"),
        ("'x' if p else 'y'", {"p": 1}, "x"),
        ("0 and 1 / 0", {}, 0),
        ("1 if true else 1 / 0", {}, 1),
    ],
)
def test_values(text: str, values: dict[str, Any], expected: Any) -> None:
    result = value(text, **values)
    assert (result, type(result)) == (expected, type(expected))
    assert parse(text).function(tuple(values))(*values.values()) == expected


def test_a_float_stands_for_its_decimal() -> None:
    assert value("w * 0.35 == 0.035", w=0.1) is True
    assert value("w * 3", w=0.1) == Fraction(3, 10)
    assert value("w + 1", w=1e-5) == Fraction(100001, 100000)


def make_divisible(v: float, divisor: int) -> int:
    """torchvision/models/_utils.py, with its floats."""
    new = max(divisor, int(v + divisor / 2) // divisor * divisor)
    return new + divisor if new < 0.9 * v else new


@given(st.integers(1, 5000), st.sampled_from([0.25, 0.5, 0.75, 1.0, 1.5]), st.sampled_from([1, 3, 4, 8, 16]))
def test_divisible_is_torchvisions_rule(width: int, factor: float, divisor: int) -> None:
    # These factors are exact in floats; 0.9 is not: the rule is compared where it does not hang on its last bit.
    result = value("divisible(w * f, d)", w=width, f=factor, d=divisor)
    assume(result not in (0.9 * width * factor, 0.9 * width * factor + divisor))
    assert result == make_divisible(width * factor, divisor)


@pytest.mark.parametrize("factor", ["0.1", "0.35", "0.5", "0.75", "1.0", "1.1", "1.3", "1.4"])
def test_divisible_on_the_widths_of_mobilenets(factor: str) -> None:
    for width in (16, 24, 32, 40, 64, 80, 96, 112, 160, 192, 320, 960, 1280):
        assert value(f"divisible({width} * {factor}, 8)") == make_divisible(width * float(factor), 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("divisible(33 * 0.75, 8)", 24), ("divisible(3, 8)", 8), ("divisible(11, 8)", 16), ("divisible(92, 8)", 96)],
)
def test_divisible_by_hand(text: str, expected: int) -> None:
    assert value(text) == expected


@given(st.integers(-(10**30), 10**30), st.integers(1, 12))
def test_significant_prints_as_decimals_do(number: int, digits: int) -> None:
    assert value("significant(n, d)", n=number, d=digits) == int(Decimal(f"{Decimal(number):.{digits - 1}e}"))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("a.b", 1, "`.` is not part"),
        ("a[0]", 1, "`[` is not part"),
        ("foo(1)", 0, "unknown function `foo`"),
        ("1 + mxa(1)", 4, "did you mean `max`?"),
        ("lambda: 1", 0, "`lambda` is not part"),
        ("[x for x in a]", 0, "`[` is not part"),
        ("x for x in a", 2, "`for` is not part"),
        ("f'{a}'", 0, "no prefix"),
        ("(a := 1)", 3, "`:` is not part"),
        ("min(*a)", 4, "a value is expected before `*`"),
        ("min(**a)", 4, "a value is expected before `**`"),
        ("max(a=1)", 5, "arguments have no names"),
        ("a = 1", 2, "equality is written `==`"),
        ("a ^ 2", 2, "a power is written `**`"),
        ("a && b", 2, "write `and`"),
        ("!a", 0, "write `not`"),
        ("a ? b : c", 2, "a if condition else b"),
        ("None", 0, "`None` is not part"),
        ("None", 0, "write `null`"),
        ("a if True else b", 5, "write `true`"),
        ("a == False", 5, "write `false`"),
        ("a in b", 2, "`in` is not part"),
        ("a is b", 2, "`is` is not part"),
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("a +", 3, "ends where a value is expected"),
        ("a b", 2, "an operator is expected before `b`"),
        ("a * / b", 4, "a value is expected before `/`"),
        ("(a", 2, "`(` without `)`"),
        ("a)", 1, "`)` without `(`"),
        ("a + not b", 4, "needs parentheses"),
        ("a if b", 2, "an `if` without its `else`"),
        ("a else b", 2, "an `if` without its `else`"),
        ("()", 0, "a list of values"),
        ("a, b", 0, "a list of values"),
        ("min(1)(2)", 6, "only a function can be called"),
        ("min()", 0, "at least 1 argument, not 0"),
        ("abs(1, 2)", 0, "takes 1 argument, not 2"),
        ("ceil_div(1)", 0, "takes 2 arguments, not 1"),
        ("min", 0, "write `min(...)`"),
        ("012", 0, "leading zeros"),
        ("0x10", 0, "not a number"),
        ("1j", 0, "not a number"),
        ("1if a else 2", 0, "not a number"),
        ("'a'", 0, "a text may only be compared"),
        ("'a' * 3", 0, "a text may only be compared"),
        ("('a' if b else 'c') * 9", 1, "a text may only be compared"),
        ("a < 'b'", 4, "a text may only be compared"),
        ("'a' 'b' == c", 4, "an operator is expected"),
        ("a == 'b", 5, "the same quote"),
        ("$a + 1", 0, "no `$`"),
        ("a\nb", 1, "one line"),
        ("é", 0, "not part of the language"),
        ("9" * 41, 0, "at most 40 digits"),
        ("1e41", 0, "at most 40 digits"),
        ("1e-41", 0, "at most 40 digits"),
        ("1e999999999", 0, "at most 40 digits"),
        ("a" * 2001, 0, "at most 2000 characters, this has 2001"),
        ("(" * 300, 60, "nested deeper than 60"),
        ("-" * 1999 + "1", 60, "nested deeper than 60"),
        ("a**" * 400 + "a", 177, "nested deeper than 60"),
        ("min(" + "1," * 900 + "1)", 0, "more than 2000 characters"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_language(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.column == column
    assert f"(column {column + 1} of `" in caught.value.message


@pytest.mark.parametrize("text", ["not " * 499 + "1", "1 if a else " * 150 + "1", "+".join("a" * 500), "abs(" * 400])
def test_depth_is_bounded(text: str) -> None:
    with pytest.raises(ExpressionError, match="nested deeper than 60"):
        parse(text)


def test_the_deepest_expression_evaluates_compiles_and_prints() -> None:
    text = "abs(" * 59 + "a" + ")" * 59
    assert value(text, a=-3) == parse(text).function(("a",))(-3) == 3
    divided = "(" * 58 + "a" + " / 2)" * 58
    assert value(divided, a=2**58) == parse(divided).function(("a",))(2**58) == 1
    parse(divided).latex()


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        ("9**9**9", {}, "an exponent is a whole number from 0 to 4096, not 387420489"),
        ("2**100000000", {}, "an exponent"),
        ("2**-1", {}, "not -1"),
        ("2**0.5", {}, "not 1/2"),
        ("a**4096", {"a": 3}, "more than 4096 bits"),
        ("(1/3)**4096", {}, "more than 4096 bits"),
        ("a*a*a", {"a": 2**3000}, "more than 8192 bits"),
        ("prod(a)", {"a": [2**1000] * 10}, "more than 8192 bits"),
        ("sum(a, a)", {"a": 2**8192}, "more than 8192 bits"),
        ("a // b", {"a": 6, "b": 0}, "`a // b` divides by zero (its operands: 6, 0)"),
        ("a % b", {"a": 6, "b": 0}, "divides by zero"),
        ("a / (b - b)", {"a": 6, "b": 1}, "`a / (b - b)` divides by zero"),
        ("ceil(a / b)", {"a": 6, "b": 0}, "divides by zero"),
        ("s * 10**9", {"s": "ab"}, "`s`: the text 'ab' is not a number"),
        ("10**9 * s", {"s": [1, 2]}, "`s`: a list of 2 is not a number"),
        ("s % 5", {"s": "%1000000000d"}, "is not a number"),
        ("s + 1", {"s": None}, "null is not a number"),
        ("s + 1", {"s": math.inf}, "inf is not a finite number"),
        ("s + 1", {"s": {"c": 3}}, "a mapping of 1 is not a number"),
        ("-s", {"s": "x"}, "is not a number"),
        ("s < 3", {"s": "x"}, "is not a number"),
        ("min(s)", {"s": []}, "nothing is undefined"),
        ("max(s)", {"s": []}, "nothing is undefined"),
        ("min(s, 3)", {"s": "x"}, "is not a number"),
        ("len(s)", {"s": "abc"}, "is not a list"),
        ("divisible(s, 0)", {"s": 3}, "a divisor is a whole number above 0, not 0"),
        ("significant(s, 0)", {"s": 3}, "a number of digits is a whole number above 0, not 0"),
        ("significant(s / 2, 1)", {"s": 3}, "only a whole number is rounded to its first digits, not"),
        ("1 if s else 2", {"s": "false"}, "neither true nor false"),
        ("s and 1", {"s": [1]}, "neither true nor false"),
        ("not s", {"s": "x"}, "neither true nor false"),
        ("a + nowhere", {"a": 1}, "nothing is named `nowhere`"),
    ],
)  # fmt: skip
def test_what_has_no_value(text: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        value(text, **values)
    assert words in caught.value.message
    assert f"of `{text}`)" in caught.value.message


def test_the_largest_values_allowed() -> None:
    assert value("2**4095") == 2**4095
    assert value("(-1)**4096 + 0**0") == 2
    assert value("a * a", a=2**4000) == 2**8000


def test_a_compiled_function_fails_as_evaluation_does() -> None:
    expr = parse("out * (c_in // groups)")
    function = expr.function(("out", "c_in", "groups"))
    assert function(64, 3, 1) == 192
    with pytest.raises(ExpressionFault, match=r"`c_in // groups` divides by zero \(its operands: 3, 0\)"):
        function(64, 3, 0)
    with pytest.raises(ExpressionFault, match="the text 'x' is not a number"):
        function(64, "x", 1)
    with pytest.raises(ExpressionFault, match="more than 4096 bits"):
        parse("n ** 4096").function(("n",))(7)


def test_a_compiled_function_keeps_apart_names_of_python() -> None:
    function = parse("p1 + divide + power * whole + call_min + min(p1, 2)").function(
        ("divide", "power", "p1", "whole", "call_min", "unused")
    )
    assert function(1, 10, 100, 1000, 10000, None) == 1 + 10 * 1000 + 100 + 10000 + 2


def test_a_name_unknown_to_a_function_is_named_with_its_neighbours() -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse("2 * out_numl").function(("out_numel", "groups"))
    assert caught.value.column == 4
    assert caught.value.message.startswith("nothing is named `out_numl`")
    assert caught.value.hint == "did you mean `out_numel`?; there are out_numel, groups"
    with pytest.raises(ExpressionFault, match="there are no names here"):
        parse("a").function(())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4*$width", 256),
        ("2 if $index == 0 else 1", 1),
        ("divisible($width*32, 8)", 2048),
        ("$depths.0", 3),
        ("$in.c", 128),
        ("$depths.$index", 4),
        ("$table.$mode.0 + 1", 8),
        ("$stride != 1 or $in.c != 4*$width", True),
        ("$mode", "wide"),
        ("null if $index else relu", None),
        ("relu if $index else null", "relu"),
        ("relu6 if $index == 0 else gelu if $stride == 2 else 'x y'", "x y"),
        ("$mode if $index == 1 else none", "wide"),
        ("true if $index else false", True),
        ("$if.else", 5),
    ],
)
def test_names_in_a_spec(text: str, expected: Any) -> None:
    values = {
        "width": 64, "index": 1, "depths": [3, 4, 6], "in": {"c": 128}, "stride": 1, "mode": "wide",
        "table": {"wide": [7]}, "if": {"else": 5},
    }  # fmt: skip
    assert value(text, dollar=True, **values) == expected
    # What survives YAML's flow style unquoted is the reason for the spelling.
    if "," not in text:
        assert yaml.safe_load(f"conv: {{out: {text}, kernel: 3}}") == {"conv": {"out": text, "kernel": 3}}


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("4*width", 2, "write `$width`"),
        ("${w}", 0, "write `$width`"),
        ("$depths[0]", 7, "`$depths.0`"),
        ("$", 0, "`$` without a name"),
        ("$f(3)", 2, "only a function can be called"),
        ("$a.", 2, "a part of a value"),
        ("$a.b.1x", 6, "an operator is expected before `x`"),
        ("relu == $a", 0, "`relu` is not a name"),
        ("$a == relu", 6, "write `$relu`, or `'relu'` for the text"),
        ("$a if b else 2", 6, "write `$b`"),
        ("max($a, b)", 8, "write `$b`"),
        ("(a if $b else c) * 2", 1, "`a` is not a name"),
        ("(a if $b else c) == $d", 1, "`a` is not a name"),
        ("None if $a else 1", 0, "write `null`"),
        ("$a and none", 7, "`none` is not a name"),
        ("$a $b", 3, "an operator is expected before `$b`"),
    ],
)
def test_what_is_not_a_name_in_a_spec(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse(text, dollar=True)
    assert words in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": [1], "i": 4}, "nothing is named `a.4`"),
        ({"a": [1]}, "nothing is named `i`"),
        ({"a": [1], "i": Fraction(1, 2)}, "a part of `$a.$i` is 1/2, neither index nor key"),
    ],
)
def test_a_part_that_is_looked_up_first(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        value("$a.$i + 1", dollar=True, **values)
    assert caught.value.message.startswith(words)


def test_references() -> None:
    expr = parse("$in.c * $widths.$index + $in.c + $depths.0", dollar=True)
    assert expr.refs == (("in", "c"), ("widths", "$index"), ("depths", 0))
    assert expr.names == {"in", "widths", "index", "depths"}
    assert parse("a + b * a").refs == (("a",), ("b",))
    assert parse("a + b * a").names == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("out * (c_in // groups) * k", {"out": 64, "c_in": 3, "groups": 1, "k": 49}, "64 * (3 // 1) * 49"),
        ("a ** 2 - b", {"a": -3, "b": -4}, "(-3) ** 2 - -4"),
        ("a * b", {"a": Fraction(1, 3), "b": Fraction(-3, 4)}, "1 / 3 * -0.75"),
        ("b * a", {"a": Fraction(1, 3), "b": 0.75}, "0.75 * (1 / 3)"),
        ("a ** 2", {"a": Fraction(1, 3)}, "(1 / 3) ** 2"),
        ("a + (b if bias else 0)", {"a": 1, "b": 64, "bias": True}, "1 + (64 if true else 0)"),
        ("prod(k) * len(k)", {"k": (3, -5)}, "prod(3, -5) * 2"),
        ("mode == 'same'", {"mode": "half"}, "'half' == 'same'"),
        ("1 if mode == null else 2", {"mode": None}, "1 if null == null else 2"),
        ("a * b", {"a": 10**30}, f"{10**30} * b"),
    ],
)
def test_values_put_in(text: str, values: dict[str, Any], expected: str) -> None:
    assert parse(text).substituted(values) == expected


def test_a_size_put_in_prints_itself() -> None:
    class Sum(Boxed):
        def __str__(self) -> str:
            return f"w + {self.number}"

    assert parse("2 * n").substituted({"n": Sum(3)}) == "2 * (w + 3)"


def test_values_put_in_for_parts() -> None:
    expr = parse("$in.c * $widths.$index", dollar=True)
    assert expr.substituted({"in.c": 3, "widths.$index": 4}) == "3 * 4"
    assert expr.substituted({"in.c": 3}) == "3 * $widths.$index"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("a * (b // g)", r"a \cdot \left\lfloor \frac{b}{g} \right\rfloor"),
        ("(a + b) * c", r"\left(a + b\right) \cdot c"),
        ("a / (b + c)", r"\frac{a}{b + c}"),
        ("a / b * c", r"\frac{a}{b} \cdot c"),
        ("(-a) ** 2", r"{\left(-a\right)}^{2}"),
        ("-a ** 2", r"-{a}^{2}"),
        ("(a / b) ** 2", r"{\left(\frac{a}{b}\right)}^{2}"),
        ("out_numel", r"\mathit{out\_numel}"),
        ("ceil(a / b)", r"\left\lceil \frac{a}{b} \right\rceil"),
        ("floor(a / b)", r"\left\lfloor \frac{a}{b} \right\rfloor"),
        ("ceil(a)", r"\left\lceil a \right\rceil"),
        ("min(a, b)", r"\min\left(a, b\right)"),
        ("divisible(a, 8)", r"\operatorname{divisible}\left(a, 8\right)"),
        ("a % 2 == 0", r"a \bmod 2 = 0"),
        ("a if b else c", r"\begin{cases} a & \text{if } b \\ c & \text{otherwise} \end{cases}"),
        ("a and not b", r"a \land \lnot b"),
        ("a == 'x_y'", r"a = \text{x\_y}"),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert parse(text).latex() == latex


def test_an_expression_is_a_value() -> None:
    expr = parse("a+b")
    assert parse("a+b") is expr
    assert expr == parse("a + b") != parse("b + a")
    assert len({expr, parse("a + b")}) == 1
    assert expr.text == "a+b"
    assert repr(expr) == "Expr('a + b')"
    with pytest.raises(AttributeError):
        expr.text = "b"


class Boxed:
    """A size that counts on its own operators only, and has no truth."""

    is_size = True

    def __init__(self, number: int) -> None:
        self.number = number

    def __mul__(self, other: int) -> Boxed:
        return Boxed(self.number * other)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise ShapeError("undecided")


def test_a_size_takes_part_by_its_own_operators() -> None:
    for result in (value("3 * n * 2", n=Boxed(7)), parse("3 * n * 2").function(("n",))(Boxed(7))):
        assert result.number == 42
    for text in ("1 if n else 2", "n and 1", "not n"):
        with pytest.raises(ShapeError, match="undecided"):
            value(text, n=Boxed(7))
        with pytest.raises(ShapeError, match="undecided"):
            parse(text).function(("n",))(Boxed(7))
    with pytest.raises(ExpressionFault, match="`n - 1`"):
        value("n - 1", n=Boxed(7))


@pytest.mark.parametrize(
    "text",
    [
        "divisible(w * 0.75, 8)", "divisible(w, 8)", "ceil(w / 3)", "floor(w / 3)", "int(0.75 * w)", "round(w / 3)",
        "abs(3 - w)", "min(w, 20)", "max(3, w, 50)", "prod(w, w)", "w ** 2", "2 ** w", "w % 8 + w // 3", "-w + w / 4",
        "ceil_div(w, 4)", "+w", "1 if w > 0 else 2", "significant(w ** 3, 2)",
    ],
)  # fmt: skip
def test_a_grid_computes_what_its_points_compute(text: str) -> None:
    numpy = pytest.importorskip("numpy")
    sizes = pytest.importorskip("archspec.sizes")
    points = [1, 8, 11, 16, 33, 100]
    grid = sizes.as_size(numpy.array(points))
    expected = [value(text, w=point) for point in points]
    for result in (value(text, w=grid), parse(text).function(("w",))(grid)):
        assert [sizes.at(result, i) for i in range(len(points))] == expected


@pytest.mark.parametrize("count", range(4))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_as_many_arguments_as_it_has_a_value_for(name: str, count: int) -> None:
    def has_value(argument: Any) -> bool:
        try:
            FUNCTIONS[name].body(*[argument] * count)
        except (TypeError, ValueError, ExpressionError):
            return False
        return True

    text = f"{name}({', '.join(['a'] * count)})"
    with contextlib.nullcontext() if has_value(8) or has_value([8]) else pytest.raises(ExpressionFault, match="takes"):
        parse(text)
