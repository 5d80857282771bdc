"""The tensors of a network, against those that the walk over every instance meets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from math import prod
from pathlib import Path

import pytest

from archspec.analysis.run import run as analyse
from archspec.analysis.setting import Setting, cases
from archspec.errors import UsageError
from archspec.graph.graph import Graph, Layer
from archspec.graph.stored import full_name, name_below
from archspec.graph.walk import UNROLLED, walk
from archspec.language.dump import dump_spec
from archspec.language.load import load_spec, load_text
from archspec.studies.tensors import tensors
from archspec.studies.unroll import unfold

Run = Callable[..., tuple[int, str, str]]
ZOO = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
NET = """\
archspec: 1
name: net
inputs: {tokens: {shape: [4], dtype: int64}}
layers:
  - {embedding: {vocab: 11, dim: 8}, id: wte}
  - {parameter: [4, 8], id: wpe}
  - add: {of: [wte, wpe], broadcast: true}
  - repeat: 2
    id: h
    seq:
      - {linear: 8, id: fc}
      - {parameter: [8], id: scale}
      - mul: {of: [fc, scale], broadcast: true}
  - {linear: 11, id: head, tie: wte}
"""


def graph(text: str) -> Graph:
    return analyse(load_text(text), Setting()).graph


def test_names_are_pytorchs() -> None:
    listed = tensors(graph(NET), "bfloat16")
    assert [(tensor.name, tensor.shape, tensor.layer, tensor.tied_to) for tensor in listed] == [
        ("wte.weight", (11, 8), "wte", None),
        ("wpe", (4, 8), "wpe", None),
        ("h.0.fc.weight", (8, 8), "h.0.fc", None),
        ("h.0.fc.bias", (8,), "h.0.fc", None),
        ("h.0.scale", (8,), "h.0.scale", None),
        ("h.1.fc.weight", (8, 8), "h.1.fc", None),
        ("h.1.fc.bias", (8,), "h.1.fc", None),
        ("h.1.scale", (8,), "h.1.scale", None),
        ("head.weight", (11, 8), "head", "wte.weight"),
        ("head.bias", (11,), "head", None),
    ]
    assert {(tensor.dtype, tensor.buffer) for tensor in listed} == {("bfloat16", False)}


@pytest.mark.parametrize("file", ZOO, ids=lambda file: file.stem)
def test_every_tensor_of_the_zoo_is_listed(file: Path) -> None:
    spec = load_spec(str(file))
    for variant in cases(spec)[:3]:
        report = analyse(spec, Setting(variant))
        listed = tensors(report.graph, "float32")
        met = [
            (step.path, weight.shape, weight.buffer, weight.dtype or "float32")
            for step in walk(report.graph, UNROLLED)
            if isinstance(step.item, Layer)
            for weight in step.item.traits.weights
        ]
        found = [(tensor.layer, tensor.shape, tensor.buffer, tensor.dtype) for tensor in listed]
        assert list(dict.fromkeys(found)) == list(dict.fromkeys(met))  # of experts each has its own
        names = [tensor.name for tensor in listed]
        assert len({*names}) == len(names)
        own = {tensor.name: tensor for tensor in listed if tensor.tied_to is None}
        assert sum(prod(tensor.shape) for tensor in own.values() if not tensor.buffer) == report.totals["params"]
        for tensor in listed:
            assert tensor.tied_to is None or own[tensor.tied_to].shape == tensor.shape


@pytest.mark.parametrize(
    ("path", "name", "full"),
    [
        ("a.b", "weight", "a.b.weight"),
        ("a.b", "", "a.b"),
        ("a.b", "^bias", "a.bias"),
        ("a.b", "^^x.y", "x.y"),
        ("a", "^x", "x"),
        ("a.3.b", "^^^c.*.w", "c.3.w"),
        ("a.3.b.4.c", "^^d.*.w", "a.3.b.d.4.w"),
        ("a.3.b.4.c", "^^^^^d.*.w", "d.3.w"),
        ("a.3.b", "^^c_*.w", "a.c_3.w"),
        ("a.b", "^*.w", "a.*.w"),
    ],
)
def test_names_behind_and_above_a_path(path: str, name: str, full: str) -> None:
    assert full_name(path, name) == full
    assert full_name(path, name_below(path, full)) == full
    assert "*" in name or name_below(path, full) == name


def test_too_many_are_refused() -> None:
    listed = graph(NET.replace("repeat: 2", "repeat: 1000000"))
    with pytest.raises(UsageError, match="more than 500,000 tensors"):
        tensors(listed)


def test_table_csv_and_json(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(NET)
    entries = json.loads(run("weights", str(file), "--format", "json")[1])
    assert entries[-2] == {
        "name": "head.weight",
        "shape": [11, 8],
        "dtype": "float32",
        "layer": "head",
        "buffer": False,
        "tied_to": "wte.weight",
    }
    rows = list(csv.DictReader(io.StringIO(run("weights", str(file), "--format", "csv")[1])))
    assert [row["name"] for row in rows] == [entry["name"] for entry in entries]
    assert rows[-2] == {**entries[-2], "shape": "11x8", "buffer": "false"}
    text = run("weights", str(file), "--dtype", "float16")[1]
    assert "head.weight    [11, 8]  float16  tied to wte.weight" in text
    assert text.endswith("parameters  9 tensors  291 scalars\nbuffers     0 tensors    0 scalars\n")


NAMED = Path(__file__).parents[1] / "cases" / "valid" / "weights.yaml"


def test_names_and_layouts_that_a_layer_says() -> None:
    listed = tensors(analyse(load_spec(str(NAMED)), Setting()).graph)
    blocks = [
        [
            (f"h.{number}.c_attn.weight", (8, 24)),
            (f"h.{number}.c_attn.bias", (24,)),
            (f"h.{number}.mlp.experts.gate_proj", (8, 24)),
            (f"h.{number}.mlp.experts.gate", (8,)),
            (f"h.{number}.mlp.experts.gate.extra", (0, 8)),
            (f"h.{number}.turn.{name}", (8, 8)),
        ]
        for number, name in enumerate(("gate", "up"))
    ]
    assert [(tensor.name, tensor.shape) for tensor in listed] == [
        ("wte.weight", (11, 8)),
        ("wpe.weight", (4, 8)),
        *blocks[0],
        *blocks[1],
        ("cls.predictions.decoder.weight", (11, 8)),
        ("cls.predictions.bias", (11,)),
    ]


def test_a_module_under_its_one_name_is_listed_once() -> None:
    """A tied layer whose tensor has the owner's name is the module called again."""
    text = NET.replace(
        "{linear: 11, id: head, tie: wte}", "{linear: 11, id: head, tie: wte, weights: {weight: ^wte.weight}}"
    )
    listed = tensors(graph(text))
    assert [tensor.name for tensor in listed][-2:] == ["h.1.scale", "head.bias"]


@pytest.mark.parametrize("file", [NAMED, *ZOO], ids=lambda file: file.stem)
def test_a_flat_spec_has_the_same_tensors(file: Path) -> None:
    spec = load_spec(str(file))
    for variant in cases(spec)[:3]:
        report = analyse(spec, Setting(variant))
        flat = analyse(load_text(dump_spec(unfold(report)), "flat.yaml"), Setting())
        before, after = ({tensor.name: tensor[1:3] for tensor in tensors(each.graph)} for each in (report, flat))
        assert before == after


def test_layers_whose_paths_are_no_ids_keep_the_names_of_their_tensors() -> None:
    branches = "{a b: [linear: 4], c: [linear: 4]}"
    text = f"archspec: 1\nname: net\ninputs: {{x: [8]}}\nlayers:\n  - parallel: {{branches: {branches}}}\n"
    report = analyse(load_text(text), Setting())
    flat = analyse(load_text(dump_spec(unfold(report)), "flat.yaml"), Setting())
    names = [tensor.name for tensor in tensors(flat.graph)]
    assert names == [tensor.name for tensor in tensors(report.graph)]
    assert names[0].startswith("a b.")


def test_a_diff_says_what_becomes_of_a_checkpoint(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = NAMED.read_text()
    Path("old.yaml").write_text(text)
    Path("new.yaml").write_text(
        text.replace("{shape: [$d, 3*$d]}", "{shape: [3*$d, $d]}").replace("bias: ^bias", "bias: b")
    )
    _, out, _ = run("diff", "old.yaml", "new.yaml")
    assert (
        "no longer loads: 2 tensors reshaped (h.0.c_attn.weight 8x24 -> 24x8, h.1.c_attn.weight 8x24 -> 24x8), "
        "1 new (cls.predictions.decoder.b), 1 gone (cls.predictions.bias)"
    ) in out
