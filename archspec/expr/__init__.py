"""The expression language of specs, conventions and budgets: exact arithmetic over named values.

The grammar is a part of Python's, with Python's precedence::

    3  1_000  0.75  1e6          numbers, at most 40 digits; decimals are exact
    $width  $in.c  $depths.0     names in a spec; $widths.$index takes the part that $index names
    out_numel                    names in a convention or a budget
    + - * / // % **              / is exact: 6 / 4 is three halves, 6 / 3 is the whole number 2
    == != < <= > >=              chains as in Python; also 'texts' and "texts", with == and !=
    true false null              as YAML writes them
    and or not   a if c else b   a and b may be texts, in a spec without quotes: relu if $x else null
    abs ceil ceil_div divisible floor int len max min prod round significant sum

``parse`` gives an ``Expr``, which evaluates, compiles, and prints itself. Values are ints, fractions and sizes (grids
and symbols, see archspec.sizes). An expression is untrusted: length, depth, digits, powers and magnitude are bounded.
Every fault is an ``ExpressionFault`` that knows its column.
"""

from archspec.expr.expression import Expr, parse
from archspec.expr.fault import ExpressionFault

__all__ = ["Expr", "ExpressionFault", "parse"]
