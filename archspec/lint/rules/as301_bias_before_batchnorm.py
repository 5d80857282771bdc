"""A bias directly before a batch or instance normalisation.

What:
    A convolution or linear layer with a bias whose output only normalisations take that take the mean of each channel
    out: batch normalisation, instance normalisation, and group normalisation with a group for each channel.
Why:
    The normalisation takes the mean out again, and with it the bias: parameters that are learned to no effect. The
    fix is not a safe one because trained weights then no longer fit.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1, norm: batchnorm}
    expect: {params: 480}
Cure:
    Write `bias: false`.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1, bias: false, norm: batchnorm}
    expect: {params: 464}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.language.nodes import LayerNode
from archspec.lint.context import Context
from archspec.lint.editing import fix, says
from archspec.lint.flow import Use
from archspec.lint.origin import argument_path
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS301", "bias-before-batchnorm", "warning", "unsafe"

NORMS = {"batchnorm": "batch", "instancenorm": "instance", "groupnorm": "group"}


def check(context: Context) -> Iterator[Finding]:
    """Layers of this file. One whose `norm` is a default of the file is found there, once."""
    layers = context.own_layers
    biased = [(run, use) for run, use in layers if use.layer.role == "projection" and use.call.traits.facts["bias"]]
    elsewhere = {use.call.node for _, use in biased if not idle(use)}
    for run, use in biased:
        node = use.call.node
        if idle(use):
            path, removal = _fix(context, node)
            norm = NORMS[use.consumers[0].kind]
            yield context.finding(
                CODE,
                f"the bias of `{use.call.name}` is taken out by the {norm} normalisation behind it",
                use=use,
                run=run,
                path=path,
                hint="write `bias: false`",
                fix=None if node in elsewhere else removal,  # the same text stands without a normalisation too
            )


def idle(use: Use) -> bool:
    """Whether every layer that takes the output takes out what the bias adds, which is one number for each channel."""
    of_channels = use.layer.sees != "last" or len(use.call.traits.outputs[0]) == 2
    return of_channels and bool(use.consumers) and all(map(_centres, use.consumers))


def _centres(use: Use) -> bool:
    """Whether a layer takes out the mean of each channel by itself."""
    facts = use.call.traits.facts
    return use.kind in NORMS and (use.kind != "groupnorm" or bool(facts["groups"] == facts["c_in"]))


def _fix(context: Context, node: LayerNode) -> tuple[tuple[str | int, ...] | None, Fix | None]:
    """Where the bias comes from, and the edit; none where it is a default of layers without a normalisation too."""
    written, norm = argument_path(context, node, "bias"), argument_path(context, node, "norm")
    if written is not None:
        literal = context.at(written) is True and written[0] != "defaults"
        edit = Edit(context.span(written), "false") if literal else None
        return written, fix("write bias: false", edit, safe=False)
    if norm is not None and norm[0] == "defaults":
        return norm, None
    path = (*context.steps(node.path), *node.keys)
    return None, says(context, path, "bias", "false", node.kind.main, safe=False)
