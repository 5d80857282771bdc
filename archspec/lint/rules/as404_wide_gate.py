"""A gated feed-forward layer as wide as a plain one.

What:
    Two linear layers of one input, multiplied with each other (swiglu, GEGLU), that widen it four times or more. Off by
    default: published networks have such layers (Llama 3.2 1B, Gemma).
Why:
    Four times is the usual width of a plain layer. A gated one has three matrices in place of two, half as many weights
    again, where nobody has chosen that.
Example:
    inputs: {tokens: [16, 64]}
    layers:
      - {use: swiglu, with: {hidden: 256}}
    expect: {params: 49_152}
Cure:
    Where weights are to stay as many as a plain layer's, take 8/3 of the input's width, rounded.

    inputs: {tokens: [16, 64]}
    layers:
      - {use: swiglu, with: {hidden: 176}}
    expect: {params: 33_792}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.lint.origin import origin
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, DEFAULT = "AS404", "wide-gate", "warning", False
FACTOR = 4


def check(context: Context) -> Iterator[Finding]:
    """Products of two linear layers, one at least with an activation."""
    for run, use in context.layers:
        if use.kind != "mul" or len(use.sources) != 2:
            continue
        (gate, gated), (up, also_gated) = map(_linear, use.sources)
        if gate is None or up is None or gate is up or gate.source is not up.source or not (gated or also_gated):
            continue
        width, hidden = gate.call.traits.facts["in_features"], gate.call.traits.facts["out_features"]
        if type(width) is int and type(hidden) is int and hidden >= FACTOR * width:
            place = origin(context, run, gate, "out")
            yield context.finding(
                CODE,
                f"a gated layer of {hidden} on {width} features has half as many weights again as a plain one",
                use=use,
                run=run,
                path=place.path if place else None,
                hint=f"if that is not meant: {8 * width // 3} has the weights of a plain one of {FACTOR * width}",
                values=(width, hidden),
            )


def _linear(use: Use | None) -> tuple[Use | None, bool]:
    """The linear layer behind a factor, and whether an activation stands between."""
    gated = use is not None and use.layer.role == "activation"
    if use is not None and gated:
        use = use.source
    return (use, gated) if use is not None and use.kind == "linear" else (None, gated)
