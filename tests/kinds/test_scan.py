"""Scans: what PyTorch's counter says of transformers' functions, and what is kept from token to token."""

from __future__ import annotations

from typing import Any

import pytest

from archspec.api import analyze
from archspec.conventions.loader import convention
from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer
from archspec.language.load import load_text
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings


def apply(kind: str, *shapes: tuple[int, ...], **args: Any) -> Traits:
    return infer(kinds()[kind].model_validate(args), shapes)


def counted(traits: Traits) -> int:
    return convention("torch").count(traits.kind.kind, traits.facts)["flops"]  # type: ignore[no-any-return]


# Batch, steps, heads, head_dim, groups, state_size, chunk, and FlopCounterMode (torch 2.13) on mamba2_chunk_scan of
# transformers 5.23.
@pytest.mark.parametrize(
    ("sizes", "flops"),
    [((2, 10, 4, 3, 2, 5, 4), 15744), ((1, 8, 2, 4, 1, 3, 8), 2752), ((3, 5, 4, 2, 4, 6, 2), 10368),
     ((1, 7, 2, 1, 1, 1, 3), 208)],
)  # fmt: skip
def test_ssd_in_chunks(sizes: tuple[int, ...], flops: int) -> None:
    b, t, h, p, g, n, chunk = sizes
    assert counted(apply("ssd", (b, t, h, p), (b, t, h), (b, t, g, n), (b, t, g, n), chunk=chunk)) == flops


# Batch, steps, heads and size of keys, of values, chunk; and on torch_chunk_gated_delta_rule of its Qwen3-Next.
@pytest.mark.parametrize(
    ("sizes", "flops"),
    [((2, 10, 2, 3, 4, 5, 4), 17088), ((1, 8, 2, 4, 2, 3, 8), 3968), ((3, 5, 1, 2, 3, 6, 2), 6048)],
)
def test_gated_delta_rule_in_chunks(sizes: tuple[int, ...], flops: int) -> None:
    b, t, k, dk, v, dv, chunk = sizes
    keys, values, gates = (b, t, k, dk), (b, t, v, dv), (b, t, v)
    assert counted(apply("gated_delta_rule", keys, keys, values, gates, gates, chunk=chunk)) == flops


# Batch, steps, heads, sizes of a key and a value, chunk; and on chunk_kimi_delta_attention of its Bailing Hybrid.
@pytest.mark.parametrize(
    ("sizes", "flops"), [((2, 10, 4, 3, 5, 4), 18624), ((1, 8, 2, 4, 3, 8), 3712), ((3, 5, 3, 2, 6, 2), 6912)]
)
def test_delta_rule_with_a_decay_for_each_row(sizes: tuple[int, ...], flops: int) -> None:
    b, t, h, dk, dv, chunk = sizes
    keys = (b, t, h, dk)
    traits = apply("gated_delta_rule", keys, keys, (b, t, h, dv), keys, (b, t, h), chunk=chunk)
    assert (traits.outputs, counted(traits)) == (((b, t, h, dv),), flops)


# Batch, steps, heads and size of a head, chunk; and on MiniMaxLightningAttention, but for its linear layers.
@pytest.mark.parametrize(
    ("sizes", "flops"), [((2, 10, 4, 3, 4), 6336), ((1, 8, 2, 4, 8), 3072), ((3, 5, 3, 2, 16), 2520)]
)
def test_linear_attention_in_chunks(sizes: tuple[int, ...], flops: int) -> None:
    b, t, h, d, chunk = sizes
    heads = (b, t, h, d)
    assert counted(apply("gated_linear_attention", heads, heads, heads, heads[:3], chunk=chunk)) == flops


@pytest.mark.parametrize(("tokens", "products", "convolutions"), [
    (128, 150_994_944, 38_633_472), (1024, 1_207_959_552, 302_874_624),
])  # fmt: skip
def test_mamba_130m(tokens: int, products: int, convolutions: int) -> None:
    """24 layers of 1536 channels, 16 states and a kernel of 4: golden figures of transformers' mamba-130m."""
    u, b = (1, tokens, 1536), (1, tokens, 16)
    assert 24 * counted(apply("selective_scan", u, u, b, b)) == products
    assert 24 * counted(apply("causal_conv", u, kernel=4)) == convolutions


def test_weights_are_named_as_in_the_mixers() -> None:
    u, b = (1, 5, 8), (1, 5, 4)
    scan = apply("selective_scan", u, u, b, b)
    assert [(weight.name, weight.shape) for weight in scan.weights] == [("A_log", (8, 4)), ("D", (8,))]
    conv = apply("causal_conv", u, kernel=4)
    assert [(weight.name, weight.shape) for weight in conv.weights] == [("weight", (8, 1, 4)), ("bias", (8,))]
    heads = apply("ssd", (1, 5, 4, 2), (1, 5, 4), (1, 5, 1, 3), (1, 5, 1, 3))
    assert [(weight.name, weight.shape) for weight in heads.weights] == [(n, (4,)) for n in ("dt_bias", "A_log", "D")]


KEPT = MemorySettings(kv=("kv-architecture",), length=6)
MIXER = """\
archspec: 1
name: mixer
inputs: {x: [6, 8]}
layers:
  - {causal_conv: 4, id: conv}
  - {silu: , id: u}
  - {linear: 8, id: delta}
  - {linear: 3, id: b, from: u}
  - {linear: 3, id: c, from: u}
  - selective_scan: [u, delta, b, c]
"""


def kept(text: str) -> int:
    return measure(analyze(load_text(text), batch=2), KEPT).totals["kv_cache_bytes"]


def test_a_scan_keeps_its_state_and_the_inputs_of_its_convolution() -> None:
    assert kept(MIXER) == 4 * 2 * (8 * 3 + 8 * 3)  # states of 3, and 3 steps before
    alone = MIXER.replace("  - {causal_conv: 4, id: conv}\n", "")
    assert kept(alone) == 4 * 2 * 8 * 3
    short = "".join(MIXER.splitlines(keepends=True)[:5])
    assert kept(short) == 4 * 2 * 8 * 3


@pytest.mark.parametrize(
    ("kind", "shapes", "message"),
    [
        ("causal_conv", [(1, 5, 4, 3)], r"needs its input as \[T, C\], got \[5, 4, 3\]"),
        ("selective_scan", [(1, 5, 4), (1, 5, 3), (1, 5, 2), (1, 5, 2)], r"needs its delta as \[5, 4\], got \[5, 3\]"),
        ("selective_scan", [(1, 5, 4), (1, 5, 4), (1, 6, 2), (1, 6, 2)], r"needs its B as \[5, 2\], got \[6, 2\]"),
        ("selective_scan", [(1, 5, 4), (1, 5, 4), (1, 5, 3, 2), (1, 5, 3, 2)], "3 groups do not divide the 4 channels"),
        ("selective_scan", [(1, 5, 4), (1, 5, 4), (1, 6, 2, 2), (1, 6, 2, 2)], r"needs its B as \[5, 2, 2\]"),
        (
            "gated_linear_attention",
            [(1, 5, 2, 3), (1, 5, 2, 3), (1, 5, 4, 6), (1, 5, 2)],
            r"needs its v as \[5, 2, 6\], got \[5, 4, 6\]",
        ),
        ("linear_scan", [(1, 5, 4), (1, 5, 3)], r"needs its a as \[5, 4\], got \[5, 3\]"),
        ("ssd", [(1, 5, 4, 2), (1, 5, 4), (1, 5, 3, 6), (1, 5, 3, 6)], "3 groups do not divide the 4 heads"),
        (
            "gated_delta_rule",
            [(1, 5, 3, 2), (1, 5, 3, 2), (1, 5, 4, 6), (1, 5, 4), (1, 5, 4)],
            "3 heads of query and key do not divide 4 of the value",
        ),
        (
            "gated_delta_rule",
            [(1, 5, 2, 3), (1, 5, 2, 3), (1, 5, 4, 6), (1, 5, 4, 6), (1, 5, 4)],
            r"needs its g as \[5, 4, 3\], got \[5, 4, 6\]",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_numbers(kind: str, shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        apply(kind, *shapes, **({"kernel": 3} if kind == "causal_conv" else {}))
