"""The engine alone: specs already loaded, analysed again and again."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from archspec.api import analyze, load
from archspec.language.load import load_text


def median(call: Callable[[], Any], runs: int) -> float:
    """Median seconds of a call."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def flat(layers: int) -> Any:
    """A flat spec of so many layers, no two neighbours alike: widths go through 97 values."""
    kinds: list[dict[str, Any]] = []
    for index in range(0, layers, 2):
        kinds.append({"conv": {"out": 16 + index % 97, "kernel": 3, "padding": 1}})
        kinds.append({"relu": None})
    return load_text(
        json.dumps({"archspec": 1, "name": "flat", "inputs": {"x": [3, 32, 32]}, "layers": kinds}), "flat.json"
    )


def repeated(times: int) -> Any:
    """A block that keeps its shape, so many times."""
    body = [{"residual": [{"linear": 64}, {"relu": None}, {"linear": 64}]}]
    layer = {"seq": body, "repeat": times}
    return load_text(json.dumps({"archspec": 1, "name": "deep", "inputs": {"x": [64]}, "layers": [layer]}), "deep.json")


def analysis(spec: Any, runs: int, **options: Any) -> float:
    """Median seconds of analysing a loaded spec."""
    return median(lambda: analyze(spec, **options), runs)


def main() -> None:
    """Print each figure."""
    print(f"resnet50, loaded             {analysis(load('resnet50'), 101, variant='resnet50') * 1e3:8.2f} ms")
    seconds = {}
    for layers in (10_000, 100_000):
        spent = seconds[layers] = analysis(flat(layers), 3)
        print(f"flat, {layers:7,} layers         {spent * 1e3:8.1f} ms   {layers / spent:9,.0f} layers/s")
    print(f"ten times the layers         {seconds[100_000] / seconds[10_000]:8.2f} times the time")
    two, million = (analysis(repeated(times), 101) for times in (2, 1_000_000))
    print(f"repeat: 1000000 / repeat: 2  {million / two:8.2f}")


if __name__ == "__main__":
    main()
