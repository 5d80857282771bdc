"""The JSON Schema: what it accepts and refuses, and that editors' tools can use it."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archspec.errors import ArchspecError
from archspec.kinds import kinds
from archspec.language.load import load_spec
from archspec.language.schema import spec_schema
from archspec.text.reader import read

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
SPECS = [*sorted((ROOT / "specs").glob("*.yaml")), *sorted((CASES / "valid").glob("*.[yj]*"))]
INVALID = sorted((CASES / "invalid").glob("*.[yj]*"))
# Faults of structure, by the beginnings of their cases' names; all others need values or shapes to be seen.
STRUCTURE = (
    "argument-type", "argument-unknown", "defaults", "dim-text", "dim-zero", "flag", "input", "key", "kind-nu",
    "kind-un", "layers", "norm-argument", "norm-unknown", "padding", "parallel-m", "parallel-n", "residual-k", "seq",
    "size-zero", "top",
)  # fmt: skip

schema = spec_schema()
validator = jsonschema.Draft7Validator(schema)
BASE = {"archspec": 1, "name": "x", "inputs": {"image": [3, 8, 8]}}


def messages(layer: Any, **more: Any) -> list[str]:
    found = validator.iter_errors({**BASE, "layers": [layer], **more})
    return sorted(f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found)


def data(file: Path) -> Any:
    return read(str(file)).data


def test_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$id"] == "urn:archspec:spec:1"


def test_is_the_one_in_docs() -> None:
    """Editors are pointed to docs/schema; the command prints the same."""
    assert json.loads((ROOT / "docs/schema/archspec-1.schema.json").read_text("utf-8")) == schema


@pytest.mark.parametrize("file", SPECS, ids=lambda file: file.name)
def test_accepts_what_loads(file: Path) -> None:
    load_spec(file)
    assert [error.message for error in validator.iter_errors(data(file))] == []


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.name)
def test_refuses_faults_of_structure(file: Path) -> None:
    try:
        found = data(file)
    except ArchspecError:
        return  # not YAML as archspec reads it: nothing for a schema to see
    if file.stem.startswith(STRUCTURE):
        assert not validator.is_valid(found)


def test_refuses_a_good_share() -> None:
    readable = []
    for file in INVALID:
        try:
            readable.append(data(file))
        except ArchspecError:
            continue
    assert sum(not validator.is_valid(found) for found in readable) > len(readable) // 3


def test_check_jsonschema(tmp_path: Path) -> None:
    """The tool that people run in pre-commit reads the files itself, with a YAML reader of its own."""
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema), "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(file)]
    good = [path for path in SPECS if path.suffix == ".yaml" and path.parent.name == "specs"]
    done = subprocess.run([*command, *map(str, good)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("archspec: 1\nname: x\ninputs: {i: [3, 8, 8]}\nlayers:\n  - conv: {out: 4, kernal: 3}\n", "utf-8")
    done = subprocess.run([*command, str(wrong)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "$.layers[0].conv: Additional properties are not allowed ('kernal' was unexpected)" in done.stdout


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"conv": {"kernal": 3}}, "layers.0.conv: Additional properties are not allowed ('kernal' was unexpected)"),
        ({"cnov": {"out": 4}}, "layers.0: Additional properties are not allowed ('cnov' was unexpected)"),
        ({"linear": 0}, "layers.0.linear: 0 is less than the minimum of 1"),
        ({"conv": {"out": "w", "kernel": 3}}, r"layers.0.conv.out: 'w' does not match '\\$|^[1-9]\\d*(_\\d+)+$'"),
        ({"batchnorm": {"affine": "y"}}, r"layers.0.batchnorm.affine: 'y' does not match '\\$|^[1-9]\\d*(_\\d+)+$'"),
        ({"relu": None, "with": {}}, "layers.0: 'use' is a dependency of 'with'"),
        ({"seq": [{"seq": [{"linear": -1}]}]}, "layers.0.seq.0.seq.0.linear: -1 is less than the minimum of 1"),
    ],
)  # fmt: skip
def test_one_message_at_the_place(layer: Any, message: str) -> None:
    """A layer is no union: one fault is one message, deep inside structures too."""
    assert messages(layer) == [message]


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.kind)
def test_expressions_go_anywhere(kind: Any) -> None:
    """Every argument takes an expression but those that hold ids; null and no arguments at all pass, for `defaults`."""
    given = {name: "$x" for name in kind.model_fields if name != "of"}
    for value in (given, {}, None):
        assert messages({kind.kind: value}) == []
    assert messages(kind.kind) == []
    if kind.main and kind.main != "of":
        assert messages({kind.kind: "$x"}) == []


def test_every_key_has_hover_text() -> None:
    silent = []

    def walk(part: Any, path: str) -> None:
        for name, value in part.get("properties", {}).items():
            if "description" not in value and "folded" not in path and "defaults" not in path:
                silent.append(f"{path}.{name}")
            walk(value, f"{path}.{name}")

    walk({"properties": {name: value for name, value in schema["properties"].items() if name != "inputs"}}, "")
    for name, part in schema["definitions"].items():
        walk(part, name)
    assert [path for path in silent if not path.startswith(".defaults")] == []


def test_is_made_anew_each_time() -> None:
    """Nothing that a caller does to a schema reaches the next one."""
    before = copy.deepcopy(spec_schema())
    spec_schema()["properties"].clear()
    assert spec_schema() == before
