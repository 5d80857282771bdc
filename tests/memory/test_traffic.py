"""Bytes that layers read and write: by hand, by formulas of published texts, by definition on random networks."""

from __future__ import annotations

import pytest
from hypothesis import given
from random_nets import Net, nets

from archspec.api import analyze, load
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

N, C, H, W = 3, 16, 5, 7
NUMEL = N * C * H * W


@pytest.fixture(scope="module")
def traffic(tmp_path_factory):
    """Of each layer that a list of them has: bytes read and written, in a batch of N of float32 unless said."""
    file = tmp_path_factory.mktemp("nets") / "net.yaml"

    def traffic(layers: str, inputs: str = f"x: [{C}, {H}, {W}]", weights: str | None = None, **setting):
        file.write_text(f"archspec: 1\nname: net\ninputs: {{{inputs}}}\nlayers:\n{layers}\n")
        memory = measure(analyze(load(file), **{"batch": N, **setting}), MemorySettings(weights=weights))
        assert memory.totals["read_bytes"] == sum(layer["read_bytes"] for layer in memory.layers)
        assert memory.totals["written_bytes"] == sum(layer["written_bytes"] for layer in memory.layers)
        return {layer["path"]: (layer["read_bytes"], layer["written_bytes"]) for layer in memory.layers}

    return traffic


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float16", 2)])
def test_an_addition_reads_two_tensors_and_writes_one(traffic, dtype: str, size: int) -> None:
    # (2 + 1) * N * C * H * W * sizeof(dtype), as the texts on memory access cost have it.
    layers = "  - {identity: , from: a, id: same}\n  - {add: [same, b], id: sum}"
    moved = traffic(layers, f"a: [{C}, {H}, {W}], b: [{C}, {H}, {W}]", dtype=dtype)
    assert sum(moved["sum"]) == (2 + 1) * NUMEL * size
    assert moved["same"] == (0, 0)


def test_a_convolution_reads_its_input_and_its_weights_and_writes_its_output(traffic) -> None:
    # C_o * (C_i * k_h * k_w + 1) parameters, as the same texts count them.
    moved = traffic(
        "  - {conv: {out: 8, kernel: 3, padding: 1}, id: conv}\n  - {conv: {out: 8, kernel: 1, bias: false}, id: one}"
    )
    assert moved["conv"] == (4 * (NUMEL + 8 * (C * 3 * 3 + 1)), 4 * N * 8 * H * W)
    assert moved["one"] == (4 * (N * 8 * H * W + 8 * 8), 4 * N * 8 * H * W)


def test_a_norm_reads_its_running_statistics_but_no_count_of_batches(traffic) -> None:
    assert traffic("  - {batchnorm: , id: norm}")["norm"] == (4 * (NUMEL + 4 * C), 4 * NUMEL)
    assert traffic("  - {batchnorm: {track: false, affine: false}, id: norm}")["norm"] == (4 * NUMEL, 4 * NUMEL)


def test_what_only_relabels_moves_nothing_and_what_overwrites_reads_and_writes(traffic) -> None:
    layers = """  - {permute: [2, 3, 1], id: turned}
  - {slice: {axis: 1, end: 2}, id: part}
  - {flatten: 1, id: copied}
  - {relu: {inplace: true}, id: over}
  - {dropout: 0.5, id: dropped}"""
    moved = traffic(layers)
    part = 4 * N * 2 * W * C
    assert moved["turned"] == moved["part"] == moved["dropped"] == (0, 0)
    assert moved["copied"] == moved["over"] == (part, part)


def test_a_lookup_reads_rows_and_not_the_table(traffic) -> None:
    moved = traffic("  - {embedding: {vocab: 50_000, dim: 12}, id: rows}", "x: {shape: [9], dtype: int64}")
    assert moved["rows"] == (8 * N * 9 + 4 * N * 9 * 12, 4 * N * 9 * 12)


def test_a_parameter_is_read_by_the_layer_that_takes_it_and_no_larger_than_it_is(traffic) -> None:
    layers = f"  - {{parameter: [{C}, {H}, {W}], id: learned}}\n  - {{add: [x, learned], id: sum}}"
    moved = traffic(layers)
    assert moved["learned"] == (0, 0)
    assert moved["sum"] == (4 * (NUMEL + C * H * W), 4 * NUMEL)


def test_an_operand_taken_twice_is_read_twice_and_shared_weights_at_every_use(traffic) -> None:
    layers = """  - {linear: {out: 4, bias: false}, id: a}
  - {linear: {out: 4, bias: false}, id: b}
  - {linear: {out: 4, bias: false}, tie: b, id: c}
  - {add: [c, c], id: sum}"""
    moved = traffic(layers, "x: [6]")
    assert moved["sum"] == (2 * 4 * N * 4, 4 * N * 4)
    assert moved["b"] == moved["c"] == (4 * (N * 4 + 4 * 4), 4 * N * 4)


def test_a_recurrent_layer_reads_its_matrices_once(traffic) -> None:
    moved = traffic("  - {lstm: 5, id: cell}", "x: [7, 3]")
    assert moved["cell"] == (4 * (N * 7 * 3 + 4 * 5 * (3 + 5 + 2)), 4 * N * 7 * 5)


def test_intensity_is_operations_for_each_byte(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(
        "archspec: 1\nname: net\ninputs: {x: [64]}\nlayers:\n  - {linear: {out: 32, bias: false}, id: a}\n  - identity"
    )
    layer, same = measure(analyze(load(file), batch=8)).layers
    assert layer["arithmetic_intensity"] == 2 * 8 * 64 * 32 / (4 * (8 * 64 + 64 * 32 + 8 * 32))
    assert same["arithmetic_intensity"] == 0


@given(net=nets(most=10))
def test_every_layer_reads_what_it_takes_and_writes_what_it_makes(tmp_path_factory, net: Net) -> None:
    file = tmp_path_factory.mktemp("nets") / "net.yaml"
    file.write_text(net.text())
    moved = {
        layer["path"]: (layer["read_bytes"], layer["written_bytes"]) for layer in measure(analyze(load(file))).layers
    }
    for name, layer, takes, gives in net.layers:
        kind = next(key for key in layer if key != "from")
        read, written = (4 * sum(net.size[tensor] for tensor in tensors) for tensors in (takes, gives))
        if kind in ("identity", "dropout", "split", "slice", "parameter"):
            read = written = 0
        if kind == "linear":
            read += 4 * (net.size[takes[0]] + 1) * net.size[name]
        assert moved[name] == (read, written)


def test_weights_are_read_as_they_are_stored(traffic) -> None:
    # A table of 96 rows of 64, looked up 5 times by each of N; two blocks of one 64 x 64 matrix; a head tied to the
    # table. q8_0 stores 32 scalars in 34 bytes, and activations stay what they are.
    layers = """  - {embedding: {vocab: 96, dim: 64}, id: table}
  - {seq: [{linear: {out: 64, bias: false}, id: w}], id: a}
  - {seq: [{linear: {out: 64, bias: false}, id: other}], id: b, tie: a}
  - {linear: {out: 96, bias: false}, tie: table, id: head}"""
    moved = traffic(layers, "x: {shape: [5], dtype: int64}", weights="q8_0")
    taken = N * 5 * 64 * 4
    assert moved["table"] == (N * 5 * (8 + 64 // 32 * 34), taken)
    assert moved["a.w"] == moved["b.other"] == (taken + 64 * 64 // 32 * 34, taken)
    assert moved["head"] == (taken + 96 * 64 // 32 * 34, N * 5 * 96 * 4)


def test_groups_repeated_otherwise_read_their_owners_weights(traffic) -> None:
    moved = traffic(
        """  - {seq: [{linear: {out: 64, bias: false}, repeat: 3}, batchnorm: ], id: g}
  - {seq: [{linear: {out: 64, bias: false}, id: z, repeat: 2}, batchnorm: ], id: h, tie: g, repeat: 2}
  - {seq: [{linear: {out: 64, bias: false}, tie: g.linear1.1}], id: i}""".replace("batchnorm: ", "{batchnorm: }"),
        "x: [64]",
    )
    taken, matrix = N * 64 * 4, 64 * 64 * 4
    linear = [reads for path, (reads, _) in moved.items() if "batchnorm" not in path]
    assert linear == [taken + matrix] * (3 + 2 * 2 + 1)
