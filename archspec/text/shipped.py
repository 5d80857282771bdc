"""Files that come with the package: standard blocks, conventions, the zoo."""

from __future__ import annotations

import os
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
    stems = [name.removesuffix(".yaml") for name in os.listdir(place) if name.endswith(".yaml")]
    return {stem: place / f"{stem}.yaml" for stem in sorted(stems)}
