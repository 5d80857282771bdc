"""What fvcore and torch.utils.flop_counter say of each operator, and which operators fvcore does not know."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from archspec.analysis.count import Counted, Ledger
from archspec.conventions.loader import convention
from archspec.graph.graph import Layer
from archspec.graph.walk import walk
from goldens import networks, settled

# The operator that a kind is, where it has another name.
FVCORE = {
    "adaptive_avgpool": "adaptive_avg_pool2d",
    "avgpool": "avg_pool2d",
    "batchnorm": "batch_norm",
    "conv_transpose": "conv",
    "global_avgpool": "adaptive_avg_pool2d",
    "layernorm": "layer_norm",
    "maxpool": "max_pool2d",
    "multihead_attention": "linear",
    "relu6": "hardtanh",
}
TORCH = {
    "conv": "aten.convolution",
    "conv_transpose": "aten.convolution",
    "einsum": "aten.bmm",
    "matmul": "aten.bmm",
    "multihead_attention": "aten.addmm",
}
# Their functions hold operators that are no layers of a spec: scales, masks, norms of queries.
WITH_HELPERS = ("maxvit", "swin", "vit")
MEASURED = [name for name, golden in networks().items() if "fvcore" in golden]


def calls(network: str, name: str) -> list[tuple[Layer, Counted, Any]]:
    """Every layer of a network with its figures under a convention and how often it stands there."""
    report = settled(network)
    assert report is not None
    ledger = Ledger(report.graph, "float32", [convention(name)])
    return [
        (step.item, ledger.call(step.item, step.state), step.times)
        for step in walk(report.graph)
        if isinstance(step.item, Layer)
    ]


@pytest.mark.parametrize("network", MEASURED)
def test_fvcore_by_operator(network: str) -> None:
    found: Counter[str] = Counter()
    for call, counted, times in calls(network, "fvcore"):
        kind = call.traits.kind.kind
        found[FVCORE.get(kind, kind)] += counted.columns["fvcore"]["flops"] * times
    assert +found == +Counter(networks()[network]["fvcore"]["by_operator"])


@pytest.mark.parametrize("network", MEASURED)
def test_torch_by_operator(network: str) -> None:
    found: Counter[str] = Counter()
    for call, counted, times in calls(network, "torch"):
        kind = call.traits.kind.kind
        linear = "aten.addmm" if counted.facts.get("bias") else "aten.mm"
        found[TORCH.get(kind, linear)] += counted.columns["torch"]["flops"] * times
    assert +found == +Counter(networks()[network]["torch_flop_counter"]["by_operator"])


@pytest.mark.parametrize("network", [name for name in MEASURED if not name.startswith(WITH_HELPERS)])
def test_what_fvcore_does_not_support(network: str) -> None:
    """Each operator as often as fvcore met it; whether it works in place is no part of a spec, nor of this."""
    found: Counter[str] = Counter()
    for call, counted, times in calls(network, "fvcore"):
        if counted.status["fvcore"] == "unknown":
            kind = call.traits.kind.kind
            found[FVCORE.get(kind, "div or mul" if kind == "scale" else kind)] += times
    wanted: Counter[str] = Counter()
    for operator, times in networks()[network]["fvcore"]["unsupported"].items():
        name = operator.removeprefix("aten::").removesuffix("_")
        wanted["div or mul" if name == "div" else name] += times
    del wanted["dropout"]  # known, and free; but not the one in place
    assert found == wanted
