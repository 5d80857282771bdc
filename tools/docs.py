"""Write the parts of docs/ that come from code: ``python tools/docs.py``; with ``--check`` only say what is stale.

Whole files: the schemas, the references of kinds and of rules, a page for each convention, the cells reached. In the other
pages: what stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import sys
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from archspec.conventions.loader import convention_names
from archspec.render.schemas import FILES, OUTPUTS, schema
from pages import cells, conventions, kinds, regions, rules

DOCS = Path(__file__).parent.parent / "docs"


def main(arguments: list[str]) -> int:
    """Write or check; 1 where a checked file is stale."""
    made = files()
    there = {*(DOCS / "conventions").glob("*.md"), *(DOCS / "schema").glob("*.json")}
    stale = {path: text for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text}
    left_over = there - set(made)
    if "--check" in arguments:
        for path, text in stale.items():
            report(path, text)
        for path in left_over:
            report(path, "")
        return 1 if stale or left_over else 0
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in left_over:
        path.unlink()
    return 0


def report(path: Path, text: str) -> None:
    """Print where a file differs from what it should be."""
    before = path.read_text("utf-8") if path.exists() else ""
    name = str(path.relative_to(DOCS.parent))
    diff = unified_diff(before.splitlines(), text.splitlines(), name, "as the code has it", lineterm="", n=1)
    print(f"stale: {name}; `python tools/docs.py` writes it anew", *islice(diff, 12), sep="\n")


def files() -> dict[Path, str]:
    """Every generated file and its content."""
    schemas = {f"archspec-{name}-1" if name != "spec" else "archspec-1": schema(name) for name in (*FILES, *OUTPUTS)}
    made = {f"schema/{name}.schema.json": json.dumps(content, indent=1) + "\n" for name, content in schemas.items()}
    made |= {f"conventions/{name}.md": conventions.page(name) for name in convention_names()}
    made |= {
        "kinds.md": kinds.page(),
        "rules.md": rules.page(),
        "conventions.md": conventions.overview(),
        "conventions/by-kind.md": conventions.kind_by_kind(),
        "conventions/cells.md": cells.page(),
    }
    by_hand = [path for path in DOCS.glob("*.md") if path.name not in made]
    return {DOCS / name: text for name, text in made.items()} | {
        path: regions.filled(path.read_text("utf-8")) for path in by_hand
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
