"""Every JSON output is what its schema says, and holds no key that the schema does not name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from archspec.render.schemas import FILES, OUTPUTS
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
SPEC = """\
archspec: 1
name: small
inputs: {image: [3, 32, 32]}
vars: {w: 8, spare: 1}
layers:
  - {conv: {out: $w, kernel: 3, bias: true, norm: batchnorm, act: relu}, id: stem}
  - flatten
  - linear: 10
expect: {params: 1}
"""
CONFIG = "[[budget]]\nparams = {max = 1000, max-increase = '1%'}\n[[budget]]\nmatch = 'gone.yaml'\nparams = {max = 1}\n"
# A command whose output is of the contract before it.
COMMANDS = [
    ("check", ("check", "small.yaml", "--format", "json")),
    ("check", ("check", "--format", "json")),
    ("compare", ("compare", "small.yaml", "--format", "json")),
    ("compare-layers", ("compare", "small.yaml", "--layers", "--format", "json")),
    ("conventions", ("conventions", "--format", "json")),
    ("conventions", ("conventions", "torchstat", "--format", "json")),
    ("diff", ("diff", "HEAD", "--format", "json")),
    ("diff", ("diff", "HEAD", "--set", "w=32", "--format", "json")),
    ("diff", ("diff", "small.yaml", "lenet5", "--format", "json")),
    ("diff", ("diff", "lenet5", "small.yaml", "--convention", "fvcore", "--format", "json")),
    ("explain", ("explain", "small.yaml", "--format", "json")),
    ("explain", ("explain", "small.yaml", "--convention", "torchinfo", "--format", "json")),
    ("findings", ("lint", "small.yaml", "--format", "json")),
    ("findings", ("lint", "broken.yaml", "--format", "json")),
    ("fits", ("fits", "small.yaml", "--chip", "t4", "--train", "--format", "json")),
    ("fits", ("fits", "small.yaml", "--memory", "1GiB", "--reserve", "5%", "--solve", "batch", "--format", "json")),
    ("hardware", ("hardware", "--format", "json")),
    ("hardware", ("hardware", "jetson-orin-nano-8gb", "--format", "json")),
    ("history", ("history", "small.yaml", "--format", "json")),
    ("history", ("history", "small.yaml", "--metric", "params,weights_bytes", "--set", "w=3", "--format", "json")),
    ("kinds", ("kinds", "--format", "json")),
    ("list", ("list", "resnet*", "--format", "json")),
    ("memory", ("memory", "small.yaml", "--format", "json")),
    ("memory", ("memory", "small.yaml", "--train", "--batch", "2", "--format", "json")),
    ("report", ("ci", "--base", "HEAD", "--out", "reports")),
    ("report", ("ci", "small.yaml", "--base", "HEAD", "--out", "reports")),
    ("roofline", ("roofline", "small.yaml", "--chip", "jetson-thor", "--format", "json")),
    ("roofline", ("roofline", "lenet5", "--chip", "tpu-v5e", "--compute", "bfloat16", "--format", "json")),
    ("rules", ("rules", "--format", "json")),
    ("rules", ("rules", "AS301", "--format", "json")),
    ("summary", ("summary", "small.yaml", "--format", "json")),
    ("summary", ("summary", "small.yaml", "--convention", "torchinfo", "--set", "w=4", "--format", "json")),
    ("summary", ("summary", "resnet50", "--format", "json")),
    ("verify", ("verify", "small.yaml", "--against", "resnet18", "--format", "json")),
    ("weights", ("weights", "small.yaml", "--format", "json")),
]


def closed(schema: Any) -> Any:
    """The schema, its objects without any key that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: value if key in ("const", "enum") else closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **inner} if isinstance(schema.get("properties"), dict) else inner


def problems(name: str, document: Any) -> Iterator[str]:
    schema = json.loads((SCHEMAS / f"archspec-{name}-1.schema.json").read_text("utf-8"))
    Draft7Validator.check_schema(schema)
    for error in Draft7Validator(closed(schema)).iter_errors(document):
        yield f"{error.json_path}: {error.message}"


@pytest.fixture
def here(scratch: Scratch) -> Scratch:
    scratch.write("small.yaml", SPEC)
    scratch.write("archspec.toml", CONFIG)
    scratch.commit()
    scratch.write("small.yaml", SPEC.replace("w: 8", "w: 16").replace("linear: 10", "linear: 12"))
    scratch.write("broken.yaml", "archspec: 1\nname: [\n")
    return scratch


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=lambda value: value if isinstance(value, str) else None)
def test_an_output_is_what_its_schema_says(name: str, command: tuple[str, ...], run: Run) -> None:
    _, out, _ = run(*command)
    document = json.loads(Path("reports/report.json").read_text("utf-8") if name == "report" else out)
    assert name == "weights" or document["schema"] == f"archspec.{name}/1"  # that is a list
    assert list(problems(name, document)) == []


def test_every_output_is_tried() -> None:
    assert {name for name, _ in COMMANDS} == set(OUTPUTS)


@pytest.mark.parametrize("name", [*FILES, *OUTPUTS])
def test_every_key_of_a_schema_is_said(name: str, run: Run) -> None:
    """A schema is printed as it stands in docs/, and wrong documents are refused."""
    status, out, _ = run("schema", "--for", name)
    assert status == 0
    file = "archspec-1" if name == "spec" else f"archspec-{name}-1"
    assert out == (SCHEMAS / f"{file}.schema.json").read_text("utf-8")
    assert list(Draft7Validator(json.loads(out)).iter_errors(["wrong"]))
