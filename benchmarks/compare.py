"""Every network of torchvision's that the zoo has, under every convention, in one process."""

from __future__ import annotations

import time

from archspec.api import analyze
from archspec.conventions.loader import convention_names
from archspec.language.find import zoo
from archspec.language.load import load_spec
from archspec.studies.compare import compare


def main() -> None:
    """Print how many networks and conventions there were, and how long they took together."""
    start = time.perf_counter()
    specs = {}
    networks = 0
    for place in zoo().values():
        spec = specs.setdefault(place.file, load_spec(place.file)) if place.file not in specs else specs[place.file]
        if "torchvision" not in spec.summary + spec.document.text or (place.variant is None and spec.variants):
            continue
        compare(analyze(spec, variant=place.variant))
        networks += 1
    spent = time.perf_counter() - start
    print(
        f"{networks} networks x {len(convention_names())} conventions   {spent:.2f} s   "
        f"{spent / networks * 1e3:.0f} ms each"
    )


if __name__ == "__main__":
    main()
