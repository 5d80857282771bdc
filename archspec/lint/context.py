"""What a rule sees: one spec as text, data, nodes, and one analysis for each variant, worked out once and when asked
for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.errors import ArchspecError, Span
from archspec.language.nodes import Block, Home, Node, Spec
from archspec.lint.flow import Use, flow
from archspec.lint.suppressions import Suppression, suppressions
from archspec.text.comments import Comment, comments, following
from archspec.text.document import Document
from archspec.text.edits import LINE_END, Fix, line_starts
from archspec.text.findings import Finding


class Run(NamedTuple):
    """One variant's analysis, and its data flow."""

    variant: str | None
    report: Any
    uses: list[Use]


class Context:
    """One spec under lint."""

    def __init__(self, file: str, text: str, spec: Spec | None, subject: Subject | None = None) -> None:
        self.file = file
        self.text = text
        self.spec_or_none = spec
        self.subject = subject
        self.enabled: frozenset[str] = frozenset()
        self.matched: set[tuple[Suppression, str]] = set()  # suppressions that met a finding, with its code

    @property
    def spec(self) -> Spec:
        """The spec; there is one wherever a rule's ``check`` runs."""
        assert self.spec_or_none is not None
        return self.spec_or_none

    @property
    def document(self) -> Document:
        """The spec's text as data."""
        document: Document = self.spec.document
        return document

    @property
    def home(self) -> Home:
        """The file's blocks."""
        return self.spec.home

    @cached_property
    def newline(self) -> str:
        """How lines end in the text."""
        line_break = LINE_END.search(self.text)
        return line_break[0] if line_break else "\n"

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return LINE_END.split(self.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return line_starts(self.text)

    @cached_property
    def comments(self) -> list[Comment]:
        """Every comment of the text."""
        return comments(self.document)

    @cached_property
    def suppressions(self) -> list[Suppression]:
        """Every suppression in the text."""
        return suppressions(self.comments, self.text)

    @cached_property
    def suppressed(self) -> dict[int, list[Suppression]]:
        """The suppressions by the line they are about."""
        lines: dict[int, list[Suppression]] = {}
        for mark in self.suppressions:
            lines.setdefault(mark.line, []).append(mark)
        return lines

    @cached_property
    def following(self) -> list[int]:
        """For each line the next one below it that holds more than a comment, 0 where there is none."""
        return following(self.lines)

    @cached_property
    def analyses(self) -> tuple[list[Run], list[tuple[str | None, ArchspecError]]]:
        """The variants that can be analysed, and the errors of those that cannot."""
        subject = self.subject or Subject(self.spec, self.file)
        runs, errors = [], []
        known: dict[int, Any] = {}
        for variant in cases(self.spec):
            try:
                report = subject.report(Setting(variant))
            except ArchspecError as error:
                errors.append((variant, error))
            else:
                runs.append(Run(variant, report, flow(report.graph, known)))
        return runs, errors

    @property
    def runs(self) -> list[Run]:
        """The variants that can be analysed; the plain spec too where it needs none."""
        return self.analyses[0]

    @cached_property
    def uses(self) -> list[tuple[Run, Use]]:
        """Every layer of every variant, of those in a repeat one that stands for the instances behind the first too."""
        return [(run, use) for run in self.runs for use in run.uses]

    @cached_property
    def layers(self) -> list[tuple[Run, Use]]:
        """Every layer of every variant once."""
        return [(run, use) for run, use in self.uses if not use.again]

    @cached_property
    def own_layers(self) -> list[tuple[Run, Use]]:
        """Every layer of every variant that is written in this file, once."""
        return [(run, use) for run, use in self.layers if self.is_own(use)]

    def nodes(self) -> Iterator[tuple[Node, Block | None]]:
        """Every node of the file, those of its blocks with their block."""
        for node in self.spec.layers:
            yield from ((inner, None) for inner in below(node))
        for block in self.home.blocks.values():
            for node in block.layers:
                yield from ((inner, block) for inner in below(node))

    def at(self, path: Sequence[str | int]) -> Any:
        """The data at a path, None where there is none."""
        value: Any = self.document.data
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def steps(self, path: str) -> tuple[str | int, ...]:
        """``layers.3.seq.0`` in steps: the data tells an index from a branch that is called by a number."""
        value: Any = self.document.data
        steps: list[str | int] = []
        parts = path.split(".")
        while parts:
            ends = range(len(parts), 1, -1) if isinstance(value, dict) else ()
            end = next((end for end in ends if ".".join(parts[:end]) in value), 1)
            step = ".".join(parts[:end])
            steps.append(int(step) if isinstance(value, list) and step.isdecimal() else step)
            parts = parts[end:]
            value = self.at(steps)
        return tuple(steps)

    def span(self, path: Sequence[str | int], key: bool = False) -> Span:
        """The place of a path, or of its key."""
        return self.document.locate(path, key)

    def place(self, use: Use) -> tuple[Span, str]:
        """Where a layer is written in this file; a standard block's layer where the block is called."""
        node = self.own(use)
        return (node.span, node.path) if node else (Span(1, 1, 1, 1), "")

    def own(self, use: Use) -> Node | None:
        """The innermost node of this file around a layer: the layer itself unless it is a standard block's."""
        around: list[Node] = [*(group.node for group in use.groups), use.call.node]
        return next((node for node in reversed(around) if node.file == self.file), None)

    def is_own(self, use: Use) -> bool:
        """Whether a layer is written in this file, not in a standard block."""
        return use.call.node.file == self.file

    def finding(
        self,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        path: Sequence[str | int] | str | None = None,
        key: bool = False,
        use: Use | None = None,
        run: Run | None = None,
        hint: str | None = None,
        values: tuple[Any, ...] = (),
        fix: Fix | None = None,
    ) -> Finding:
        """A finding at a path, a layer or a range. Its severity is the rule's, which the engine sets."""
        where = ""
        if path is not None:
            steps = self.steps(path) if isinstance(path, str) else tuple(path)
            where = ".".join(map(str, steps))
            span = span or self.span(steps, key)
        elif use is not None:
            own, where = self.place(use)
            span = span or own
        return Finding(
            code=code,
            severity="error",
            message=message,
            file=self.file,
            span=span,
            path=where,
            id_path=use.path if use else "",
            variant=run.variant if run else None,
            hint=hint,
            values=values,
            fix=fix,
        )


def below(node: Node) -> Iterator[Node]:
    """A node and all inside it."""
    yield node
    for inner in node.parts:
        yield from below(inner)
