"""Findings as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archspec import __version__
from archspec.errors import Span, printable
from archspec.render.json_text import dumps

if TYPE_CHECKING:
    from archspec.lint.registry import Rule
    from archspec.text.findings import Finding

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> str:
    """One run with the rules that found something, results with fingerprints that outlive line numbers, and fixes."""
    codes = sorted({finding.code for finding in findings})
    driver = {
        "name": "archspec",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(code, rules.get(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the folder that archspec ran in"}}},
        "results": [_result(finding, codes.index(finding.code)) for finding in findings],
    }
    return dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": code}
    manual = rule.manual()
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": manual.summary},
        "fullDescription": {"text": manual.what},
        "help": {"text": f"{manual.why} {manual.cure}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity], "enabled": rule.default},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(finding.file)}}
    if finding.span is not None:
        location["physicalLocation"]["region"] = _region(finding.span)
    names = [name for name in (finding.id_path, finding.path) if name]
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": names[0], "kind": "element"}]
    result = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": plain(finding.sentence + (f". {finding.hint}" if finding.hint else ""))},
        "locations": [location],
        "partialFingerprints": {"archspec/v1": finding.fingerprint},
    }
    if finding.fix is not None:
        replacements = [
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in finding.fix.edits
        ]
        change = {"artifactLocation": _artifact(finding.file), "replacements": replacements}
        result["fixes"] = [{"description": {"text": finding.fix.title}, "artifactChanges": [change]}]
    return result


def plain(text: str) -> str:
    """A message without links, which SARIF has in plain text too (3.11.6)."""
    return printable(text).replace("](", "\\](")


def _artifact(file: str) -> dict[str, str]:
    """A path as a URI reference, relative to the folder archspec ran in unless it is absolute."""
    path = file.replace("\\", "/")
    quoted = quote(os.fsencode(path))
    return {"uri": f"file://{quoted}"} if path.startswith("/") else {"uri": quoted, "uriBaseId": "SRCROOT"}


def _region(span: Span) -> dict[str, int]:
    """A range; SARIF's end column is exclusive, as ours is."""
    return {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}
