"""Layers written out four times and more that `repeat` would say once.

What:
    A layer, or up to eight in a row, that stand four times or more behind each other with the same arguments. Layers
    with `from` or `tie` are exempt, and those that are referred to.
Why:
    What is written once is changed once, and a reader sees at a glance how often it is there. Weights get other names,
    `s.0.conv1`: where checkpoints are to fit, the text may stay as it is, and says so.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
    expect: {params: 7408}
Cure:
    Write `repeat`.

    layers:
      - {conv: {out: 16, kernel: 3, padding: 1, act: relu}, repeat: 4}
    expect: {params: 7408}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.language.nodes import Node, SeqNode
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS211", "repeated-by-hand", "info"
TIMES, LONGEST = 4, 8
OWN = ("id", "note")  # what a layer says of itself alone


def check(context: Context) -> Iterator[Finding]:
    """Every list of layers."""
    nodes = [node for node, _ in context.nodes()]
    named = {name for node in nodes for name in (*(node.sources or ()), node.tie) if name}
    named.update(context.spec.outputs, *(block.outputs for block in context.home.blocks.values()))
    heads = {name.partition(".")[0] for name in named}
    lists = [context.spec.layers, *(block.layers for block in context.home.blocks.values())]
    lists += [node.body for node in nodes if isinstance(node, SeqNode)]
    for layers in dict.fromkeys(lists):
        entries = list({node.path: node for node in reversed(layers)}.values())[::-1]
        for start, period, times in rows([_words(node, heads) for node in entries]):
            first = entries[start]
            what = "the same layer stands" if period == 1 else f"the same {period} layers stand"
            yield context.finding(
                CODE,
                f"{what} {times} times in a row",
                path=first.path,
                hint=f"write {'it' if period == 1 else 'them as a `seq`'} once, with `repeat: {times}`",
                values=(times, period),
            )


def rows(words: Sequence[object]) -> Iterator[tuple[int, int, int]]:
    """Where a group of words stands often in a row: its start, its length, and how often. None repeats nothing."""
    index = 0
    while index < len(words):
        for period in range(1, LONGEST + 1):
            end = index + period
            while end < len(words) and words[end] is not None and words[end] == words[end - period]:
                end += 1
            times = (end - index) // period
            if times >= TIMES:
                yield index, period, times
                index += times * period
                break
        else:
            index += 1


def _words(node: Node, heads: set[str]) -> str | None:
    """What tells a layer's entry from others; None for one that is wired or referred to."""
    if node.sources or node.tie or node.name in heads:
        return None
    own = OWN if isinstance(node.data, dict) else ()
    return repr({key: value for key, value in node.data.items() if key not in own} if own else node.data)
