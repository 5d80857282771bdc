"""archspec's own convention against PyTorch's counter and against layers computed operation by operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.conventions.loader import convention
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer
from archspec.language.load import load_text
from operations import LAYERS
from tallied import numbers, tally

BATCH = 2
CONTRACTIONS = (
    "conv", "conv_transpose", "linear", "matmul", "einsum", "scaled_dot_product_attention", "multihead_attention",
    "rnn", "lstm", "gru",
)  # fmt: skip
OWN = convention("archspec")

GOLDEN = [
    case
    for name in ("layers", "attention")
    for case in json.loads((Path(__file__).parents[1] / "golden" / f"{name}.json").read_text())
    if "error" not in case and case["flops"] is not None
]

# kind, arguments, input shapes without the batch axis: tiny, and uneven enough to tell one formula from another.
MAP = [[4, 5, 3]]
PLAIN = (
    "exp", "log", "sqrt", "rsqrt", "reciprocal", "square", "neg", "abs", "sign", "floor", "ceil", "round", "sin", "cos",
    "erf", "logical_not",
)  # fmt: skip
CASES: list[tuple[str, dict[str, Any], list[list[int]]]] = [
    ("conv", {"out": 3, "kernel": 3}, [[2, 7]]),
    ("conv", {"out": 3, "kernel": [3, 2], "stride": 2, "padding": 1, "bias": False}, [[2, 5, 6]]),
    ("conv", {"out": 6, "kernel": 2, "groups": 2, "dilation": 2}, MAP),
    ("conv", {"out": 2, "kernel": 2, "padding": 1}, [[1, 3, 2, 2]]),
    ("conv_transpose", {"out": 3, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, [[2, 3, 2]]),
    ("conv_transpose", {"out": 6, "kernel": [1, 2], "groups": 2, "bias": False}, MAP),
    ("linear", {"out": 3}, [[4, 5]]),
    ("linear", {"out": 1, "bias": False}, [[5]]),
    ("bilinear", {"out": 3}, [[2, 4], [2, 5]]),
    ("bilinear", {"out": 2, "bias": False}, [[3], [4]]),
    ("matmul", {}, [[3, 4, 5], [3, 5, 2]]),
    ("matmul", {"transpose_b": True, "broadcast": True}, [[1, 2, 3], [3, 4, 3]]),
    ("einsum", {"equation": "hid,hjd->hij"}, [[2, 3, 4], [2, 5, 4]]),
    ("einsum", {"equation": "hij,hjd->ihd"}, [[2, 3, 5], [2, 5, 4]]),
    ("einsum", {"equation": "td,dn->tdn"}, [[3, 2], [2, 4]]),
    ("einsum", {"equation": "ab,bc->c"}, [[3, 2], [2, 4]]),
    ("einsum", {"equation": "ab,cd->ad"}, [[3, 2], [5, 4]]),
    ("einsum", {"equation": "aab,b->a"}, [[3, 3, 2], [2]]),
    ("einsum", {"equation": "ab,bc->ac"}, [[3, 1], [1, 4]]),
    ("multihead_attention", {"heads": 2}, [[3, 4]]),
    ("multihead_attention", {"heads": 2, "need_weights": True}, [[3, 4], [5, 2], [5, 3]]),
    ("multihead_attention", {"heads": 1, "bias": False}, [[2, 3], [4, 3], [4, 3]]),
    ("scaled_dot_product_attention", {}, [[2, 3, 4], [2, 5, 4], [2, 5, 6]]),
    ("scaled_dot_product_attention", {"causal": True}, [[4, 3, 2], [2, 3, 2], [2, 3, 2]]),
    ("scaled_dot_product_attention", {}, [[2, 3, 4], [1, 5, 4], [1, 5, 4], [1, 3, 5]]),
    *(
        (kind, {"hidden": 3, **extra}, [[4, 2]])
        for kind in ("rnn", "lstm", "gru")
        for extra in ({}, {"bias": False}, {"layers": 2, "bidirectional": True, "bias": 2})
    ),
    ("rnn", {"hidden": 3, "bias": 1, "nonlinearity": "relu"}, [[4, 2]]),
    ("lstm", {"hidden": 4, "layers": 2, "proj": 2, "bias": 1}, [[3, 2]]),
    ("gru", {"hidden": 3, "reset_after": False, "bias": 1}, [[4, 2]]),
    *(
        (kind, {**args, **norm}, shape)
        for kind, shape, norm in (
            ("batchnorm", MAP, {}),
            ("batchnorm", MAP, {"track": False}),
            ("batchnorm", [[6]], {"track": False}),
            ("instancenorm", MAP, {}),
            ("instancenorm", MAP, {"track": True}),
            ("groupnorm", MAP, {"groups": 2}),
            ("layernorm", MAP, {"dims": 2}),
            ("layernorm", MAP, {"channels_first": True}),
            ("rmsnorm", MAP, {}),
            ("rmsnorm", MAP, {"dims": 2}),
        )
        for args in ({"affine": True}, {"affine": False})
    ),
    ("layernorm", {"bias": False}, MAP),
    *(("normalize", {"axis": axis}, MAP) for axis in (1, -1)),
    ("lrn", {"size": 3}, MAP),
    ("lrn", {"size": 4}, [[3, 2]]),
    ("maxpool", {"kernel": 3, "stride": 2, "padding": 1}, [[2, 6, 5]]),
    ("maxpool", {"kernel": [2, 1], "dilation": 2, "stride": 1}, MAP),
    ("avgpool", {"kernel": 3, "stride": 2, "padding": 1}, [[2, 6, 5]]),
    ("avgpool", {"kernel": 2}, [[3, 7]]),
    ("lppool", {"kernel": [2, 3], "stride": 1, "norm": 2.0}, MAP),
    *((f"adaptive_{way}pool", {"output": output}, MAP) for way in ("avg", "max") for output in ([2, 3], 2, [5, 1])),
    *((f"global_{way}pool", {}, shape) for way in ("avg", "max") for shape in (MAP, [[3, 7]])),
    *((kind, {"axes": axes}, MAP) for kind in ("mean", "sum", "max") for axes in (1, -1, [2, 3])),
    *((kind, {}, MAP) for kind in ("relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "sigmoid", "tanh")),
    *((kind, {}, MAP) for kind in ("silu", "mish", "hardtanh", "hardsigmoid", "hardswish", "softplus", "softsign")),
    ("gelu", {}, MAP),
    ("gelu", {"approximate": "tanh"}, MAP),
    ("glu", {"axis": 1}, MAP),
    *((kind, {"axis": axis}, MAP) for kind in ("softmax", "log_softmax") for axis in (1, 2, -1)),
    ("dispatch", {"count": 5, "active": 2}, [[3, 4], [3, 5]]),
    ("dispatch", {"count": 3, "active": 3}, [[4], [3]]),
    ("combine", {}, [[3, 2, 4], [3, 2]]),
    ("combine", {}, [[3, 3, 4]]),
    *((kind, {}, MAP * count) for kind in ("add", "mul") for count in (2, 3)),
    *((kind, {}, MAP * 2) for kind in ("sub", "div")),
    ("scale", {"by": 0.5}, MAP),
    ("offset", {"by": 0.5}, MAP),
    *((kind, {}, MAP) for kind in ("logsigmoid", "quick_gelu", "squared_relu", *PLAIN)),
    ("pow", {"exponent": 3}, MAP),
    ("pow", {}, MAP * 2),
    ("clamp", {"min": 0.25}, MAP),
    ("clamp", {"min": 0.25, "max": 0.5}, MAP),
    ("compare", {"op": "gt", "to": 0.5}, MAP),
    ("compare", {"op": "lt"}, MAP * 2),
    *((kind, {}, MAP * count) for kind in ("minimum", "maximum") for count in (2, 3)),
    *(("rope", args, [[3, 5, 6]]) for args in ({}, {"dim": 4})),
    *((kind, {"axes": axes}, MAP) for kind in ("min", "var", "std") for axes in (1, -1, [2, 3])),
    ("scatter_add", {"axis": 2}, [[4, 5], [3, 6], [4, 7]]),
    *(("topk", args, MAP) for args in ({"k": 1}, {"k": 3}, {"k": 4, "axis": 2})),
    *((kind, {"axis": axis}, MAP) for kind in ("argmax", "argmin") for axis in (1, -1)),
    ("causal_conv", {"kernel": 3}, [[5, 4]]),
    ("fold", {"size": 4, "kernel": 2}, [[12, 9]]),
    ("dynamic_conv", {}, [[3, 4, 5], [2, 3, 2, 3]]),
    ("dynamic_conv", {"groups": 2}, [[4, 6], [6, 2, 3]]),
    *(
        ("grid_sample", {"mode": mode, "align_corners": corners}, [[3, 4, 5], [2, 3, 2]])
        for mode in ("bilinear", "nearest")
        for corners in (True, False)
    ),
    ("frozen_batchnorm", {}, MAP),
    ("causal_conv", {"kernel": 4, "bias": False}, [[2, 3]]),
    ("selective_scan", {}, [[4, 3], [4, 3], [4, 5], [4, 5]]),
    ("selective_scan", {}, [[4, 3], [4, 3], [4, 2], [4, 2], [4, 3]]),
    ("selective_scan", {}, [[4, 6], [4, 6], [4, 3, 5], [4, 3, 5]]),
    ("selective_scan", {"softplus": False, "skip": False}, [[4, 3], [4, 3], [4, 5], [4, 5]]),
    ("ssd", {}, [[3, 4, 3], [3, 4], [3, 2, 5], [3, 2, 5]]),
    ("ssd", {"skip": False, "chunk": 2}, [[5, 2, 3], [5, 2], [5, 1, 2], [5, 1, 2]]),
    ("gated_linear_attention", {}, [[3, 2, 4], [3, 2, 4], [3, 2, 5], [3, 2]]),
    ("linear_scan", {}, [[4, 3], [4, 3]]),
    ("gated_delta_rule", {}, [[3, 2, 4], [3, 2, 4], [3, 4, 5], [3, 4], [3, 4]]),
    ("gated_delta_rule", {}, [[3, 2, 4], [3, 2, 4], [3, 4, 5], [3, 4, 4], [3, 4]]),
    ("gated_delta_rule", {"qk_norm": True}, [[4, 3, 2], [4, 3, 2], [4, 3, 3], [4, 3], [4, 3]]),
    *(("cumsum", {"axis": axis}, MAP) for axis in (1, -1)),
    *(
        ("upsample", {"scale": 2, "mode": mode}, [[2, *[3] * rank]])
        for mode, rank in (("nearest", 2), ("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3))
    ),
]


def _name(case: Any) -> str:
    kind, args, inputs = (case["kind"], case["args"], case["inputs"]) if isinstance(case, dict) else case
    return f"{kind}-{json.dumps(args)}-{inputs}".replace(" ", "")


def _infer(kind: str, args: dict[str, Any], inputs: list[list[int]]) -> Traits:
    return infer(kinds()[kind].model_validate(args), tuple((BATCH, *shape) for shape in inputs))


def _count(traits: Traits) -> dict[str, int]:
    return OWN.count(traits.kind.kind, traits.facts)


@pytest.mark.parametrize("case", [c for c in GOLDEN if c["kind"] in CONTRACTIONS], ids=_name)
def test_macs_are_half_of_what_pytorch_counts(case: dict[str, Any]) -> None:
    args = dict(case["args"])
    if case["kind"] == "matmul":
        args["broadcast"] = True
    assert 2 * _count(_infer(case["kind"], args, case["inputs"]))["macs"] == case["flops"]


def test_what_pytorch_counts_nothing_for_has_no_macs() -> None:
    other = {case["kind"] for case in GOLDEN} - {case["kind"] for case in GOLDEN if case["flops"]}
    assert other.isdisjoint(CONTRACTIONS)
    for kind in other - OWN.free.keys():
        rule = OWN.rule(kind)
        assert rule is not None
        assert rule.formulas["macs"].text == "0", kind


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_flops_are_the_operations_done(case: tuple[str, dict[str, Any], list[list[int]]]) -> None:
    kind, args, inputs = case
    traits = _infer(kind, args, inputs)
    tensors = [numbers(BATCH, *shape) for shape in inputs]
    arguments = {name: value for name, value in args.items() if name not in ("broadcast", "by")}
    tally.clear()
    output = LAYERS[kind](*tensors, **arguments)
    assert output.shape == traits.outputs[0]
    assert _count(traits)["flops"] == tally.total()


def test_macs_of_bilinear_are_its_products() -> None:
    traits = _infer("bilinear", {"out": 3, "bias": False}, [[2, 4], [2, 5]])
    tally.clear()
    LAYERS["bilinear"](numbers(BATCH, 2, 4), numbers(BATCH, 2, 5), out=3, bias=False)
    assert _count(traits)["macs"] == tally["mul"] == tally["add"]


def test_every_rule_is_compared_and_every_kind_has_a_rule_or_is_free() -> None:
    assert sorted({kind for kind, _, _ in CASES}) == sorted(OWN.kinds())
    assert sorted([*OWN.kinds(), *OWN.free]) == sorted(kinds())


def test_activations_are_the_outputs_of_layers_with_macs() -> None:
    for kind in OWN.kinds():
        formulas = OWN.rule(kind).formulas  # type: ignore[union-attr]
        contracts = {"0": "0", "pairs_numel if contracted else 0": "out_numel if contracted else 0"}
        assert formulas["activations"].text == contracts.get(formulas["macs"].text, "out_numel"), kind


def test_a_product_is_no_contraction_be_it_written_as_einsum_or_as_mul() -> None:
    shapes = [[64, 48], [48, 16]]
    by_einsum = _count(_infer("einsum", {"equation": "td,dn->tdn"}, shapes))
    by_mul = _count(_infer("mul", {"broadcast": True}, [[64, 48, 1], [1, 48, 16]]))
    assert by_einsum == by_mul == {"macs": 0, "flops": 2 * 64 * 48 * 16, "activations": 0, "unmasked_macs": 0}


def test_operations_beyond_macs_are_told_by_kind() -> None:
    layers = "[conv: {out: 3, kernel: 3, act: relu}, flatten, linear: {out: 5, bias: false}]"
    text = f"archspec: 1\nname: t\ninputs: {{x: [2, 4, 4]}}\nlayers: {layers}\n"
    # 3 maps of 2 by 2: a bias is added to each element, and each is compared with 0.
    assert analyze(load_text(text), batch=2).beyond == {"conv": 24, "relu": 24}
