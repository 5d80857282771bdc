"""`archspec expect` for people: what a spec promises beside what it has."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.policy.expect_update import Expectation
from archspec.render.tables import plain_table


def lines(file: str, expectations: Iterable[Expectation], *, update: bool, add: bool) -> list[str]:
    """One line for each figure: its spec and name, as written, as counted, and what becomes of it."""
    rows = []
    for expectation in expectations:
        name = f"{file}@{expectation.variant}" if expectation.variant else file
        if expectation.problem is not None:
            state = expectation.problem.message
        elif expectation.written is None:
            state = f"added as {expectation.new}" if add else f"missing; --update --add writes {expectation.new}"
        elif expectation.new is not None:
            state = f"updated to {expectation.new}" if update else f"differs; --update writes {expectation.new}"
        else:
            state = "as expected"
        actual = "-" if expectation.actual is None else f"{expectation.actual:,}"
        rows.append((name, expectation.name, expectation.written or "-", actual, state))
    return plain_table(rows, (False, False, True, True))
