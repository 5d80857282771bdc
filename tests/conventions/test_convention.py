"""Convention files: what is wrong with one is said with its place; the shipped ones are right."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.conventions.check import check_convention
from archspec.conventions.loader import Convention, convention, convention_names
from archspec.errors import ArchspecError, ConventionError
from archspec.studies.compare import compare
from archspec.text.reader import read

HERE = Path(__file__).parent
MINE = HERE.parent / "cases" / "conventions" / "mine.yaml"
SHIPPED = HERE.parents[1] / "archspec" / "conventions"
SPEC = """\
archspec: 1
name: small
inputs: {image: [3, 8, 8]}
layers:
  - conv: {out: 8, kernel: 3, padding: 1, norm: batchnorm, act: relu}
  - maxpool: 2
  - flatten
  - linear: 10
"""
HEAD = "convention: own\ncolumns: {ops: {unit: FLOP}}\n"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return path


def written(folder: Path, text: str) -> str:
    path = folder / "own.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", convention_names())
def test_a_shipped_file_is_right_and_called_by_its_name(name: str) -> None:
    data: Any = read(SHIPPED / f"{name}.yaml").data
    check_convention(data)
    assert data["convention"] == name
    assert data["summary"]
    for kind, rule in data["rules"].items():
        assert name != "archspec" or rule.get("note") or rule.get("source"), kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1\n", ["1:1: a convention is a mapping with `convention`, `columns` and `rules`"]),
        ("convention: own\ncolumns: {a: {unit: b}}\n", ["1:1: missing key `rules`"]),
        (HEAD + "rule: {}\nrules: {}\n", ["3:1: rule: unknown key `rule`", "did you mean `rules`?"]),
        ("convention: 3\ncolumns: {a: {unit: b}}\nrules: {}\n", ["1:13: convention: `convention` must be text"]),
        (
            "convention: archspec\ncolumns: {a: {unit: b}}\nrules: {}\n",
            ["1:13: ", "is the name of a convention that comes with"],
        ),
        (
            HEAD + "rules: {}\nsees: module\n",
            ["4:7: sees: `sees` must be 'everything' or 'modules', got 'module'", "did you mean `modules`?"],
        ),
        (
            HEAD + "rules: {}\nrepeated: last\n",
            ["4:11: repeated: `repeated` must be 'every call' or 'last call', got 'last'"],
        ),
        (
            "convention: own\ncolumns: {a: {unit: b, of: weight}}\nrules: {}\n",
            ["2:28: columns.a.of: `of` must be 'operations' or 'weights', got 'weight'"],
        ),
        (
            "convention: own\ncolumns: {a: {unit: b, of: weights}}\nrules: {}\n",
            ["2:14: columns.a: column `a` is of weights and has no default", "write default: owned"],
        ),
        (HEAD + "rules: {}\nversion: [1]\n", ["4:10: version: `version` must be text or a number"]),
        (HEAD + "rules: {}\nbugs: none\n", ["4:7: bugs: `bugs` must be a list, got 'none'"]),
        (HEAD + "rules: [conv]\n", ["3:8: rules: `rules` must be a mapping of kinds to formulas"]),
        ("convention: own\ncolumns: ops\nrules: {}\n", ["2:10: columns: `columns` must be a mapping"]),
        ("convention: own\ncolumns:\n  ops: FLOP\nrules: {}\n", ["3:8: columns.ops: column `ops` has no unit"]),
        (
            "convention: own\ncolumns:\n  ops: {summary: a}\nrules: {}\n",
            ["3:8: columns.ops: column `ops` has no unit", "MAC, FLOP, scalar, element"],
        ),
        ("convention: own\ncolumns: {ops: {unit: 1}}\nrules: {}\n", ["2:23: columns.ops.unit: `unit` must be text"]),
        (
            "convention: own\ncolumns: {ops: {unit: a, per: b}}\nrules: {}\n",
            ["2:26: columns.ops.per: unknown key"],
        ),
        ("convention: own\ncolumns: {note: {unit: a}}\nrules: {}\n", ["2:11: columns.note: `note` cannot be the name"]),
        ("convention: own\ncolumns: {a-b: {unit: a}}\nrules: {}\n", ["2:11: columns.a-b: `a-b` cannot be the name"]),
        (
            "convention: own\ncolumns: {a: {unit: b, default: none}}\nrules: {}\n",
            ["2:33: columns.a.default: unknown fact `none`", "every kind has batch, inputs, "],
        ),
        (
            HEAD + "rules: {convv: {ops: 1}}\n",
            ["3:9: rules.convv: unknown kind `convv`", "did you mean `conv`? known"],
        ),
        (
            HEAD + "rules:\n  relu: 1\n",
            ["4:9: rules.relu: the rule of `relu` must be a mapping of columns"],
        ),
        (HEAD + "rules:\n  relu: {opps: 1}\n", ["4:10: rules.relu.opps: unknown column `opps`", "did you mean `ops`?"]),
        (HEAD + "rules:\n  relu: {note: a}\n", ["4:9: rules.relu: the rule of `relu` gives no `ops`", "say ops: 0"]),
        (HEAD + "rules:\n  relu: {ops: 1, note: 2}\n", ["4:24: rules.relu.note: `note` must be text"]),
        (HEAD + "rules:\n  relu: {ops: true}\n", ["4:15: rules.relu.ops: a formula must be text or a number"]),
        (HEAD + "rules:\n  relu: {ops: [1]}\n", ["4:15: rules.relu.ops: a formula must be text or a number"]),
        (HEAD + "rules:\n  relu: {ops: 2 *}\n", ["4:15: rules.relu.ops: ", "`2 *`"]),
        (HEAD + "rules:\n  relu: {ops: \"'text'\"}\n", ["4:15: rules.relu.ops: a text may only be compared"]),
        (HEAD + "rules:\n  relu: {ops: open(1)}\n", ["4:15: rules.relu.ops: ", "open"]),
        (
            HEAD + "rules:\n  conv: {ops: out_nmel * kernel_numel}\n",
            [
                "4:15: rules.conv.ops: unknown fact `out_nmel`",
                "did you mean `out_numel`? conv has batch, ",
                "groups, bias",
            ],
        ),
        (
            HEAD + "rules:\n  relu: {ops: kernel_numel}\n",
            ["4:15: rules.relu.ops: unknown fact `kernel_numel`", "relu has"],
        ),
        (HEAD + "rules:\n  block: {ops: in_numel}\n", ["unknown fact `in_numel`", "block has out_numel, out_axis0"]),
        (HEAD + "rules:\n  relu: {ops: ops + 1}\n", ["4:15: rules.relu.ops: unknown fact `ops`"]),
        (
            "convention: own\ncolumns: {params: {unit: a}, b: {unit: a}}\nrules:\n  relu: {params: 1, b: params}\n",
            ["4:24: rules.relu.b: `params` is a fact and a column before this one", "rename the column"],
        ),
        (
            HEAD + "rules:\n  linear: {ops: 1, bug: a, bites: rnk > 1}\n",
            ["4:35: rules.linear.bites: unknown fact `rnk`", "did you mean `rank`? linear has batch, "],
        ),
        (HEAD + "rules:\n  relu: {ops: 1, bites: rank}\n", ["4:18: rules.relu.bites: `bites` says when a `bug` shows"]),
        (HEAD + "rules: {relu: {ops: 1}}\nfree: {relu: x}\n", ["4:8: free.relu: `relu` is free and has a rule"]),
        (HEAD + "rules: {}\nfree: {any: x}\n", ["4:8: free.any: unknown kind `any`"]),
        (HEAD + "rules: {}\nfree: {relu: 0}\n", ["4:14: free.relu: `relu` must be text"]),
        (HEAD + "rules:\n  relu: {ops: out_numel // 0}\n", ["4:15: rules.relu.ops: `out_numel // 0` divides by zero"]),
        (HEAD + "rules:\n  relu: {ops: out_numel % (2 - 2)}\n", ["`out_numel % (2 - 2)` divides by zero"]),
        (HEAD + "rules:\n  relu: {ops: 'ceil(out_numel / (1 - 1))'}\n", ["divides by zero"]),
        (HEAD + "rules:\n  relu: {ops: out_numel + 1 // 0}\n", ["4:15: rules.relu.ops: `1 // 0` divides by zero"]),
        (HEAD + "rules:\n  relu: {ops: out_numel * 2 ** 9999}\n", ["4:15: rules.relu.ops: `2 ** 9999`"]),
        (HEAD + "rules:\n  relu: {ops: 0.5}\n", ["4:15: rules.relu.ops: `0.5` is 1/2, not a whole number"]),
        (HEAD + "rules:\n  relu: {ops: -1}\n", ["4:15: rules.relu.ops: `-1` is -1: nothing counts less than 0"]),
        (HEAD + "rules:\n  relu: {ops: 3 > 2}\n", ["4:15: rules.relu.ops: `3 > 2` is True, not a whole number"]),
        (HEAD + "rules: {}\nfree: [relu]\n", ["4:7: free: `free` must be a mapping of kinds to reasons"]),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path: Path, text: str, said: list[str]) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConventionError) as caught:
        convention(file)
    assert str(caught.value).startswith(f"{file}:")
    for part in said:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("formula", "cause"),
    [
        ("out_numel // (in_last - 8)", "` divides by zero"),
        ("out_numel / 7", "`out_numel / 7` is 512/7, not a whole number"),
        ("out_numel > 3", "`out_numel > 3` is True, not a whole number"),
        ("out_numel - 10 ** 6", "`out_numel - 10 ** 6` is -999488: nothing counts less than 0"),
        ("\"'many' if in_last > 3 else 'few'\"", " is many, not a whole number"),
        ("2 ** out_numel ** out_numel", "`out_numel ** out_numel`"),
    ],
)
def test_a_formula_without_a_value_names_file_rule_and_layer(
    tmp_path: Path, spec: Path, formula: str, cause: str
) -> None:
    file = written(tmp_path, HEAD + f"rules:\n  relu: {{ops: {formula}}}\n")
    with pytest.raises(ArchspecError) as caught:
        analyze(spec, convention=file)
    text = str(caught.value)
    assert text.startswith(f"{file}:4:15: rules.relu.ops: ")
    assert cause in text
    assert f", counting `conv1_act` of {spec}:5" in text


def test_a_formula_of_an_input_without_a_value_names_its_rule(tmp_path: Path, spec: Path) -> None:
    file = written(tmp_path, HEAD + "rules:\n  input: {ops: numel // (in_itemsize - 4)}\n")
    with pytest.raises(ArchspecError, match=r"own\.yaml:4:16: rules\.input\.ops: .* divides by zero"):
        analyze(spec, convention=file)


def test_a_name_that_is_none_lists_those_there_are() -> None:
    with pytest.raises(
        ConventionError, match=r"no convention is called `archspek`(.|\n)*did you mean `archspec`\? known"
    ):
        convention("archspek")
    with pytest.raises(ArchspecError, match=r"no such file: nowhere\.yaml"):
        convention("nowhere.yaml")


def test_what_a_file_leaves_out_is_not_shown(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    file = written(tmp_path, "convention: own\ncolumns:\n  ops: {unit: FLOP}\nrules:\n  conv: {ops: out_numel}\n")
    assert run("conventions", file)[1].splitlines() == [
        "own", "  sees: everything; a kind without a rule: no rule",
        "", "  columns", "    ops  FLOP", "", "  rules", "    conv", "      ops = out_numel FLOP",
    ]  # fmt: skip


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path, spec: Path) -> None:
    for factor in (1, 2):
        file = written(tmp_path, HEAD + f"rules:\n  relu: {{ops: {factor} * in_numel}}\n")
        assert analyze(spec, convention=file).totals["columns"] == {"ops": factor * 8 * 8 * 8}


def test_the_example_of_the_manual(spec: Path) -> None:
    manual = (HERE.parents[1] / "docs" / "writing-a-convention.md").read_text()
    assert f"```yaml\n{MINE.read_text()}```" in manual
    report = analyze(spec, convention=str(MINE))
    # 8 * 8 * 8 outputs of 27 products each, and 10 outputs of 128: 13824 / 256 is 54, 1280 / 256 is 5.
    assert report.totals["columns"] == {"cycles": 54 + 5, "weight_bytes": 4 * (224 + 1290)}
    assert [row.status for row in report.rows()] == ["counted", "free", "free", "unknown", "free", "counted"]
    assert report.warnings == ["mine has no rule for maxpool (1 layer): not in its totals"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])
def test_a_convention_travels_after_it_was_used(copied: Callable[[Convention], Convention], spec: Path) -> None:
    (tally,) = compare(analyze(spec), ["torchinfo"])
    twin = copied(tally.convention)
    assert twin is not tally.convention
    assert twin.columns == tally.convention.columns
    assert {kind: str(twin.rule(kind).formulas) for kind in twin.kinds()} == {  # type: ignore[union-attr]
        kind: str(tally.convention.rule(kind).formulas)  # type: ignore[union-attr]
        for kind in tally.convention.kinds()
    }
