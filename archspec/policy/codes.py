"""The findings of the policy: what may be said of limits, waivers and of what a change takes away."""

from __future__ import annotations

from typing import NamedTuple

from archspec.text.findings import Severity


class PolicyCode(NamedTuple):
    """One code: its name is of the fault, ``severity`` what it is unless the configuration says otherwise."""

    code: str
    name: str
    severity: Severity
    summary: str
    cure: str


_ACCEPT = "accept the figure with `archspec accept FINGERPRINT --reason ...`"
_REMOVED = "take it back; where it is meant, nothing"
TABLE = (
    PolicyCode("AB101", "above-max", "error", "a figure above its `max`", f"make it smaller, or {_ACCEPT}"),
    PolicyCode("AB102", "below-min", "error", "a figure below its `min`", f"make it larger, or {_ACCEPT}"),
    PolicyCode("AB103", "above-max-increase", "error", "a figure that grew by more than its `max-increase`",
               f"make it grow less, or {_ACCEPT}"),
    PolicyCode("AB104", "near-limit", "warning", "a figure beyond the share of its limit that `warn-at` says",
               "nothing yet: the limit is kept"),
    PolicyCode("AB105", "uncounted", "error", "a budget that cannot be counted at what its `at` says",
               "name dims and vars that the specs have, or match other specs"),
    PolicyCode("AB106", "idle-budget", "warning", "a budget that holds for no spec, variant or layer",
               "correct the pattern, or take the budget out"),
    PolicyCode("AB107", "unknown-increase", "warning", "an increase that cannot be told, the base has no figures",
               "nothing: the next change has a base again"),
    PolicyCode("AB108", "accepted-here", "warning", "a finding that a waiver of the change itself accepts",
               "look whether the reason holds; once merged it is a waiver as any other"),
    PolicyCode("AB109", "changed-policy", "info", "a key of the configuration that the change alters",
               "look whether it is meant; until it is merged the base's value holds"),
    PolicyCode("AB110", "expired-waiver", "warning", "a waiver whose last day is over",
               "decide again: a new date and reason, or keep the limit and take the waiver out"),
    PolicyCode("AB111", "idle-waiver", "warning", "a waiver without a finding", "take it out"),
    PolicyCode("AB112", "removed-spec", "warning", "a spec that the change removes", _REMOVED),
    PolicyCode("AB113", "removed-variant", "warning", "a variant that the change removes", _REMOVED),
    PolicyCode("AB114", "removed-input", "warning", "an input that the change removes", _REMOVED),
    PolicyCode("AB115", "removed-output", "warning", "an output that the change removes", _REMOVED),
    PolicyCode("AB116", "changed-shape", "warning", "an input or output whose shape the change alters", _REMOVED),
    PolicyCode("AB117", "removed-expectation", "warning", "an expected figure that the change takes out of a spec",
               "put it back: `archspec expect --update` writes the new figure"),
    PolicyCode("AB118", "after-merge", "warning", "what the change's own policy will say once it is merged",
               "correct the policy, or the specs, in this change"),
    PolicyCode("AB119", "checkpoint-breaks", "info",
               "a checkpoint of the base that no longer loads; said only where `severity` names AB119",
               "say in `moved` what is only renamed; where it is meant, nothing"),
    PolicyCode("AB120", "left-limit", "warning",
               "a spec, variant or layer under a new name that the pattern of its limit does not match",
               "let the budget match the new name too, in this change"),
)  # fmt: skip
BY_CODE = {entry.code: entry for entry in TABLE}
LIMITS = ("AB101", "AB102", "AB103", "AB104", "AB105", "AB107")  # what budgets say of figures
RELATIVE = ("AB103", "AB107")  # told against a base only
OF_CHANGES = (
    *RELATIVE,
    "AB108",
    "AB109",
    "AB112",
    "AB113",
    "AB114",
    "AB115",
    "AB116",
    "AB117",
    "AB118",
    "AB119",
    "AB120",
)
