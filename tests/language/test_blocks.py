"""Standard blocks: weights and operations counted by hand for small sizes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from archspec.analysis.report import Report
from archspec.api import analyze
from archspec.errors import ShapeError, SpecError
from archspec.graph.graph import Layer
from archspec.language.blocks import standard, standard_names
from archspec.language.load import load_text

SPEC = """\
archspec: 1
name: one_block
inputs: {inputs}
layers:
  - {layer}
"""


def block(layer: str, inputs: str = "{x: [16, 48]}") -> Report:
    """A network that is one call of a block."""
    return analyze(load_text(SPEC.format(inputs=inputs, layer=layer)))


def weights(report: Report) -> list[tuple[str, tuple[Any, ...]]]:
    """Learned tensors in order: the layer's place inside the block, the weight's name, its shape."""
    return [
        (f"{row.path.split('.', 1)[1]}.{weight.name}", weight.shape)
        for row in report.layers
        if isinstance(row.item, Layer)
        for weight in row.item.traits.weights
        if not weight.buffer
    ]


def linear(name: str, inputs: int, outputs: int, bias: bool = True) -> list[tuple[str, tuple[Any, ...]]]:
    return [(f"{name}.weight", (outputs, inputs)), *([(f"{name}.bias", (outputs,))] if bias else [])]


def normed_conv(name: str, out: int, inputs: int, kernel: int) -> list[tuple[str, tuple[Any, ...]]]:
    return [
        (f"{name}.weight", (out, inputs, kernel, kernel)),
        (f"{name}_norm.weight", (out,)),
        (f"{name}_norm.bias", (out,)),
    ]


def test_every_standard_block_says_what_it_is() -> None:
    assert standard_names()
    for name in standard_names():
        found = standard(name)
        assert found.name == name
        assert found.layers


def test_attention() -> None:
    report = block("{use: attention, with: {heads: 6}}")
    assert weights(report) == [*linear("q", 48, 48), *linear("k", 48, 48), *linear("v", 48, 48), *linear("out", 48, 48)]
    assert report.graph.outputs[0].shape == (1, 16, 48)
    # Four 48 x 48 matrices for 16 tokens; for 6 heads of size 8, 16 * 16 scores and as many values weighted.
    assert report.totals.macs == 4 * 16 * 48 * 48 + 2 * 6 * 16 * 16 * 8


def test_attention_with_grouped_queries() -> None:
    report = block("{use: attention, with: {heads: 6, kv_heads: 2, bias: false, causal: true, window: 4}}")
    expected = [*linear("q", 48, 48, False), *linear("k", 48, 16, False), *linear("v", 48, 16, False)]
    assert weights(report) == [*expected, *linear("out", 48, 48, False)]
    facts = [row.item.traits.facts for row in report.layers if isinstance(row.item, Layer)]
    (pairs,) = [known["pairs"] for known in facts if "pairs" in known]
    queries = range(16)
    allowed = sum(query - 4 < key <= query for query, key in product(queries, queries))
    assert pairs == allowed


def test_attention_of_another_size_inside() -> None:
    report = block("{use: attention, with: {heads: 6, head_dim: 16, dim: 40, out_bias: false, dropout: 0.1}}")
    expected = [*linear("q", 48, 96), *linear("k", 48, 96), *linear("v", 48, 96), *linear("out", 96, 40, False)]
    assert weights(report) == expected
    assert report.layers[-1].kind == "dropout"
    assert report.graph.outputs[0].shape == (1, 16, 40)


@pytest.mark.parametrize("name", ["attention", "fused_attention"])
def test_heads_must_divide_the_size(name: str) -> None:
    with pytest.raises((ShapeError, SpecError)):
        block(f"{{use: {name}, with: {{heads: 5}}}}")


def test_fused_attention_has_the_same_weights_in_fewer_tensors() -> None:
    fused = block("{use: fused_attention, with: {heads: 6}}")
    assert weights(fused) == [*linear("qkv", 48, 144), *linear("out", 48, 48)]
    apart = block("{use: attention, with: {heads: 6}}")
    assert (fused.totals.params, fused.totals.macs) == (apart.totals.params, apart.totals.macs)


def test_cross_attention() -> None:
    report = block("{use: cross_attention, with: {heads: 6}, from: [x, y]}", "{x: [16, 48], y: [5, 32]}")
    assert weights(report) == [*linear("q", 48, 48), *linear("k", 32, 48), *linear("v", 32, 48), *linear("out", 48, 48)]
    # 16 queries, 5 keys.
    assert report.totals.macs == 2 * 16 * 48 * 48 + 2 * 5 * 32 * 48 + 2 * 6 * 16 * 5 * 8
    assert report.graph.outputs[0].shape == (1, 16, 48)


def test_mlp() -> None:
    report = block("{use: mlp, with: {hidden: 96}}")
    assert weights(report) == [*linear("up", 48, 96), *linear("down", 96, 48)]
    assert [row.kind for row in report.layers] == ["linear", "gelu", "linear"]


def test_mlp_with_other_parts() -> None:
    report = block("{use: mlp, with: {hidden: 96, out: 7, act: relu, dropout: 0.5, bias: false}}")
    assert weights(report) == [*linear("up", 48, 96, False), *linear("down", 96, 7, False)]
    assert [row.kind for row in report.layers] == ["linear", "relu", "dropout", "linear", "dropout"]


@pytest.mark.parametrize(("name", "act"), [("swiglu", "silu"), ("geglu", "gelu"), ("reglu", "relu")])
def test_gated_layers(name: str, act: str) -> None:
    report = block(f"{{use: {name}, with: {{hidden: 128}}}}")
    assert [row.kind for row in report.layers] == ["linear", act, "linear", "mul", "linear"]
    assert weights(report) == [
        *linear("gate", 48, 128, False),
        *linear("up", 48, 128, False),
        *linear("down", 128, 48, False),
    ]
    assert report.totals.macs == 3 * 16 * 48 * 128


def test_squeeze_excite() -> None:
    report = block("{use: squeeze_excite, with: {squeezed: 4, gate: hardsigmoid}}", "{x: [16, 8, 8]}")
    expected = [("fc1.weight", (4, 16, 1, 1)), ("fc1.bias", (4,)), ("fc2.weight", (16, 4, 1, 1)), ("fc2.bias", (16,))]
    assert weights(report) == expected
    assert [row.kind for row in report.layers] == ["global_avgpool", "conv", "relu", "conv", "hardsigmoid", "mul"]
    assert report.totals.macs == 2 * 4 * 16
    assert report.graph.outputs[0].shape == (1, 16, 8, 8)


def test_inverted_residual() -> None:
    report = block("{use: inverted_residual, with: {out: 16}}", "{x: [16, 8, 8]}")
    expected = [
        *normed_conv("expand", 96, 16, 1),
        *normed_conv("depthwise", 96, 1, 3),
        *normed_conv("project", 16, 96, 1),
    ]
    assert weights(report) == expected
    kinds = ["conv", "batchnorm", "relu6", "conv", "batchnorm", "relu6", "conv", "batchnorm", "add"]
    assert [row.kind for row in report.layers] == kinds


@pytest.mark.parametrize("arguments", ["out: 24", "out: 16, stride: 2"])
def test_inverted_residual_adds_only_equal_shapes(arguments: str) -> None:
    report = block(f"{{use: inverted_residual, with: {{{arguments}}}}}", "{x: [16, 8, 8]}")
    assert "add" not in [row.kind for row in report.layers]


def test_inverted_residual_without_widening() -> None:
    report = block("{use: inverted_residual, with: {out: 24, expand: 1, kernel: 5}}", "{x: [16, 8, 8]}")
    assert weights(report) == [*normed_conv("depthwise", 16, 1, 5), *normed_conv("project", 24, 16, 1)]


def test_inverted_residual_with_squeeze_and_stochastic_depth() -> None:
    """An MBConv of EfficientNet-B0: 24 channels, widened to 144, squeezed to a quarter of the 24."""
    arguments = "out: 24, act: silu, squeezed: $in.c // 4, drop: 0.2"
    report = block(f"{{use: inverted_residual, with: {{{arguments}}}}}", "{x: [24, 8, 8]}")
    # What torchvision's second block of its second stage has: see `features.2.1` of efficientnet_b0.
    assert report.totals.params == 3456 + 288 + 1296 + 288 + (144 * 6 + 6) + (6 * 144 + 144) + 3456 + 48
    kinds = [row.kind for row in report.layers if isinstance(row.item, Layer)]
    squeeze = ["global_avgpool", "conv", "silu", "conv", "sigmoid", "mul"]
    widened = ["conv", "batchnorm", "silu"] * 2
    assert kinds == [*widened, *squeeze, "conv", "batchnorm", "stochastic_depth", "add"]


@pytest.mark.parametrize(
    "arguments", ["out: 16, drop: 0.2, skip: false", "out: 24, drop: 0.2", "out: 16, stride: 2, drop: 0.2"]
)
def test_inverted_residual_drops_only_what_is_added(arguments: str) -> None:
    report = block(f"{{use: inverted_residual, with: {{{arguments}}}}}", "{x: [16, 8, 8]}")
    assert not {"add", "stochastic_depth"} & {row.kind for row in report.layers}


@pytest.mark.parametrize("first", ["false", "true"])
def test_transformer_encoder_layer(first: str) -> None:
    report = block(f"{{use: transformer_encoder_layer, with: {{heads: 8, hidden: 96, norm_first: {first}}}}}")
    # in_proj 48 * 144 + 144, out_proj 48 * 48 + 48, linear1 48 * 96 + 96, linear2 96 * 48 + 48, two norms of 2 * 48:
    # what torch.nn.TransformerEncoderLayer(48, 8, 96) has.
    assert report.totals.params == 7056 + 2352 + 4704 + 4656 + 192
    normed = [row.kind == "layernorm" for row in report.layers]
    assert sum(normed) == 2
    assert normed[0 if first == "true" else -1]


# Modules of torch 2.13 that do the same, of nn.Linear, F.scaled_dot_product_attention and norms: output, parameters and
# what FlopCounterMode counts of a batch of 2, which is contractions, 2 to a multiply-accumulate.
@pytest.mark.parametrize(
    ("layer", "inputs", "output", "params", "flops"),
    [
        ("{use: attention, from: [x, b], with: {heads: 3, k_bias: false, qk_norm: layernorm}}",
         "{x: [16, 49, 96], b: [1, 3, 49, 49]}", (2, 16, 49, 96), 37_280, 145_108_992),
        ("{use: attention, with: {heads: 4, kv_heads: 2, head_dim: 8, out_bias: false, qk_norm: rmsnorm}}",
         "{x: [5, 7, 6, 48]}", (2, 5, 7, 6, 48), 4_688, 4_193_280),
        ("{use: fused_attention, from: [x, b], with: {heads: 4, bias: false}}",
         "{x: [9, 48], b: [4, 9, 9]}", (2, 9, 48), 9_216, 362_880),
        ("{use: fused_attention, from: [x, b], with: {heads: 4, bias: false}}",
         "{x: [9, 48], b: [4, 1, 9]}", (2, 9, 48), 9_216, 362_880),
        ("{use: cross_attention, from: [x, x],"
         " with: {heads: 4, kv_heads: 2, head_dim: 8, out_bias: false, qk_norm: rmsnorm}}",
         "{x: [5, 7, 6, 48]}", (2, 5, 7, 6, 48), 4_688, 4_193_280),
    ],
)  # fmt: skip
def test_attention_takes_axes_in_front_a_bias_and_norms(
    layer: str, inputs: str, output: tuple[int, ...], params: int, flops: int
) -> None:
    report = analyze(load_text(SPEC.format(inputs=inputs, layer=layer)), batch=2)
    assert (report.layers[-1].output, report.totals.params) == (output, params)
    assert 2 * report.totals.macs == flops


def test_a_sliding_window_hides_pairs_from_a_kernel_that_skips_them() -> None:
    length, window = 16, 3
    seen = sum(0 <= query - key < window for query, key in product(range(length), repeat=2))
    report = block(f"{{use: attention, with: {{heads: 4, causal: true, window: {window}}}}}")
    dense = report.totals.macs - report.totals.unmasked_macs
    assert dense == 4 * (12 + 12) * (length**2 - seen)
    assert block("{use: attention, with: {heads: 4}}").totals.unmasked_macs == report.totals.macs


OPEN = """\
archspec: 1
name: t
inputs: {{x: [4], y: [4]}}
blocks:
  joined:
    inputs: {inputs}
    layers: [{layer}]
layers:
  - {{use: joined, from: {given}}}
"""


def test_an_input_of_a_block_may_be_left_out() -> None:
    heads = "{reshape: [1, 1, 4], from: a, id: q}, {scaled_dot_product_attention: , from: [q, q, q, b]}"
    spec = OPEN.replace("y: [4]", "y: [1, 1, 1]").replace("{{", "{").replace("}}", "}")
    without, beside = (
        analyze(load_text(spec.replace("{inputs}", '[a, "b?"]').replace("{layer}", heads).replace("{given}", given)))
        for given in ("[x]", "[x, y]")
    )
    assert beside.totals.flops == without.totals.flops + 1  # the addition of the bias


@pytest.mark.parametrize(
    ("inputs", "layer", "given", "message"),
    [
        ('["a?", b]', "relu", "[x, y]", "`a?` cannot be left out"),
        ('["a?"]', "relu", "[x]", "`a?` cannot be left out"),
        ('[a, "b?"]', "{relu: , from: b}", "[x]", "`b`, an input of the block, is left out in this call"),
        ('[a, "b?"]', "{residual: [relu], from: b}", "[x]", "`b`, an input of the block, is left out in this call"),
        ('[a, "b?"]', "{relu: , from: a}", "[x, y, y]", "block `joined` takes 1 to 2 inputs (a, b), got 3"),
    ],
)
def test_what_is_wrong_with_an_input_left_out(inputs: str, layer: str, given: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        analyze(load_text(OPEN.format(inputs=inputs, layer=layer, given=given)))
    assert caught.value.message == message
    assert caught.value.span is not None


def test_without_from_a_block_takes_what_it_needs_alone() -> None:
    text = "archspec: 1\nname: t\ninputs: {x: [16, 96]}\nlayers:\n  - split: {parts: 2, axis: 2}\n  - use: attention\n"
    report = analyze(load_text(text + "    with: {heads: 4}\n"))
    assert report.layers[-1].output == (1, 16, 48)
