"""Specs of which only a part changed."""

from __future__ import annotations

from collections.abc import Callable

from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]

BODY = """\
archspec: 1
name: body
inputs: {x: [3, 8, 8]}
vars: {w: 8}
layers:
  - {conv: {out: $w, kernel: 3, padding: 1}, id: c}
"""
HEAD = """\
archspec: 1
name: head
inputs: {x: [3, 8, 8]}
layers:
  - {use: ./nets/body.yaml, id: body}
  - {flatten: , id: flat}
  - {linear: 10, id: fc}
expect: {params: 5354}
"""
TOP = """\
archspec: 1
name: top
inputs: {x: [3, 8, 8]}
layers:
  - {use: ./head.yaml, id: head}
"""
OTHER = TOP.replace("{use: ./head.yaml, id: head}", "{flatten: , id: body.yaml}")


def start(scratch: Scratch) -> None:
    scratch.write("nets/body.yaml", BODY)
    scratch.commit(head__yaml=HEAD, top__yaml=TOP, other__yaml=OTHER)
    scratch.write("nets/body.yaml", BODY.replace("w: 8", "w: 16"))


def test_a_spec_is_compared_where_a_part_of_a_part_changed(scratch: Scratch, run: Run) -> None:
    start(scratch)
    _, out, _ = run("diff", "HEAD")
    assert "~ head.yaml" in out
    assert "~ top.yaml" in out
    assert "other.yaml" not in out
    assert out.count("+5,344") == 2  # 3*9*8 + 8 of the body, 8*64*10 of the layer behind it
    scratch.git("commit", "-qam", "wider")
    assert run("diff", "HEAD~1", "HEAD")[1].count("+5,344") == 2


def test_the_run_for_a_pull_request_checks_it_too(scratch: Scratch, run: Run) -> None:
    start(scratch)
    code, out, _ = run("ci", "--base", "HEAD")
    assert code == 1
    assert "head.yaml:8:18: error AE101: expect.params: expected params 5354, is 10,698" in out


def test_globs_choose_among_them(scratch: Scratch, run: Run) -> None:
    start(scratch)
    _, out, _ = run("diff", "HEAD", "--specs", "top.yaml")
    assert "~ top.yaml" in out
    assert "head.yaml" not in out
