"""Longest common subsequences, for lists that a reviewer's eye would align as well."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise

CELLS = 250_000  # of the table of lengths: a tenth of a second

Pair = tuple[int, int]


def common(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Index pairs of equal items, both indices rising: a longest such list, or a good one where that takes long."""
    pairs: list[Pair] = []
    _common(a, b, 0, len(a), 0, len(b), pairs)
    return pairs


def gaps(pairs: Sequence[Pair], a: int, b: int) -> list[tuple[range, range]]:
    """The ranges of indices between pairs: before the first, between each two, behind the last, of lists so long."""
    edges = [(-1, -1), *pairs, (a, b)]
    return [(range(i + 1, k), range(j + 1, m)) for (i, j), (k, m) in pairwise(edges)]


def _common(a: Sequence[Hashable], b: Sequence[Hashable], i: int, k: int, j: int, m: int, pairs: list[Pair]) -> None:
    while i < k and j < m and a[i] == b[j]:
        pairs.append((i, j))
        i, j = i + 1, j + 1
    tail: list[Pair] = []
    while i < k and j < m and a[k - 1] == b[m - 1]:
        k, m = k - 1, m - 1
        tail.append((k, m))
    if i < k and j < m:
        if (k - i) * (m - j) <= CELLS:
            pairs += _table(a, b, i, k, j, m)
        else:
            # Items that stand once on each side hold the lists together; what lies between two of them is short.
            edges = [*_anchors(a, b, i, k, j, m), (k, m)]
            for here, there in edges if len(edges) > 1 else ():
                _common(a, b, i, here, j, there, pairs)
                if here < k:
                    pairs.append((here, there))
                i, j = here + 1, there + 1
    pairs += reversed(tail)


def _table(a: Sequence[Hashable], b: Sequence[Hashable], i: int, k: int, j: int, m: int) -> list[Pair]:
    """By the table of lengths of what is common to the ends from each pair of indices on."""
    lengths = [[0] * (m - j + 1) for _ in range(k - i + 1)]
    for x in range(k - i - 1, -1, -1):
        row, below, item = lengths[x], lengths[x + 1], a[i + x]
        for y in range(m - j - 1, -1, -1):
            row[y] = below[y + 1] + 1 if item == b[j + y] else max(below[y], row[y + 1])
    pairs, x, y = [], 0, 0
    while x < k - i and y < m - j:
        if a[i + x] == b[j + y]:
            pairs.append((i + x, j + y))
            x, y = x + 1, y + 1
        elif lengths[x + 1][y] >= lengths[x][y + 1]:
            x += 1
        else:
            y += 1
    return pairs


def _anchors(a: Sequence[Hashable], b: Sequence[Hashable], i: int, k: int, j: int, m: int) -> list[Pair]:
    """Items unique on both sides, as many as rise together: the longest increasing subsequence of their places."""
    ours, theirs = Counter(a[i:k]), Counter(b[j:m])
    places = {item: y for y, item in enumerate(b[j:m], j) if theirs[item] == 1}
    pairs = [(x, places[item]) for x, item in enumerate(a[i:k], i) if ours[item] == 1 and item in places]
    ends: list[int] = []  # the smallest last place of a rising list of each length
    last: list[int] = []
    before: list[int] = []
    for at, (_, y) in enumerate(pairs):
        length = bisect_left(ends, y)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [y]
        last[length : length + 1] = [at]
    chain, at = [], last[-1] if last else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]
