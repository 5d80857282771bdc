"""Small networks for make_saved.py: each kind alone in several settings, and chains of layers drawn at random."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml
from torch_functions import INTEGERS

HERE = Path(__file__).parent
SEED = 2205
PER_KIND = 4  # configurations of a kind
CHAINS = 200
# How an input lies: as it comes, so with a gradient, axes reversed, channels last, cut out of a longer last axis or of
# more channels, spread over the batch, last two axes exchanged.
WAYS = ("raw", "plain", "turned", "last", "cut", "part", "spread", "swapped")
INPLACE = {
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "silu", "mish", "hardsigmoid", "hardswish", "hardtanh",
    "dropout",
}  # fmt: skip
Spec = dict[str, Any]


def operand(number: int, shape: list[int], way: str) -> tuple[Any, list[Spec], str]:
    """An input of the network, the layers that make an operand of it, and that one's id."""
    rank = len(shape)
    order = {
        "turned": list(range(rank, 0, -1)),
        "last": [rank, *range(1, rank)],
        "swapped": [*range(1, rank - 1), *range(rank, max(rank - 2, 0), -1)],
    }.get(way, [])
    given = [0] * rank
    for axis, source in enumerate(order):
        given[source - 1] = shape[axis]
    if not order:
        given = [*shape]
    if way == "cut":
        given[-1] += 1
    if way == "part":
        given[0] *= 2
    x, p, g, v = (f"{letter}{number}" for letter in "xpgv")
    if way == "raw":
        return given, [], x
    if way == "spread":
        return given, [{"parameter": given, "from": x, "id": v}], v
    layers: list[Spec] = [
        {"parameter": {"shape": given, "once": True}, "id": p},
        {"add": {"of": [x, p], "broadcast": True}, "id": g},
    ]
    if order:
        layers.append({"permute": order, "id": v})
    elif way == "cut":
        layers.append({"slice": {"axis": -1, "end": shape[-1]}, "id": v})
    elif way == "part":
        layers.append({"slice": {"axis": 1, "end": shape[0]}, "id": v})
    return given, layers, g if way == "plain" else v


def alone(case: Spec, ways: list[str], *, freeze: bool, inplace: bool) -> Spec:
    """One layer on operands that lie so."""
    inputs: dict[str, Any] = {}
    layers: list[Spec] = []
    ids = []
    for number, (shape, way) in enumerate(zip(case["inputs"], ways, strict=True)):
        dtype = "int64" if case["kind"] == "embedding" else INTEGERS.get(case["kind"], {}).get(number)
        given, before, name = operand(number, shape, "raw" if dtype else way)
        inputs[f"x{number}"] = {"shape": given, "dtype": dtype} if dtype else given
        layers += before
        ids.append(name)
    args = {**case["args"], **({"inplace": True} if inplace else {})}
    if args.get("mode") == "zero":
        args["mode"] = "zeros"
    layer = {case["kind"]: args or None, "from": ids if len(ids) > 1 else ids[0], "id": "out"}
    return {
        "archspec": 1,
        "name": case["kind"],
        "inputs": inputs,
        "layers": [*layers, {**layer, "freeze": True} if freeze else layer],
    }


def configurations() -> dict[str, list[Spec]]:
    """Arguments and shapes of each kind, those of the other golden files and of the samples."""
    found: dict[str, list[Spec]] = {}
    for name in ("layers", "attention"):
        for case in json.loads((HERE / f"{name}.json").read_text("utf-8")):
            if not case.get("error"):
                found.setdefault(case["kind"], []).append(case)
    samples = yaml.safe_load((HERE.parent / "kinds" / "samples.yaml").read_text("utf-8"))
    for kind, (args, *shapes) in samples.items():
        case = {"kind": kind, "args": args, "inputs": [shape[1:] for shape in shapes]}
        found.setdefault(kind, []).append(case)
    return found


def layers(kinds: list[str]) -> Iterator[tuple[Spec, int]]:
    """Each kind alone, with its batch; where some are named, those, drawn by themselves."""
    random = Random(SEED)
    for kind, cases in configurations().items():
        if kinds and kind not in kinds:
            continue
        for case in random.sample(cases, min(PER_KIND, len(cases))):
            count = len(case["inputs"])
            if not count:
                continue
            for way in ("raw",) if kind == "embedding" else WAYS:
                ways = [way] * count if random.random() < 0.6 else random.choices(WAYS, k=count)
                if kind == "embedding":
                    ways = ["raw"]
                inplace = kind in INPLACE and random.random() < 0.5 and not {"raw", "spread"} & {*ways}
                freeze = random.random() < 0.3
                yield alone(case, ways, freeze=freeze, inplace=inplace), random.choice((1, 2, 3))


IMAGES = (
    {"conv": {"out": 6, "kernel": 3, "padding": 1}}, {"conv": {"out": 8, "kernel": 1, "bias": False}},
    {"conv": {"out": 8, "kernel": 3, "stride": 2, "padding": "same_upper"}}, {"batchnorm": None},
    {"conv_transpose": {"out": 4, "kernel": 2, "stride": 2}}, {"relu": {"inplace": True}}, {"silu": {"inplace": True}},
    {"relu6": None}, {"gelu": None}, {"hardswish": {"inplace": True}}, {"leaky_relu": {"inplace": True}},
    {"maxpool": {"kernel": 2, "ceil": True}}, {"avgpool": {"kernel": 3, "stride": 1, "padding": 1}},
    {"dropout": {"p": 0.3}}, {"stochastic_depth": 0.2}, {"stochastic_depth": 0}, {"groupnorm": 2},
    {"layernorm": {"channels_first": True}}, {"permute": [2, 3, 1]}, {"permute": [3, 1, 2]}, {"permute": [1, 3, 2]},
    {"upsample": 2}, {"pixel_unshuffle": 2}, {"channel_shuffle": 2}, {"roll": {"shift": 1, "axes": [2]}},
    {"slice": {"axis": 1, "end": 4}}, {"slice": {"axis": 2, "start": 1}}, {"pad": [1, 1, 0, 1]},
    {"pad": {"padding": [1, 1, 1, 1], "mode": "reflect"}}, {"instancenorm": {"affine": True}}, {"linear": 6},
    {"layernorm": None}, {"softmax": None}, {"normalize": 1}, {"sigmoid": None}, {"lrn": 3}, {"prelu": None},
    {"adaptive_avgpool": 2}, {"global_avgpool": None}, {"flatten": 2}, {"window_partition": 2}, {"scale": 0.5},
    {"rmsnorm": None}, {"crop": 2}, {"identity": None}, {"glu": 1},
)  # fmt: skip
SEQUENCES = (
    {"linear": 8}, {"linear": {"out": 12, "bias": False}}, {"layernorm": None}, {"rmsnorm": None}, {"gelu": None},
    {"relu": {"inplace": True}}, {"dropout": 0.1}, {"permute": [2, 1]}, {"lstm": 8},
    {"gru": {"hidden": 6, "layers": 2}},
    {"rnn": {"hidden": 8, "bidirectional": True}}, {"multihead_attention": 2}, {"softmax": None}, {"glu": -1},
    {"slice": {"axis": 1, "start": 1}}, {"slice": {"axis": 2, "end": 4}}, {"conv": {"out": 8, "kernel": 3}},
    {"mean": 1}, {"reshape": [-1, 2, 2]}, {"flatten": 1}, {"unsqueeze": 1}, {"tanh": None}, {"sigmoid": None},
    {"silu": None},
    {"maxpool": 2}, {"batchnorm": None}, {"scale": 2}, {"linear": {"out": 8}, "freeze": True},
    {"conv": {"out": 8, "kernel": 1}, "freeze": True}, {"max": {"axes": 1, "keepdim": True}},
)  # fmt: skip


def chains() -> Iterator[tuple[Spec, int]]:
    """Layers drawn at random one after the other, some joined with an earlier one; what does not fit is left out."""
    random = Random(SEED)
    for number in range(CHAINS):
        image = random.random() < 0.6
        shape = [random.choice((4, 8)), random.choice((4, 6, 8)), random.choice((4, 8))]
        layers: list[Spec] = []
        for place in range(random.randint(3, 9)):
            layer = {**random.choice(IMAGES if image else SEQUENCES), "id": f"n{place}"}
            if random.random() < 0.12:
                layer["freeze"] = True
            layers.append(layer)
            if random.random() < 0.15:
                kind = random.choice(("add", "mul", "concat"))
                other = random.choice([f"n{place}", "x", *(f"n{before}" for before in range(place))])
                layers.append({kind: [f"n{place}", other], "id": f"j{place}"})
        inputs = {"x": shape if image else shape[:2]}
        yield {"archspec": 1, "name": f"chain{number}", "inputs": inputs, "layers": layers}, random.choice((1, 2, 3))
