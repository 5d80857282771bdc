"""The figures that a budget can bound, of a network and of a layer."""

from __future__ import annotations

from typing import Any

from archspec.analysis.report import MEMORY, MEMORY_KEYS, Report, Row
from archspec.language.load import DTYPES

LAYER_METRICS = ("params", "params_trainable", "buffers", "macs", "flops", "activations", "weights_bytes")
METRICS = (
    "params", "params_trainable", "params_frozen", "buffers", "macs", "flops", "activations", "weights_bytes",
    *(f"{tool}.{key}" for tool in MEMORY for key in (*MEMORY_KEYS, "total_bytes")),
)  # fmt: skip


def network_figure(report: Report, name: str) -> Any:
    """One of ``METRICS`` of the whole network; ``weights_bytes`` are the parameters in the analysis' dtype."""
    if name == "weights_bytes":
        return report.totals["params"] * DTYPES[report.settings["dtype"]]
    tool, dot, key = name.partition(".")
    return report.totals["memory"][tool][key] if dot else report.totals[name]


def layer_figure(report: Report, row: Row, name: str) -> Any:
    """One of ``LAYER_METRICS`` of one instance of a layer or group."""
    if name == "weights_bytes":
        return row.params * DTYPES[report.settings["dtype"]]
    return getattr(row, name)
