"""Networks named on either side of `archspec diff`, against analyses of each alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archspec
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
NET = """\
archspec: 1
name: net
dims: {H: 32, W: 32}
inputs: {image: [3, $H, $W]}
vars: {width: 16, kind: str, depths: list}
variants:
  small: {width: 8, kind: relu, depths: [1, 1]}
  big: {width: 64, H: 64, kind: gelu, depths: [2, 3]}
layers:
  - conv: {out: $width, kernel: 3, padding: 1}
  - {conv: {out: $width, kernel: 3, padding: 1}, repeat: $depths.0}
  - {conv: {out: 2*$width, kernel: 3, padding: 1}, repeat: $depths.1}
  - {relu: , when: $kind == "relu"}
  - global_avgpool
  - flatten
  - linear: 10
"""
FIGURES = ("params", "macs", "flops", "activations", "buffers", "weights_bytes")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "plain.yaml").write_text("archspec: 1\nname: p\ninputs: {x: [4]}\nlayers:\n  - linear: 3\n")
    return tmp_path


def entry(run: Run, *words: str) -> dict[str, Any]:
    code, out, error = run("diff", *words, "--format", "json")
    assert (code, error) == (0, "")
    (made,) = json.loads(out)["specs"]
    return dict(made)


def figures(name: str, **options: Any) -> dict[str, int]:
    totals = archspec.analyze(name, **options).totals
    return {figure: totals[figure] for figure in FIGURES}


def sides(made: dict[str, Any]) -> list[dict[str, int]]:
    return [{name: made["metrics"][name][side] for name in FIGURES} for side in ("base", "head")]


def adds_up(made: dict[str, Any]) -> bool:
    parts = [change["contribution"] for change in made["changes"] if change["contribution"]] + [made["interaction"]]
    return all(sum(part[name] for part in parts) == made["metrics"][name]["delta"] for name in made["metrics"])


@pytest.mark.parametrize(
    ("base", "head", "edits"),
    [
        ("resnet50", "resnet101", ["vars.depths"]),
        ("resnet18", "wide_resnet50_2", ["vars.block", "vars.depths", "vars.group_width"]),
        ("net.yaml@small", "net.yaml@big", ["dims.H", "vars.width", "vars.kind", "vars.depths"]),
        ("llama3@8b", "llama3@3.2-1b", ["vars.dim", "vars.depth", "vars.hidden", "vars.tied"]),
        ("resnet50", "net.yaml@big", []),
        ("vit_b_16", "plain.yaml", []),
    ],
)
@pytest.mark.usefixtures("folder")
def test_two_networks(run: Run, base: str, head: str, edits: list[str]) -> None:
    made = entry(run, base, head)
    assert sides(made) == [figures(base), figures(head)]
    assert sorted(change["path"] for change in made["changes"]) == sorted(edits)
    assert ("untold" in made) != bool(edits)
    if edits:
        assert adds_up(made)


@pytest.mark.usefixtures("folder")
def test_before_and_after(run: Run) -> None:
    made = entry(run, "resnet50", "--set", "H=320", "--set", "width=32", "--batch", "2")
    before, after = figures("resnet50", batch=2), figures("resnet50", batch=2, dims={"H": 320}, vars={"width": 32})
    assert sides(made) == [before, after]
    for change, alone in zip(made["changes"], ({"dims": {"H": 320}}, {"vars": {"width": 32}}), strict=True):
        assert change["path"] == "".join(f"{part}.{name}" for part, values in alone.items() for name in values)
        effect = figures("resnet50", batch=2, **alone)
        assert {name: change["contribution"][name] for name in FIGURES} == {
            name: effect[name] - before[name] for name in FIGURES
        }
    assert adds_up(made)
    variants = json.loads(run("diff", "net.yaml", "--set", "width=5", "--format", "json")[1])["specs"]
    assert [(each["variant"], *sides(each)) for each in variants] == [
        (name, figures(f"net.yaml@{name}"), figures(f"net.yaml@{name}", vars={"width": 5})) for name in ("small", "big")
    ]
    _, out, _ = run("diff", "resnet50", "--set", "H=320")
    assert out.startswith("archspec diff  resnet50..resnet50 with H=320\n\n~ resnet50   batch=1 float32\n")


@pytest.mark.usefixtures("folder")
def test_the_variant_that_is_meant(run: Run) -> None:
    Path("other.yaml").write_text(NET.replace("linear: 10", "linear: 20"))
    assert sides(entry(run, "net.yaml", "other.yaml@big")) == [figures("net.yaml@big"), figures("other.yaml@big")]
    code, _, error = run("diff", "plain.yaml", "net.yaml")
    assert code == 0, "two files are compared variant by variant"
    code, _, error = run("diff", "lenet5", "net.yaml")
    assert (code, error) == (
        2, "error: `net.yaml` has several variants\n  hint: write net.yaml@small; known: small, big\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "columns", "networks"),
    [
        ("fvcore", ["flops", "activations"], ["resnet50", "resnet101"]),
        ("fvcore", ["flops", "activations"], ["net.yaml@small", "net.yaml@big"]),
        ("torchinfo", ["mult_adds", "params", "params_bytes"], ["resnet50", "resnet101"]),
        ("thop", ["macs", "params"], ["lenet5", "net.yaml@small"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_convention_has_its_columns(run: Run, name: str, columns: list[str], networks: list[str]) -> None:
    made = entry(run, *networks, "--convention", name)
    for side, network in zip(("base", "head"), networks, strict=True):
        totals = archspec.analyze(network, convention=name).totals["columns"]
        assert {key: entry[side] for key, entry in made["metrics"].items()} == {
            f"{name}/{column}": value for column, value in totals.items()
        }
    assert "untold" in made or adds_up(made)
    layers = made["layers"]
    for key in (f"{name}/{column}" for column in columns):
        changed = sum(layer["head"][key] - layer["base"][key] for layer in layers["changed"])
        assert changed + layers["follow"]["delta"][key] == made["metrics"][key]["delta"]
    for form in ("text", "md", "html"):
        code, out, _ = run("diff", *networks, "--convention", name, "--format", form)
        assert code == 0
        assert f"by {name}" in out
        assert all(column in out for column in columns)


@pytest.mark.usefixtures("folder")
def test_bytes_of_a_convention_are_shown_as_bytes(run: Run) -> None:
    whole = [archspec.analyze(name, convention="torchstat").totals.columns for name in ("resnet50", "resnet101")]
    read = [f"{columns['mem_read'] / 2**20:.1f} MiB" for columns in whole]  # its unit is byte, its name says nothing
    _, out, _ = run("diff", "resnet50", "resnet101", "--convention", "torchstat")
    assert f"  mem_read   {'  '.join(read)}  " in out
    assert "madd          8.220G     15.66G" in out


@pytest.mark.usefixtures("folder")
def test_whether_a_checkpoint_of_one_loads_into_the_other(run: Run) -> None:
    """17 bottlenecks more, each of 3 convolutions and 3 norms with 5 tensors, the count of batches among them."""
    made = entry(run, "resnet50", "resnet101")["checkpoint"]
    assert (made["loads"], made["text"]) == (False, f"no longer loads: {17 * 3 * (1 + 5)} tensors new (layer3.*)")
    assert entry(run, "resnet50", "--set", "H=320")["checkpoint"]["text"] == "still loads"
    for form in ("text", "md", "html"):
        assert "306 tensors new" in run("diff", "resnet50", "resnet101", "--format", form)[1]


@pytest.mark.usefixtures("folder")
def test_memory_of_a_tool_where_it_is_asked_for(run: Run) -> None:
    for form in ("text", "md", "html"):
        plain = run("diff", "resnet50", "resnet101", "--format", form)[1]
        assert "forward/backward" not in plain
        _, out, _ = run("diff", "resnet50", "resnet101", "--format", form, "--memory", "torchinfo")
        assert "torchinfo forward/backward" in out
        assert "torchsummary" not in out
    assert run("diff", "resnet50", "resnet101", "--memory", "torchino")[2].endswith("did you mean `torchinfo`?\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lenet5"], "`lenet5` is one network, and there is nothing to compare it with\n  hint: name another: "),
        (["net.yaml@small"], "`net.yaml@small` is one network, and there is nothing to compare it with\n"),
        (
            ["lenet5", "lenett"],
            "no file and no network of the zoo is called `lenett`\n  hint: did you mean",
        ),
        (["lenet5", "gone.yaml"], "no such file: gone.yaml\n"),
        (["net.yaml@smal", "lenet5"], "net.yaml has no variant 'smal'\n  hint: did you mean `small`?\n"),
        (["resnet50", "--set", "G=3"], "neither network has a dim or var `G`\n"),
        (["resnet50", "--set", "H=0"], "dim `H` must be at least 1, got 0\n"),
        (["resnet50", "--set", "H"], "--set takes NAME=VALUE, got 'H'\n"),
        (["resnet50", "vgg16", "--convention", "fvcor"], "no convention is called `fvcor`\n"),
        (["lenet5", "HEAD~1:net.yaml"], "not a git repository: "),
    ],
)
@pytest.mark.usefixtures("folder")
def test_bad_calls(run: Run, words: list[str], message: str) -> None:
    code, out, error = run("diff", *words)
    assert (code, out) == (2, "")
    assert error.startswith(f"error: {message}")


def test_beside_git(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", NET.replace("width: 8", "width: 12"))
    made = entry(run, "HEAD:net.yaml@small", "net.yaml@small")
    old, new = archspec.analyze("net.yaml@small", vars={"width": 8}), archspec.analyze("net.yaml@small")
    assert [made["metrics"]["params"][side] for side in ("base", "head")] == [old.totals.params, new.totals.params]
    said = "error: `main` is a ref of git, the other side a network\n"
    said += "  hint: name its file: archspec diff main:net.yaml OTHER\n"
    assert run("diff", "lenet5", "main")[2] == said
    error = run("diff", "HEAD:nat.yaml", "lenet5")[2]
    assert error == "error: no such file in HEAD: 'nat.yaml'\n  hint: did you mean `net.yaml`?\n"
    scratch.git("branch", "resnet50")
    code, _, error = run("diff", "resnet50", "resnet101")
    assert code == 2
    assert error.startswith("error: `resnet50` is a ref of git and a network of the zoo\n  hint: `refs/heads/resnet50`")
    network = error.split("`")[-2]
    assert network.endswith("resnet.yaml@resnet50")
    assert run("diff", network, "resnet101")[1].endswith("1 changed.\n")
    assert run("diff", "refs/heads/resnet50")[0] == 0
