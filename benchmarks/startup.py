"""The whole process `archspec summary resnet50` against importing the libraries it is built on, in turn."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

RUNS = 15
FLOOR = [sys.executable, "-c", "import pydantic, yaml, click, tabulate"]


def seconds(command: list[str]) -> tuple[float, float]:
    """Wall time of one run, and the peak memory of the largest child so far in MB (10^6 bytes)."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    spent = time.perf_counter() - start
    return spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6


def main() -> None:
    """Print the medians and the ratio pair by pair."""
    archspec = shutil.which("archspec", path=os.path.dirname(sys.executable)) or "archspec"
    command = [archspec, "summary", "resnet50"]
    seconds(FLOOR)
    seconds(command)
    pairs = [(seconds(command), seconds(FLOOR)) for _ in range(RUNS)]
    ours = statistics.median(pair[0][0] for pair in pairs)
    floor = statistics.median(pair[1][0] for pair in pairs)
    ratio = statistics.median(pair[0][0] / pair[1][0] for pair in pairs)
    print(f"archspec summary resnet50   {ours * 1000:6.0f} ms   peak {pairs[-1][0][1]:.1f} MB")
    print(f"imports alone               {floor * 1000:6.0f} ms")
    print(f"ratio, median of {RUNS} pairs  {ratio:6.2f}")


if __name__ == "__main__":
    main()
