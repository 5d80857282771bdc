"""What a formula of a convention may name besides the facts of a kind, and what its figures are compared with."""

from __future__ import annotations

from typing import Final

from archspec.kinds.base import BASE_FACTS

# Facts that do not come from the kind: of the analysis, and of the call.
CALL_FACTS = {
    "itemsize": "bytes of an element of the analysis' dtype",
    "in_itemsize": "bytes of an element of the first input",
    "owned": "learnable scalars of this layer that no layer before it owns already",
    "trainable": "those of `owned` that are not frozen",
    "buffers": "scalars of its buffers",
    "samples": "samples in the analysis' batch; `batch` counts windows too, where they are folded into its axis",
    "function": "1 where the reference implementation calls a function, not a module (`call: function`), else 0",
    "operator": "1 where it is written there as an operator such as `@` (`call: operator`), else 0",
    "again": "1 where it is the module of an earlier layer, called again (`tie`), else 0",
    "places": "groups in which its module stands: 1 unless several share it",
    "experts": "experts that it stands for, 1 where for none; what its kind knows of weights is of one of them",
    "grouped": "1 where the weights of these experts are one tensor, else 0",
}
# Rules for what is no layer: each network input, each call of a block, the network; and every kind without its own.
PSEUDO = {
    "input": {
        "numel": "elements of the input, batch included",
        "in_itemsize": "bytes of an element of the input",
        "samples": CALL_FACTS["samples"],
    },
    "block": {
        "out_numel": "elements of the block's outputs, batch included",
        "out_axis0": BASE_FACTS["out_axis0"],
        "itemsize": CALL_FACTS["itemsize"],
        "samples": CALL_FACTS["samples"],
        "places": CALL_FACTS["places"],
    },
    "network": {
        "relisted": "learnable scalars of groups behind the first call in them of a module that stands elsewhere too: "
        "what lies behind such a call appears as a group of its own",
        "relisted_trainable": "those of them that are trained",
    },
    "any": {**BASE_FACTS, **CALL_FACTS},
}
# What a column of a unit is compared with in archspec's own figures.
COUNTERPARTS = {"MAC": "macs", "FLOP": "flops", "scalar": "params", "element": "activations"}
OPERATIONS = ("MAC", "FLOP")
NO_LAYERS = ("input", "block", "network")  # columns' defaults are not for these
# What a convention says of these where its file does not.
SEES: Final = "everything"
REPEATED: Final = "every call"
EXPERTS: Final = "unknown"
UNKNOWN: Final = "no rule"
