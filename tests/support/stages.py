"""A spec through everything that is done to specs: what is not an ArchspecError is a bug of archspec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.analysis.report import Report
from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.change.diff import compare_files
from archspec.change.model import Diff, Side
from archspec.errors import ArchspecError, UsageError
from archspec.language.canonical import formatted
from archspec.language.dump import dump_spec
from archspec.language.load import load_text
from archspec.lint.engine import lint
from archspec.lint.fixing import fix
from archspec.lint.registry import by_code
from archspec.lint.settings import ALL, LintSettings
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings
from archspec.render import findings as of_findings
from archspec.render.diff import render as diff_text
from archspec.render.explain import markdown as explained
from archspec.render.explain import text as explained_text
from archspec.render.flat import comma_separated, markdown
from archspec.render.html import html_table
from archspec.render.json import summary
from archspec.render.json_text import dumps
from archspec.render.memory import markdown as memory_markdown
from archspec.render.memory import table as memory_table
from archspec.render.memory_svg import chart
from archspec.render.outputs.base import written
from archspec.render.outputs.memory import memory_document
from archspec.render.table import table
from archspec.studies.explain import explain
from archspec.studies.unroll import unfold
from tests.support.mutated import Text

SETTINGS = LintSettings(select=(ALL,))
MOST_VARIANTS = 3
MOST_WORDS = 5000
MOST_LAYERS = 60  # of a network whose expansion is read again: a large one takes long and shows no more
# What an expanded spec has like the network it comes from.
SAME = ("params", "macs", "flops", "activations", "params_trainable")


def through(before: Text, spec: Text) -> Iterator[str]:
    """Do all of it; yields the name of each stage that is done. What fails without an ArchspecError gets out."""
    name, text = spec
    loaded = _or_none(lambda: load_text(text, name))
    yield "load"
    if loaded is not None:
        for variant in [*cases(loaded)][:MOST_VARIANTS]:
            report = _or_none(lambda variant=variant: run(loaded, Setting(variant)))
            yield "analyze"
            if report is not None:
                rendered(report)
                yield "render"
                expanded(report)
                yield "expand"
                remembered(report)
                yield "memory"
    layout = _or_none(lambda: formatted(text, name))
    if layout is not None:
        assert formatted(layout, name) == layout, "formatted once more it is another text"
    yield "fmt"
    listed = lint(text, name, SETTINGS).findings
    for form in of_findings.FORMS:
        assert of_findings.render(listed, form, files=[name], rules=by_code())
    yield "lint"
    fixed = fix(text, name, SETTINGS, unsafe=len(text) % 2 == 0)
    if loaded is not None:
        load_text(fixed.text, name)
    yield "fix"
    change = compare_files(name, name, before.text.encode(), text.encode("utf-8", "replace"), Setting())
    # One form of four: those of a diff differ little in what can go wrong.
    form = ("text", "md", "json", "html")[len(text) % 4]
    assert diff_text(Diff(base=Side("base"), head=Side("head"), at=Setting(), specs=(change,)), form)
    yield "diff"


def rendered(report: Report) -> None:
    """Every form of a report."""
    assert table(report)
    rows = list(report.rows())
    assert markdown(report, columns=None, rows=rows, indent=True)
    assert comma_separated(report, columns=None, rows=rows)
    assert dumps(summary(report))
    assert html_table(report)
    shown = explain(report)
    assert explained(shown) or not shown
    assert explained_text(shown) or not shown


def remembered(report: Report) -> None:
    """Every form of what a network needs of memory, of an evaluation and of a training step."""
    for asked in (MemorySettings(kv=("kv-vllm",), length=100), MemorySettings(train=True)):
        memory = _or_none(lambda asked=asked: measure(report, asked))
        if memory is not None:
            assert memory_table(memory, room=80)
            assert memory_markdown(memory)
            assert written(memory_document(memory))
            assert chart(memory)


def expanded(report: Report) -> None:
    """An expanded spec is a spec again, and has the totals of the network."""
    if len(list(report.rows())) > MOST_LAYERS:
        return
    try:
        data: Any = unfold(report)
    except UsageError:  # too large to write out
        return
    again = run(load_text(dump_spec(data), "expanded.yaml"), Setting())
    for metric in SAME:
        assert again.totals[metric] == report.totals[metric], f"{metric} of the expanded spec"


def _or_none(call: Any) -> Any:
    try:
        return call()
    except ArchspecError as error:
        if len(str(error)) > MOST_WORDS:
            raise AssertionError("an error of thousands of characters") from error
        return None
