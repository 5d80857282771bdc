"""Edits inside experts are told by the ids of their layers, and add up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Run = Callable[..., tuple[int, str, str]]

NET = """\
archspec: 1
name: e
inputs: {x: [6, 8]}
layers:
  - id: moe
    experts:
      count: 4
      active: 2
      router: [{linear: {out: 4, bias: false}, id: gate}]
      body: [{linear: {out: 16, bias: false}, id: up}, {linear: {out: 8, bias: false}, id: down}]
      shared: [{linear: {out: 8, bias: false}, id: s}]
"""


def test_edits_of_all_parts(tmp_path: Path, run: Run) -> None:
    wider = NET.replace("out: 16", "out: 32").replace("count: 4", "count: 8").replace("out: 4, bias", "out: 8, bias")
    (tmp_path / "a.yaml").write_text(NET)
    (tmp_path / "b.yaml").write_text(wider.replace("id: s}", "id: s}, relu"))
    _, out, _ = run("diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"))
    for said in ("moe.count", "moe.gate.out", "moe.experts.up.out", "moe.relu1"):
        assert said in out
    # 4 -> 8 experts of 2 * 8 * 16, and 4 more scores; 16 -> 32 of 4 experts; both together once more.
    assert "params +1,056" in out
    assert "params +1,024" in out
    assert "# interaction: params +1,024" in out
