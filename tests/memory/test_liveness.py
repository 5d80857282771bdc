"""What is alive when, and the best order of the layers, against brute force on random networks."""

from __future__ import annotations

import json

import pytest
import sympy
from hypothesis import given, settings
from random_nets import Net, nets

from archspec.api import analyze, load
from archspec.errors import UsageError
from archspec.memory.measure import measure
from archspec.memory.measured import Memory
from archspec.memory.settings import MemorySettings
from archspec.render.memory_svg import chart
from archspec.studies.unroll import unfold

MOST_ORDERS = 3_000


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    file = tmp_path_factory.mktemp("nets") / "net.yaml"

    def measured(net: Net | str, **asked) -> Memory:
        file.write_text(net if isinstance(net, str) else net.text())
        return measure(analyze(load(file)), MemorySettings(**asked))

    return measured


@given(net=nets(most=12))
def test_what_is_alive_is_what_a_simulation_by_definition_says(measured, net: Net) -> None:
    memory = measured(net)
    order = list(range(len(net.layers)))
    live = net.live(order)
    assert [moment.live for moment in memory.schedule.moments] == live
    assert memory.totals["inference_peak_bytes"] == max(live)
    assert memory.totals["all_tensors_bytes"] == sum(map(net.bytes, set(net.storage.values())))
    held = net.alive(order, live.index(max(live)))
    owners = {storage.partition(".")[0]: net.bytes(storage) for storage in held if net.bytes(storage)}
    assert {tensor.tensor: tensor.bytes for tensor in memory.schedule.alive} == owners
    touched = [{net.storage[name] for name in takes + gives} for _, _, takes, gives in net.layers]
    assert memory.totals["largest_layer_bytes"] == max(sum(map(net.bytes, storages)) for storages in touched)


@settings(max_examples=200)
@given(net=nets(most=8))
def test_no_order_of_the_layers_has_a_lower_peak_than_the_best(measured, net: Net) -> None:
    orders = net.orders(MOST_ORDERS)
    peaks = [max(net.live(order)) for order in orders]
    memory = measured(net, order="best")
    found = memory.totals["best_order_peak_bytes"]
    assert memory.totals["inference_peak_bytes"] == memory.schedule.peak == found
    names = [name for name, *_ in net.layers]
    order = [names.index(moment.path) for moment in memory.schedule.moments]
    assert sorted(order) == list(range(len(names)))
    assert max(net.live(order)) == found
    if len(orders) < MOST_ORDERS:
        assert order in orders
        assert found == min(peaks)
    else:
        assert found <= min(peaks)


NETWORKS = ["resnet18", "densenet121", "googlenet", "swin_t", "gpt2", "lstm_text@lstm_text_pytorch", "unet"]


@pytest.mark.parametrize("name", NETWORKS)
def test_repeats_written_out_by_hand_need_the_same(name: str, tmp_path) -> None:
    report = analyze(name)
    file = tmp_path / "unrolled.json"
    file.write_text(json.dumps(unfold(report)))
    asked = MemorySettings(train=True)
    assert measure(analyze(load(file)), asked).totals == measure(report, asked).totals


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_what_runs_in_training_only_needs_nothing_in_an_evaluation(name: str) -> None:
    figures = ("inference_peak_bytes", "all_tensors_bytes", "largest_layer_bytes", "read_bytes", "written_bytes")
    without, with_heads = (measure(analyze(name, vars={"aux": aux})).totals for aux in (False, True))
    assert [without[figure] for figure in figures] == [with_heads[figure] for figure in figures]


SEVERAL = """archspec: 1
name: several
inputs: {x: [4, 8], y: [2], idle: [100]}
layers:
  - {lstm: {hidden: 3, state: true}, from: x, id: cell}
  - {linear: 16, from: y, id: other}
  - {linear: 2, from: cell.1, id: end}
outputs: [end, y]
"""


def test_outputs_inputs_that_are_results_and_those_that_nobody_reads(measured) -> None:
    # In floats: x 32, y 2; cell 4 * 3 and twice 1 * 3 of state; other 16; end 2. The sequence and the state c are of no
    # use: they live while the layer runs. y is a result: it lives to the end. The input `idle` never lives.
    memory = measured(SEVERAL)
    cell = 4 * 3 + 3 + 3
    assert [moment.live for moment in memory.schedule.moments] == [
        4 * (32 + 2 + cell),
        4 * (2 + 3 + 16),
        4 * (2 + 3 + 2),
    ]
    assert memory.totals["all_tensors_bytes"] == 4 * (32 + 2 + 100 + cell + 16 + 2)
    until = {tensor.tensor: tensor.until for tensor in memory.schedule.alive}
    assert until["x"] == "cell"
    assert until["y"] == ""


def test_a_layer_that_always_runs_cannot_need_one_that_runs_in_training_only(measured) -> None:
    with pytest.raises(UsageError, match="`b` takes the output of `a`, which does not run"):
        measured("""archspec: 1
name: wrong
inputs: {x: [4]}
layers:
  - {linear: 4, id: a, train_only: true}
  - {linear: 4, id: b}
""")


def test_where_no_layer_runs_nothing_is_needed_but_results(measured) -> None:
    memory = measured("""archspec: 1
name: nothing
inputs: {x: [4], y: [2]}
layers:
  - {linear: 4, id: a, train_only: true}
outputs: [y]
""")
    assert memory.totals["inference_peak_bytes"] == memory.totals["best_order_peak_bytes"] == 8
    assert chart(memory)


def test_a_network_of_symbols_has_no_schedule() -> None:
    batch = sympy.Symbol("B", positive=True, integer=True)
    with pytest.raises(UsageError, match="worked out of plain numbers"):
        measure(analyze("lenet5", batch=batch))


KNOTTED = """archspec: 1
name: knotted
inputs: {x: [8]}
layers:
  - {linear: 100, id: n0}
  - {linear: 5, id: n1}
  - {linear: 50, id: n2}
  - {concat: [n0, x], id: n3}
  - {linear: 50, id: n4}
  - {linear: 5, from: n2, id: n5}
  - {linear: 10, from: n1, id: n6}
  - {concat: [n4, n5, n6], id: end}
"""


@pytest.mark.parametrize("bound", ["archspec.memory.search.MOST_STATES", "archspec.memory.order.MOST_STEPS"])
def test_the_search_for_an_order_ends(measured, monkeypatch, bound: str) -> None:
    totals = measured(KNOTTED).totals
    assert totals["best_order_peak_bytes"] < totals["inference_peak_bytes"]
    monkeypatch.setattr(bound, 0)
    memory = measured(KNOTTED, order="best")
    assert "best_order_peak_bytes" not in memory.totals
    assert memory.totals["inference_peak_bytes"] == totals["inference_peak_bytes"]
    assert any("best order" in warning for warning in memory.warnings)


def test_steps_that_need_nothing_of_each_other_are_put_in_order_without_a_search(measured, monkeypatch) -> None:
    # Each takes its own input and leaves a result: those that free more than they leave first, the cheapest first, of
    # the others the one that frees most last. All 2 ** 30 sets of them would be too many.
    sizes = [(5 * number % 97 + 1, 11 * number % 89 + 1) for number in range(30)]
    inputs = ", ".join(f"x{number}: [{size}]" for number, (size, _) in enumerate(sizes))
    layers = "".join(
        f"  - {{linear: {size}, from: x{number}, id: y{number}}}\n" for number, (_, size) in enumerate(sizes)
    )
    ends = ", ".join(f"y{number}" for number in range(30))
    text = f"archspec: 1\nname: wide\ninputs: {{{inputs}}}\nlayers:\n{layers}outputs: [{ends}]\n"
    order = sorted((job for job in sizes if job[1] <= job[0]), key=lambda job: job[1])
    order += sorted((job for job in sizes if job[1] > job[0]), key=lambda job: -job[0])
    live, peak = sum(size for size, _ in sizes), 0
    for taken, left in order:
        peak, live = max(peak, live + left), live + left - taken
    assert measured(text).totals["best_order_peak_bytes"] == 4 * peak


def test_sources_that_take_little_are_no_hindrance() -> None:
    # Swin v2 works the biases of each layer out of a constant, by layers that wait for nothing.
    totals = measure(analyze("swin_v2_t")).totals
    assert totals["best_order_peak_bytes"] == totals["inference_peak_bytes"]


def test_what_waits_for_nothing_runs_early_where_it_takes_much_for_a_while(measured) -> None:
    # In floats: the constant of 1000 and what follows from it take 1010 for a while, which is best before the 600 of
    # the other branch are there; behind it 10 are left. The end takes 600, 10 and 610.
    totals = measured("""archspec: 1
name: hump
inputs: {x: [1]}
layers:
  - {linear: 600, from: x, id: wide}
  - {constant: [1000], from: x, id: table}
  - {linear: 10, from: table, id: small}
  - {concat: [wide, small], id: end}
""").totals
    assert totals["inference_peak_bytes"] == 4 * (600 + 1000 + 10)
    assert totals["best_order_peak_bytes"] == 4 * (600 + 10 + 610)
