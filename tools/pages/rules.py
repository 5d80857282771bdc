"""docs/rules.md: the reference of lint rules."""

from __future__ import annotations

from archspec.lint import registry
from archspec.policy.codes import TABLE
from archspec.render import rules
from pages import NOTICE


def page() -> str:
    """The rules of lint: how they are chosen, a table, a section for each."""
    parts = [
        NOTICE + "# Rules of `archspec lint`",
        "`archspec lint` looks at specs, `archspec rules CODE` prints a section of this page. The first digit says what "
        "a rule is about: 0 and 1 the text and its references (errors), 2 what could cost less, in time, weights or lines (infos), 3 layers that work against each "
        "other and 4 defaults that should be said (warnings), 5 expected figures, suppressions and comments.",
        "`select`, `ignore`, `severity` and `per-file-ignores` under `lint` in the configuration take codes, their "
        "beginnings (`AS3`) or `ALL`; the longest that matches decides. A file that does not load is one finding, "
        "which cannot be chosen away.",
        "A finding is suppressed on its line, or on the line above, by a comment that gives the reason:",
        '```yaml\n- flatten\n- linear: 4096  # archspec: ignore[AS203] reason="as published"\n```',
        "`--fix` changes what leaves every figure as it is, `--unsafe-fixes` the rest too: it may change figures, or what "
        "a checkpoint fits. Fixes change the text at their place and leave comments and layout alone. In the examples "
        "`archspec`, `name` and `inputs: {image: [3, 32, 32]}` are left out.",
        rules.rules_table(registry.rules(), "md").rstrip(),
        *(rules.markdown(rule, "###").rstrip() for rule in registry.rules()),
        "## Limits and changes",
        "What `archspec check` and `archspec ci` say of the policy: limits, waivers, and what a change alters or takes "
        "away ([pull requests](pull-requests.md)). `severity` at the top of the configuration says how bad each is: "
        '`severity = {AB112 = "error"}`. Those of a limit, and of what a change takes away, can be accepted by '
        "`archspec accept`.",
        rules.codes_table(TABLE, "md").rstrip(),
    ]
    return "\n\n".join(parts) + "\n"
