"""One layer as a whole network, counted by one convention."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archspec.api import analyze
from archspec.studies.compare import Tally, compare

BATCH = 2


def counted(convention: str, case: dict[str, Any], folder: Path) -> Tally:
    """What the convention says of a golden file's case: its kind, arguments and input shapes without the batch."""
    dtype = "int64" if case["kind"] == "embedding" else "float32"
    inputs = {f"x{n}": {"shape": shape, "dtype": dtype} for n, shape in enumerate(case["inputs"])}
    layer = {case["kind"]: case["args"], "from": list(inputs) if len(inputs) > 1 else "x0"}
    path = folder / "case.json"
    path.write_text(json.dumps({"archspec": 1, "name": "case", "inputs": inputs, "layers": [layer]}), "utf-8")
    (tally,) = compare(analyze(path, batch=BATCH), [convention])
    return tally
