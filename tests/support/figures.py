"""What figures.yaml says: which column of which convention a tool's figure must equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"
DATA: dict[str, Any] = yaml.safe_load((HERE / "figures.yaml").read_text("utf-8"))


class Target(NamedTuple):
    """The column a figure must equal, and the unit the figure is given in."""

    convention: str
    column: str
    unit: str


def target(entry: Any) -> Target:
    """What an entry of figures.yaml says."""
    name, unit = entry if isinstance(entry, list) else (entry, "")
    convention, _, column = name.rpartition(".")
    return Target(convention, column, unit)
