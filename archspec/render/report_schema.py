"""The JSON Schema (draft 7) of ``archspec.report/1``, which `archspec ci` writes.

The contract grows by additions only, so that objects may hold more than is said here. Figures are exact integers that
may exceed 2^53: a reader of JSON must keep them whole.
"""

from __future__ import annotations

from typing import Any

from archspec.analysis.metrics import DIFFED
from archspec.text.findings import SEVERITIES

VERSION = 1
ID = f"urn:archspec:report:{VERSION}"
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NONE: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
WHOLE_OR_NONE: Schema = {"type": ["integer", "null"]}
FLAG: Schema = {"type": "boolean"}
PLACE: Schema = {"type": ["integer", "null"], "minimum": 1}
STATUSES = ("added", "removed", "changed", "unchanged", "broken")


def report_schema() -> Schema:
    """The schema of a report."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": f"archspec report {VERSION}",
        **described(
            "What one run of archspec ci found.",
            required={
                "schema": {"const": f"archspec.report/{VERSION}"},
                "tool": described("What wrote it.", required={"name": TEXT, "version": TEXT}),
                "base": ref("side", "What was compared with."),
                "head": ref("side", "What was looked at."),
                "settings": described(
                    "At what the figures of specs are counted.",
                    required={"batch": {"type": "integer", "minimum": 1}, "dtype": TEXT, "set": {"type": "object"}},
                ),
                "conventions": described(
                    "What the figures mean.", required={"mac_flops": {"const": 2}, "attention": TEXT}
                ),
                "units": {"description": "The unit of each figure.", "type": "object", "additionalProperties": TEXT},
                "specs": {"type": "array", "items": ref("spec", "One variant of a spec that differs or has a limit.")},
                "findings": {"type": "array", "items": ref("finding", "What is wrong, worst first.")},
                "waived": {"type": "array", "items": ref("judgement", "A broken limit that a waiver accepts.")},
                "summary": summary(),
                "exit_code": {"description": "0 clean, 1 findings.", "enum": [0, 1]},
            },
        ),
        "definitions": {
            "side": described("A state of the repository.", required={"ref": TEXT, "sha": TEXT_OR_NONE}),
            "figures": figures(COUNT),
            "contribution": figures({"type": "integer"}),
            "metric": metric(),
            "change": change(),
            "layer": layer(),
            "judgement": judgement(),
            "spec": spec(),
            "finding": finding(),
            "fix": fix(),
        },
    }


def described(text: str, *, required: Schema, optional: Schema | None = None) -> Schema:
    """An object with its description."""
    properties = {**required, **(optional or {})}
    return {"description": text, "type": "object", "required": list(required), "properties": properties}


def ref(name: str, text: str) -> Schema:
    """A definition with a description of its use."""
    return {"description": text, "allOf": [{"$ref": f"#/definitions/{name}"}]}


def figures(of: Schema) -> Schema:
    """One number for each figure."""
    return {"type": "object", "properties": {each.name: of for each in DIFFED}, "additionalProperties": of}


def or_none(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def metric() -> Schema:
    return described(
        "One figure on both sides; null on a side that has none. The texts are for people.",
        required={
            "base": WHOLE_OR_NONE, "head": WHOLE_OR_NONE, "delta": WHOLE_OR_NONE, "pct": {"type": ["number", "null"]},
            "base_text": TEXT_OR_NONE, "head_text": TEXT_OR_NONE, "delta_text": TEXT_OR_NONE,
        },
    )  # fmt: skip


def change() -> Schema:
    return described(
        "One edit of the spec. Edits made together share one contribution, at the first of them.",
        required={
            "op": TEXT, "path": TEXT, "line": {"type": "integer"}, "from": {}, "to": {},
            "contribution": or_none({"$ref": "#/definitions/contribution"}),
            "with": {"type": "array", "items": TEXT}, "needs": {"type": "array", "items": TEXT},
        },
    )  # fmt: skip


def layer() -> Schema:
    own = {"$ref": "#/definitions/figures"}
    times = described("How often it stands there.", required={"base": COUNT, "head": COUNT})
    return described(
        "A layer or group that was added, removed or changed, with the figures of all its instances.",
        required={
            "op": {"enum": ["+", "-", "~"]}, "path": TEXT, "old_path": TEXT, "kind": TEXT, "line": {"type": "integer"},
            "arguments": {"type": "object"}, "times": times, "base": own, "head": own,
        },
    )  # fmt: skip


def spec() -> Schema:
    layers = described(
        "The layers that differ; `follow` sums those that changed in shape only.",
        required={
            "changed": {"type": "array", "items": {"$ref": "#/definitions/layer"}}, "unchanged": COUNT,
            "follow": described("Their number and sum.", required={"count": COUNT, "delta": {"type": "object"}}),
        },
    )  # fmt: skip
    return described(
        "One variant of one spec; `old_path` where it was renamed.",
        required={
            "path": TEXT, "old_path": TEXT_OR_NONE, "variant": TEXT_OR_NONE, "status": {"enum": list(STATUSES)},
            "budgets": {"type": "array", "items": {"$ref": "#/definitions/judgement"}},
        },
        optional={
            "metrics": {"type": "object", "additionalProperties": {"$ref": "#/definitions/metric"}},
            "changes": {"type": "array", "items": {"$ref": "#/definitions/change"}},
            "interaction": {"$ref": "#/definitions/contribution"},
            "layers": layers,
        },
    )  # fmt: skip


def judgement() -> Schema:
    return described(
        "What a budget says of a figure.",
        required={
            "code": TEXT, "severity": {"enum": list(SEVERITIES)}, "message": TEXT, "layer": TEXT_OR_NONE, "file": TEXT,
            "line": PLACE, "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{12}$"},
        },
        optional={"metric": TEXT, "limit": TEXT, "reason": TEXT, "by": TEXT, "until": TEXT_OR_NONE},
    )  # fmt: skip


def fix() -> Schema:
    edit = described(
        "Replace a range by a text.",
        required={"line": PLACE, "col": PLACE, "end_line": PLACE, "end_col": PLACE, "text": TEXT},
    )
    return described(
        "What would remove it; safe where no figure changes.",
        required={"title": TEXT, "safe": FLAG, "edits": {"type": "array", "items": edit}},
    )


def finding() -> Schema:
    return described(
        "One finding; lines and columns count from 1, the end is exclusive. The fingerprint outlives line numbers.",
        required={
            "code": TEXT, "severity": {"enum": list(SEVERITIES)}, "message": TEXT, "hint": TEXT_OR_NONE, "file": TEXT,
            "line": PLACE, "col": PLACE, "end_line": PLACE, "end_col": PLACE, "path": TEXT, "id_path": TEXT,
            "variant": TEXT_OR_NONE, "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{12}$"},
            "fix": or_none({"$ref": "#/definitions/fix"}), "new": FLAG,
        },
    )  # fmt: skip


def summary() -> Schema:
    counts = (
        "files",
        "errors",
        "warnings",
        "infos",
        "new",
        "fixed",
        "limits",
        "exceeded",
        "waived",
        "changed_variants",
    )
    rest = ("specs", "added", "removed", "unchanged", "broken")
    return described(
        "The whole in numbers; `changed` where a figure or a limit differs.",
        required={"changed": FLAG, **dict.fromkeys((*counts, *rest), COUNT)},
    )
