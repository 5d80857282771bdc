"""`archspec diff` end to end, in scratch repositories."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from archspec.analysis.metrics import DIFFED
from archspec.analysis.setting import Setting
from archspec.api import analyze
from archspec.change.collect import collect
from archspec.change.diff import compare_files
from archspec.change.model import Diff, Side
from archspec.ci.comment import LIMIT
from archspec.language.files import is_spec
from archspec.language.load import load_text
from archspec.render.diff import render
from archspec.render.markdown import code
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]

NET = """\
archspec: 1
name: net
dims: {H: 8}
inputs: {image: [3, $H, $H]}
vars: {width: 4, classes: 10}
variants:
  small: {width: 4}
  large: {width: 16}
layers:
  - {conv: {out: $width, kernel: 3}, id: stem}   # the stem
  - flatten
  - linear: $classes
"""


def found(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, error = run("diff", "--format", "json", *arguments)
    assert code in (0, 1), error
    return json.loads(out)  # type: ignore[no-any-return]


def entries(document: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {(one["path"], one["variant"]): one for one in document["specs"]}


def of_texts(base: str | None, head: str | None, at: Setting = Setting()) -> Diff:  # noqa: B008
    sides = [None if text is None else text.encode() for text in (base, head)]
    return Diff(base=Side("a"), head=Side("b"), at=at, specs=(compare_files("n.yaml", "n.yaml", *sides, at),))


def test_one_edit(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.git("checkout", "-qb", "topic")
    scratch.write("net.yaml", NET.replace("classes: 10", "classes: 20"))
    document = found(run)
    assert document["schema"] == "archspec.diff/1"
    assert document["base"]["ref"] == "main"
    one = entries(document)["net.yaml", "large"]
    # 16 channels of 6x6 into 10 more classes, each with a bias.
    assert one["metrics"]["params"]["delta"] == 10 * 16 * 36 + 10
    assert one["metrics"]["macs"]["delta"] == 10 * 16 * 36
    assert one["metrics"]["weights_bytes"]["delta"] == 4 * (10 * 16 * 36 + 10)
    (cause,) = one["changes"]
    assert (cause["op"], cause["path"], cause["line"], cause["from"], cause["to"]) == ("~", "vars.classes", 5, 10, 20)
    assert cause["contribution"] == {name: figures["delta"] for name, figures in one["metrics"].items()}
    assert [layer["path"] for layer in one["layers"]["changed"]] == ["linear1"]
    assert one["layers"]["unchanged"] == 2


def test_settings(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", NET.replace("classes: 10", "classes: 20"))
    at = found(run, "--batch", "2", "--dtype", "bfloat16", "--set", "H=6")
    one = entries(at)["net.yaml", "small"]["metrics"]
    assert one["params"]["delta"] == 10 * 4 * 16 + 10
    assert one["macs"]["delta"] == 2 * 10 * 4 * 16
    assert one["weights_bytes"]["delta"] == 2 * one["params"]["delta"]
    code, _, error = run("diff", "--set", "heigth=6")
    assert code == 2
    assert "`heigth`" in error
    code, _, error = run("diff", "--dtype", "flaot32")
    assert (code, "did you mean `float32`?" in error) == (2, True)
    assert run("diff", "--set", "H=wide")[0] == 2
    assert run("diff", "--set", "H=1")[0] == 1, "an image smaller than the kernel is a finding in the spec at that size"


def test_two_opposite_edits_add_up(scratch: Scratch, run: Run) -> None:
    text = (ROOT / "specs" / "llama3.yaml").read_text("utf-8")
    scratch.commit(llama3__yaml=text)
    scratch.write("llama3.yaml", text.replace("kv_heads: 8,", "kv_heads: 4,").replace("hidden: 14336", "hidden: 16384"))
    one = entries(found(run))["llama3.yaml", "8b"]
    effects = {change["path"]: change["contribution"]["params"] for change in one["changes"]}
    # The figures of the layout in the project's reference: attention -134.2M, glu +805.3M, in all +671.1M.
    assert effects == {"vars.kv_heads": -134_217_728, "variants.8b.hidden": 805_306_368}
    assert one["metrics"]["params"] == {
        "base": 8_030_261_248, "head": 8_701_349_888, "delta": 671_088_640, "pct": 8.357,
        "base_text": "8.030G", "head_text": "8.701G", "delta_text": "+671.1M",
    }  # fmt: skip
    assert not any(one["interaction"].values())
    others = {change["path"] for change in entries(found(run))["llama3.yaml", "70b"]["changes"]}
    assert others == {"vars.kv_heads"}


def test_layout_and_comments(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, other__yaml=NET)
    scratch.write(
        "net.yaml",
        NET.replace("  - linear: $classes", "  - linear: {out: ${classes}}".replace("${classes}", '"$classes"'))
        + "# end\n",
    )
    scratch.write("other.yaml", NET.replace("name: net", "name: net\nsummary: A small one."))
    code, out, _ = run("diff", "--exit-code")
    assert code == 0
    assert "no numeric change: comments or layout only" in out
    assert "1 edit that no figure depends on: summary" in out
    for form in ("md", "html"):
        assert "no numeric change" in run("diff", "--format", form)[1]


def test_an_edit_without_figures_is_still_a_change() -> None:
    base = NET.replace("  - flatten", "  - batchnorm\n  - flatten")
    diff = of_texts(base, base.replace("- batchnorm", "- batchnorm: {eps: 0.1}"))
    assert diff.changed
    assert not diff.specs[0].numeric
    text = render(diff, "text")
    assert "no numeric change" in text
    assert "eps 1e-05 -> 0.1" in text


def test_added_removed_renamed_specs(scratch: Scratch, run: Run) -> None:
    other = NET.replace(
        "name: net", "name: other\nsummary: Another network, with lines of its own\n# one\n# two\n# three"
    )
    scratch.commit(
        gone__yaml=NET.replace("kernel: 3", "kernel: 5").replace("large", "huge"), old__yaml=other, moved__yaml=NET
    )
    (scratch.folder / "gone.yaml").unlink()
    (scratch.folder / "old.yaml").rename(scratch.folder / "new.yaml")  # git is not told
    scratch.git("mv", "moved.yaml", "moved too.yaml")
    scratch.write("fresh.json", '{"archspec": 1, "name": "fresh", "inputs": {"x": [4]}, "layers": [{"linear": 2}]}')
    scratch.write("notes.yaml", "archspec: 1\nblocks: {}\n")
    document = found(run, "--exit-code")
    status = {key: (one["status"], one["old_path"]) for key, one in entries(document).items()}
    assert status[("gone.yaml", "huge")] == ("removed", None)
    assert status[("fresh.json", None)] == ("added", None)
    assert status[("new.yaml", "small")] == ("unchanged", "old.yaml")
    assert status[("moved too.yaml", "small")] == ("unchanged", "moved.yaml")
    assert {path for path, _ in status} == {"gone.yaml", "fresh.json", "new.yaml", "moved too.yaml"}
    assert run("diff", "--exit-code")[0] == 1
    assert "renamed from old.yaml" in run("diff")[1]
    assert entries(document)["fresh.json", None]["metrics"]["params"]["head"] == 4 * 2 + 2


def test_variants_come_and_go(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", NET.replace("large: {width: 16}", "huge: {width: 64}"))
    found_now = {variant: one["status"] for (_, variant), one in entries(found(run)).items()}
    assert found_now == {"small": "unchanged", "huge": "added", "large": "removed", None: "unchanged"}


def test_what_names_the_sides(scratch: Scratch, run: Run, tmp_path: Path) -> None:
    one = scratch.commit(net__yaml=NET)
    two = scratch.commit(net__yaml=NET.replace("classes: 10", "classes: 20"))
    scratch.write("net.yaml", NET.replace("classes: 10", "classes: 30"))
    plain = tmp_path / "plain.yaml"
    plain.write_text(NET.replace("classes: 10", "classes: 40"), "utf-8")

    def classes(*arguments: str) -> tuple[int, int]:
        (entry,) = (each for (_, variant), each in entries(found(run, *arguments)).items() if variant == "small")
        return entry["changes"][0]["from"], entry["changes"][0]["to"]

    assert classes() == (20, 30)
    assert classes(one) == (10, 30)
    assert classes(one, two) == (10, 20)
    assert classes("HEAD~1..HEAD") == (10, 20)
    assert classes("HEAD~1...") == (10, 20)
    assert classes("net.yaml") == (20, 30)
    assert classes("HEAD~1:net.yaml") == (10, 30)
    assert classes("HEAD~1:net.yaml", "HEAD:./net.yaml") == (10, 20)
    assert classes("HEAD~1", "net.yaml") == (10, 30)
    assert classes("net.yaml", str(plain)) == (30, 40)
    assert classes("HEAD:net.yaml", "net.yaml") == (20, 30)
    code, _, error = run("diff", "HEAD:nte.yaml")
    assert (code, "did you mean `net.yaml`?" in error) == (2, True)
    assert run("diff", "none.yaml", "net.yaml")[0] == 2
    assert run("diff", "net.yaml", "--specs", "*")[0] == 2
    (scratch.folder / "net.yaml").rename(tmp_path / "net.yaml")
    assert {one["status"] for one in found(run, "net.yaml")["specs"]} == {"removed"}
    assert run("diff", "nowhere.yaml")[0] == 2


def test_a_side_that_does_not_parse(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, mended__yaml=NET.replace("kernel: 3", "kernal: 3"))
    scratch.write("net.yaml", NET.replace("kernel: 3", "kernal: 3"))
    scratch.write("mended.yaml", NET)
    code, out, _ = run("diff")
    assert code == 1
    assert "did you mean `kernel`?" in out
    document = found(run)
    severities = {(one["file"], one["severity"], one["line"]) for one in document["findings"]}
    assert severities == {("net.yaml", "error", 10), ("mended.yaml", "warning", 10)}
    assert document["findings"][0]["code"] == "AS000"
    scratch.write("net.yaml", NET)
    assert run("diff")[0] == 0, "a base that does not parse is not this change's fault"
    scratch.write("net.yaml", NET.replace("kernel: 3", "kernel: 9"))
    code, out, _ = run("diff")
    assert (code, "! net.yaml" in out) == (1, True)
    (scratch.folder / "net.yaml").write_bytes(b"archspec: 1\nlayers: [\xff]\n")
    code, out, _ = run("diff")
    assert (code, "not UTF-8" in out) == (1, True)


def test_conflict_markers(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.git("checkout", "-qb", "other")
    scratch.commit(net__yaml=NET.replace("classes: 10", "classes: 20"))
    scratch.git("checkout", "-q", "main")
    scratch.commit(net__yaml=NET.replace("classes: 10", "classes: 30"))
    assert subprocess.run(["git", "merge", "-q", "other"], check=False, capture_output=True).returncode
    code, out, error = run("diff")
    assert code == 1, error
    assert "a conflict marker: `<<<<<<< HEAD`" in out


def test_line_ends_alone_are_a_change(scratch: Scratch, run: Run) -> None:
    """A file that git stores as it was, whose line ends it converts, has not changed."""
    scratch.commit(net__yaml=NET)
    (scratch.folder / "net.yaml").write_bytes(NET.replace("\n", "\r\n").encode())
    assert "no numeric change: comments or layout only" in run("diff", "HEAD")[1]
    scratch.git("config", "core.autocrlf", "true")
    assert "no spec changed." in run("diff", "HEAD")[1]
    scratch.git("config", "core.autocrlf", "false")
    scratch.git("commit", "-qam", "line ends")
    assert "1 spec touched, 3 variants unchanged" in run("diff", "HEAD~1..HEAD")[1]


def test_a_declared_variable_is_made_before_its_use() -> None:
    base = NET.replace(", classes: 10", "").replace("$classes", "10")
    head = NET.replace("classes: 10", "classes: 12")
    variant = of_texts(base, head).specs[0].variants[0]
    assert [[edit.path for edit in cause.edits] for cause in variant.causes] == [["vars.classes"], ["layers.2.linear"]]
    declared, used = variant.causes
    assert declared.contribution is not None
    assert not any(declared.contribution.values())
    assert used.contribution == variant.delta
    assert [edit.path for edit in used.needs] == ["vars.classes"]


def test_edits_that_make_sense_only_together() -> None:
    text = NET.replace("  - flatten", "  - residual: [{conv: {out: $width, kernel: 3, padding: 1}}]\n  - flatten")
    variant = of_texts(text, text.replace("kernel: 3, padding: 1", "kernel: 5, padding: 2")).specs[0].variants[0]
    (cause,) = variant.causes
    assert {edit.path.rpartition(".")[2] for edit in cause.edits} == {"kernel", "padding"}
    assert cause.contribution == variant.delta
    assert "2 edits together" in render(
        of_texts(text, text.replace("kernel: 3, padding: 1", "kernel: 5, padding: 2")), "text"
    )


def test_interaction_is_told() -> None:
    """Two factors of one product: (a+1)(b+1) - ab is more than what each adds alone, by 1 times the constant."""
    layers = "  - linear: {out: 100, bias: false}\n  - linear: {out: 50, bias: false}\n"
    base = f"archspec: 1\nname: n\ninputs: {{x: [10]}}\nlayers:\n{layers}"
    head = base.replace("out: 100", "out: 110").replace("out: 50", "out: 55")
    variant = of_texts(base, head).specs[0].variants[0]
    effects = [cause.contribution["params"] for cause in variant.causes if cause.contribution]
    assert effects == [10 * 10 + 10 * 50, 100 * 5]
    assert variant.interaction["params"] == 10 * 5
    assert "# interaction: params +50, MACs +50 (" in render(of_texts(base, head), "text")


def test_insertion_leaves_the_rest_unchanged() -> None:
    lines = [f"  - conv: {{out: {8 + i % 3}, kernel: 3, padding: 1, act: relu}}\n" for i in range(12)]
    text = "archspec: 1\nname: n\ninputs: {x: [8, 8, 8]}\nlayers:\n" + "".join(lines)
    head = text.replace("layers:\n", "layers:\n  - dropout\n")
    spec = of_texts(text, head).specs[0]
    (edit,) = spec.edits
    assert (edit.op, edit.path, edit.line) == ("+", "layers.0", 5)
    layers = spec.variants[0].layers
    assert layers is not None
    assert ([change.op for change in layers.changes], layers.unchanged, layers.ripples) == (["+"], 24, 0)


def test_instances_of_a_repeat() -> None:
    text = (ROOT / "specs" / "resnet.yaml").read_text("utf-8")
    deeper = of_texts(
        text,
        text.replace(
            "resnet50: {block: bottleneck, depths: [3, 4, 6, 3]}", "resnet50: {block: bottleneck, depths: [3, 4, 9, 3]}"
        ),
    )
    changed = [one for one in deeper.specs[0].variants if one.status == "changed"]
    assert [one.variant for one in changed] == ["resnet50"]
    assert changed[0].layers is not None
    (change,) = changed[0].layers.changes
    assert (change.path, change.base_times, change.head_times) == ("layer3[1..8]", 5, 8)
    assert change.head["params"] - change.base["params"] == changed[0].delta["params"]


def test_moved_layer() -> None:
    base = "archspec: 1\nname: n\ninputs: {x: [8]}\nlayers:\n  - relu\n  - linear: 8\n  - gelu\n  - tanh\n"
    head = "archspec: 1\nname: n\ninputs: {x: [8]}\nlayers:\n  - linear: 8\n  - gelu\n  - tanh\n  - relu\n"
    (edit,) = of_texts(base, head).specs[0].edits
    assert (edit.op, edit.old, edit.path) == (">", "layers.0", "layers.3")


class Tags(HTMLParser):
    """Every tag and reference of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


HOSTILE = [
    "<script>alert(1)</script>",
    "a|b",
    "`x` ``y``",
    "@octocat",
    "two\nlines",
    "[x](http://evil)",
    "![i](//e)",
    "\u202e",
    "</details>",
    "#1",
]


def test_hostile_names(scratch: Scratch, run: Run) -> None:
    def text(width: int) -> str:
        variants = "".join(f"  {json.dumps(name)}: {{width: {width + index}}}\n" for index, name in enumerate(HOSTILE))
        words = "".join(f"  t{index}: {json.dumps(name * (width // 4))}\n" for index, name in enumerate(HOSTILE))
        return (
            f"archspec: 1\nname: n\ninputs: {{x: [8]}}\nvars:\n  width: 1\n{words}variants:\n{variants}"
            "layers:\n  - linear: $width\n"
        )

    assert load_text(text(4)).variants.keys() == set(HOSTILE)
    scratch.write("a|`b` @team <i>.yaml", text(4))
    scratch.commit()
    scratch.write("a|`b` @team <i>.yaml", text(40))
    out = run("diff", "--format", "md")[1]
    outside = re.sub(r"`[^`\n]*`", "", out)
    assert "<script" not in outside
    assert "@octocat" not in outside
    assert "@team" not in outside
    assert "](http" not in outside
    tables = [line for line in out.splitlines() if line.startswith("|")]
    assert all(line.count("|") in (6, 7) for line in tables)
    assert out.count("<details>") == out.replace("`</details>`", "").count("\n</details>")
    tags = Tags(run("diff", "--format", "html")[1])
    assert not tags.tags & {"script", "i", "img", "link"}
    assert not tags.attributes & {"src", "onclick", "style"}
    for form in ("text", "md", "html"):
        page = run("diff", "--format", form)[1]
        assert "\x1b" not in page
        assert "\u202e" not in page


@pytest.mark.parametrize("text", ["`", "``` a", "|", "a\nb", "\\", "*", "_x_", "www.a.b"])
def test_code_holds_what_it_is_given(text: str) -> None:
    shown = code(text)
    inside = shown.removeprefix("<code>").removesuffix("</code>") if shown.startswith("<code>") else shown[1:-1]
    assert "`" not in inside
    assert "|" not in inside
    assert "\n" not in shown


def test_comment_fits_whatever_the_change(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.change.trials.MAX_WORK", 500)

    def text(width: int, which: int) -> str:
        ids = "".join(f"  - {{linear: {width + i}, id: {'long' * 20}{i}}}\n" for i in range(30))
        variants = "".join(f"  '{'@|<`' * 30}{i}': {{w: {width + i}}}\n" for i in range(30))
        top = f"archspec: 1\nname: n{which}\ninputs: {{x: [8]}}\nvars: {{w: 1}}\n"
        return f"{top}variants:\n{variants}layers:\n{ids}  - linear: $w\n"

    names = [f"{'deep |`@/' * 8}{which}.yaml" for which in range(12)]
    for which, name in enumerate(names):
        scratch.write(name, text(10, which))
    scratch.commit()
    for which, name in enumerate(names):
        scratch.write(name, text(11, which))
    out = run("diff", "--format", "md")[1]
    assert len(out) < LIMIT
    assert "Shortened to fit" in out
    assert out.startswith("### archspec: ")
    assert out.endswith("</sub>\n")


def test_colour(scratch: Scratch) -> None:
    diff = of_texts(NET, NET.replace("classes: 10", "classes: 20"))
    plain, coloured = render(diff, "text"), render(diff, "text", color=True)
    assert "\x1b" not in plain
    assert re.sub("\x1b\\[[0-9]+m", "", coloured) == plain


def test_driver(scratch: Scratch) -> None:
    scratch.commit(net__yaml=NET, plain__yaml="a: 1\n", **{"__gitattributes": "*.yaml diff=archspec\n"})
    scratch.git("config", "diff.archspec.command", f"'{sys.executable}' -m archspec git-diff-driver")
    scratch.write("net.yaml", NET.replace("classes: 10", "classes: 20"))
    scratch.write("plain.yaml", "a: 2\n")
    out = scratch.git("diff")
    assert "~ vars.classes  10 -> 20" in out
    assert "-a: 1\n+a: 2" in out
    scratch.git("mv", "-f", "net.yaml", "moved.yaml")
    assert "renamed from net.yaml" in scratch.git("diff", "-M", "HEAD")


def test_only_specs_are_read() -> None:
    assert is_spec(NET.encode())
    assert is_spec(b'{\n  "archspec": 1, "layers": []}')
    for end in ("\r\n", "\r"):
        assert is_spec(b"\xef\xbb\xbf" + NET.replace("\n", end).encode())
        assert not is_spec(f"name: package{end}dependencies: {{archspec: 1}}{end}layers: x{end}".encode())
    assert not is_spec(b"name: package\ndependencies: {archspec: 1}\nlayers: x\n")
    assert not is_spec(b"archspec: 1\nblocks: {}\n")


def test_figures_are_those_of_the_report() -> None:
    diff = of_texts(NET, NET.replace("kernel: 3", "kernel: 5"), Setting(batch=3, dtype="float16"))
    (variant,) = (one for one in diff.specs[0].variants if one.variant == "large")
    totals = analyze(load_text(NET), variant="large", batch=3, dtype="float16").totals
    assert variant.base is not None
    assert variant.base == {metric.name: totals.figure(metric.name) for metric in DIFFED}
    assert variant.base["torchinfo.forward_backward_bytes"] == totals.figure("torchinfo.forward_backward_bytes")
    assert set(variant.base) == {metric.name for metric in DIFFED}


def test_from_python(scratch: Scratch) -> None:
    scratch.commit(net__yaml=NET)
    diff = collect(None, None, (), Setting())
    assert (diff.changed, diff.broken, diff.specs) == (False, False, ())
