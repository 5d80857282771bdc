"""The Netscope convention against its source's formulas, worked by hand.

Netscope runs in a browser on Caffe's prototxt, so nothing of it is run here. Each case has a batch of 2 and the numbers
put into the formula of the layer's type in src/analyzer.coffee: wIn, hIn, chIn, wOut, hOut, chOut as there.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import pytest

from archspec.conventions.loader import convention
from single import BATCH, counted

NETSCOPE = convention("netscope")
IMAGE = [4, 8, 6]  # chIn, hIn, wIn
N = 4 * 8 * 6 * 2  # wIn*hIn*chIn*batchOut
Case = tuple[str, dict[str, Any], list[list[int]], dict[str, int]]
CASES: list[Case] = [
    # (kernel_w*kernel_h)*(wOut*hOut)*chIn*chOut*batchOut/group; ...*chIn*chOut/group + has_bias*chOut
    ("conv", {"out": 6, "kernel": 3, "groups": 2}, [IMAGE],
     {"macc": 3 * 3 * (4 * 6) * 4 * 6 * 2 // 2, "param": 9 * 4 * 6 // 2 + 6, "activation": 4 * 6 * 6 * 2}),
    ("conv", {"out": 6, "kernel": 3, "stride": 2, "padding": 1, "bias": False}, [IMAGE],
     {"macc": 9 * (3 * 4) * 4 * 6 * 2, "param": 9 * 4 * 6, "activation": 3 * 4 * 6 * 2}),
    # (wIn*hIn)*chIn*chOut*batchOut
    ("linear", {"out": 5}, [[8]], {"macc": 8 * 5 * 2, "param": 8 * 5 + 5, "activation": 5 * 2}),
    # chIn*chOut*wOut*hOut*(kernel_w/stride_w)*(kernel_h/stride_h)*batchOut, wOut = stride*(wIn-1)+kernel-2*pad
    ("conv_transpose", {"out": 6, "kernel": 4, "stride": 2, "padding": 1}, [IMAGE],
     {"macc": 4 * 6 * 12 * 16 * 2 * 2 * 2, "param": 16 * 4 * 6, "activation": 12 * 16 * 6 * 2}),
    ("conv_transpose", {"out": 6, "kernel": 3, "stride": 2, "groups": 2}, [IMAGE],
     {"macc": int(4 * 6 * 13 * 17 * 1.5 * 1.5 * 2), "param": 9 * 4 * 6, "activation": 13 * 17 * 6 * 2}),
    # (wOut*hOut)*kernel_h*kernel_w*chOut*batchOut; all of the input where it is global
    ("maxpool", {"kernel": [3, 2], "stride": 2}, [IMAGE], {"comp": 3 * 3 * 3 * 2 * 4 * 2, "activation": 3 * 3 * 4 * 2}),
    ("avgpool", {"kernel": 2}, [IMAGE], {"add": 3 * 4 * 2 * 2 * 4 * 2, "activation": 3 * 4 * 4 * 2}),
    ("global_avgpool", {}, [IMAGE], {"add": N, "activation": 4 * 2}),
    ("global_maxpool", {}, [IMAGE], {"comp": N, "activation": 4 * 2}),
    ("adaptive_avgpool", {"output": 1}, [IMAGE], {"add": N, "activation": 4 * 2}),
    ("adaptive_maxpool", {"output": 1}, [IMAGE], {"comp": N, "activation": 4 * 2}),
    ("batchnorm", {"affine": False}, [IMAGE], {"add": N, "div": N, "param": 4 * 2, "activation": N}),
    ("batchnorm", {}, [IMAGE], {"macc": N, "add": N, "div": N, "param": 4 * 2, "activation": N + N}),
    ("lrn", {"size": 5}, [IMAGE], {"macc": N * 5, "add": N, "exp": N, "div": N * 2, "param": 2, "activation": N}),
    *[(kind, {}, [IMAGE], {"comp": N, "activation": N})
      for kind in ("relu", "leaky_relu", "relu6", "elu", "prelu", "dropout")],
    ("softmax", {"axis": 1}, [IMAGE], {"exp": N, "add": N, "div": N, "activation": N}),
    *[(kind, {}, [IMAGE, IMAGE], {"add": N, "activation": N}) for kind in ("add", "sub", "mul")],
    ("scale", {"by": 2}, [IMAGE], {"macc": N // 2, "activation": N // 2}),  # n_elements = wOut * hOut * chOut
    ("concat", {}, [IMAGE, IMAGE], {"activation": 2 * N}),
    ("flatten", {}, [IMAGE], {"activation": N}),
    ("crop", {"to": 4}, [IMAGE], {"activation": 4 * 4 * 4 * 2}),
    ("reshape", {"shape": [8, 24]}, [IMAGE], {}),
    ("permute", {"order": [2, 3, 1]}, [IMAGE], {}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_figures_are_the_formulas(case: Case, tmp_path: Path) -> None:
    kind, args, shapes, wanted = case
    tally = counted("netscope", {"kind": kind, "args": args, "inputs": shapes}, tmp_path)
    data = sum(BATCH * prod(shape) for shape in shapes)  # "data" has wOut*hOut*chOut*batchOut
    wanted = {**dict.fromkeys(NETSCOPE.columns, 0), **wanted}
    assert tally.columns == {**wanted, "activation": wanted["activation"] + data}
    assert not tally.unknown


def test_every_rule_has_a_case() -> None:
    assert {*NETSCOPE.kinds(), *NETSCOPE.free} - {"input"} == {case[0] for case in CASES}
