"""Causes against analyses of the base with their edits alone, which random edits make by another way."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from random_edits import Atom, Edits, figures, marked, written

from archspec.analysis.metrics import DIFFED
from archspec.analysis.setting import Setting
from archspec.change.diff import compare_files
from archspec.change.model import Cause, Diff, Side, SpecDiff, VariantDiff
from archspec.change.semantic import Edit
from archspec.render.diff import render

ZOO = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
COUNT = int(os.environ.get("ARCHSPEC_RANDOM_EDITS", "30"))  # 1,000 in the report of a change of causes
NAMES = tuple(metric.name for metric in DIFFED)


def touched(edit: Edit, base: Any, head: Any) -> set[str]:
    """What an edit is about, on both sides: the notes of the innermost layer, or the path of a declaration."""
    old = [edit.old] if edit.op == ">" else [edit.path] if edit.op == "-" else []
    new = [edit.path] if edit.op != "-" else []
    found = [innermost(data, path) for data, paths in ((base, old), (head, new)) for path in paths]
    return set().union(*found) or {edit.path}


def innermost(data: Any, path: str) -> set[str]:
    notes = []
    for step in path.split("."):
        try:
            data = data[int(step) if isinstance(data, list) else step]
        except (KeyError, IndexError, TypeError, ValueError):
            break
        if isinstance(data, dict) and isinstance(data.get("note"), str):
            notes.append(data["note"])
    return set(notes[-1:])


def changed(seed: int) -> tuple[Edits, Any, VariantDiff]:
    """A zoo spec with some random edits that leave it valid, and a variant that they change."""
    chance = random.Random(seed)
    while True:
        data = marked(chance.choice(ZOO))
        variants = data.get("variants", {})
        variant = chance.choice([*variants, None])
        for other in list(variants)[2:]:  # two are as good as eight
            if other != variant:
                del variants[other]
        if figures(data, variant, NAMES) is None:
            continue
        edits = Edits(data, chance)
        edits.add(chance.choice([2, 3, 4, 6]))
        head = edits.head()
        if figures(head, variant, NAMES) is None:
            continue
        sides = written(data).encode(), written(head).encode()
        found = compare_files("n.json", "n.json", *sides, Setting())
        for one in found.variants:
            if one.variant == variant and one.status == "changed":
                return edits, head, one


def made_alone(cause: Cause, edits: Edits, head: Any) -> list[Atom]:
    """The random edits that a cause's edits are."""
    about = set().union(*(touched(edit, edits.data, head) for edit in (*cause.edits, *cause.needs)))
    return [atom for atom in edits.atoms if atom.touches & about]


@pytest.mark.parametrize("seed", range(COUNT))
def test_causes_are_what_their_edits_do_alone(seed: int) -> None:
    edits, head, variant = changed(seed)
    base = figures(edits.data, variant.variant, NAMES)
    after = figures(head, variant.variant, NAMES)
    assert base is not None
    assert after is not None
    assert (variant.base, variant.head) == (base, after)
    assert variant.not_worked_out == 0
    for name in NAMES:
        known = sum(cause.contribution[name] for cause in variant.causes if cause.contribution)
        assert known + variant.interaction[name] == after[name] - base[name]
    listed = [edit for cause in variant.causes for edit in cause.edits]
    assert len(listed) == len(set(map(id, listed)))
    for cause in variant.causes:
        alone = figures(edits.base_with(made_alone(cause, edits, head)), variant.variant, NAMES)
        assert alone is not None
        assert cause.contribution == {name: alone[name] - base[name] for name in NAMES}


def diff(base: str, head: str) -> SpecDiff:
    return compare_files("n.yaml", "n.yaml", base.encode(), head.encode(), Setting())


def told(variant: VariantDiff) -> list[tuple[str, ...]]:
    """Each cause as the names of its edits."""
    return [tuple(f"{edit.op} {edit.name}" for edit in cause.edits) for cause in variant.causes]


TWO = """\
archspec: 1
name: n
dims: {H: 32, W: 32}
inputs: {image: [3, $H, $W]}
layers:
  - {conv: {out: 8, kernel: 3, padding: 1}, id: a}
  - {conv: {out: 8, kernel: 3, padding: 1}, from: a, id: b}
"""
DETOUR = TWO.replace("32, W: 32", "64, W: 64").replace(
    "  - {conv: {out: 8, kernel: 3, padding: 1}, from: a",
    "  - {conv: {out: 8, kernel: 1}, id: c}\n  - {conv: {out: 8, kernel: 3, padding: 1}, from: c",
)


def test_what_works_only_together_is_one_cause_and_not_charged_with_the_interaction() -> None:
    (variant,) = diff(TWO, DETOUR).variants
    assert told(variant) == [("~ dims.H", "~ dims.W"), ("+ c", "~ b.from")]
    sizes, detour = (cause.contribution for cause in variant.causes)
    assert sizes is not None
    assert detour is not None
    macs, pixels = 27 * 8 + 72 * 8, 32 * 32
    assert sizes["macs"] == 3 * pixels * macs  # four times the pixels
    assert (detour["params"], detour["macs"]) == (8 * 8 + 8, pixels * 8 * 8)
    assert variant.interaction["macs"] == 3 * pixels * 8 * 8
    assert variant.delta["macs"] == 4 * pixels * (macs + 64) - pixels * macs


def test_edits_of_one_layer_are_one_cause_though_each_makes_a_spec() -> None:
    (variant,) = diff(TWO, TWO.replace("kernel: 3, padding: 1}, id: a", "kernel: 5, padding: 3}, id: a")).variants
    assert told(variant) == [("~ a.kernel", "~ a.padding")]


def test_layers_without_an_id_are_called_by_their_kind() -> None:
    base = TWO.replace(", id: a", "").replace("from: a, ", "")
    head = base.replace("out: 8, kernel: 3, padding: 1}}", "out: 8, kernel: 1}}") + "  - relu\n"
    (variant,) = diff(base, head).variants
    assert told(variant) == [("~ conv1.kernel", "- conv1.padding"), ("+ relu1",)]


@pytest.mark.parametrize("kept", ["id: x", "note: the same"], ids=["by its id", "word for word"])
def test_a_layer_that_moved_is_moved(kept: str) -> None:
    moved = f"  - {{conv: {{out: 8, kernel: 1}}, {kept}}}\n"
    base, head = (TWO.replace("layers:\n", "layers:\n" + moved), TWO + moved)
    (variant,) = diff(base, head).variants
    name = "x" if "id" in kept else "conv1"
    assert told(variant) == [(f"> {name}",)]
    assert variant.layers is not None
    assert [(change.op, change.path) for change in variant.layers.changes] == [(">", name)]
    if "id" in kept:
        (variant,) = diff(base, head.replace("kernel: 1", "kernel: 3")).variants
        assert told(variant) == [("> x", "~ x.kernel")]


def test_a_layer_that_changed_where_it_stands_has_not_moved() -> None:
    part = "  - {linear: 8, id: x}\n  - {relu: , id: y}\n  - {gelu: , id: z}\n"
    head = "  - {gelu: , id: z}\n  - {linear: 9, id: x}\n  - {relu: , id: y}\n"
    (variant,) = diff(TWO + part, TWO + head).variants
    assert told(variant) == [("> z",), ("~ x.out",)]


def test_a_layer_that_moves_into_a_structure_is_moved() -> None:
    base = TWO + "  - {residual: [relu]}\n  - {linear: 8, id: x}\n"
    (variant,) = diff(base, TWO + "  - {residual: [relu, {linear: 32, id: x}]}\n").variants
    assert told(variant) == [("> x", "~ x.out")]


def test_a_new_id_and_those_that_name_it() -> None:
    head = TWO.replace("id: a}", "id: stem}").replace("from: a", "from: stem")
    (variant,) = diff(TWO, head).variants
    assert told(variant) == [("~ stem.id", "~ b.from")]
    assert not any(variant.delta.values())


def test_widths_that_have_to_agree_are_found_among_all_edits() -> None:
    """Nothing in what the two edits say shows that they belong together, and two more stand between them."""
    part = "  - {conv: {out: 8, kernel: 1}, id: p%d}\n"
    net = TWO.replace(", from: a", "") + "".join(part % number for number in range(3)) + "  - {add: [a, b]}\n"
    head = net.replace("out: 8, kernel: 3, padding: 1}, id: a", "out: 4, kernel: 3, padding: 1}, id: a")
    head = head.replace("out: 8, kernel: 3, padding: 1}, id: b", "out: 4, kernel: 3, padding: 1}, id: b")
    head = head.replace("kernel: 1}, id: p0", "kernel: 3}, id: p0").replace("kernel: 1}, id: p2", "kernel: 3}, id: p2")
    (variant,) = diff(net, head).variants
    assert told(variant) == [("~ a.out", "~ b.out"), ("~ p0.kernel",), ("~ p2.kernel",)]


def test_two_sets_that_have_to_agree_are_two_causes() -> None:
    """Neither can be left out of the other's in parts, and a variable makes a spec alone."""
    base = """\
archspec: 1
name: n
inputs: {image: [3, 8, 8]}
vars: {deep: 2}
blocks:
  unit:
    params: {c: int}
    layers: [{residual: {body: [{conv: {out: $c, kernel: 1}}]}}]
layers:
  - {conv: {out: 16, kernel: 1}, id: mid}
  - {use: unit, with: {c: 16}, repeat: $deep, id: s2}
  - {conv: {out: 8, kernel: 1}, id: l}
  - {conv: {out: 8, kernel: 1}, from: s2, id: r}
  - {add: [l, r]}
"""
    head = base.replace("deep: 2", "deep: 3").replace("16", "24").replace("out: 8", "out: 20")
    head = head.replace(
        "  - {conv: {out: 20, kernel: 1}, id: l",
        "  - {conv: {out: 12, kernel: 1}, id: c}\n  - {conv: {out: 20, kernel: 1}, id: l",
    )
    head = head.replace("from: s2", "from: c")
    (variant,) = diff(base, head).variants
    assert told(variant) == [
        ("~ vars.deep",),
        ("~ mid.out", "~ s2.with.c"),
        ("+ c", "~ l.out", "~ r.out", "~ r.from"),
    ]


MANY = TWO.replace("inputs:", "vars: {w: 8, v: 8}\nvariants: {small: {w: 9}, large: {w: 9}}\ninputs:").replace(
    "id: b}", "id: b}\n  - {linear: $w}\n  - {linear: $v}"
)
MORE = (
    MANY.replace("small: {w: 9}", "small: {w: 10}").replace("large: {w: 9}", "large: {w: 90}").replace("v: 8", "v: 9")
)


def test_the_variant_that_is_shown_comes_first_and_the_limit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {variant.variant: variant for variant in diff(MANY, MORE).variants}
    assert [variant.not_worked_out for variant in found.values()] == [0, 0, 0]
    monkeypatch.setattr("archspec.change.trials.MAX_WORK", 10)  # so little that a second analysis is begun
    spec = diff(MANY, MORE)
    found = {variant.variant: variant for variant in spec.variants}
    assert (found["large"].not_worked_out, found["small"].not_worked_out) == (0, 2)
    assert found["small"].interaction == found["small"].delta
    monkeypatch.setattr("archspec.change.trials.MAX_WORK", 0)
    spec = diff(MANY, MORE)
    for form, words in {
        "text": "2 causes not worked out", "md": "2 causes not worked out", "html": "2 causes not worked out",
        "json": '"not_worked_out": 2',
    }.items():  # fmt: skip
        assert words in render(Diff(base=Side("a"), head=Side("b"), at=Setting(), specs=(spec,)), form)


def test_many_edits_that_have_to_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    block = "  - {residual: [{conv: {out: 8, kernel: 3, padding: 1}, id: c%d}]}\n"
    net = TWO + "".join(block % number for number in range(20)) + "  - flatten\n  - {linear: 10, id: head}\n"
    wider = net.replace("out: 8, kernel: 3, padding: 1}, from", "out: 16, kernel: 3, padding: 1}, from")
    wider = wider.replace("residual: [{conv: {out: 8", "residual: [{conv: {out: 16").replace("linear: 10", "linear: 12")
    whole = ("~ b.out", *(f"~ c{number}.out" for number in range(20)))
    (variant,) = diff(net, wider).variants
    assert told(variant) == [whole, ("~ head.out",)]
    monkeypatch.setattr("archspec.change.trials.MAX_WORK", 44 * 25)  # each once, all that fail, and little more
    (limited,) = diff(net, wider).variants
    assert told(limited) == [whole, ("~ head.out",)]
    assert [cause.contribution for cause in limited.causes] == [cause.contribution for cause in variant.causes]


def test_layers_with_another_input_are_told_from_those_of_another_shape() -> None:
    wider = TWO.replace("out: 8, kernel: 3, padding: 1}, id: a", "out: 16, kernel: 3, padding: 1}, id: a")
    base, head = (text + "  - relu\n  - {maxpool: 2}\n" for text in (TWO, wider))
    (variant,) = diff(base, head).variants
    assert variant.layers is not None
    assert (variant.layers.inputs.layers, variant.layers.shapes.layers) == (1, 0)
    assert variant.layers.inputs.delta["params"] == 8 * 8 * 9
    (variant,) = diff(base, base.replace("H: 32", "H: 64")).variants
    assert variant.layers is not None
    assert (variant.layers.inputs.layers, variant.layers.shapes.layers) == (0, 4)
    assert variant.layers.shapes.delta["params"] == 0
    text = render(Diff(base=Side("a"), head=Side("b"), at=Setting(), specs=(diff(base, head),)), "text")
    assert "1 layer with another input and so other weights: params +576" in text


def test_a_layer_that_takes_another_layer_is_told() -> None:
    net = TWO.replace("from: a, ", "") + "  - {relu: , from: b, id: c}\n"
    (variant,) = diff(net, net.replace("from: b", "from: a")).variants
    assert variant.layers is not None
    (change,) = variant.layers.changes
    assert (change.op, change.path, change.what) == ("~", "c", (("from", "b", "a"),))


def test_a_variable_that_all_variants_lose_is_no_reason_to_give_up() -> None:
    """Another variant may not fit an edit of all before its own edit is made."""
    base = TWO.replace("inputs:", "vars: {w: 8, u: 1}\nvariants: {one: {w: 9, u: 2}, two: {w: 7, u: 3}}\ninputs:")
    base += "  - {linear: $w}\n"
    head = base.replace(", u: 1}", "}").replace(", u: 2", "").replace(", u: 3", "").replace("w: 9", "w: 10")
    (variant,) = (variant for variant in diff(base, head).variants if variant.variant == "one")
    assert variant.not_worked_out == 0
    assert variant.delta["params"] == 33


def test_a_variable_is_declared_first_for_each_that_takes_it() -> None:
    """Two layers that need one variable are two causes, each what it does once the variable is there."""
    declared = TWO.replace("inputs:", "vars: {v: 16}\ninputs:")
    first = declared.replace("out: 8, kernel: 3, padding: 1}, id: a", "out: $v, kernel: 3, padding: 1}, id: a")
    last = "out: 8, kernel: 3, padding: 1}, from", "out: $v, kernel: 3, padding: 1}, from"
    (variant,) = diff(TWO, first.replace(*last)).variants
    assert told(variant) == [("+ vars",), ("~ a.out",), ("~ b.out",)]
    assert [[edit.name for edit in cause.needs] for cause in variant.causes] == [[], ["vars"], ["vars"]]
    alone = [diff(TWO, head).variants[0].delta["params"] for head in (declared, first, declared.replace(*last))]
    assert [cause.contribution and cause.contribution["params"] for cause in variant.causes] == alone


def test_what_does_nothing_alone_but_something_together_is_part_of_the_cause() -> None:
    base = """\
archspec: 1
name: n
inputs: {image: [8, 4, 4]}
vars: {a: false, b: false}
layers:
  - {conv: {out: 16, kernel: 1}, when: $a and $b, id: x}
  - {conv: {out: 16, kernel: 1}, from: image, id: y}
"""
    (variant,) = diff(base, base.replace("false", "true") + "  - {add: [x, y]}\n").variants
    assert told(variant) == [("~ vars.a", "~ vars.b", "+ add1")]
    assert variant.causes[0].contribution == variant.delta
    assert variant.delta["params"] == 8 * 16 + 16


def test_instances_of_a_repeat_have_numbers_and_no_ids() -> None:
    net = """\
archspec: 1
name: n
inputs: {x: [3]}
blocks: {unit: {params: {c: int}, layers: [{linear: $c}, relu]}}
layers:
  - {linear: 4, id: stem}
  - {use: unit, with: {c: 4}, repeat: 3, id: s}
"""
    (variant,) = diff(net, net.replace("{linear: 4, id: stem}", "{linear: 24, id: stem}")).variants
    assert variant.layers is not None
    assert [(change.op, change.path) for change in variant.layers.changes] == [("~", "stem")]
