"""What stands above and below a table of layers: what was analysed and how, and the sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.analysis.metrics import METRICS, OF_LAYERS, OWN
from archspec.analysis.report import Report
from archspec.errors import printable
from archspec.render.numbers import binary, exact, fixed, shape, short
from archspec.render.tables import plain_table, width
from archspec.sizes import same

ROOM = 120  # columns of the totals where the output may be as wide as it is
# What is said beside another figure, where it differs.
BESIDE = ("params_trainable", "active_params", "unmasked_macs")
# The unit in which each tool prints memory: its bytes, its name, and what there is to say of it.
UNITS = {
    "torchinfo": (10**6, "MB", "1 MB = 10^6 bytes"),
    "torchsummary": (2**20, "MiB", "1 MiB = 2^20 bytes, printed there as MB"),
}


def heading(report: Report) -> list[str]:
    """What was analysed, and how."""
    name = report.variant or report.spec.name
    if not name[:1].isalpha():
        name = f"{report.spec.name}@{name}"
    inputs = ", ".join(f"{name} {shape(value.shape)}" for name, value in report.graph.inputs.items())
    counted = (
        ""
        if report.convention.name == OWN
        else f" | convention {report.convention.name} {report.convention.version}".rstrip()
    )
    lines = [f"{name} | {inputs} | {report.setting.dtype}{counted}"]
    if report.spec.summary:
        lines.append(report.spec.summary)
    return [printable(line) for line in lines]


def totals(report: Report, room: int | None = None, memory: Sequence[str] = ()) -> list[str]:
    """The sums: operations, memory, then what the figures leave out.

    ``room`` is the width to fit into, ``memory`` names the tools whose figures of memory are shown too.
    """
    sums = report.totals
    said = {
        "params": f"trainable {exact(sums.params_trainable)}, frozen {exact(sums.params_frozen)}",
        "macs": _approximate(sums.macs),
        "flops": _approximate(sums.flops),
    }
    if sums.active_params is not sums.params and not same(sums.active_params, sums.params):
        said["params"] += f", active {exact(sums.active_params)}"
    if sums.unmasked_macs is not sums.macs and not same(sums.unmasked_macs, sums.macs):
        said["macs"] = f"{said['macs']}, unmasked {exact(sums.unmasked_macs)}".removeprefix(", ")
    plain = [metric for metric in OF_LAYERS if metric.unit != "bytes" and metric.name not in BESIDE]
    rows = [[metric.title, exact(sums[metric.name]), said.get(metric.name, "")] for metric in plain]
    for name, value in sums.get("columns", {}).items():
        column = report.convention.columns[name]
        rows.append(
            [f"{report.convention.name}.{name}", exact(value), "; ".join(filter(None, (column.unit, column.summary)))]
        )
    lines = plain_table(rows, (False, True, False))
    index = [metric.name for metric in plain].index("flops")
    lines[index] += _beyond(report, (room or ROOM) - len(lines[index]))
    held = [metric for metric in OF_LAYERS if metric.unit == "bytes" and sums[metric.name] != 0]
    sizes = [[metric.title, f"{exact(sums[metric.name])} bytes", _binary(sums[metric.name])] for metric in held]
    if sizes:
        lines += ["", f"memory, {report.setting.dtype}", *plain_table(sizes, (False, True, False))]
    if memory:
        lines += ["", *_as_printed(report, memory, room)]
        lines += [printable(f"{tool}: {remark}") for tool in memory for remark in report.remarks[tool]]
    return lines + [f"warning: {printable(text)}" for text in report.warnings]


def _beyond(report: Report, room: int) -> str:
    """What the FLOPs are beside two for each MAC: how many, and of which kinds, as far as there is room."""
    kinds = report.beyond
    if not kinds or type(report.totals.flops) is not int:
        return ""
    text = f": 2 x MACs + {short(sum(kinds.values()))}" if report.totals.macs else ""
    listed = [f"{kind} {short(count)}" for kind, count in sorted(kinds.items(), key=lambda pair: -pair[1])]
    ends = [f" ({', '.join(listed[:count])}{', ...' * (count < len(listed))})" for count in range(len(listed), 0, -1)]
    return text + next((end for end in ends if len(text + end) <= room), "")


def _as_printed(report: Report, tools: Sequence[str], room: int | None) -> list[str]:
    """Memory as other tools print it."""
    rows = [["memory", *(metric.title for metric in METRICS if metric.name.startswith(f"{tools[0]}."))]]
    for tool in tools:
        unit, name, _ = UNITS[tool]
        rows.append([f"as {tool}", *(_in(unit, name, size) for size in report.totals["memory"][tool].values())])
    right = (False, *(True for _ in rows[0][1:]))
    said = [UNITS[tool][2] for tool in tools]
    beside = plain_table([[*row, text] for row, text in zip(rows, ("", *said), strict=True)], (*right, False))
    if room is None or width(beside) <= room:
        return beside
    return [*plain_table(rows, right), f"({'; '.join(said)})"]


def _in(unit: int, name: str, size: Any) -> str:
    return f"{fixed(size, unit, 2)} {name}" if type(size) is int else exact(size)


def _binary(size: Any) -> str:
    return binary(size) if type(size) is int else ""


def _approximate(value: Any) -> str:
    return short(value) if type(value) is int and value >= 10_000 else ""
