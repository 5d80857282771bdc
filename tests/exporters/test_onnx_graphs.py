"""ONNX graphs: accepted by onnx, read back with the same totals and tensors, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx.shape_inference import infer_shapes

from archspec.api import analyze
from archspec.exporters.onnx.write import model
from archspec.graph.graph import Layer
from archspec.graph.walk import UNROLLED, walk
from archspec.importers.sources import convert
from archspec.language.find import Place
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


NETWORKS = """
    densenet121 detr_resnet50 gpt2 inception_v3 lenet5 lstm_text_pytorch mamba2_130m mamba_130m maxvit_t
    mobilenet_v3_small resnet50 retinanet swin_v2_t swinir_light_x2 t5_small unet vit_b_16 wav2vec2_base whisper_tiny
    yolov8n
"""


@pytest.mark.parametrize("name", NETWORKS.split())
def test_what_is_read_back_has_the_same_totals_and_tensors(name: str, tmp_path: Path) -> None:
    report: Any = analyze(name)
    made = read_back(model(report), tmp_path)
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
