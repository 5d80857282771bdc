"""The graph as a value: it is pickled and copied, however long; its tensors have one producer each."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from archspec.api import analyze
from archspec.graph.graph import PORT, Body, Graph, Group, Layer
from archspec.graph.walk import FOLDED, UNROLLED, Folded, sources, walk
from archspec.language.load import load_text


def chain(layers: int) -> Graph:
    document = {"archspec": 1, "name": "chain", "inputs": {"x": [4]}, "layers": [{"linear": 4}, "relu"] * (layers // 2)}
    return analyze(load_text(json.dumps(document))).graph


def edges(graph: Graph, visits: Folded) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each layer with what it takes, by paths."""
    return [
        (step.path, [(made.path, made.port) for made in sources(step, visits)])
        for step in walk(graph, visits)
        if isinstance(step.item, Layer)
    ]


@pytest.mark.parametrize("network", ["resnet50", "swin_t", "densenet121", "gpt2", "googlenet"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda graph: pickle.loads(pickle.dumps(graph))])
def test_a_copy_has_the_same_edges(network: str, copied: Any) -> None:
    graph = analyze(network).graph
    assert edges(copied(graph), UNROLLED) == edges(graph, UNROLLED)


def test_a_long_chain_is_pickled_and_copied() -> None:
    graph = chain(50_000)
    for twin in (pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
        assert edges(twin, FOLDED) == edges(graph, FOLDED)


def test_nested_to_the_bound_is_pickled_and_copied() -> None:
    blocks = {f"b{depth}": {"layers": [{"use": f"b{depth + 1}"}]} for depth in range(99)}
    blocks["b99"] = {"layers": ["relu"]}
    document = {"archspec": 1, "name": "deep", "inputs": {"x": [4]}, "blocks": blocks, "layers": [{"use": "b0"}]}
    graph = analyze(load_text(json.dumps(document))).graph
    for twin in (pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
        assert edges(twin, FOLDED) == edges(graph, FOLDED)


def bodies(body: Body) -> list[Body]:
    found = {id(body): body}
    for item in body.items:
        if isinstance(item, Group):
            found |= {id(inner): inner for inner in bodies(item.body)}
    return list(found.values())


@pytest.mark.parametrize("network", ["resnet50", "swin_t", "shufflenet_v2_x1_0", "gpt2", "fusionnet_in1_out1"])
def test_every_tensor_has_one_producer(network: str) -> None:
    for body in bodies(analyze(network).graph.body):
        assert [body.tensors[number].item for number in body.inputs] == [PORT] * len(body.inputs)
        made = [number for item in body.items for number in item.outputs]
        assert sorted([*made, *body.inputs]) == list(range(len(body.tensors)))
        for place, item in enumerate(body.items):
            assert {body.tensors[number].item for number in item.outputs} == {place}
            assert all(body.tensors[number].item < place for number in item.inputs)
            if isinstance(item, Group):
                assert len(item.inputs) == len(item.body.inputs)
                for inner, outer in zip(item.body.inputs, item.inputs, strict=True):
                    assert item.body.tensors[inner][:2] == body.tensors[outer][:2]
