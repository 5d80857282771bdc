"""What is alive when, and the best order of the layers, against brute force on random networks."""

from __future__ import annotations

import pytest
from hypothesis import given
from random_nets import Net, nets

from archspec.api import analyze, load
from archspec.memory.measure import measure
from archspec.memory.measured import Memory
from archspec.memory.settings import MemorySettings

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
