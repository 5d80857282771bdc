"""`archspec compare`: its rows and forms, the layers on which two conventions differ, known bugs, mistakes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archspec.api import analyze
from archspec.cli.compare import command
from archspec.conventions.facts import OPERATIONS
from archspec.conventions.loader import convention, convention_names
from archspec.errors import ArchspecError
from archspec.render import by_kind
from archspec.studies.compare import compare

OWN = "convention: mine\ncolumns: {{ops: {{unit: FLOP, default: 0}}}}\nrules: {{conv: {{ops: {factor} * out_numel}}}}\n"
SPEC = "archspec: 1\nname: one\ninputs: {{x: {input}}}\nlayers:\n  - {layer}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def of(result: Result) -> str:
    assert result.exception is None, result.exception
    return result.output


def bugs(folder: Path, given: str, layer: str, name: str) -> list[str]:
    """The kinds of the bugs of one convention that bit a network of one layer."""
    path = folder / "one.yaml"
    path.write_text(SPEC.format(input=given, layer=layer))
    return [kind for kind, _, _ in compare(analyze(path), [name])[0].bugs]


def test_a_row_for_each_column_of_each_convention() -> None:
    rows = list(csv.DictReader(io.StringIO(of(run("resnet18", "--format", "csv")))))
    assert list(dict.fromkeys(row["convention"] for row in rows)) == list(convention_names())
    thop = [row for row in rows if row["convention"] == "thop"]
    assert [(row["counts"], row["total"]) for row in thop] == [("macs", "1824033792"), ("params", "11689512")]


def test_json_has_the_schema_it_names() -> None:
    document: Any = json.loads(of(run("resnet18", "--convention", "thop", "--format", "json")))
    assert document["schema"] == "archspec.compare/1"
    assert document["spec"]["variant"] == "resnet18"
    (thop,) = document["conventions"]
    assert (thop["name"], thop["version"], thop["unknown"]) == ("thop", "0.1.1", ["add", "flatten"])
    assert thop["columns"] == {"macs": 1_824_033_792, "params": 11_689_512}


def test_a_matrix_has_a_row_for_a_convention_of_sizes_too() -> None:
    text = of(run("resnet18", "alexnet", "--convention", "torchsummary", "--convention", "torch", "--format", "csv"))
    assert text.splitlines() == [
        "convention,counts,resnet18,alexnet",
        "torchsummary,params [scalar],11689512,61100840",
        "torch,flops [FLOP],3628146688,1428376960",
    ]


def test_layers_largest_difference_first() -> None:
    document = json.loads(of(run("resnet18", "--layers", "--between", "thop", "fvcore", "--format", "json")))
    differences = [abs(layer["left"]["value"] - layer["right"]["value"]) for layer in document["layers"]]
    assert differences == sorted(differences, reverse=True)
    assert sum(layer["left"]["value"] - layer["right"]["value"] for layer in document["layers"]) == (
        1_824_033_792 - 1_819_065_856
    )


def test_a_convention_named_twice_counts_once() -> None:
    once, twice = (run("alexnet", *["--convention", "thop"] * times) for times in (1, 2))
    assert of(once) == of(twice)


@pytest.mark.parametrize("flag", ["--convention", "--between"])
def test_two_conventions_of_one_name_are_told_apart(tmp_path: Path, flag: str) -> None:
    files = []
    for factor in (2, 3):
        files.append(tmp_path / f"by_{factor}.yaml")
        files[-1].write_text(OWN.format(factor=factor))
    given = ["--between", *map(str, files)] if flag == "--between" else [f"--convention={file}" for file in files]
    error = run("alexnet", *given).exception
    assert isinstance(error, ArchspecError)
    assert error.message == "two conventions are called `mine`"
    assert "by_2.yaml" in str(error.hint)
    assert "by_3.yaml" in str(error.hint)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("alexnet", "--between", "thop", "fvcoree"), "did you mean `fvcore`?"),
        (("alexnet", "--convention", "thopp"), "did you mean `thop`?"),
        (("alexnet", "--layers", "--convention", "thop"), "--between A B"),
        (("alexnett",), "did you mean `alexnet`?"),
        (("alexnet", "--between", "thop", "torchsummary"), "its columns: params, input_bytes"),
    ],
)
def test_mistakes_suggest_what_exists(arguments: tuple[str, ...], said: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, ArchspecError)
    assert said in str(error.hint)


@pytest.mark.parametrize(
    ("name", "given", "layer", "bites"),
    [
        ("torchinfo", "[8]", "linear: 5", False),
        ("torchinfo", "[4, 8]", "linear: 5", True),
        ("torchstat", "[8]", "linear: 5", False),
        ("torchstat", "[4, 8]", "linear: 5", True),
        ("fvcore", "[3, 8, 8]", "global_avgpool", False),
        ("fvcore", "[3, 8]", "global_avgpool", True),
        ("thop", "[4, 8]", "{lstm: {hidden: 6}}", False),
        ("thop", "[4, 8]", "{lstm: {hidden: 6, proj: 2}}", True),
        ("calflops", "[6, 8, 8]", "{conv_transpose: {out: 6, kernel: 2, bias: false}}", False),
        ("calflops", "[6, 8, 8]", "{conv_transpose: {out: 6, kernel: 2, bias: false, groups: 3}}", True),
        ("ptflops", "[8]", "relu", True),
        ("ptflops", "[8]", "{relu: , call: function}", False),
        ("ptflops", "[2, 4, 8]", "{matmul: {of: [x, x], transpose_b: true}, call: function}", False),
    ],
)
def test_a_known_bug_is_named_where_it_bites(tmp_path: Path, name: str, given: str, layer: str, bites: bool) -> None:
    assert bool(bugs(tmp_path, given, layer, name)) == bites


def test_a_bug_bites_in_each_place_of_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC.format(input="[4, 8]", layer="{linear: 8, repeat: 3}\n  - {linear: 5}\n  - relu"))
    (tally,) = compare(analyze(path), ["torchinfo"])
    assert [(kind, times) for kind, times, _ in tally.bugs] == [("linear", 4)]


def test_the_page_of_kinds_names_each_convention_of_operations_once_a_kind() -> None:
    every = [convention(name) for name in convention_names()]
    sections = dict(part.split("`\n", 1) for part in by_kind.page(every).split("### `")[1:])
    counting = [one.name for one in every if any(column.unit in OPERATIONS for column in one.columns.values())]
    for kind, section in sections.items():
        without = "".join(line[9:-1] for line in section.splitlines() if line.startswith("No rule: "))
        listed = [name for name in counting if f"[{name}](" in section or f"\n- {name}: " in section]
        assert sorted([*listed, *filter(None, without.split(", "))]) == sorted(counting), kind
