"""What a layer says of shapes and arguments that do not fit: every number in it, and which argument it is about."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from archspec.errors import ShapeError, UsageError
from archspec.kinds import kind_called, kinds
from archspec.kinds.base import alike, infer

ATTENTION = "scaled_dot_product_attention"
BIAS = "attention needs a bias of [6, 3, 5], or 1 for an axis, got"
CENTRED = "a window without causal is centred on the query:"
RATHER = "in the query and 4 in the value"
POOLED = "with dilation 2 it covers 7, the padded input has 4"
# kind, arguments, shapes with the batch, what is said, the argument it is about
CASES: list[tuple[str, dict[str, Any], list[tuple[int, ...]], str, str]] = [
    (ATTENTION, {}, [(2, 3), (2, 3, 5, 4), (2, 3, 5, 4)], "attention needs its query as [heads, T, d], got 1 axes", ""),
    (ATTENTION, {}, [(3, 3, 5, 4), (3, 3, 5, 4), (4, 3, 5, 4)], f"attention needs one batch size, got 3 {RATHER}", ""),
    (ATTENTION, {}, [(2, 6, 5, 4), (2, 3, 5, 4), (2, 2, 5, 4)], "key has 3 heads, value 2", ""),
    (ATTENTION, {}, [(2, 6, 5, 4), (2, 3, 5, 4), (2, 3, 7, 4)], "there are 5 keys and 7 values", ""),
    (ATTENTION, {}, [(2, 6, 5, 4), (2, 3, 5, 8), (2, 3, 5, 4)], "a query has size 4, a key 8", ""),
    (
        ATTENTION,
        {},
        [(2, 5, 7, 4), (2, 3, 6, 4), (2, 3, 6, 4)],
        "3 key and value heads do not divide 5 query heads",
        "",
    ),
    (ATTENTION, {}, [(2, 6, 3, 4), *[(2, 3, 5, 4)] * 2, (2, 6, 3, 4)], f"{BIAS} [6, 3, 4]", ""),
    (ATTENTION, {}, [(2, 6, 3, 4), *[(2, 3, 5, 4)] * 2, (2, 6, 4, 5)], f"{BIAS} [6, 4, 5]", ""),
    (ATTENTION, {}, [(2, 6, 3, 4), *[(2, 3, 5, 4)] * 2, (2, 2, 3, 5)], f"{BIAS} [2, 3, 5]", ""),
    (
        ATTENTION,
        {"causal": True},
        [(2, 6, 7, 4), *[(2, 3, 5, 4)] * 2],
        "causal attention of 7 queries on 5 keys leaves the first queries without any key",
        "causal",
    ),
    (
        ATTENTION,
        {"window": 3},
        [(2, 6, 7, 4), *[(2, 3, 8, 4)] * 2],
        f"{CENTRED} 7 queries need as many keys, got 8",
        "window",
    ),
    (ATTENTION, {"window": 4}, [(2, 6, 7, 4), *[(2, 3, 7, 4)] * 2], f"{CENTRED} it must be odd, got 4", "window"),
    (
        "multihead_attention",
        {"heads": 2},
        [(2, 5, 6), (2, 5, 6)],
        "multihead_attention takes 1 input, or 3: query, key and value; got 2",
        "",
    ),
    ("multihead_attention", {"heads": 2}, [(2, 6)], "multihead_attention needs its query as [T, size], got 1 axes", ""),
    (
        "multihead_attention",
        {"heads": 2},
        [(3, 5, 6), (3, 5, 6), (4, 5, 6)],
        f"attention needs one batch size, got 3 {RATHER}",
        "",
    ),
    ("multihead_attention", {"heads": 2}, [(3, 5, 6), (3, 7, 6), (3, 8, 6)], "there are 7 keys and 8 values", ""),
    ("multihead_attention", {"heads": 4}, [(3, 5, 6)], "4 heads do not divide size 6", "heads"),
    ("linear", {"out": 3}, [(2,)], "linear needs at least one axis", ""),
    (
        "bilinear",
        {"out": 3},
        [(2, 5, 3), (2, 4, 7)],
        "bilinear needs inputs alike in every axis but the last, got [2, 5, 3] and [2, 4, 7]",
        "",
    ),
    (
        "conv",
        {"out": 6, "kernel": 3, "groups": 4},
        [(2, 6, 9)],
        "4 groups do not divide the 6 input channels",
        "groups",
    ),
    (
        "conv",
        {"out": 7, "kernel": 3, "groups": 2},
        [(2, 6, 9)],
        "2 groups do not divide the 7 output channels",
        "groups",
    ),
    ("conv", {"out": 7, "kernel": 3}, [(2, 9)], "conv needs channels and 1 to 3 spatial axes, got 1 axes", ""),
    (
        "conv",
        {"out": 7, "kernel": 3},
        [(2, 3, 9, 9, 9, 9)],
        "conv needs channels and 1 to 3 spatial axes, got 5 axes",
        "",
    ),
    (
        "conv",
        {"out": 7, "kernel": [3, 4], "dilation": 2, "padding": [1, 0, 1, 1]},
        [(2, 3, 5, 3)],
        f"kernel 4 does not fit: {POOLED}",
        "kernel",
    ),
    (
        "conv",
        {"out": 7, "kernel": [3, 3, 3]},
        [(2, 3, 9, 9)],
        "kernel has 3 sizes, the input has 2 spatial axes",
        "kernel",
    ),
    (
        "conv_transpose",
        {"out": 4, "kernel": 3, "stride": [2, 3], "output_padding": [1, 4], "dilation": 2},
        [(2, 3, 5, 5)],
        "output_padding 4 on axis 3 must be smaller than stride 3 or dilation 2",
        "output_padding",
    ),
    ("groupnorm", {"groups": 4}, [(2, 6, 5)], "4 groups do not divide the 6 channels", "groups"),
    (
        "layernorm",
        {"dims": 2, "channels_first": True},
        [(2, 6, 5)],
        "layernorm with channels_first has 1 axis to normalise over, dims is 2",
        "dims",
    ),
    ("layernorm", {"dims": 3}, [(2, 6, 5)], "layernorm over 3 axes needs as many, got 2", "dims"),
    ("batchnorm", {}, [(2,)], "batchnorm needs at least one axis, the channels", ""),
    ("lstm", {"hidden": 3}, [(2, 5)], "lstm needs [T, D], got 1 axis", ""),
    ("lstm", {"hidden": 3}, [(2, 5, 6, 7)], "lstm needs [T, D], got 3 axes", ""),
    ("lstm", {"hidden": 3, "proj": 4}, [(2, 5, 6)], "proj 4 must be smaller than hidden 3", "proj"),
    ("lstm", {"hidden": 3, "proj": 3}, [(2, 5, 6)], "proj 3 must be smaller than hidden 3", "proj"),
    (
        "gru",
        {"hidden": 3, "bias": 1},
        [(2, 5, 6)],
        "a gru with reset_after cannot have 1 bias vector: the state's is inside the reset gate's product",
        "bias",
    ),
    (
        "concat",
        {},
        [(2, 3, 4), (2, 5, 4, 1)],
        "concat along axis 1 needs the other axes equal, got [2, 3, 4] and [2, 5, 4, 1]",
        "",
    ),
    (
        "concat",
        {"axis": 2},
        [(2, 3, 4), (2, 5, 4)],
        "concat along axis 2 needs the other axes equal, got [2, 3, 4] and [2, 5, 4]",
        "",
    ),
    ("add", {}, [(2, 3, 4), (2, 3, 1)], "add needs equal shapes, got [2, 3, 4] and [2, 3, 1]", ""),
    ("mul", {}, [(2, 3, 4), (2, 3)], "mul needs equal shapes, got [2, 3, 4] and [2, 3]", ""),
    ("add", {"broadcast": True}, [(2, 3, 4), (2, 3, 5)], "add cannot broadcast [2, 3, 4] and [2, 3, 5]: 4 meets 5", ""),
    ("matmul", {}, [(2, 3, 4), (2, 3)], "matmul needs two axes or more in each input, got 1", ""),
    (
        "matmul",
        {},
        [(2, 3, 4), (2, 5, 6)],
        "matmul needs equal inner sizes, got [2, 3, 4] and [2, 5, 6]: 4 meets 5",
        "",
    ),
    (
        "flatten",
        {"start": 2, "end": 1},
        [(2, 3, 4)],
        "flatten cannot start at axis 2 and end before it, at axis 1",
        "start",
    ),
    ("reshape", {"shape": [-1, -1]}, [(2, 12)], "reshape can work out one size, [-1, -1] leaves 2 open", "shape"),
    (
        "reshape",
        {"shape": [3, 5]},
        [(2, 12)],
        "reshape of [2, 12] to [3, 5] would turn 12 elements of a sample into 15",
        "shape",
    ),
    (
        "reshape",
        {"shape": [5, -1]},
        [(2, 12)],
        "reshape of [2, 12] to [5, -1] does not come out even: 12 elements of a sample over 5",
        "shape",
    ),
    ("reshape", {"shape": [-5, 4]}, [(2, 12)], "reshape to [-5, 4]: a size is at least 1, or -1", "shape"),
    ("split", {"parts": 10_001}, [(1, 10_001)], "parts 10001 are too many: at most 10000", "parts"),
    ("permute", {"order": [2, 1]}, [(2, 3, 4, 5)], "order [2, 1] names 2 axes, the input has 3", "order"),
    ("squeeze", {"axis": 2}, [(2, 1, 4)], "squeeze drops an axis of size 1, axis 2 has 4", "axis"),
    ("squeeze", {"axis": 4}, [(2, 1, 4)], "axis 4 is out of range: the input has axes 1 to 2", "axis"),
    ("squeeze", {"axis": 0}, [(2, 1, 4)], "axis 0 is the batch axis", "axis"),
    ("mean", {"axes": [1, -2]}, [(2, 3, 4)], "axis 1 is named twice in [1, -2]", "axes"),
    ("window_partition", {"window": 3}, [(2, 9, 9)], "window_partition needs [H, W, C], got 2 axes", ""),
    ("window_partition", {"window": [3, 4]}, [(2, 9, 6, 5)], "windows of [3, 4] do not divide [9, 6]", "window"),
    ("window_merge", {"window": 3, "size": 6}, [(8, 9)], "window_merge needs [positions, C], got 1 axes", ""),
    (
        "window_merge",
        {"window": [2, 3], "size": 6},
        [(8, 9, 5)],
        "a window of [2, 3] has 6 positions, the input 9",
        "window",
    ),
    (
        "window_merge",
        {"window": [2, 3], "size": [4, 6]},
        [(6, 6, 5)],
        "4 windows of [2, 3] make one [4, 6], which does not divide the input's 6",
        "size",
    ),
    (
        "slice",
        {"axis": 2, "start": 4, "end": 4},
        [(2, 3, 9)],
        "slice from 4 to 4 takes nothing of axis 2 with 9 positions",
        "end",
    ),
    (
        "slice",
        {"axis": 2, "start": -12},
        [(2, 3, 9)],
        "slice from -12 to 9 is out of range: axis 2 has 9 positions",
        "start",
    ),
    (
        "slice",
        {"axis": 2, "start": 1, "end": 12},
        [(2, 3, 9)],
        "slice from 1 to 12 is out of range: axis 2 has 9 positions",
        "end",
    ),
    ("select", {"axis": 2, "index": 9}, [(2, 3, 9)], "index 9 is out of range: axis 2 has 9 positions", "index"),
    ("split", {"parts": 2, "sizes": [1, 2]}, [(2, 3)], "split takes either parts or sizes", ""),
    ("split", {"parts": 4, "axis": 2}, [(2, 3, 9)], "4 parts do not divide the 9 positions of axis 2", "parts"),
    ("split", {"sizes": [4, 6], "axis": 2}, [(2, 3, 9)], "sizes [4, 6] add up to 10, axis 2 has 9 positions", "sizes"),
    (
        "pad",
        {"padding": [1, 2, 3]},
        [(2, 3, 9)],
        "padding has 3 numbers: each axis needs two, before and after",
        "padding",
    ),
    ("pad", {"padding": [1, 2, 3, 4, 5, 6]}, [(2, 3, 9)], "padding has 3 pairs, the input 2 axes", "padding"),
    (
        "pad",
        {"padding": [9, 0], "mode": "reflect"},
        [(2, 3, 9)],
        "reflect padding 9 on axis 2 of size 9: at most 8",
        "padding",
    ),
    ("crop", {"to": 4}, [(2, 3)], "crop needs channels and spatial axes, got 1 axes", ""),
    ("crop", {"to": [4, 6]}, [(2, 3, 8, 5)], "crop cannot leave 6 of the 5 positions of axis 3", "to"),
    ("roll", {"shift": [1, 2], "axes": [1]}, [(2, 3, 4)], "roll has 2 shifts for 1 axes", "shift"),
    ("upsample", {}, [(2, 3, 4)], "upsample takes either scale or size", ""),
    (
        "upsample",
        {"scale": 2, "mode": "bilinear"},
        [(2, 3, 4)],
        "mode bilinear is for 2 spatial axes, the input has 1",
        "mode",
    ),
    ("channel_shuffle", {"groups": 4}, [(2, 6, 4)], "4 groups do not divide the 6 channels", "groups"),
    ("pixel_shuffle", {"factor": 2}, [(2, 6, 4)], "pixel_shuffle needs [C, H, W], got 2 axes", ""),
    (
        "maxpool",
        {"kernel": 4, "dilation": 2, "padding": [1, 0], "ceil": True, "stride": 3},
        [(2, 3, 3)],
        f"kernel 4 does not fit: {POOLED} and only 2 more may hang over",
        "kernel",
    ),
    (
        "maxpool",
        {"kernel": 4, "dilation": 2, "padding": [0, 4]},
        [(2, 3, 30)],
        "padding 4 is more than half of kernel 4",
        "padding",
    ),
    ("max_unpool", {"kernel": 3, "stride": 2, "size": 13}, [(2, 3, 5)], "size 13 must be above 9 and below 13", "size"),
    ("max_unpool", {"kernel": 3, "stride": 2, "size": 9}, [(2, 3, 5)], "size 9 must be above 9 and below 13", "size"),
    ("avgpool", {"kernel": 3, "padding": 1}, [(2, 3, 4, 2, 5)], "kernel 3 is larger than the input's 2", "kernel"),
    (
        "relative_position_bias",
        {"window": [2, 3], "heads": 4, "table": "input"},
        [(2, 3, 6, 4)],
        "relative_position_bias needs a table of [3, 5, 4], got [3, 6, 4]",
        "",
    ),
]


@pytest.mark.parametrize(("kind", "arguments", "shapes", "message", "argument"), CASES)
def test_the_message_has_the_numbers(
    kind: str, arguments: dict[str, Any], shapes: list[tuple[int, ...]], message: str, argument: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        infer(kinds()[kind].model_validate(arguments), tuple(shapes))
    assert caught.value.message == message
    assert (caught.value.argument or "") == argument


def test_facts_of_several_inputs_are_the_firsts() -> None:
    facts = infer(kinds()["matmul"].model_validate({}), ((2, 7, 3, 4), (2, 7, 4, 5))).facts
    wanted = {
        "batch": 2,
        "inputs": 2,
        "in_numel": 168,
        "inputs_numel": 448,
        "out_numel": 210,
        "c_in": 7,
        "c_out": 7,
        "in_spatial": 12,
        "out_spatial": 15,
        "in_last": 4,
        "out_last": 5,
        "out_axis0": 2,
        "rank": 3,
        "params": 0,
        "tensors": 0,
        "weight_scalars": 0,
        "bias_scalars": 0,
    }
    assert {name: facts[name] for name in wanted} == wanted
    by_letters = infer(kinds()["einsum"].model_validate({"equation": "ab,bcd->ca"}), ((2, 3, 4), (2, 4, 5, 6))).facts
    wanted = {
        "in_numel": 24,
        "c_in": 3,
        "c_out": 5,
        "in_spatial": 4,
        "out_spatial": 3,
        "in_last": 4,
        "out_last": 3,
        "rank": 2,
    }
    assert {name: by_letters[name] for name in wanted} == wanted


def test_facts_of_several_outputs_are_the_firsts_and_their_sum() -> None:
    facts = infer(kinds()["split"].model_validate({"sizes": [2, 5]}), ((3, 7, 4),)).facts
    wanted = {"out_numel": 84, "c_out": 2, "out_spatial": 4, "out_last": 4, "out_axis0": 3}
    assert {name: facts[name] for name in wanted} == wanted


def test_facts_without_inputs_or_axes() -> None:
    facts = infer(kinds()["parameter"].model_validate({"shape": [3, 4]}), ()).facts
    wanted = {
        "batch": 1,
        "inputs": 0,
        "in_numel": 0,
        "inputs_numel": 0,
        "out_numel": 12,
        "c_in": 1,
        "in_spatial": 0,
        "rank": 0,
    }
    assert {name: facts[name] for name in wanted} == wanted
    facts = infer(kinds()["relu"].model_validate({}), ((5,),)).facts
    assert (facts["c_in"], facts["c_out"], facts["in_last"], facts["in_spatial"], facts["rank"]) == (1, 1, 1, 1, 0)


def test_a_bound_is_within() -> None:
    assert len(infer(kinds()["split"].model_validate({"parts": 10_000}), ((1, 10_000),)).outputs) == 10_000


def test_a_hint_says_what_to_write() -> None:
    with pytest.raises(ShapeError) as caught:
        infer(kinds()["gru"].model_validate({"hidden": 3, "bias": 1}), ((2, 5, 6),))
    assert caught.value.hint == "say bias: 2 or false, or reset_after: false"
    with pytest.raises(ShapeError) as caught:
        infer(kinds()["add"].model_validate({}), ((2, 3), (2, 3, 4)))
    assert caught.value.message == "add needs equal shapes, got [2, 3] and [2, 3, 4]"
    assert caught.value.hint == "the first has 1 axes after the batch, the second 2"


def test_a_kernel_that_does_not_fit_says_how_large_the_padded_input_is() -> None:
    with pytest.raises(ShapeError, match="it covers 9, the padded input has 7"):
        infer(kinds()["conv"].model_validate({"out": 1, "kernel": 9, "padding": [1, 2]}), ((2, 3, 4),))


def test_defaults_of_local_response_normalisation_are_pytorchs() -> None:
    layer = kinds()["lrn"].model_validate({"size": 5})
    assert [getattr(layer, name) for name in ("size", "alpha", "beta", "k")] == [5, 1e-4, 0.75, 1]


def test_a_kind_that_is_none() -> None:
    with pytest.raises(UsageError, match="no kind is called `convv`") as caught:
        kind_called("convv")
    assert caught.value.hint == "did you mean `conv`?"
    with pytest.raises(UsageError) as caught:
        kind_called("qqqqqq")
    assert caught.value.hint == "`archspec kinds` lists them"


@pytest.mark.parametrize(
    ("kind", "argument"),
    [("elu", "alpha"), ("celu", "alpha"), ("leaky_relu", "slope"), ("dropout", "p"), ("batchnorm", "eps")],
)
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_an_argument_is_finite(kind: str, argument: str, value: float) -> None:
    assert argument in kinds()[kind].model_fields
    with pytest.raises(ValidationError):
        kinds()[kind].model_validate({argument: value})


def test_shapes_of_columns_are_alike_where_all_their_sizes_are() -> None:
    width, height = np.array([2, 3, 4, 5]), np.array([7, 8, 7, 8])
    assert list(alike((1, width, height), (1, 4, 7))) == [False, False, True, False]
    assert list(alike((1, 2, height), (1, 2, 7))) == [True, False, True, False]
    assert alike((1, width), (2, width)) is False
    assert alike((1, width), (1, width)) is True
