"""The reference: complete, written from the code, and its examples are specs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from pydantic import BaseModel

from archspec.api import run
from archspec.cli.conventions import command as conventions_command
from archspec.cli.kinds import command as kinds_command
from archspec.cli.schema import command as schema_command
from archspec.conventions.facts import CALL_FACTS
from archspec.conventions.loader import convention, convention_names
from archspec.errors import ArchspecError
from archspec.kinds import kinds
from archspec.kinds.base import BASE_FACTS, Kind, infer
from archspec.language.header import BlockHeader, ConditionHeader, Header, TypedInput
from archspec.language.keys import Layer, Parallel, Residual
from archspec.language.load import load_text
from archspec.language.schema import spec_schema
from archspec.models.docstrings import field_docs
from archspec.models.worded import known_keys
from archspec.studies.catalog import columns_of, entries, entry, in_words

ROOT = Path(__file__).parent.parent
LANGUAGE = ROOT / "docs" / "language.md"
KINDS = list(kinds().values())


def by_name(kind: type[Kind]) -> str:
    return kind.kind


def test_nothing_is_stale() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "docs.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS, ids=by_name)
def test_every_kind_is_documented(kind: type[Kind]) -> None:
    assert vars(kind).get("__doc__"), "a kind says what it is"
    assert kind.source.startswith("https://")
    docs = field_docs(kind)
    for name in kind.model_fields:
        assert docs.get(name, "").endswith((".", "]")), f"{kind.kind}.{name} has no docstring, or no full sentence"
    assert kind.main is None or kind.main in kind.model_fields
    assert not set(kind.fact_names) & {*BASE_FACTS, *CALL_FACTS}, "facts that every layer has are not declared again"


@pytest.mark.parametrize("model", [Header, BlockHeader, ConditionHeader, TypedInput, Layer, Residual, Parallel])
def test_every_key_is_documented(model: type[BaseModel]) -> None:
    assert list(field_docs(model)) == list(model.model_fields)


def sampled() -> dict[str, list[Any]]:
    """Layers of each kind: those of tests/kinds/samples.yaml, for all others those measured in torch."""
    samples = yaml.safe_load((ROOT / "tests" / "kinds" / "samples.yaml").read_text("utf-8"))
    layers = {kind: [(sample[0], tuple(map(tuple, sample[1:])))] for kind, sample in samples.items()}
    files = [ROOT / f"tests/golden/{name}.json" for name in ("layers", "attention")]
    for case in [case for file in files for case in json.loads(file.read_text("utf-8"))]:
        if not case.get("error") and case["kind"] not in samples:
            shapes = tuple((2, *shape) for shape in case["inputs"])
            layers.setdefault(case["kind"], []).append((case["args"], shapes))
    return layers


SAMPLES = sampled()


@pytest.mark.parametrize("kind", KINDS, ids=by_name)
def test_declared_facts_are_those_there_are(kind: type[Kind]) -> None:
    """A convention may use every declared fact of any layer; what is not declared serves the weights' sizes alone."""
    for arguments, shapes in SAMPLES[kind.kind]:
        facts = infer(kind.model_validate(arguments), shapes).facts
        assert set(kind.fact_names) <= set(facts)
        undeclared = set(facts) - set(kind.fact_names) - set(BASE_FACTS)
        used = " ".join(f"{rule.dims} {rule.when}" for rule in kind.weight_rules)
        extra = {name for name in undeclared if not re.search(rf"\b{name}\b", used)}
        assert not extra - {"first", "deeper"}


@pytest.mark.parametrize("name", convention_names())
def test_conventions_use_declared_facts(name: str) -> None:
    each = convention(name)
    for kind in kinds():
        rule = each.rule(kind)
        known = {*BASE_FACTS, *CALL_FACTS, *kinds()[kind].fact_names, *each.columns}
        for column, formula, _ in columns_of(rule, each) if rule else ():
            assert formula.names <= known, f"{kind}.{column}"


def test_reference_has_every_kind() -> None:
    text = (ROOT / "docs" / "kinds.md").read_text("utf-8")
    assert re.findall(r"^### `(\w+)`$", text, re.MULTILINE) == list(kinds())
    for name in convention_names():
        assert (ROOT / "docs" / "conventions" / f"{name}.md").exists()


def test_formulas_are_found_through_helpers() -> None:
    """conv computes its size in a shared module, attention its pairs in a method."""
    assert [str(formula.expr) for formula in entry("conv").formulas] == [
        "ceil_div(size, stride)",
        "(size + before + after - dilation * (kernel - 1) - 1) // stride + 1",
    ]
    assert {formula.name for formula in entry("scaled_dot_product_attention").formulas} == {
        "allowed pairs", "pairs up to a position",
    }  # fmt: skip
    assert not entry("relu").formulas


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "boolean"}, "true or false"),
        ({"type": ["integer", "string"], "minimum": 1, "pattern": r"\$"}, "whole number ≥ 1"),
        ({"type": "number", "exclusiveMinimum": 0}, "number > 0"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "number from 0 to 1"),
        ({"enum": [2, True, None]}, "`2`, `true` or `null`"),
        ({"type": ["integer", "array"], "items": {"type": "integer"}}, "whole number or a list of them"),
        ({"type": "array", "items": {"type": "string"}}, "list of ids"),
    ],
)
def test_types_in_words(schema: dict[str, Any], words: str) -> None:
    assert in_words(schema) == words


def fragments() -> list[tuple[int, str, str]]:
    """Lists of layers in docs/language.md: line, input, text."""
    text = LANGUAGE.read_text("utf-8")
    found = re.finditer(r"^```yaml\n# layers of (\[[^\n]*\])\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, each.start()) + 1, each[1], each[2]) for each in found]


@pytest.mark.parametrize(("line", "shape", "layers"), fragments(), ids=lambda value: str(value)[:12])
def test_layers_in_the_language_page_work(line: int, shape: str, layers: str) -> None:
    inner = "".join(f"  {each}\n" for each in layers.splitlines())
    spec = load_text(f"archspec: 1\nname: example\ninputs: {{image: {shape}}}\nlayers:\n{inner}", f"language.md:{line}")
    assert run(spec).totals.params >= 0


def test_every_yaml_example_is_run() -> None:
    """A block is a file, which tests/test_examples.py checks, or a list of layers, checked here."""
    blocks = re.findall(r"^```yaml\n(.*?)\n", LANGUAGE.read_text("utf-8"), re.MULTILINE)
    assert len(blocks) >= 8
    for first in blocks:
        assert re.fullmatch(r"# (layers of \[.*\]|[\w-]+\.yaml)", first), first


def test_language_page_names_every_key() -> None:
    text = LANGUAGE.read_text("utf-8")
    for model in (Header, BlockHeader, Layer, Residual, Parallel):
        for name in known_keys(model):
            assert f"`{name}`" in text, name


def invoke(command: Any, *arguments: str) -> str:
    # COLUMNS, which xdist sets, would wrap the lists.
    result = CliRunner(env={"COLUMNS": None}).invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_kinds_command() -> None:
    listed = invoke(kinds_command)
    assert [line.split()[0] for line in listed.splitlines()[1:]] == list(kinds())
    shown = invoke(kinds_command, "maxpool")
    for word in ("stride:", "default null", "Step of the window", "output size = ", "kernel_numel", "flops = "):
        assert word in shown
    whole = json.loads(invoke(kinds_command, "--format", "json"))
    assert whole["schema"] == "archspec.kinds/1"
    assert [each["name"] for each in whole["kinds"]] == [each.name for each in entries()]
    page = (ROOT / "docs" / "kinds.md").read_text("utf-8")
    assert invoke(kinds_command, "conv", "--format", "md") in page.replace("###", "#")
    with pytest.raises(ArchspecError, match="did you mean `conv`"):
        invoke(kinds_command, "cnov")


def test_conventions_command() -> None:
    listed = invoke(conventions_command)
    assert [line.split()[0] for line in listed.splitlines()[1:]] == list(convention_names())
    shown = invoke(conventions_command, "torchsummary")
    assert "block\n      forward_backward_bytes = 8 * samples * (out_numel // out_axis0) byte" in shown
    one = json.loads(invoke(conventions_command, "torchsummary", "--format", "json"))["conventions"][0]
    assert one["rules"]["input"]["formulas"] == {"input_bytes": "4 * numel"}
    with pytest.raises(ArchspecError, match="did you mean `torchinfo`"):
        invoke(conventions_command, "torchino")


def test_schema_command(tmp_path: Path) -> None:
    assert json.loads(invoke(schema_command)) == spec_schema()
    assert invoke(schema_command, "-o", str(tmp_path / "schema.json")) == ""
    assert json.loads((tmp_path / "schema.json").read_text("utf-8")) == spec_schema()
