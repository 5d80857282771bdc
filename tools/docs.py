"""Write the parts of docs/ that come from code: ``python tools/docs.py``; with ``--check`` only say what is stale.

Whole files: the schema, the reference of kinds and that of rules, a page for each convention. Inside docs/language.md:
what stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from difflib import unified_diff
from itertools import groupby, islice
from pathlib import Path

from archspec.conventions.loader import CALL_FACTS, convention, convention_names
from archspec.expr.arithmetic import FUNCTIONS
from archspec.fields import field_docs
from archspec.graph.frame import AXES
from archspec.kinds.base import BASE_FACTS
from archspec.language.blocks import standard, standard_names
from archspec.language.header import LAYER_KEYS, PARALLEL_KEYS, RESIDUAL_KEYS, STRUCTURES, BlockHeader, Header
from archspec.language.load import DTYPES
from archspec.language.schema import VERSION, spec_schema
from archspec.lint import registry
from archspec.policy import config_schema
from archspec.policy.expect import SUFFIXES
from archspec.render import by_kind, conventions, kinds, report_schema, rules
from archspec.render.tables import reference_table
from archspec.studies.catalog import entries, family_text
from archspec.validation import fields

DOCS = Path(__file__).parent.parent / "docs"
REGION = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
NOTICE = "<!-- Written by tools/docs.py from the code; edit that. -->\n\n"


def main(arguments: list[str]) -> int:
    """Write or check; 1 where a checked file is stale."""
    stale = 0
    made = files()
    old = [*(DOCS / "conventions").glob("*.md"), *(DOCS / "schema").glob("*.json")]
    old.remove(DOCS / "conventions" / "cells.md")  # tests/conventions writes that
    for path in [*made, *(path for path in old if path not in made)]:
        before = path.read_text("utf-8") if path.exists() else ""
        after = made.get(path, "")
        if before == after:
            continue
        stale += 1
        if "--check" in arguments:
            name = str(path.relative_to(DOCS.parent))
            lines = before.splitlines(), after.splitlines()
            diff = unified_diff(*lines, name, "as the code has it", lineterm="", n=1)
            print(f"stale: {name}", *islice(diff, 12), sep="\n")
        elif after:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, "utf-8")
        else:
            path.unlink()
    if stale and "--check" in arguments:
        print("python tools/docs.py writes them anew")
    return 1 if stale and "--check" in arguments else 0


def files() -> dict[Path, str]:
    """Every generated file and its content."""
    made = {
        DOCS / "schema" / f"archspec-{VERSION}.schema.json": json.dumps(spec_schema(), indent=1) + "\n",
        DOCS / "schema" / f"archspec-config-{config_schema.VERSION}.schema.json": json.dumps(
            config_schema.config_schema(), indent=1
        )
        + "\n",
        DOCS / "schema" / f"archspec-report-{report_schema.VERSION}.schema.json": json.dumps(
            report_schema.report_schema(), indent=1
        )
        + "\n",
        DOCS / "kinds.md": kinds_page(),
        DOCS / "conventions.md": conventions_page(),
        DOCS / "conventions" / "by-kind.md": by_kind_page(),
        DOCS / "rules.md": rules_page(),
    }
    for name in convention_names():
        made[DOCS / "conventions" / f"{name}.md"] = NOTICE + conventions.markdown(convention(name))
    language = (DOCS / "language.md").read_text("utf-8")
    made[DOCS / "language.md"] = REGION.sub(lambda found: found[1] + REGIONS[found[2]]() + found[3], language)
    return made


def kinds_page() -> str:
    """The reference of kinds, a section for each family."""
    families = [(family, list(members)) for family, members in groupby(entries(), key=lambda entry: entry.family)]
    parts = [
        NOTICE + "# Kinds of layers",
        "One section for each family, one for each kind. `archspec kinds NAME` prints the same in a terminal. How "
        "arguments are written, and what an expression may say, is in [the language](language.md); other ways of "
        "counting are in [conventions](conventions.md).",
        "An argument marked *main* can stand alone: `linear: 1000` is `linear: {out: 1000}`. Axis 0 is the batch, "
        "which no argument may name: axis 1 is the first axis of a shape as written, -1 the last. Weights are named as "
        "in PyTorch; their sizes are formulas over the facts of the layer. Besides the facts listed, every layer has:",
        reference_table(
            ("fact", "meaning"), [(f"`{name}`", text) for name, text in (BASE_FACTS | CALL_FACTS).items()]
        ).rstrip(),
        "\n".join(
            f"- [{family.capitalize()}](#{family}): " + ", ".join(f"`{one.name}`" for one in members)
            for family, members in families
        ),
    ]
    for family, members in families:
        summary, text = family_text(family)
        parts += [f"## {family.capitalize()}", summary, *([text] if text else [])]
        parts += [kinds.markdown(member, "###").rstrip() for member in members]
    return "\n\n".join(parts) + "\n"


def conventions_page() -> str:
    """The list of conventions, each linked to its page."""
    listed = [convention(name) for name in convention_names()]
    rows = [
        (
            f"[{each.name}](conventions/{each.name}.md)",
            each.version,
            ", ".join(f"`{name}`" for name in each.columns),
            " ".join(each.summary.split()),
        )
        for each in listed
    ]
    return "\n\n".join(
        [
            NOTICE + "# Counting conventions",
            "What a tool or a textbook counts as a FLOP is a file of formulas. `--convention NAME` counts any network "
            "by one of these, `--convention FILE` by one of your own; `archspec conventions NAME` prints it in a "
            "terminal. [What is counted, and how](counting.md) says why they differ, "
            "[writing a convention](writing-a-convention.md) how to make your own.",
            reference_table(("convention", "version", "columns", "what it is"), rows).rstrip(),
            "What they count of each kind of layer stands side by side in [kind by kind](conventions/by-kind.md), "
            "how many of the tools' own figures they reproduce in [cells reached](conventions/cells.md), and why "
            "they differ on a network in [why do two profilers disagree](why-profilers-disagree.md).\n",
        ]
    )


def by_kind_page() -> str:
    """What each convention counts of each kind, side by side."""
    return "\n\n".join(
        [
            NOTICE + "# What each convention counts, kind by kind",
            "The formulas of operations, one table for each kind of layer. `archspec compare SPEC --layers "
            "--between A B` shows two of them with the values of a network's layers. A convention that hooks "
            "modules counts them where the reference implementation calls a module; what it does otherwise, where "
            "its formulas were read and what else it counts stand on its own page. Under *known bug* the figure "
            "is the tool's, and not what it is meant to be.",
            by_kind.page([convention(name) for name in convention_names()]),
        ]
    )


def rules_page() -> str:
    """The rules of lint: how they are chosen, a table, a section for each."""
    parts = [
        NOTICE + "# Rules of `archspec lint`",
        "`archspec lint` looks at specs, `archspec rules CODE` prints a section of this page. The first digit says what "
        "a rule is about: 0 and 1 the text and its references (errors), 2 costs (infos), 3 layers that work against each "
        "other and 4 defaults that should be said (warnings), 5 expected figures, suppressions and comments.",
        "`select`, `ignore`, `severity` and `per-file-ignores` under `lint` in the configuration take codes, their "
        "beginnings (`AS3`) or `ALL`; the longest that matches decides. A file that does not load is one finding, "
        "which cannot be chosen away.",
        "A finding is suppressed on its line, or on the line above, by a comment that gives the reason:",
        '```yaml\n- flatten\n- linear: 4096  # archspec: ignore[AS203] reason="as published"\n```',
        "`--fix` mends what leaves every figure as it is, `--unsafe-fixes` the rest too: it may change figures, or what "
        "a checkpoint fits. Fixes change the text at their place and leave comments and layout alone. In the examples "
        "`archspec`, `name` and `inputs: {image: [3, 32, 32]}` are left out.",
        rules.listing(registry.rules(), "md").rstrip(),
        *(rules.markdown(rule, "###").rstrip() for rule in registry.rules()),
    ]
    return "\n\n".join(parts) + "\n"


def header_table() -> str:
    required = ("archspec", "name", "inputs", "layers")
    docs = field_docs(Header)
    rows = [(f"`{name}`{' (required)' * (name in required)}", docs[name]) for name in fields(Header)]
    return reference_table(("key", "meaning"), rows)


def block_table() -> str:
    docs = field_docs(BlockHeader)
    return reference_table(("key", "meaning"), [(f"`{name}`", docs[name]) for name in fields(BlockHeader)])


def words(table: dict[str, str]) -> Callable[[], str]:
    """A region that is a table of words and their meanings."""
    return lambda: reference_table(("key", "meaning"), [(f"`{name}`", text) for name, text in table.items()])


def functions_table() -> str:
    rows = []
    for name, function in FUNCTIONS.items():
        taken = "a, ..." if function.most is None else ", ".join("ab"[: function.most])
        rows.append((f"`{name}({taken})`", function.summary))
    return reference_table(("function", "value"), rows)


def axes_table() -> str:
    rows = [(f"[{', '.join(names.upper())}]", ", ".join(f"`$in.{name}`" for name in names)) for names in AXES.values()]
    return reference_table(("shape", "names of its axes"), rows)


def dtypes_table() -> str:
    sizes = [(" ".join(f"`{name}`" for name in names), str(size)) for size, names in groupby_size().items()]
    return reference_table(("dtype", "bytes"), sizes)


def groupby_size() -> dict[int, list[str]]:
    """dtypes by the bytes of an element, largest first."""
    found: dict[int, list[str]] = {}
    for name, size in sorted(DTYPES.items(), key=lambda item: -item[1]):
        found.setdefault(size, []).append(name)
    return found


def suffixes() -> str:
    return ", ".join(f"`{suffix}`" for suffix in SUFFIXES if suffix) + "\n"


def blocks_table() -> str:
    rows = []
    for name in standard_names():
        block = standard(name)
        wanted = ", ".join(f"`{param}`" + " (required)" * one.required for param, one in block.params.items())
        rows.append((f"`{name}`", block.data["summary"], wanted))
    return reference_table(("block", "what it is", "parameters"), rows)


REGIONS: dict[str, Callable[[], str]] = {
    "header": header_table,
    "block": block_table,
    "layer-keys": words(LAYER_KEYS),
    "structures": words(STRUCTURES),
    "residual": words(RESIDUAL_KEYS),
    "parallel": words(PARALLEL_KEYS),
    "functions": functions_table,
    "axes": axes_table,
    "dtypes": dtypes_table,
    "suffixes": suffixes,
    "blocks": blocks_table,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
