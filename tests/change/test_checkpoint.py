"""Whether a checkpoint still loads, against state_dicts written out by the walk over the graph."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.change.checkpoint import Checkpoint, compare
from archspec.change.checkpoint_words import sentence
from archspec.change.layers import align
from archspec.errors import ArchspecError
from archspec.graph.graph import Graph, Layer
from archspec.graph.walk import UNROLLED, walk
from archspec.language.load import load_spec, load_text
from archspec.studies.tensors import tensors

ZOO = Path(__file__).parents[2] / "specs"
NET = """\
archspec: 1
name: net
inputs: {image: [3, 8, 8]}
blocks:
  basic:
    params: {w: int}
    layers:
      - {conv: {out: $w, kernel: 3, padding: 1, norm: batchnorm}, id: conv1}
      - {conv: {out: $w, kernel: 3, padding: 1}, id: conv2}
layers:
  - {use: basic, with: {w: 8}, id: layer1, repeat: 2}
  - {use: basic, with: {w: 16}, id: layer2}
  - flatten
  - {linear: 10, id: fc}
"""


def graph(text: str) -> Graph:
    return run(load_text(text), Setting()).graph


def state(graph: Graph) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a network's own tensors, from the walk over every instance."""
    return {
        f"{step.path}.{weight.name}": weight.shape
        for step in walk(graph, UNROLLED)
        if isinstance(step.item, Layer) and not step.state.shared
        for weight in step.item.traits.weights
        if weight.name not in step.item.shared
    }


def loaded(base: dict[str, tuple[int, ...]], found: Checkpoint) -> dict[str, tuple[int, ...]]:
    """A state_dict with what a comparison says of it done to it."""
    names = dict(found.renamed)
    shapes = {tensor.name: (tensor.old, tensor.new) for tensor in found.reshaped}
    kept = [name for name in base if name not in names and name not in shapes and name not in found.removed]
    assert len(kept) == found.kept
    assert all(base[name] == old for name, (old, _) in shapes.items())
    new = {names.get(name, name): shape for name, shape in base.items() if name not in found.removed}
    return new | {name: shape for name, (_, shape) in shapes.items()}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", "still loads"),
        ("id: layer2", "id: stage2", "no longer loads: 9 tensors renamed (layer2.* -> stage2.*)"),
        ("id: layer1,", "id: stage1,", "no longer loads: 18 tensors renamed (layer1.* -> stage1.*)"),
        ("id: conv2", "id: second", "no longer loads: 6 tensors renamed (*.conv2.* -> *.second.*)"),
        ("linear: 10", "linear: 12",
            "no longer loads: 2 tensors reshaped (fc.weight 10x1024 -> 12x1024, fc.bias 10 -> 12)"),
        ("repeat: 2", "repeat: 3", "no longer loads: 9 tensors new (layer1.2.*)"),
        ("repeat: 2", "repeat: 1", "no longer loads: 9 tensors gone (layer1.1.*)"),
        ("  - flatten", "  - relu\n  - flatten", "still loads"),
        (", norm: batchnorm", "", "no longer loads: 15 tensors gone (layer1.*, layer2.conv1_norm.*)"),
        ("linear: 10, id: fc", "linear: {out: 10, bias: false}, id: head",
            "no longer loads: 1 tensor new (head.weight), 2 gone (fc.*)"),
    ],
)  # fmt: skip
def test_what_is_said(old: str, new: str, said: str) -> None:
    base, head = graph(NET), graph(NET.replace(old, new))
    found = compare(base, head, {})
    assert found is not None
    assert sentence(found) == said
    assert found.loads == (state(base) == state(head)) == (said == "still loads")


@pytest.mark.parametrize(
    ("moved", "edits", "said"),
    [
        ("layer2: stage2", {"id: layer2": "id: stage2"},
         "loads once its names are changed: 9 tensors renamed as `moved` says (layer2.* -> stage2.*)"),
        ("layer1.0.conv2: layer1.0.b, layer1.1.conv2: layer1.1.b, layer2.conv2: layer2.b", {"id: conv2": "id: b"},
         "loads once its names are changed: 6 tensors renamed as `moved` says (*.conv2.* -> *.b.*)"),
        ("fc: head", {"linear: 10, id: fc": "linear: 12, id: head"},
         "no longer loads: 2 tensors reshaped (head.weight 10x1024 -> 12x1024, head.bias 10 -> 12)"),
        ("was: layer1", {"linear: 10": "linear: 10"}, "still loads"),
        # An entry says more than the order: the second of two alike is the first one's.
        ("b: a", {}, "no longer loads: 1 tensor gone (a.weight), 1 renamed as `moved` says (b.weight -> a.weight)"),
    ],
)  # fmt: skip
def test_moved(moved: str, edits: dict[str, str], said: str) -> None:
    text, head = NET, NET
    if not edits:
        conv = "  - {conv: {out: 3, kernel: 1, bias: false}, id: %s}\n"
        first = "archspec: 1\nname: net\ninputs: {x: [3, 8, 8]}\nlayers:\n"
        text, head = first + conv % "a" + conv % "b", first + conv % "a"
    for old, new in edits.items():
        head = head.replace(old, new)
    spec = load_text(f"{head}moved: {{{moved}}}\n")
    found = compare(graph(text), run(spec, Setting()).graph, spec.moved)
    assert found is not None
    assert sentence(found) == said


def test_a_pair_that_is_not_certain_is_no_rename() -> None:
    convs = "".join(f"  - {{conv: {{out: 3, kernel: 1, bias: false}}, id: {name}}}\n" for name in "ab")
    head = "archspec: 1\nname: net\ninputs: {x: [3, 8, 8]}\nlayers:\n"
    found = compare(graph(head + convs), graph(head + "  - {conv: {out: 3, kernel: 1, bias: false}, id: c}\n"), {})
    assert found is not None
    assert (found.renamed, found.removed, found.added) == ((), ("a.weight", "b.weight"), ("c.weight",))


def test_shared_tensors_stand_once() -> None:
    text = """\
archspec: 1
name: net
inputs: {tokens: {shape: [4], dtype: int64}}
layers:
  - {embedding: {vocab: 11, dim: 8}, id: wte}
  - {linear: {out: 11, bias: false}, id: head, tie: wte}
"""
    tied, untied = graph(text), graph(text.replace(", tie: wte", ""))
    found = compare(untied, tied, {})
    assert found is not None
    assert sentence(found) == "no longer loads: 1 tensor gone (head.weight)"


@pytest.mark.parametrize("family", ["resnet", "gpt2", "densenet", "swin"])
def test_renames_make_the_new_state_dict(family: str) -> None:
    """Whatever is renamed, reshaped and left out: what is said, done to the old state_dict, makes the new one."""
    spec = load_spec(ZOO / f"{family}.yaml")
    text = Path(spec.file).read_text("utf-8")
    chance = random.Random(family)
    compared = 0
    for variant in list(cases(spec))[:3]:
        base = run(spec, Setting(variant)).graph
        names = sorted(
            {step.item.node.name for step in walk(base) if step.item.node.named and step.item.node.file == spec.file}
        )
        for name in chance.sample(names, min(4, len(names))):
            try:
                head = run(load_text(text.replace(f"id: {name}", f"id: {name}_x")), Setting(variant)).graph
            except ArchspecError:  # something else refers to it
                continue
            compared += 1
            found = compare(base, head, {})
            assert found is not None
            new = loaded(state(base), found)
            assert new | {tensor: state(head)[tensor] for tensor in found.added} == state(head)
            assert not set(new) & set(found.added)
    assert compared


@pytest.mark.parametrize(
    ("moved", "edits"),
    [
        ("layer2: stage2", {"id: layer2": "id: stage2"}),
        ("layer1: stage1", {"id: layer1": "id: stage1"}),
        ("layer1.0.conv2: layer1.0.b, layer1.1.conv2: layer1.1.b, layer2.conv2: layer2.b", {"id: conv2": "id: b"}),
        ("fc: head", {"id: fc": "id: head"}),
    ],
)
def test_layers_that_moved_are_the_same(moved: str, edits: dict[str, str]) -> None:
    # The last layer takes its input by id: that is renamed with it.
    base = head = NET.replace("linear: 10, id: fc", "linear: 10, id: fc, from: flat").replace(
        "- flatten", "- {flatten: null, id: flat, from: layer2}"
    )
    for old, new in edits.items():
        head = head.replace(old, new)
    if "stage2" in head:
        head = head.replace("from: layer2", "from: stage2")
    aligned = align(run(load_text(base), Setting()), run(load_text(f"{head}moved: {{{moved}}}\n"), Setting()))
    assert (aligned.changes, aligned.ripples) == ((), 0)
    # Within a group that is alike in all its layers ids do not count.
    assert align(run(load_text(base), Setting()), run(load_text(head), Setting())).changes or "." in moved


def test_a_layer_that_moved_and_changed_is_one_change() -> None:
    head = NET.replace("{out: $w, kernel: 3, padding: 1}, id: conv2", "{out: $w, kernel: 1}, id: b")
    moved = "moved: {layer1.0.conv2: layer1.0.b, layer1.1.conv2: layer1.1.b, layer2.conv2: layer2.b}\n"
    aligned = align(run(load_text(NET), Setting()), run(load_text(head + moved), Setting()))
    assert {(change.op, change.path.rpartition(".")[2]) for change in aligned.changes} == {("~", "b")}


INNER = "        - {experts: {count: 2, active: 1, names: part_*, body: [{linear: 16, id: q}]}, id: inner}\n"
EXPERTS = f"""\
archspec: 1
name: net
inputs: {{x: [4, 8]}}
vars: {{n: 3}}
layers:
  - id: moe
    repeat: 2
    experts:
      count: $n
      active: 2
      router: [{{linear: $n, id: gate}}]
      body:
        - {{linear: 16, id: up}}
        - {{seq: [{{linear: 16, id: b}}, {{linear: 16, id: c, weights: {{weight: odd}}}}], repeat: 2, id: deep}}
{INNER}\
        - {{linear: 8, id: down}}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("n: 3", "n: 4"),
        ("linear: 16, id: up", "linear: 32, id: up"),
        ("id: down", "id: out"),
        ("repeat: 2, id: deep", "id: deep"),
        ("id: q", "id: r"),
    ],
)
@pytest.mark.parametrize("inner", [INNER, ""])
def test_experts_are_tensors_of_their_own(old: str, new: str, inner: str) -> None:
    """Against `archspec weights`, which lists them one by one."""
    text = EXPERTS.replace(INNER, inner)
    base, head = graph(text), graph(text.replace(old, new))
    ours, theirs = ({t.name: t.shape for t in tensors(made) if t.tied_to is None} for made in (base, head))
    found = compare(base, head, {})
    assert found is not None
    assert loaded(ours, found) == {name: shape for name, shape in theirs.items() if name not in found.added}
    assert set(found.added) == set(theirs) - set(ours) - {rename.new for rename in found.renamed}
    assert found.kept == sum(theirs.get(name) == shape for name, shape in ours.items())
