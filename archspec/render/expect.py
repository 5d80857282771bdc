"""`archspec expect` for people: what a spec promises beside what it has."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.policy.expect_update import Expectation
from archspec.render.tables import plain_table


def lines(file: str, found: Iterable[Expectation], *, update: bool, add: bool) -> list[str]:
    """One line for each figure: its spec and name, as written, as counted, and what becomes of it."""
    rows = []
    for one in found:
        name = f"{file}@{one.variant}" if one.variant else file
        if one.problem is not None:
            state = one.problem.message
        elif one.written is None:
            state = f"added as {one.new}" if add else f"missing; --update --add writes {one.new}"
        elif one.new is not None:
            state = f"updated to {one.new}" if update else f"differs; --update writes {one.new}"
        else:
            state = "as expected"
        actual = "-" if one.actual is None else f"{one.actual:,}"
        rows.append((name, one.name, one.written or "-", actual, state))
    return plain_table(rows, (False, False, True, True))
