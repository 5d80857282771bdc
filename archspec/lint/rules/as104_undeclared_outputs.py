"""Several ends and no `outputs`.

What:
    More than one layer at the top of the network is taken by no other, and `outputs` does not say which are results.
Why:
    Without `outputs` the last layer alone is the result; which that is depends on the order of the file.
Example:
    layers:
      - {conv: {out: 16, kernel: 3, padding: 1}, id: body}
      - {conv: {out: 2, kernel: 1}, from: body, id: classes}
      - {conv: {out: 4, kernel: 1}, from: body, id: boxes}
    expect: {params: 550}
Cure:
    Name the results.

    layers:
      - {conv: {out: 16, kernel: 3, padding: 1, act: relu}, id: body}
      - {conv: {out: 2, kernel: 1}, from: body, id: classes}
      - {conv: {out: 4, kernel: 1}, from: body, id: boxes}
    outputs: [classes, boxes]
    expect: {params: 550}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.rules.as102_unused_output import ends
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS104", "undeclared-outputs", "error"


def check(context: Context) -> Iterator[Finding]:
    """The layers at the top that nothing takes, where the spec names no outputs."""
    if context.spec.outputs:
        return
    loose = ends(context)
    for run in context.runs:
        open_ends = [use for use in run.uses if not use.groups and use.call.node in loose]
        last = [use.path for use in run.uses if use.is_output]
        result = f"only `{last[-1]}` is a result" if last else "it is no result"
        names = ", ".join([*(use.path for use in open_ends), *last[-1:]])
        for use in open_ends:
            loose.discard(use.call.node)
            message = f"nothing takes the output of `{use.path}`, and without `outputs` {result}"
            yield context.finding(CODE, message, use=use, run=run, hint=f"name the results: outputs: [{names}]")
