"""Files that come with the package: standard blocks, conventions, the zoo."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


@cache
def shipped(folder: str) -> Mapping[str, Path]:
    """The YAML files of a folder of the package by name; those of the zoo lie beside the package in a checkout."""
    place = PACKAGE / folder
    if not place.is_dir():
        place = PACKAGE.parent / folder
    return {file.stem: file for file in sorted(place.glob("*.yaml"), key=lambda file: file.stem)}
