"""Specs as parts of others, from the zoo and from files, held against the same network in one file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.change.git import Repository
from archspec.change.parts import Committed
from archspec.errors import ArchspecError
from archspec.language.load import load_spec, load_text
from scratch import Scratch

BODY = """\
archspec: 1
name: body
dims: {H: 32}
inputs: {x: [3, $H, $H]}
vars: {w: 8, deep: false}
variants: {wide: {w: 16}}
blocks:
  unit:
    layers:
      - conv: {out: $w, kernel: 3, padding: 1}
      - {relu: , when: $deep}
layers:
  - {use: unit, id: a}
  - {use: unit, repeat: 2, id: b}
  - {conv: {out: 100, kernel: $H}, id: head}
"""
NET = """\
archspec: 1
name: net
inputs: {x: [3, 64, 64], y: [4, 64, 64]}
layers:
  - {%s, id: body, from: x}
"""


def unit(w: int, c: int) -> int:
    return 9 * w * c + w


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose only part lies below its top."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "nets").mkdir()
    (tmp_path / "repo" / "nets" / "body.yaml").write_text(BODY)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def report(folder: Path, call: str) -> Any:
    (folder / "net.yaml").write_text(NET % call)
    return analyze(folder / "net.yaml")


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("use: ./nets/body.yaml", unit(8, 3) + 2 * unit(8, 8) + 100 * (8 * 64 * 64 + 1)),
        ("use: ./nets/body.yaml@wide", unit(16, 3) + 2 * unit(16, 16) + 100 * (16 * 64 * 64 + 1)),
        ("use: ./nets/body.yaml@wide, with: {w: 4}", unit(4, 3) + 2 * unit(4, 4) + 100 * (4 * 64 * 64 + 1)),
        ("use: ./nets/body.yaml, outputs: [a]", unit(8, 3)),
        ("use: ./nets/body.yaml, outputs: [a, b.0]", unit(8, 3) + 2 * unit(8, 8)),
        ("use: ./nets/../nets/body.yaml, outputs: [a], repeat: 1", unit(8, 3)),
    ],
)
def test_a_file_is_a_part_with_its_variables_and_taps(folder: Path, call: str, params: int) -> None:
    """A dim takes what the input has, 64 and not 32; what stands behind the last output is left out."""
    assert report(folder, call).totals["params"] == params


def test_two_calls_have_weights_and_variables_of_their_own(folder: Path) -> None:
    call = "seq: [{use: ./nets/body.yaml, outputs: [a], from: x}, {use: ./nets/body.yaml@wide, outputs: [a], from: x}]"
    assert report(folder, call).totals["params"] == unit(8, 3) + unit(16, 3)
    same = "seq: [{use: ./nets/body.yaml, outputs: [a], from: x}, {use: ./nets/body.yaml, outputs: [a], from: x}]"
    assert report(folder, same).totals["params"] == 2 * unit(8, 3)


def test_a_module_that_a_part_calls_often_is_one_in_each_part(folder: Path) -> None:
    shared = BODY.replace("  unit:\n", "  unit:\n    shared: true\n").replace("kernel: 3, padding: 1", "kernel: 1")
    (folder / "nets" / "body.yaml").write_text(shared.replace("[3,", "[8,"))
    call = "each: {i: 2}, from: x, use: ./nets/body.yaml, outputs: [b]"
    text = (NET % call).replace(", from: x}", "}").replace("[3, 64, 64]", "[8, 64, 64]")
    (folder / "net.yaml").write_text(text)
    assert analyze(folder / "net.yaml").totals["params"] == 2 * (8 * 8 + 8)


def test_addresses_lead_into_a_part(folder: Path) -> None:
    (folder / "net.yaml").write_text((NET % "use: ./nets/body.yaml") + "  - add: [body.a, body.b.0, body.b.-1]\n")
    assert analyze(folder / "net.yaml").graph.outputs[0].shape == (1, 8, 64, 64)


def test_a_network_of_the_zoo_is_a_part() -> None:
    backbone = analyze("resnet50").totals["params"] - 1000 * 2049
    text = "archspec: 1\nname: a\ninputs: {x: [3, 64, 64]}\nlayers: [{use: resnet50, outputs: [layer2, layer4]}]\n"
    made = analyze(load_text(text))
    assert made.totals["params"] == backbone
    assert [output.shape for output in made.graph.outputs] == [(1, 512, 8, 8), (1, 2048, 2, 2)]


def test_parts_are_those_of_the_commit(tmp_path: Path, scratch: Scratch) -> None:
    scratch.write("nets/body.yaml", BODY)
    scratch.write("nets/net.yaml", NET % "use: ./body.yaml, outputs: [a]")
    scratch.commit()
    scratch.write("nets/body.yaml", BODY.replace("w: 8", "w: 4"))
    repository = Repository(scratch.folder)
    commit = repository.commit("HEAD")
    text = NET % "use: ./body.yaml, outputs: [a]"
    before = load_text(text, "nets/net.yaml", Committed(repository, commit))
    moved = load_text(text, "other.yaml", Committed(repository, commit, {"other.yaml": "nets/net.yaml"}))
    assert analyze(before).totals["params"] == analyze(moved).totals["params"] == unit(8, 3)
    assert analyze(scratch.folder / "nets" / "net.yaml").totals["params"] == unit(4, 3)
    with pytest.raises(ArchspecError, match="leads out of the repository"):
        load_text(NET % "use: ../../body.yaml", "nets/net.yaml", Committed(repository, commit))
    with pytest.raises(ArchspecError, match="there is no file"):
        load_text(NET % "use: ./none.yaml", "nets/net.yaml", Committed(repository, commit))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("use: ./none.yaml", "no such file"),
        ("use: ../body.yaml", "net.yaml:5:11: layers.0.use: `../body.yaml` leads out of the repository"),
        ("use: ./nets/../../body.yaml", "leads out of the repository"),
        ("use: ./nets", "layers.0.use: `./nets` is no spec's file: .yaml, .yml, .json"),
        ("use: ./nets/body.yaml@tall", "layers.0.use: body has no variant `tall`"),
        ("use: ./net.yaml", "layers.0.use: `./net.yaml` is a part of itself"),
        ("use: ./nets/body.yaml, with: {v: 3}", "layers.0.with.v: `./nets/body.yaml` has no dim or var `v`"),
        ("use: ./nets/body.yaml, with: {w: wide}", "`w` of `./nets/body.yaml` must be of type int, got 'wide'"),
        (
            "use: ./nets/body.yaml, with: {H: 32}",
            "`x` of `./nets/body.yaml` has the shape [3, 32, 32], got [3, 64, 64]",
        ),
        ("use: ./nets/body.yaml, outputs: [c]", "layers.0.outputs.0: `c` names no layer before this one"),
        ("use: ./nets/body.yaml, outputs: c", "`outputs`"),
        ("relu: , outputs: [c]", "layers.0.outputs: `outputs` belongs to `use`"),
        ("use: resnet", "needs a variant"),
        ("use: resnet51", "no block is called `resnet51`"),
    ],
)
def test_what_is_refused(folder: Path, call: str, message: str) -> None:
    (folder.parent / "body.yaml").write_text(BODY)
    with pytest.raises(ArchspecError) as caught:
        report(folder, call)
    assert message in str(caught.value)


def test_an_error_stands_in_the_file_of_the_part(folder: Path) -> None:
    (folder / "nets" / "body.yaml").write_text(BODY.replace("kernel: 3", "kernel: 300"))
    with pytest.raises(ArchspecError) as caught:
        report(folder, "use: ./nets/body.yaml")
    first, *rest = str(caught.value).splitlines()
    assert "nets/body.yaml:10:" in first
    assert any("called from" in line and "net.yaml:5:" in line for line in rest)
    (folder / "nets" / "body.yaml").write_text(BODY.replace("kernel:", "kernal:"))
    with pytest.raises(ArchspecError) as caught:
        report(folder, "use: ./nets/body.yaml")
    first, *rest = str(caught.value).splitlines()
    assert "nets/body.yaml:10:" in first
    assert any("called from" in line and "net.yaml:5:" in line for line in rest)


def test_links_out_of_the_repository_are_refused(folder: Path) -> None:
    (folder.parent / "body.yaml").write_text(BODY)
    (folder / "link.yaml").symlink_to(folder.parent / "body.yaml")
    (folder / "out").symlink_to(folder.parent)
    for name in ("./link.yaml", "./out/body.yaml"):
        with pytest.raises(ArchspecError, match="leads out of the repository"):
            report(folder, f"use: {name}")
    os.mkfifo(folder / "pipe.yaml")
    with pytest.raises(ArchspecError, match="a pipe, not a file"):
        report(folder, "use: ./pipe.yaml")


def test_files_that_are_parts_of_each_other(folder: Path) -> None:
    (folder / "a.yaml").write_text(NET % "use: ./nets/b.yaml")
    (folder / "nets" / "b.yaml").write_text(NET % "use: ../a.yaml")
    with pytest.raises(ArchspecError, match=r"is a part of itself: .*a.yaml -> .*b.yaml -> .*a.yaml"):
        load_spec(folder / "a.yaml")


def test_a_text_that_lies_nowhere_reads_no_file() -> None:
    with pytest.raises(ArchspecError, match="is a file beside the spec, which is not read"):
        load_text(NET % "use: ./nets/body.yaml")
    with pytest.raises(ArchspecError, match="a file is named as it is"):
        analyze(load_text((NET % "use: $part") + 'vars: {part: "./nets/body.yaml"}\n'))


def test_retinanet() -> None:
    """torchvision's retinanet_resnet50_fpn has 34,014,999 parameters and 151.54 GMACs; its batch norms are buffers."""
    totals = analyze("retinanet").totals
    assert totals["params"] == 34_014_999 + 2 * (64 + 3 * 64 * 2 + 4 * 256 + 4 * 128 * 2 + 5 * 512 + 6 * 256 * 2
                                                 + 7 * 1024 + 3 * 512 * 2 + 4 * 2048)  # fmt: skip
    assert round(totals["macs"] / 10**7) == 15154
