"""Pictures: every layer that is drawn is reached, few nodes, and no name that breaks a label."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.exporters.picture import MOST, Box, picture
from archspec.exporters.pictures import dot, mermaid


def nodes(boxes: tuple[Box, ...]) -> list[str]:
    found = []
    for box in boxes:
        found += [box.key] if box.inside is None else nodes(box.inside)
    return found


@pytest.mark.parametrize(
    "name", ["resnet50", "gpt2", "hrnet", "inception_v3", "retinanet", "qwen3_moe@30b-a3b", "unet"]
)
def test_arrows_lead_from_node_to_node(name: str) -> None:
    report: Any = analyze(name)
    drawn = picture(report)
    known = nodes(drawn.boxes)
    assert len(known) == len(set(known)) <= max(MOST, len(report.graph.body.items)) + 20
    ends = {key for arrow in drawn.arrows for key in arrow}
    assert ends <= set(known)
    assert {key for key in known if key.startswith("n")} - ends == set()
    assert mermaid(drawn).count("-->") == dot(drawn).count(" -> ") == len(drawn.arrows)


def test_repeats_are_one_node() -> None:
    report: Any = analyze("gpt2")
    text = mermaid(picture(report))
    assert text.count("scaled_dot_product_attention1") == 1
    assert 'subgraph n_5_0["0-11 decoder_layer x12"]' in text


def test_hostile_names_break_no_label(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\nname: 'x\"]; click <script>'\ninputs: {x: [3, 8, 8]}\nlayers:\n  - {linear: 3, id: é-1}\n",
        "utf-8",
    )
    report: Any = analyze(str(path))
    for text in (mermaid(picture(report)), dot(picture(report))):
        assert not re.search(r"<script|\"\]; ", text)
        assert "é-1" in text
