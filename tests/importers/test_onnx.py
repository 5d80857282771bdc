"""Small ONNX models, good and bad: what archspec makes of them, and what it says of those it cannot read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert
from archspec.language.find import Place
from archspec.language.load import load_text

FLOAT = TensorProto.FLOAT


def saved(tmp_path: Path, nodes: list[Any], inputs: dict[str, Any], outputs: list[str], **weights: Any) -> str:
    """A model's file. Of a weight a list is its shape, a tensor its values."""
    tensors = [
        numpy_helper.from_array(value if isinstance(value, np.ndarray) else np.zeros(value, np.float32), name)
        for name, value in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(name, FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs],
        tensors,
    )
    file = tmp_path / "net.onnx"
    file.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString())
    return str(file)


def spec(file: str) -> str:
    return convert(Place(file, None)).text


def totals(file: str, batch: int = 1) -> Any:
    return archspec.analyze(load_text(spec(file)), batch=batch).totals


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    return helper.make_node(
        op, inputs.split(), outputs.split(), name=f"/{outputs.split(maxsplit=1)[0]}/{op}", **attributes
    )


def ints(*values: int) -> np.ndarray[Any, Any]:
    return np.array(values, np.int64)


def refused(file: str, *words: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        spec(file)
    text = str(caught.value)
    assert Path(file).name in text
    for word in words:
        assert word in text


@pytest.mark.parametrize("batch", ["N", 1, 4])
def test_the_batch_is_followed_through_windows(tmp_path, batch) -> None:
    """[batch, 4, 4, 4] in windows of 2 by 2: four axes of the batch's own size, and the batch folded away and back."""
    nodes = [
        node("Reshape", "x cut", "cut_out"),
        node("Transpose", "cut_out", "turned", perm=[0, 1, 3, 2, 4, 5]),
        node("Reshape", "turned windows", "windowed"),
        node("MatMul", "windowed w", "mixed"),
        node("Reshape", "mixed back", "y"),
    ]
    first = batch if batch == 4 else 1
    cut = ints(0, 2, 2, 2, 2, 4)
    back = ints(-1, 2, 2, 2, 2, 8) if batch == "N" else ints(first, 2, 2, 2, 2, 8)
    weights = {"cut": cut, "windows": ints(-1, 4, 4), "w": [4, 8], "back": back}
    file = saved(tmp_path, nodes, {"x": [batch, 4, 4, 4]}, ["y"], **weights)
    for size in (1, 4, 5):
        assert totals(file, size).macs == size * 4 * 4 * 4 * 8
    assert "linear: {out: 8, bias: false}" in spec(file)


def test_shape_arithmetic_is_folded(tmp_path) -> None:
    nodes = [
        node("Shape", "x", "shape"),
        node("Gather", "shape zero", "n", axis=0),
        node("Mul", "n two", "twice"),
        node("Div", "twice two", "once"),
        node("Concat", "once minus", "target", axis=0),
        node("Reshape", "x target", "flat"),
        node("Gemm", "flat w b", "y", transB=1),
    ]
    constants = {"zero": ints(0), "two": ints(2), "minus": ints(-1)}
    file = saved(tmp_path, nodes, {"x": ["N", 3, 5]}, ["y"], w=[7, 15], b=[7], **constants)
    assert (totals(file, 2).params, totals(file, 2).macs) == (7 * 16, 2 * 7 * 15)
    assert "reshape" not in spec(file)
    assert "flatten" in spec(file)


def test_whose_a_weight_is(tmp_path) -> None:
    """Read by two nodes it is tied; an Identity of it is a tensor of its own; running statistics are buffers."""
    norm = "scale shift mean var"
    nodes = [
        node("MatMul", "x w", "a"),
        node("MatMul", "a w", "b"),
        node("Identity", "w", "other"),
        node("MatMul", "b other", "c"),
        node("BatchNormalization", f"c {norm}", "y"),
    ]
    weights: dict[str, Any] = {"w": [6, 6], **{key: [6] for key in norm.split()}}
    found = totals(saved(tmp_path, nodes, {"x": ["N", 6]}, ["y"], **weights))
    assert (found.params, found.buffers) == (2 * 36 + 12, 13)


def test_several_inputs_and_outputs(tmp_path) -> None:
    nodes = [node("Gemm", "x w", "a"), node("Add", "a y", "b"), node("Relu", "b", "c")]
    file = saved(tmp_path, nodes, {"x": ["N", 4], "y": ["N", 6]}, ["c", "a"], w=[4, 6])
    assert "outputs: [" in spec(file)
    assert totals(file).macs == 24


def test_alike_modules_become_a_repeat_with_their_names(tmp_path) -> None:
    nodes, weights, last = [], {}, "x"
    for place in range(5):
        out = f"h{place}"
        nodes += [
            helper.make_node(
                "Gemm", [last, f"body.{place}.fc.weight"], [f"{out}a"], f"/body/body.{place}/fc/Gemm", transB=1
            ),
            helper.make_node("Relu", [f"{out}a"], [f"{out}b"], f"/body/body.{place}/act/Relu"),
            helper.make_node("Add", [last, f"{out}b"], [out], f"/body/body.{place}/Add"),
        ]
        weights[f"body.{place}.fc.weight"] = [8, 8]
        last = out
    text = spec(saved(tmp_path, nodes, {"x": ["N", 8]}, [last], **weights))
    assert "{use: body, repeat: 5, id: body}" in text
    assert "residual" in text
    assert text.count("linear") == 1


BAD = {
    "unknown": ([node("Det", "x", "y")], "Det `/y/Det`", "no kind of layer"),
    "loop": ([node("Relu", "z", "y"), node("Relu", "y", "z")], "reads `z`, which nothing before it makes"),
    "twice": ([node("Relu", "x", "y"), node("Tanh", "x", "y")], "Tanh `/y/Tanh`", "makes `y`, which is there already"),
    "domain": ([helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")], "domain `com.microsoft`"),
    "few inputs": ([node("MatMul", "x", "y")], "lacks its input 2"),
    "axes": ([node("Softmax", "x", "y", axis=0)], "Softmax `/y/Softmax`", "samples would mix"),
    "mixed": ([node("ReduceSum", "x", "y")], "ReduceSum", "samples would mix"),
    "training": (
        [node("BatchNormalization", "x w w w w", "y", training_mode=1)],
        "BatchNormalization `/y/BatchNormalization`",
        "evaluation mode",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_said_with_its_node(name, tmp_path) -> None:
    nodes, *words = BAD[name]
    refused(saved(tmp_path, nodes, {"x": ["N", 4, 4]}, ["y"], w=[4]), *words)


def test_a_branch_is_refused(tmp_path) -> None:
    inner = helper.make_graph([node("Relu", "x", "z")], "then", [], [helper.make_tensor_value_info("z", FLOAT, None)])
    nodes = [helper.make_node("If", ["c"], ["y"], "/If", then_branch=inner, else_branch=inner)]
    refused(saved(tmp_path, nodes, {"x": ["N", 4]}, ["y"], c=np.array(True)), "If `/If`", "holds a graph")


def test_a_file_that_is_cut_off_or_none(tmp_path) -> None:
    whole = Path(saved(tmp_path, [node("Gemm", "x w", "y")], {"x": ["N", 4]}, ["y"], w=[4, 6])).read_bytes()
    for size in range(0, len(whole) - 1, 7):
        file = tmp_path / "cut.onnx"
        file.write_bytes(whole[:size])
        with pytest.raises(ArchspecError, match=r"cut\.onnx"):
            spec(str(file))


def test_huge_sizes_take_no_memory(tmp_path) -> None:
    shape = numpy_helper.from_array(ints(2**40, 2**40), "v")
    nodes = [helper.make_node("ConstantOfShape", ["big"], ["z"]), node("Add", "x z", "y")]
    file = saved(tmp_path, nodes, {"x": ["N", 1, 1]}, ["y"], big=numpy_helper.to_array(shape))
    assert totals(file).params == 0


def test_without_the_package(tmp_path, monkeypatch) -> None:
    file = saved(tmp_path, [node("Relu", "x", "y")], {"x": ["N", 4]}, ["y"])
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(ArchspecError, match="needs the `onnx` package") as caught:
        spec(file)
    assert "archspec-nn[onnx]" in str(caught.value)


def test_weights_may_be_elsewhere(tmp_path) -> None:
    file = saved(tmp_path, [node("Gemm", "x w", "y")], {"x": ["N", 4]}, ["y"], w=[4, 6])
    model = onnx.load(file)
    (tensor,) = model.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="gone.bin")
    Path(file).write_bytes(model.SerializeToString())
    assert totals(file).params == 24
