"""The source of a network's module: a class for each block, whose sizes are parameters where its uses differ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.analysis.report import Report, of_one_point
from archspec.errors import UsageError, printable
from archspec.exporters.torch.bodies import Opened
from archspec.exporters.torch.helpers import HELPERS
from archspec.exporters.torch.steps import statements
from archspec.exporters.torch.texts import class_word, filled, is_word, marked, raw, template, word
from archspec.graph.graph import Body, Graph, Group
from archspec.graph.stored import full_name, stored
from archspec.graph.walk import UNROLLED, walk
from archspec.language.nodes import UseNode
from archspec.memory.owners import Name, owners
from archspec.records import NamedTuple


class Use(NamedTuple):
    """A class that a body is an instance of, and its arguments."""

    name: str
    arguments: tuple[tuple[str, str], ...]


class Draft(NamedTuple):
    """A body as the lines of a class, whose values are marked."""

    body: Body
    attributes: list[str]
    inputs: list[str]
    forward: list[str]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join([", ".join(self.inputs), *self.attributes, "", *self.forward])


def source(report: Report) -> str:
    """Python source. Raises UsageError for what PyTorch has no words for."""
    of_one_point(report, "export")
    if not report.unfoldable:
        raise UsageError("the network has more than 10,000 layers written out, too many to export")
    return _Source(report).text()


class _Source:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.graph: Graph = report.graph
        self.uses: dict[int, Use] = {}
        self.names = set(HELPERS)
        self.classes: list[str] = []

    def text(self) -> str:
        root = self.graph.body
        levels: dict[int, list[tuple[Body, str, str]]] = {}
        heights: dict[int, int] = {}
        _measure(root, class_word(self.report.variant or self.report.spec.name), "", heights, levels)
        for height in sorted(levels):
            self.level(levels[height], root)
        body = "".join(self.classes)
        helpers = [text for name, text in HELPERS.items() if re.search(rf"\b{name}\(", body)]
        name = printable(self.report.variant or self.report.spec.name)
        head = (
            f'"""{name}: written by `archspec export --to torch`."""\n\nimport torch\nimport torch.nn.functional as F\n'
        )
        head = head.replace("\\", "/") + "from torch import nn\n"
        return head + "".join([f"\n{part}" for part in [*helpers, *self.classes]])

    def level(self, bodies: list[tuple[Body, str, str]], root: Body) -> None:
        """Write the classes of bodies that hold only what is written."""
        alike: dict[tuple[str, str], list[Draft]] = {}
        for body, name, path in bodies:
            draft = self.draft(body, path)
            alike.setdefault((name, template(draft.text)), []).append(draft)
        for (name, _), drafts in alike.items():
            self.write(name, drafts, root)

    def draft(self, body: Body, path: str) -> Draft:
        """A body's lines."""
        opened = Opened(body, self.made, path)
        inputs = [*self.graph.inputs] if body is self.graph.body else [*_letters(len(body.inputs))]
        if body is self.graph.body:
            inputs = [name if is_word(name) else word(name) for name in inputs]
            opened.attributes += self.ties()
        lines = statements(opened.steps, dict(zip(opened.inputs, inputs, strict=False)), opened.outputs)
        return Draft(body, opened.attributes, inputs, lines)

    def made(self, group: Group) -> str:
        """The call that makes a group's module."""
        use = self.uses[id(group.body)]
        return f"{use.name}({', '.join([raw(name, value) for name, value in use.arguments])})"

    def write(self, name: str, drafts: list[Draft], root: Body) -> None:
        """Write the class of bodies that differ in values only."""
        name = _unused(name, self.names)
        self.names.add(name)
        first = drafts[0]
        columns = list(zip(*[[each.value for each in marked(draft.text)] for draft in drafts], strict=True))
        taken = {"self", "x", "y", "z", "u", "v", "w", "layer", *(item.name.split(".")[0] for item in first.body.items)}
        parameters: dict[tuple[str, ...], str] = {}
        for column, each in zip(columns, marked(first.text), strict=True):
            if len(set(column)) > 1 and column not in parameters:
                parameters[column] = _shortest(each.name, taken)
                taken.add(parameters[column])
        split = len(marked("\n".join(first.attributes)))
        filling = [parameters.get(column, column[0]) for column in columns]
        later = [f"self.{parameters[column]}" if column in parameters else column[0] for column in columns[split:]]
        kept = [f"self.{name} = {name}" for name in parameters.values() if f"self.{name}" in later]
        attributes = filled("\n        ".join(first.attributes), filling[:split])
        forward = filled("\n        ".join(first.forward), later)
        init = "".join([f"\n        {line}" for line in [*kept, *([attributes] if attributes else [])]])
        self.classes.append(
            f"\nclass {name}(nn.Module):\n"
            f"    def __init__({', '.join(['self', *parameters.values()])}):\n"
            f"        super().__init__(){init}\n\n"
            f"    def forward({', '.join(['self', *first.inputs])}):\n"
            f"        {forward}\n"
        )
        for row, draft in enumerate(drafts):
            arguments = tuple([(parameter, column[row]) for column, parameter in parameters.items()])
            self.uses[id(draft.body)] = Use(name, arguments)

    def ties(self) -> list[str]:
        """What makes the tensors that several layers share one."""
        names = {
            Name(step.path, tensor.weight): full_name(step.path, tensor.name)
            for step in walk(self.graph, UNROLLED)
            if not isinstance(step.item, Group)
            for tensor in stored(step.item)
        }
        pairs = [(names[name], names[owner]) for name, owner in owners(self.graph).items()]
        if not pairs:
            return []
        return [
            "\n            ".join(["tie(self, {", *[f"{name!r}: {owner!r}," for name, owner in pairs]]) + "\n        })"
        ]


def _measure(
    body: Body, name: str, path: str, heights: dict[int, int], levels: dict[int, list[tuple[Body, str, str]]]
) -> int:
    """How high each body stands above those that hold no others; a repeat's is part of the one around."""
    if id(body) not in heights:
        inner = [
            _measure(group.body, called, below, heights, levels) for group, called, below in _inside(body, name, path)
        ]
        heights[id(body)] = 1 + max(inner, default=0)
        levels.setdefault(heights[id(body)], []).append((body, name, path))
    return heights[id(body)]


def _inside(body: Body, name: str, path: str) -> Iterator[tuple[Group, str, str]]:
    """The groups of a body that are modules, with a name for their class and their path."""
    for item in body.items:
        if not isinstance(item, Group):
            continue
        if item.several:
            yield from _inside(item.body, class_word(item.name) if item.name else name, f"{path}{item.name}.")
        else:
            own = item.label if isinstance(item.node, UseNode) else item.name
            yield item, name if own.isdigit() else class_word(own), f"{path}{item.name}."


def _letters(number: int) -> Iterator[str]:
    """Names of a block's inputs."""
    usual = "xyzuvw"
    yield from usual[:number]
    yield from (f"x{count}" for count in range(1, number - len(usual) + 1))


def _unused(name: str, taken: set[str]) -> str:
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{name}{number}"
    return made


def _shortest(name: str, taken: set[str]) -> str:
    """As few of the parts of a dotted name, from its end, as tell it from others."""
    parts = [part for part in name.split(".") if part]
    for start in range(len(parts) - 1, -1, -1):
        made = word("_".join(parts[start:]))
        if made not in taken:
            return made
    return _unused(word("_".join(parts)), taken)
