"""Figures that the tools themselves gave for small networks of one or two layers, where they surprise."""

from __future__ import annotations

import pytest

from archspec import analyze
from archspec.language.load import load_text

HEAD = "archspec: 1\nname: t\ninputs: {inputs}\nlayers:\n{layers}"
HEADS = "{{q: {q}, k: {q}, v: {v}}}"
ATTENTION = "  - {scaled_dot_product_attention: , from: [q, k, v]}\n"
GRU = "  - gru: 50\n  - linear: 1000\n"
FROZEN = "  - {conv: {out: 4, kernel: 3}, freeze: true}\n  - flatten\n  - {linear: 5, freeze: true}\n"


@pytest.mark.parametrize(
    ("inputs", "layers", "column", "batch", "figure"),
    [
        # torch 2.13, FlopCounterMode around F.scaled_dot_product_attention on a CPU
        (HEADS.format(q=[2, 5, 4], v=[2, 5, 4]), ATTENTION, "torch/flops", 1, 0),
        (HEADS.format(q=[2, 5, 4], v=[2, 5, 3]), ATTENTION, "torch/flops", 1, 700),
        (HEADS.format(q=[3, 2, 5, 4], v=[3, 2, 5, 4]), ATTENTION, "torch/flops", 1, 2400),
        # torchinfo 1.8.0: total_output_bytes of nn.LSTM, which always returns its states too
        ("{x: [3, 4]}", "  - lstm: {hidden: 5}\n", "torchinfo/forward_backward_bytes", 1, 120),
        ("{x: [3, 4]}", "  - lstm: {hidden: 5, state: true}\n", "torchinfo/forward_backward_bytes", 1, 120),
        ("{x: [3, 4]}", "  - gru: {hidden: 5, layers: 2, bidirectional: true, state: true}\n",
         "torchinfo/forward_backward_bytes", 1, 240),
        # torchsummary 1.5.1: "Forward/backward pass size (MB): 1.60", nn.GRU's output [[-1, 30, 50], [-1, 2, 50]]
        ("{x: [30, 40]}", GRU, "torchsummary/forward_backward_bytes", 2, 1_680_000),
        # torchstat 0.0.7, Memory of both: [768, 576] and [576, 20]; not frozen [1216, 576] and [3476, 20]
        ("{x: [3, 8, 8]}", FROZEN, "torchstat/mem_read", 1, 768 + 576),
        ("{x: [3, 8, 8]}", FROZEN.replace("true", "false"), "torchstat/mem_read", 1, 1216 + 3476),
    ],
)  # fmt: skip
def test_a_figure_is_the_tools(inputs: str, layers: str, column: str, batch: int, figure: int) -> None:
    convention, name = column.split("/")
    spec = load_text(HEAD.format(inputs=inputs, layers=layers))
    totals = analyze(spec, batch=batch, convention=convention).totals
    assert totals.columns[name] == figure
