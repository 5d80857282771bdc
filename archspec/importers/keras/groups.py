"""Modules in plain names: `conv2_block1_1_conv` is `1_conv` of `conv2_block1`, where there are more such."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

NUMBERED = re.compile(r"(?<=\d)[a-z]?(?=_)")
WEIGHTLESS = frozenset(
    {"Activation", "Add", "Concatenate", "Dropout", "LeakyReLU", "Maximum", "Multiply", "ReLU", "Reshape", "Subtract"}
)
MAX_NAME = 200  # characters of a name that is looked at


def groups_of(names: list[str]) -> dict[str, str]:
    """The group of each name that has one: a beginning that ends with a number, of those that save most lines."""
    there = set(names)
    members: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for match in NUMBERED.finditer(name[:MAX_NAME]):
            prefix = name[: match.end()]
            if match.end() < len(name) - 1 and prefix not in there:
                members[prefix].append(name)
    patterns: dict[str, list[str]] = defaultdict(list)
    for prefix in members:
        patterns[re.sub(r"\d+[a-z]?(?=_|$)", "#", prefix)].append(prefix)
    found: dict[str, str] = {}
    for pattern in sorted(patterns, key=lambda pattern: (-_saved(patterns[pattern], members), pattern)):
        if _saved(patterns[pattern], members) <= 0:
            break
        for prefix in patterns[pattern]:
            free = [name for name in members[prefix] if name not in found]
            if len(free) == len(members[prefix]) > 1:
                found.update(dict.fromkeys(free, prefix))
    return found


def _saved(prefixes: list[str], members: dict[str, list[str]]) -> int:
    """Layers that need not be written where alike groups are one block."""
    alike = Counter(tuple(sorted(name[len(prefix) :] for name in members[prefix])) for prefix in prefixes)
    return sum((count - 1) * (len(names) - 1) - 1 for names, count in alike.items() if count > 1)


def adopted(
    kinds: dict[str, str], reads: dict[str, list[str]], order: Iterable[str], groups: dict[str, str]
) -> dict[str, str]:
    """The groups, each with the layers without weights or a name of their own that follow in it: `add_3`, `re_lu`.

    What such a layer reads is of the group, or what the group reads.
    """
    groups = dict(groups)
    sources: dict[str, set[str]] = defaultdict(set)
    for name in order:
        above = reads.get(name, [])
        found = {groups[source] for source in above if source in groups}
        if name not in groups and is_unnamed(name, kinds.get(name, "")):
            for group in found:
                if all(groups.get(source) == group or source in sources[group] for source in above):
                    groups[name] = group
                    break
        if name in groups:
            sources[groups[name]].update(source for source in above if groups.get(source) != groups[name])
    return groups


def is_unnamed(name: str, kind: str) -> bool:
    """Whether Keras made the name up, of a layer without weights."""
    return (
        kind in WEIGHTLESS
        and re.fullmatch(re.sub(r"[^a-z]", "", kind.lower()) + r"(_\d+)?", name.replace("re_lu", "relu")) is not None
    )


def joined(order: Iterable[str], groups: dict[str, str]) -> dict[str, str]:
    """The groups whose members stand together in an order."""
    runs: Counter[str] = Counter()
    before = None
    for name in order:
        group = groups.get(name)
        if group is not None and group != before:
            runs[group] += 1
        before = group
    return {name: group for name, group in groups.items() if runs[group] == 1}
