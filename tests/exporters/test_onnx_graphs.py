"""ONNX graphs: accepted by onnx, read back with the same totals and tensors, and what is refused."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx.shape_inference import infer_shapes

from archspec.api import analyze
from archspec.errors import ArchspecError, UsageError
from archspec.exporters.onnx.write import model
from archspec.graph.graph import Layer
from archspec.graph.walk import UNROLLED, walk
from archspec.importers.headers.onnx import read
from archspec.importers.sources import convert
from archspec.language.find import Place, variant_names, zoo
from archspec.language.load import load_text
from archspec.studies.tensors import tensors

UNSAID = ("memory",)  # of tools that tell functions from modules, and what is overwritten


def read_back(written: bytes, folder: Path) -> Any:
    path = folder / "net.onnx"
    path.write_bytes(written)
    return analyze(load_text(convert(Place(str(path), None)).text))


def totals(report: Any) -> dict[str, Any]:
    return {name: value for name, value in report.to_dict()["totals"].items() if name not in UNSAID}


def held(report: Any) -> set[tuple[Any, ...]]:
    return {(tensor.name, tensor.shape, tensor.dtype, tensor.buffer) for tensor in tensors(report.graph)}


# A network of each family; all of them take minutes: ARCHSPEC_ALL_EXPORTS=1.
FAMILIES: dict[str, list[str]] = {}
for name, place in sorted(zoo().items()):
    if place.variant is not None or not variant_names(Path(place.file).read_text("utf-8")):
        FAMILIES.setdefault(place.file, []).append(name)
ALL = bool(os.environ.get("ARCHSPEC_ALL_EXPORTS"))
NETWORKS = [name for names in FAMILIES.values() for name in (names if ALL else names[-1:])]


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_read_back_has_the_same_totals_and_tensors(name: str, tmp_path: Path) -> None:
    report: Any = analyze(name)
    graph = model(report)
    infer_shapes(onnx.load_from_string(graph), check_type=True, strict_mode=True, data_prop=True)
    made = read_back(graph, tmp_path)
    assert totals(made) == totals(report)
    assert held(made) == held(report)


def test_shapes_are_those_that_onnx_infers() -> None:
    report: Any = analyze("resnet50")
    graph = infer_shapes(onnx.load_from_string(model(report)), strict_mode=True, data_prop=True).graph
    inferred = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.output)
    }
    layers = [step for step in walk(report.graph, UNROLLED) if isinstance(step.item, Layer)]
    assert len(layers) == 175
    for step in layers:
        shape = step.item.traits.outputs[0]
        name = "/" + step.path.replace(".", "/")
        made = [shape for value, shape in inferred.items() if value == name or value.startswith(f"{name}/")]
        assert made == [["batch", *shape[1:]]], step.path


# Layers that no network of the zoo has, on an image, on steps of features, and on whole numbers.
IMAGES = """
    exp | log | reciprocal | neg | abs | sign | floor | ceil | round | sin | cos | erf | selu | mish | softplus
    softsign | hardtanh | logsigmoid | squared_relu | rsqrt | square | elu: {alpha: 0.5} | celu: {alpha: 2.0}
    leaky_relu: {slope: 0.3} | gelu: tanh | clamp: {min: 0, max: 6} | clamp: {max: 3} | pow: 2 | pow: 3 | scale: 1
    scale: 0.5 | offset: 0 | offset: -2 | prelu | prelu: {per_channel: true} | glu: 1 | lppool: {kernel: 2, norm: 2}
    adaptive_avgpool: 5 | adaptive_maxpool: 4
    avgpool: {kernel: 3, stride: 2, padding: 1, count_include_pad: false}
    maxpool: {kernel: 3, stride: 2, ceil: true} | global_maxpool | pixel_unshuffle: 2 | channel_shuffle: 2
    instancenorm | instancenorm: {affine: true, track: true} | instancenorm: {affine: true}
    batchnorm: {track: false} | batchnorm: {bias: false} | batchnorm: {counter: false} | batchnorm: {affine: false}
    groupnorm: 2 | groupnorm: {groups: 4, affine: false} | layernorm: {channels_first: true}
    layernorm: {dims: 2, bias: false}
    layernorm: {affine: false} | lrn: {size: 3, beta: 0.5} | normalize: 1 | var: {axes: [2, 3]}
    std: {axes: 1, keepdim: true, correction: 0} | min: 2 | cumsum: 3 | crop: 6 | tile: [2, 1]
    roll: {shift: [1, -2], axes: [2, 3]} | pad: {padding: [1, 2, 0, 1], mode: reflect} | flatten: {start: 2}
    unsqueeze: 2 | upsample: {scale: 2, mode: bilinear} | upsample: {size: [5, 7]}
    conv: {out: 4, kernel: 3, padding: same_upper}
    conv_transpose: {out: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1}
    slice: {axis: 2, start: 1, step: 2} | rope | select: {axis: 1, index: -1} | split: {sizes: [3, 5]}
    compare: {op: gt, to: 0} | compare: {op: ne, to: 0} | identity | dropout: 0.3 | stochastic_depth: 0.1
    softmax: 1 | log_softmax | fold_batch: 2
"""
STEPS = """
    rnn: 6 | rnn: {hidden: 6, nonlinearity: relu, layers: 2} | gru: {hidden: 6, bidirectional: true}
    gru: {hidden: 6, bias: 1, reset_after: false} | lstm: {hidden: 6, layers: 2, bidirectional: true, state: true}
    lstm: {hidden: 6, bias: false} | causal_conv: 4 | multihead_attention: {heads: 2, need_weights: true}
    multihead_attention: {heads: 4, bias: false} | rope: {theta: 500, dim: 4, interleaved: true} | expand: [3, 8, 8]
    linear: 5 | linear: {out: 5, bias: false}
"""


LAYERS = [
    (entry.strip(), shape)
    for text, shape in ((IMAGES, "[8, 8, 8]"), (STEPS, "[8, 8]"))
    for line in text.strip().splitlines()
    for entry in line.split(" | ")
]


def written(folder: Path, layers: str, shape: str = "[8, 8, 8]") -> Any:
    path = folder / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninputs: {{x: {shape}}}\nlayers:\n{layers}", "utf-8")
    return analyze(str(path))


@pytest.mark.parametrize(("entry", "shape"), LAYERS)
def test_layers_are_read_back(entry: str, shape: str, tmp_path: Path) -> None:
    report = written(tmp_path, f"  - {{{entry if ':' in entry else f'{entry}: '}, id: layer}}\n", shape)
    graph = model(report)
    infer_shapes(onnx.load_from_string(graph), check_type=True, strict_mode=True, data_prop=True)
    made = read_back(graph, tmp_path)
    assert totals(made) == totals(report)
    assert held(made) == held(report)
    assert [tensor[:2] for tensor in made.graph.outputs] == [tensor[:2] for tensor in report.graph.outputs]
    assert [step.item.traits.kind.kind for step in walk(made.graph)] == [entry.partition(":")[0]]


def test_experts_are_read_back(tmp_path: Path) -> None:
    body = "body: [{linear: {out: 12, act: silu}, id: up}, {linear: {out: 8, bias: false}, id: down}]"
    report = written(
        tmp_path,
        f"""  - {{experts: {{count: 8, active: 2, router: [{{linear: 8, id: gate}}], {body}}}, id: first}}
  - {{experts: {{count: 4, active: 3, stacked: true, router: [{{linear: 4, id: gate}}, softmax], {body}}}, id: second}}
  - experts: {{count: 5, active: 1, names: expert_*, first: 3, step: 2, {body}, shared: [{{linear: 8, id: all}}]}}
    id: third
""",
        "[4, 8]",
    )
    graph = model(report)
    infer_shapes(onnx.load_from_string(graph), check_type=True, strict_mode=True, data_prop=True)
    made = read_back(graph, tmp_path)
    assert totals(made) == totals(report)
    assert held(made) == held(report)


def test_weights_are_verified_by_their_headers(tmp_path: Path) -> None:
    report: Any = analyze("detr_resnet50")
    path = tmp_path / "net.onnx"
    path.write_bytes(model(report))
    header = read(str(path))
    assert {(entry.name, tuple(entry.shape)) for entry in header.tensors.values()} == {row[:2] for row in held(report)}
    assert header.metadata["buffers"] == {name for name, _, _, buffer in held(report) if buffer}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("  - {lstm: {hidden: 6, proj: 3}, id: steps}\n", "`steps` (lstm) cannot be exported to onnx: ONNX's has no"),
        (
            "  - {lppool: {kernel: 2, norm: 1.5}, id: pool}\n",
            "`pool` (lppool) cannot be exported to onnx: ONNX's norm is",
        ),
        ("  - {topk: 3, id: top}\n", "`top` (topk) cannot be exported to onnx: no operators of ONNX are known for"),
        (
            "  - {linear: 3, copies: {count: 4, active: 2}, id: own}\n",
            "`own` (linear) cannot be exported to onnx: its rows",
        ),
        (
            "  - {linear: 4, id: mix, weights: {weight: {shape: [8, 4]}}}\n",
            "`mix` (linear) cannot be exported to onnx: its `weights` say other",
        ),
    ],
)
def test_what_cannot_be_said_is_named(tmp_path: Path, layers: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        model(written(tmp_path, layers, "[8, 8, 8]" if "pool" in layers else "[8, 8]"))


def changed(folder: Path, change: Any) -> str:
    """What is said of an exported graph whose node `silu` was changed."""
    report = written(folder, "  - {prelu: {per_channel: true}, id: act}\n")
    graph = onnx.load_from_string(model(report))
    change(graph.graph.node[0])
    with pytest.raises(ArchspecError) as caught:
        read_back(graph.SerializeToString(), folder)
    return str(caught.value)


def test_functions_that_are_no_kinds_are_refused(tmp_path: Path) -> None:
    assert "archspec:open `/act/prelu`: there is no kind of layer of this name" in changed(
        tmp_path, lambda node: setattr(node, "op_type", "open")
    )
    assert "takes 1 weights, got 0" in changed(tmp_path, lambda node: node.input.pop())
    assert "unknown argument `by`" in changed(tmp_path, lambda node: node.attribute.add(name="by", i=1, type=2))
    assert "its weight is of [1], `act.weight` of [8]" in changed(tmp_path, lambda node: node.attribute.pop())


def test_marks_of_a_hostile_file_are_no_keys(tmp_path: Path) -> None:
    graph = onnx.load_from_string(model(written(tmp_path, "  - {linear: 4, id: own}\n")))
    for node in graph.graph.node:
        node.metadata_props.add(key="archspec.idle", value="tie")
    assert read_back(graph.SerializeToString(), tmp_path).totals.params == 36


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UsageError, match="writing ONNX needs the `onnx` package") as caught:
        model(written(tmp_path, "  - linear: 3\n"))
    assert caught.value.hint == "pip install 'archspec-nn[onnx]'"
