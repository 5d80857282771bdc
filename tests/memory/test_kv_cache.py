"""Caches against published figures, vLLM's own tests and what llama.cpp prints when it allocates one."""

from __future__ import annotations

import json

import pytest

from archspec.api import analyze, load
from archspec.errors import ArchspecError, UsageError
from archspec.memory.files import names
from archspec.memory.formats import format_of
from archspec.memory.kv.model import FACTS, convention, evaluated
from archspec.memory.kv.pools import Alike, pooled
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

MIB = 2**20
HEAD = "archspec: 1\nname: net\ninputs: {{x: [4, {dim}]}}\nlayers:\n"


def attention(layers: int, heads: int, kv_heads: int, head_dim: int, window: int | None = None) -> str:
    """Causal attention, so many layers in a row."""
    given = f"heads: {heads}, kv_heads: {kv_heads}, head_dim: {head_dim}, dim: 64, bias: false, causal: true"
    more = "" if window is None else f", window: {window}"
    return f"  - residual: [{{use: attention, with: {{{given}{more}}}}}]\n    repeat: {layers}\n"


def cache(tmp_path, text: str, *kv: str, length: int = 1024, dtype="float16", batch: int = 1, **asked):
    file = tmp_path / "net.yaml"
    file.write_text(text if text.startswith("archspec") else HEAD.format(dim=64) + text)
    kv_set = tuple(f"{name}={value}" for name, value in asked.pop("sets", {}).items())
    report = analyze(load(file), dtype=dtype, batch=batch)
    return measure(report, MemorySettings(kv=kv or ("kv-architecture",), length=length, kv_set=kv_set, **asked))


# Bytes of a token in 16 bits.
PUBLISHED = {
    "LLaMA-2-70B": (attention(80, 64, 8, 128), 327_680),
    "Qwen-2.5-72B": (attention(80, 64, 8, 128), 327_680),  # 327.680 KB, arXiv 2505.09343, table 1
    "LLaMA-3.1-405B": (attention(126, 128, 8, 128), 516_096),  # 516.096 KB, there too
    "LLaMA-3-8B": (attention(32, 32, 8, 128), 131_072),
    "Mixtral-8x7B": (attention(32, 32, 8, 128), 131_072),
    "Gemma-2-9B": (attention(21, 16, 8, 256, window=4096) + attention(21, 16, 8, 256), 344_064),
}


@pytest.mark.parametrize("model", PUBLISHED)
def test_bytes_of_a_token_as_published(tmp_path, model: str) -> None:
    text, published = PUBLISHED[model]
    for kv in names("kv"):
        assert cache(tmp_path, text, kv).totals["kv_token_bytes"] == published


def test_specs_of_the_zoo_as_published() -> None:
    for spec, published in (("llama3@8b", 131_072), ("gpt2@gpt2_xl", 300 * 1024)):  # 300 KiB: 48 * 2 * 1600 * 2
        name, variant = spec.split("@")
        report = analyze(load(name), variant=variant, dtype="bfloat16")
        totals = measure(report, MemorySettings(kv=("kv-vllm",), length=32768)).totals
        assert totals["kv_token_bytes"] == published
        assert totals["kv_cache_bytes"] == 32768 * published


def test_latent_attention_as_published() -> None:
    """DeepSeek-V3: 576 elements a layer, 61 layers, 70.272 KB in bfloat16 (arXiv 2505.09343, table 1)."""
    for kv in names("kv"):
        model = convention(kv)
        values = {**model.values(1, 4096, 2, {}), "kv_rank": 512, "rope_dim": 64}
        assert evaluated(model.rules["latent"].token, values) == 576 * 2
        assert 61 * 576 * 2 == 70_272
        packed = {**model.values(1, 1, format_of("fp8_ds_mla").itemsize, {}), "kv_rank": 512, "rope_dim": 64}
        assert evaluated(model.rules["latent"].token, packed) == 656
        whole = Alike("latent", (), model.rules["latent"], values, 61)
        assert whole.one == 4096 * 1152


# vLLM's tests/v1/core/test_kv_cache_utils.py, test_get_max_concurrency_for_kv_cache_config: 16,384 tokens in steps of
# 1,024 take 1,024 blocks of full attention, 129 of a window of 1,024, and of both in one network 1,024 + 129 a pool.
@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        (attention(32, 32, 32, 128), 1024),
        (attention(32, 32, 32, 128, window=1024), 129),
        (attention(32, 32, 32, 128) + attention(32, 32, 32, 128, window=1024), 1024 + 129),
    ],
)
def test_vllms_blocks_as_its_own_test_has_them(tmp_path, text: str, blocks: int) -> None:
    memory = cache(tmp_path, text, "kv-vllm", length=16384, sets={"batched_tokens": 1024})
    assert memory.totals["kv_cache_bytes"] == 32 * blocks * (16 * 32 * 256 * 2)


def test_vllms_pools_fill_up_the_last_group(tmp_path) -> None:
    # _max_memory_usage_bytes_from_groups: "8 full attention layers and 9 sliding window layers ... padded to 9 + 9".
    both = attention(8, 4, 4, 64) + attention(9, 4, 4, 64, window=512)
    memory = cache(tmp_path, both, "kv-vllm", length=4096)
    page = 16 * 4 * 128 * 2
    assert memory.totals["kv_cache_bytes"] == 9 * page * (256 + 161)
    assert [part.value for part in memory.parts if part.name.endswith("unused")] == [256 * page]
    # Without the hybrid manager all are cached whole, unify_hybrid_kv_cache_specs; where none is full they stay.
    whole = cache(tmp_path, both, "kv-vllm", length=4096, sets={"hybrid": 0})
    assert whole.totals["kv_cache_bytes"] == 17 * page * 256
    sizes = [layer["kv_cache_bytes"] for layer in whole.layers if "kv_cache_bytes" in layer]
    assert sizes == [256 * page] * 17
    windows = attention(9, 4, 4, 64, window=512)
    assert (
        cache(tmp_path, windows, "kv-vllm", length=4096, sets={"hybrid": 0}).totals["kv_cache_bytes"] == 9 * page * 161
    )
    # 10 full and 20 sliding layers are three groups of ten, _get_kv_cache_groups_uniform_page_size.
    memory = cache(tmp_path, attention(10, 4, 4, 64) + attention(20, 4, 4, 64, window=512), "kv-vllm", length=4096)
    assert memory.totals["kv_cache_bytes"] == 10 * page * (256 + 2 * 161)


def test_vllms_pages_become_as_large_as_the_largest(tmp_path) -> None:
    # Half the heads: blocks of twice the tokens, unify_kv_cache_spec_page_size.
    both = attention(4, 8, 8, 64) + attention(4, 8, 4, 64, window=512)
    page = 16 * 8 * 128 * 2
    memory = cache(tmp_path, both, "kv-vllm", length=4096)
    assert memory.totals["kv_cache_bytes"] == 4 * page * (256 + -(-(511 + 2048) // 32) + 1)
    uneven = attention(4, 6, 3, 64) + attention(4, 6, 2, 64, window=512)
    with pytest.raises(
        UsageError, match="cannot make pages of 12,288 bytes of those of 8,192 that sliding layers need"
    ):
        cache(tmp_path, uneven, "kv-vllm")
    # All of them full: each has pages of its own size.
    plain = attention(4, 6, 3, 64) + attention(4, 6, 2, 64)
    assert cache(tmp_path, plain, "kv-vllm").totals["kv_cache_bytes"] == 4 * 1024 * 5 * 128 * 2


def test_vllms_states_take_a_page_of_attention() -> None:
    model = convention("kv-vllm")
    values = model.values(2, 1000, 2, {})
    mamba = {"inner": 8192, "groups": 1, "state_size": 128, "heads": 128, "head_dim": 64, "conv_kernel": 4}
    state = ((8192 + 2 * 128) * 3 + 128 * 64 * 128) * 2
    alone = Alike("mamba2", (), model.rules["mamba2"], {**values, **mamba}, 3)
    assert [alike.one for alike in pooled([alone], model.rules)] == [2 * state]
    heads = {"kv_heads": 8, "k_dim": 128, "v_dim": 128}
    full = Alike("full", (), model.rules["full"], {**values, **heads}, 1)
    smaller = Alike("mamba2", (), model.rules["mamba2"], {**values, **mamba, "inner": 4096}, 3)
    assert [alike.page for alike in pooled([smaller, full, alone], model.rules)] == [
        alike.page for alike in pooled([alone] * 3 + [full], model.rules)
    ][:3]
    states, attention = pooled([alone, full], model.rules)
    block = 16 * -(-state // (16 * 4096))
    assert attention.values["block_size"] == block
    assert states.page == attention.page == block * 4096
    assert (states.one, attention.one) == (2 * block * 4096, 2 * -(-1000 // block) * block * 4096)


# What llama.cpp prints, "llama_kv_cache: size =": gpt-oss-20b at 131,072 cells and gpt-oss-120b at 65,535 of four
# sequences in one buffer (8 heads of 64, a window of 128 in every other layer); Llama-3-8B at 8,192.
def test_llamacpps_cells_as_it_prints_them(tmp_path) -> None:
    twelve = attention(12, 64, 8, 64) + attention(12, 64, 8, 64, window=128)
    memory = cache(tmp_path, twelve, "kv-llamacpp", length=131072)
    assert [part.value / MIB for part in memory.parts if part.total == "kv_cache_bytes"] == [3072, 18]
    eighteen = attention(18, 64, 8, 64) + attention(18, 64, 8, 64, window=128)
    sets = {"n_ctx": 65535, "unified": 1}
    memory = cache(tmp_path, eighteen, "kv-llamacpp", length=16384, batch=4, sets=sets)
    assert [part.value / MIB for part in memory.parts if part.total == "kv_cache_bytes"] == [2304, 36]
    assert cache(tmp_path, attention(32, 32, 8, 128), "kv-llamacpp", length=8192).totals["kv_cache_bytes"] == 1024 * MIB


def test_llamacpp_pads_each_sequence(tmp_path) -> None:
    layer = attention(1, 4, 4, 64)
    row = 4 * 128 * 2
    assert cache(tmp_path, layer, "kv-llamacpp", length=1000).totals["kv_cache_bytes"] == 1024 * row
    # 3,000 tokens of three sequences: 3,072 cells, 1,024 for each.
    assert cache(tmp_path, layer, "kv-llamacpp", length=1000, batch=3).totals["kv_cache_bytes"] == 3 * 1024 * row


def test_states_of_recurrent_and_of_state_space_layers(tmp_path) -> None:
    # The last h of gru, h and c of lstm, for each layer: what PyTorch's modules give back.
    text = "  - {lstm: {hidden: 32, layers: 2, proj: 8}}\n  - gru: 16\n"
    memory = cache(tmp_path, text, batch=3, length=7)
    assert memory.totals == {**memory.totals, "kv_cache_bytes": 3 * 2 * (2 * (32 + 8) + 16), "kv_token_bytes": 0}
    with pytest.raises(UsageError, match=r"kv-vllm has no rule for recurrent state \(2 layers\)"):
        cache(tmp_path, text, "kv-vllm")
    memory = cache(tmp_path, text, "all")
    assert [part.name for part in memory.beside] == ["kv-architecture"]
    assert [text.partition(" has")[0] for text in memory.warnings] == ["kv-llamacpp", "kv-vllm"]
    # mamba_utils.py: conv (I, k - 1), state (I, N); conv (I + 2GN, k - 1), state (heads, hd, N); and gated delta net.
    known = {
        "mamba1": ({"inner": 5120, "state_size": 16, "conv_kernel": 4}, 5120 * 3 + 5120 * 16),
        "mamba2": (
            {"inner": 5120, "groups": 1, "state_size": 128, "heads": 80, "head_dim": 64, "conv_kernel": 4},
            (5120 + 256) * 3 + 80 * 64 * 128,
        ),
        "gated_delta_net": (
            {"k_heads": 16, "k_dim": 128, "v_heads": 32, "v_dim": 128, "conv_kernel": 4},
            (2 * 128 * 16 + 128 * 32) * 3 + 32 * 128 * 128,
        ),
    }
    for kv in names("kv"):
        model = convention(kv)
        for sort, (facts, elements) in known.items():
            assert set(facts) == set(FACTS[sort])
            one = Alike(sort, (), model.rules[sort], {**model.values(2, 100, 2, {}), **facts}, 1).one
            assert one == 2 * elements * (4 if kv == "kv-llamacpp" else 2)  # llama.cpp keeps states in float32


def test_each_part_says_where_its_rule_was_read(tmp_path) -> None:
    for kv in names("kv"):
        parts = [part for part in cache(tmp_path, attention(1, 4, 4, 64), kv).parts if part.total.startswith("kv_")]
        assert [part.source for part in parts] == [convention(kv).rules["full"].source] * 2


def test_a_window_and_a_length(tmp_path) -> None:
    layer = attention(1, 4, 4, 64, window=128)
    sizes = [cache(tmp_path, layer, length=length).totals["kv_cache_bytes"] for length in (1, 127, 128, 129, 10**6)]
    assert [size // 1024 for size in sizes] == [1, 127, 128, 128, 128]


def test_formats_of_a_cache(tmp_path) -> None:
    layer = attention(1, 4, 4, 64)
    for form, size in (("fp8", 1), ("q8_0", 34 / 32), ("nvfp4", 36 / 64), ("float32", 4)):
        assert cache(tmp_path, layer, kv_dtype=form).totals["kv_cache_bytes"] == 1024 * 4 * 128 * size
    sliding = attention(1, 4, 4, 64, window=100)
    whole = cache(tmp_path, sliding, "kv-llamacpp", length=4096, sets={"swa_full": 1}).totals
    assert whole["kv_cache_bytes"] == 4096 * 4 * 128 * 2
    with pytest.raises(UsageError, match="keeps rows of 32 elements: `q4_k` has blocks of 256"):
        cache(tmp_path, attention(1, 4, 1, 32), kv_dtype="q4_k")
    with pytest.raises(UsageError, match="format of matrices"):
        cache(tmp_path, layer, kv_dtype="awq-g128")


def test_conventions_side_by_side(run, tmp_path) -> None:
    layer = attention(2, 4, 4, 64, window=1000)
    memory = cache(tmp_path, layer, "all", "kv-vllm", length=5000)
    assert [part.name for part in memory.beside] == ["kv-architecture", "kv-llamacpp", "kv-vllm"]
    assert memory.totals["kv_cache_bytes"] == memory.beside[0].value == 2 * 1000 * 1024
    assert memory.beside[1].value == 2 * 1536 * 1024
    assert memory.beside[2].value == 2 * (-(-(999 + 2048) // 16) + 1) * 16 * 1024
    printed = json.loads(
        run("memory", str(tmp_path / "net.yaml"), "--kv", "all", "--length", "9", "--format", "json")[1]
    )
    assert [entry["total"] for entry in printed["beside"]] == ["kv_cache_bytes"] * 3
    assert [layer["kv_cache_bytes"] for layer in printed["layers"] if "kv_cache_bytes" in layer] == [9 * 2048] * 2
    assert "kv_cache_bytes by" in run("memory", str(tmp_path / "net.yaml"), "--kv", "all", "--length", "9")[1]


def test_a_convention_of_ones_own(run, tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    rule = "token: 2 * kv_heads * k_dim, bytes: '{}', source: me"
    text = "kv: mine\nsettings: {{slack: {{default: 10, summary: spare tokens}}}}\nrules: {{full: {{" + rule + "}}}}\n"
    file.write_text(text.format("batch * (length + slack) * 2 * kv_heads * k_dim"))
    memory = cache(tmp_path, attention(3, 4, 4, 64), str(file), length=90, sets={"slack": 20})
    assert memory.totals["kv_cache_bytes"] == 3 * 110 * 512
    for formula, fault in (("length / 3", "100/3 is no number of bytes"), ("1 - length", "no number of bytes")):
        file.write_text(text.format(formula))
        with pytest.raises(UsageError, match=fault):
            cache(tmp_path, attention(1, 4, 4, 64), str(file), length=100)
    file.write_text(text.format("batch // (length - 100)"))
    with pytest.raises(ArchspecError, match=r"mine: .* divides by zero"):
        cache(tmp_path, attention(1, 4, 4, 64), str(file), length=100)
    file.write_text(text.format("batch * lenght"))
    with pytest.raises(ArchspecError, match=r"rules\.full\.bytes: a formula names `lenght`, which"):
        cache(tmp_path, attention(3, 4, 4, 64), str(file))


def test_a_rule_without_bytes_of_a_token_has_no_figure_of_one(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("kv: mine\nrules: {full: {bytes: batch * length * k_dim, source: me}}\n")
    memory = cache(tmp_path, attention(3, 4, 4, 64), str(file))
    assert memory.totals["kv_cache_bytes"] == 3 * 1024 * 64
    assert "kv_token_bytes" not in memory.totals
    assert memory.warnings == ("mine does not say what a token more of full attention adds",)


WRONG_FILES = {
    "rules: {foo: {bytes: length, source: me}}": "2:9: rules.foo: no sort of layer is called `foo`",
    "rules: {full: {bytes: length, pages: 1, source: me}}": "rule `full` needs `bytes` or `page` and `pages`",
    "rules: {full: {token: length, source: me}}": "rule `full` needs `bytes` or `page` and `pages`",
    "together: shared pages\nrules: {}": "2:11: together: `together: shared pages` needs a setting `block_size`",
    "settings: {length: {default: 1, summary: s}}\nrules: {}": "2:12: settings.length: `length` is the name of a fact",
    "names: {a: b, b: 1}\nrules: {}": "2:12: names.a: a formula names `b`, which there is not here",
    "names: {keys: 1}\nrules: {}": "2:9: names.keys: `keys` is the name of a fact",
    "settings: {n: {default: 1/2, summary: s}}\nrules: {}": "mine: `n` must be at least 1, got 1/2",
    "rules: {}": "mine has no rule for full attention (2 layers)",
    "rules: {full: {bytes: 2**9999999, source: me}}": "2:23: rules.full.bytes",
}


@pytest.mark.parametrize("text", WRONG_FILES)
def test_what_is_no_convention(run, tmp_path, text: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"kv: mine\n{text}\n")
    (tmp_path / "net.yaml").write_text(HEAD.format(dim=64) + attention(2, 4, 4, 16))
    code, out, err = run("memory", str(tmp_path / "net.yaml"), "--kv", str(file), "--length", "9")
    assert (code, out) == (2, "")
    assert WRONG_FILES[text] in err


CROSS = """archspec: 1
name: both
inputs: {sound: [80, 64], tokens: {shape: [7], dtype: int64}}
layers:
  - {use: transformer_encoder_layer, with: {heads: 4, hidden: 128}, id: encoder}
  - {embedding: {vocab: 100, dim: 64}, from: tokens, id: embed}
  - {use: attention, with: {heads: 4, causal: true}, id: self_attention}
  - {add: [embed, self_attention], id: queries}
  - {use: cross_attention, with: {heads: 4}, from: [queries, encoder], id: cross}
  - {multihead_attention: 4, from: [cross, encoder, encoder], id: once_more}
"""


def test_an_encoder_keeps_nothing_and_cross_attention_its_length(tmp_path) -> None:
    memory = cache(tmp_path, CROSS, length=20)
    values = {part.name: part.value for part in memory.parts if part.total == "kv_cache_bytes"}
    assert values == {"kv: full attention": 20 * 256, "kv: cross attention": 2 * 80 * 256}
    assert [text.split(" see")[0] for text in memory.warnings] == ["1 layer"]
    memory = cache(tmp_path, CROSS, "kv-llamacpp", length=20)
    assert "kv-llamacpp has no rule for cross attention (2 layers): not in its total" in memory.warnings


# Attention that sees later tokens, its query and key of one sequence however they are made.
OF_ONE_SEQUENCE = {
    "convolutions": """  - {groupnorm: {groups: 4}, from: x, id: h}
  - {conv: {out: 64, kernel: 1}, from: h, id: q}
  - {conv: {out: 64, kernel: 2, stride: 2}, from: h, id: k}
  - {flatten: 2, from: q, id: fq}
  - {permute: [2, 1], from: fq, id: pq}
  - {flatten: 2, from: k, id: fk}
  - {permute: [2, 1], from: fk, id: pk}
  - {multihead_attention: 4, from: [pq, pk, pk]}
""",
    "the input itself as keys": """  - {permute: [2, 3, 1], from: x}
  - {reshape: [64, 64], id: tokens}
  - {layernorm: , id: normal}
  - {linear: 64, id: once}
  - {linear: 64, id: twice}
  - {multihead_attention: 4, from: [twice, tokens, tokens]}
""",
    "learned queries": """  - {parameter: [5, 64], id: learned}
  - {linear: 64, from: learned, id: q}
  - {linear: 64, from: learned, id: k}
  - {multihead_attention: 4, from: [q, k, k]}
""",
}


@pytest.mark.parametrize("made", OF_ONE_SEQUENCE)
def test_what_an_encoder_is(tmp_path, made: str) -> None:
    text = "archspec: 1\nname: net\ninputs: {x: [64, 8, 8]}\nlayers:\n" + OF_ONE_SEQUENCE[made]
    memory = cache(tmp_path, text)
    assert memory.totals["kv_cache_bytes"] == 0
    assert ["keeps nothing" in text for text in memory.warnings] == [True]


def test_learned_queries_look_at_another_sequence(tmp_path) -> None:
    text = "  - {parameter: [5, 64], id: q}\n  - {multihead_attention: 4, from: [q, x, x]}\n"
    assert cache(tmp_path, text).totals["kv_cache_bytes"] == 4 * 128 * 2


# What cannot be told is said, and is no zero: here beside a layer of which it can.
UNCLEAR = {
    "may be of the query's sequence or of another": """  - {permute: [2, 1], from: x, id: turned}
  - {adaptive_avgpool: 3, from: turned, id: pooled}
  - {permute: [2, 1], from: pooled, id: few}
  - {multihead_attention: 4, from: [x, few, few]}
""",
    "may be a causal mask": """  - {reshape: [4, 1, 64], from: x}
  - {permute: [2, 1, 3], id: h}
  - {constant: [1, 4, 4], id: mask}
  - {scaled_dot_product_attention: , from: [h, h, h, mask]}
""",
    # A mask that is worked out of constants.
    "with a fourth input": """  - {reshape: [4, 1, 64], from: x}
  - {permute: [2, 1, 3], id: h}
  - {constant: [1, 4, 4]}
  - {scale: -1000, id: mask}
  - {scaled_dot_product_attention: , from: [h, h, h, mask]}
""",
    "attention written out of matrix products": """  - {matmul: {of: [x, x], transpose_b: true}}
  - {scale: 0.125}
  - {softmax: -1, id: weights}
  - {matmul: [weights, x]}
""",
}


@pytest.mark.parametrize("reason", UNCLEAR)
def test_what_cannot_be_told_is_said(run, tmp_path, reason: str) -> None:
    text = attention(1, 4, 4, 16).replace("- residual", "- id: known\n    residual") + UNCLEAR[reason]
    memory = cache(tmp_path, text)
    assert memory.totals["kv_cache_bytes"] == 1024 * 4 * 32 * 2
    assert any(reason in note for note in memory.warnings)
    with pytest.raises(UsageError, match="cannot be told"):
        cache(tmp_path, UNCLEAR[reason])


def test_a_bias_by_positions_is_no_mask(tmp_path) -> None:
    text = """  - {reshape: [4, 1, 64], from: x}
  - {permute: [2, 1, 3], id: h}
  - {relative_position_bias: {window: 2, heads: 1}, id: bias}
  - {scaled_dot_product_attention: , from: [h, h, h, bias]}
"""
    assert cache(tmp_path, text).totals["kv_cache_bytes"] == 0


WRONG = {
    ("resnet50", "--kv", "kv-vllm", "--length", "9"): "no attention and no recurrent layer",
    ("llama3@8b", "--kv", "kv-vlm", "--length", "9"): "did you mean `kv-vllm`?",
    ("llama3@8b", "--kv", "kv-vllm"): "--kv needs the tokens of a sequence",
    ("llama3@8b", "--length", "9"): "--length is of the KV cache",
    ("llama3@8b", "--kv-dtype", "fp8"): "--kv-dtype is of the KV cache",
    ("llama3@8b", "--kv", "kv-vllm", "--length", "0"): "--length must be at least 1",
    ("llama3@8b", "--kv", "kv-vllm", "--length", "-3"): "--length must be at least 1",
    ("llama3@8b", "--kv", "kv-vllm", "--length", "9", "--kv-dtype", "fp9"): "no weight format is called `fp9`",
    (
        "llama3@8b",
        "--kv",
        "kv-vllm",
        "--length",
        "9",
        "--kv-set",
        "block=9",
    ): "no convention asked for has a setting `block`",
    ("llama3@8b", "--kv", "kv-vllm", "--length", "9", "--kv-set", "block_size"): "takes NAME=NUMBER",
    (
        "llama3@8b",
        "--kv",
        "kv-vllm",
        "--length",
        "9",
        "--kv-set",
        "block_size=0",
    ): "kv-vllm: `block_size` must be at least 1",
    ("llama3@8b", "--kv", "none.yaml", "--length", "9"): "no such file",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_what_cannot_be_asked(run, arguments: tuple[str, ...]) -> None:
    code, out, err = run("memory", *arguments)
    assert (code, out) == (2, "")
    assert WRONG[arguments] in err
