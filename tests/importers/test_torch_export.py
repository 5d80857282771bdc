"""Programs of torch.export against the figures of their modules, and what is refused."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert
from archspec.language.find import Place
from archspec.language.load import load_text
from archspec.studies.tensors import tensors

GOLDEN = Path(__file__).parents[1] / "golden"
FIGURES = json.loads((GOLDEN / "torch_export.json").read_text())
WHOLE = "relative_position_index"  # buffers of whole numbers, which no kind stores


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs."""
    folder = tmp_path_factory.mktemp("torch_export")
    with tarfile.open(GOLDEN / "torch_export.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_a_program_has_the_figures_of_its_module(name: str, programs: Path) -> None:
    figures = FIGURES[name]
    spec = load_text(convert(Place(str(programs / f"{name}.pt2"), None)).text)
    report = archspec.analyze(spec, convention="torch")
    assert report.totals["params"] == figures["params"]
    assert report.totals["columns"]["flops"] == figures["flops"]
    unlisted = {key for key in figures["tensors"] if key.endswith(WHOLE)}
    unlisted |= {key for key in figures["tensors"] if key.startswith(("aux", "Aux")) and key.endswith("tracked")}
    wanted = {key: tuple(shape) for key, shape in figures["tensors"].items() if key not in unlisted}
    assert {tensor.name: tensor.shape for tensor in tensors(report.graph)} == wanted


def test_axes_that_are_left_open_are_dims(programs: Path) -> None:
    spec = load_text(convert(Place(str(programs / "any_image.pt2"), None)).text)
    assert dict(spec.dims) == {"H": 64, "W": 96}
    fixed = archspec.analyze("mobilenet_v2", dims={"H": 160, "W": 128})
    assert archspec.analyze(spec, dims={"H": 160, "W": 128}).totals["macs"] == fixed.totals["macs"]


def test_alike_modules_are_a_repeat(programs: Path) -> None:
    assert "repeat: 2, id: layer1" in convert(Place(str(programs / "resnet18.pt2"), None)).text


def tensor(*sizes: int, dtype: int = 7) -> dict[str, Any]:
    """What a program states of a tensor."""
    return {"dtype": dtype, "sizes": [{"as_int": size} for size in sizes]}


def program() -> dict[str, Any]:
    """A linear layer."""
    node = {
        "target": "torch.ops.aten.linear.default",
        "inputs": [
            {"name": "input", "arg": {"as_tensor": {"name": "x"}}},
            {"name": "weight", "arg": {"as_tensor": {"name": "w"}}},
        ],
        "outputs": [{"as_tensor": {"name": "y"}}],
        "metadata": {"nn_module_stack": "k,,Net;k__head,head,Linear"},
    }
    values = {"x": tensor(1, 4), "w": tensor(3, 4), "y": tensor(1, 3)}
    inputs = [
        {"parameter": {"arg": {"name": "w"}, "parameter_name": "head.weight"}},
        {"user_input": {"arg": {"as_tensor": {"name": "x"}}}},
    ]
    outputs = [{"user_output": {"arg": {"as_tensor": {"name": "y"}}}}]
    graph = {"nodes": [node], "tensor_values": values}
    return {"graph_module": {"graph": graph, "signature": {"input_specs": inputs, "output_specs": outputs}}}


def written(folder: Path, data: Any) -> str:
    """The text of the spec that a program becomes."""
    with zipfile.ZipFile(folder / "net.pt2", "w") as archive:
        archive.writestr("net/models/model.json", data if isinstance(data, str) else json.dumps(data))
    return convert(Place(str(folder / "net.pt2"), None)).text


def test_a_linear_layer(tmp_path: Path) -> None:
    assert "{linear: {out: 3, bias: false}, id: head}" in written(tmp_path, program())


def graph(data: dict[str, Any]) -> Any:
    """The graph of a program."""
    return data["graph_module"]["graph"]


def node(data: dict[str, Any]) -> Any:
    """Its node."""
    return graph(data)["nodes"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda data: node(data).update(target="torch.ops.aten.linear.other"),
            "aten.linear.other `y`: there is no kind",
        ),
        (lambda data: node(data).update(target="torch.ops.mine.linear"), "mine.linear `y`: there is no kind of layer"),
        (lambda data: node(data).update(target=3), "`target` must be text"),
        (
            lambda data: node(data)["inputs"].append({"name": "p", "arg": {"as_int": 3}}),
            "argument 'p' is not known",
        ),
        (lambda data: node(data)["inputs"].pop(), "has no `weight`"),
        (
            lambda data: node(data)["inputs"][0].update(arg={"as_tensor": {"name": "y"}}),
            "'y', which nothing before it",
        ),
        (lambda data: node(data)["inputs"][0].update(arg={"as_graph": {}}), "an argument of a sort that is not known"),
        (lambda data: node(data)["inputs"][0].update(arg={"as_tensors": 7}), "`as_tensors` must be a list"),
        (lambda data: node(data)["inputs"][0].update(name="weight"), "two arguments are called 'weight'"),
        (lambda data: node(data)["outputs"].append({"as_tensor": {"name": "x"}}), "makes 'x', which is there already"),
        (lambda data: graph(data)["tensor_values"].update(y=tensor(1, 5)), "the file says that it gives [1, 5]"),
        (lambda data: graph(data)["tensor_values"].update(x=tensor(1, 5)), "a matrix of 4 inputs meets [batch, 5]"),
        (lambda data: graph(data)["tensor_values"].update(x=tensor(1, -5)), "a size must be a whole number"),
        (lambda data: graph(data)["tensor_values"].update(x=tensor(1, 4, dtype=99)), "the input 'x' is of a dtype"),
        (lambda data: graph(data)["tensor_values"].pop("x"), "the file does not say the shape of 'x'"),
        (lambda data: graph(data).update(nodes=[]), "has 0 nodes"),
        (lambda data: graph(data).update(nodes=[node(data)] * 2), "makes 'y', which is there already"),
        (lambda data: data.pop("graph_module"), "`graph_module` must be a mapping"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, change: Callable[[Any], Any], message: str) -> None:
    data = program()
    change(data)
    with pytest.raises(ArchspecError) as caught:
        written(tmp_path, data)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "too deep to be read|no JSON"),
        ("[]", "`the program` must be a mapping"),
        ('{"graph_module": 1, "graph_module": 2}', "the name 'graph_module' stands twice"),
    ],
)
def test_a_text_that_is_no_program_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ArchspecError, match=message):
        written(tmp_path, text)


def test_an_archive_without_a_program_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.pt2", "w") as archive:
        archive.writestr("data.pkl", b"\x80\x02")
    with pytest.raises(ArchspecError, match=r"holds no program of torch\.export"):
        convert(Place(str(tmp_path / "net.pt2"), None))
