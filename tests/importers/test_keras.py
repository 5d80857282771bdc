"""Models of Keras: how they are written, and what is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert, opened
from archspec.language.find import Place
from archspec.language.load import load_text


def layer(kind: str, name: str, *sources: str, **config: Any) -> dict[str, Any]:
    """A layer as Keras 2 writes it."""
    nodes = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def model(*layers: dict[str, Any], output: str = "out", **further: Any) -> dict[str, Any]:
    """A functional model of one input."""
    first = layer("InputLayer", "data", batch_input_shape=[None, 8, 8, 3], dtype="float32")
    ends = {"input_layers": [["data", 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "net", "layers": [first, *layers], **ends, **further}}


TYPED = layer("InputLayer", "data", batch_input_shape=[None, 8], dtype=[])
CONV = layer("Conv2D", "out", "data", filters=4, kernel_size=[3, 3])


def written(folder: Path, data: Any) -> str:
    """The text of the spec that a model becomes."""
    file = folder / "model.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data))
    return convert(Place(str(file), None)).text


def test_a_network_of_convolutions_has_no_permute(tmp_path: Path) -> None:
    padded = layer("ZeroPadding2D", "pad", "data", padding=[[0, 1], [2, 3]])
    text = written(tmp_path, model(padded, layer("Conv2D", "out", "pad", filters=4, kernel_size=[3, 5])))
    assert "inputs: {data: [3, 8, 8]}" in text
    assert "{pad: [2, 3, 0, 1], id: pad}" in text
    assert "{conv: {out: 4, kernel: [3, 5]}, id: out}" in text


def test_axes_are_turned_where_a_layer_minds(tmp_path: Path) -> None:
    text = written(
        tmp_path,
        model(CONV, layer("Permute", "turn", "out", dims=[3, 1, 2]), layer("Flatten", "flat", "turn"), output="flat"),
    )
    assert "permute" not in text  # channels first is how they lie
    text = written(tmp_path, model(CONV, layer("Flatten", "flat", "out"), output="flat"))
    assert "permute: [2, 3, 1]" in text


def test_alike_layers_by_their_names_are_a_block(tmp_path: Path) -> None:
    layers = []
    before = "data"
    for number in (1, 2, 3):
        name = f"stage{number}"
        layers.append(layer("Conv2D", f"{name}_conv", before, filters=8 * number, kernel_size=[3, 3], padding="same"))
        layers.append(layer("BatchNormalization", f"{name}_bn", f"{name}_conv", axis=3))
        layers.append(layer("ReLU", f"re_lu_{number}", f"{name}_bn"))
        before = f"re_lu_{number}"
    text = written(tmp_path, model(*layers, output=before))
    assert text.count("conv: {out: $out, kernel: 3, padding: half}") == 1
    assert "{use: stage, with: {out: 24}, id: stage3}" in text


@pytest.mark.parametrize("name", ["1", "in", "prev", "a/b", "a b", "a.b", "é", "-", "x" * 1000, "data_", "$x", "{}"])
def test_any_name_becomes_an_id(tmp_path: Path, name: str) -> None:
    rest = layer("Add", "sum", name, "out")
    text = written(tmp_path, model(CONV, layer("Dense", name, "out", units=4), rest, output="sum"))
    assert archspec.analyze(load_text(text)).totals["params"] == 112 + 20


def test_what_is_written_is_read_from_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(model(CONV)))
        archive.writestr("model.weights.h5", b"")
    spec, _ = opened(Place(str(tmp_path / "net.keras"), None))
    assert archspec.analyze(spec).totals["params"] == 112


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (model(layer("Lambda", "out", "data")), "out: holds code"),
        (model(layer("Convx", "out", "data")), "the layer 'Convx' is not known"),
        (model({**CONV, "module": "mine.layers"}), "the custom layer 'Conv2D' is not known"),
        (model({**CONV, "registered_name": "mine>Conv2D"}), "the custom layer 'Conv2D' is not known"),
        (model({**CONV, "module": "keras.src.ops.numpy"}), "the operation 'Conv2D' is not known"),
        (model(layer("Conv2D", "out", "data", filters=4, kernel_size=[3, 3], rank=2)), "out.rank: 'rank' is a key"),
        (model(layer("Conv2D", "out", "data", filters=True, kernel_size=3)), "out.filters: must be a whole number"),
        (model(layer("Conv2D", "out", "data", filters=4, kernel_size=[3])), "out.kernel_size: must be 2 whole numbers"),
        (model(layer("Conv2D", "out", "data", filters=4, kernel_size=9)), "kernel 9 does not fit"),
        (
            model(layer("Conv2D", "out", "data", filters=4, kernel_size=3, padding="half")),
            "out.padding: must be valid or",
        ),
        (model(layer("Conv2D", "out", "data", filters=4, kernel_size=3, activation="max")), "'max' is no activation"),
        (model(layer("Activation", "out", "data", activation=[])), "[] is no activation that archspec knows"),
        ({"class_name": "Sequential", "config": {"layers": [TYPED]}}, "data: its dtype [] is none of tensors here"),
        (model(layer("Conv2D", "out", "data", filters=2**70, kernel_size=3)), "out.filters: must be a whole number"),
        (model(layer("Conv2D", "out", "gone", filters=4, kernel_size=3)), "out: reads 'gone', which is no layer"),
        (model(layer("Add", "out", "data", "out")), "out: its inputs depend on its own output"),
        (model(layer("Add", "a", "b"), layer("Add", "b", "a"), output="a"), "its inputs depend on its own output"),
        (model(CONV, CONV), "two layers are called 'out'"),
        (model(CONV, output="data"), "the model has no layers"),
        (model(CONV, output="none"), "reads 'none', which is no layer of the model"),
        (model(layer("Reshape", "out", "data", target_shape=[5, -1])), "out.target_shape: [5, -1] does not fit"),
        (
            model(layer("Bidirectional", "out", "data", layer={"class_name": "LSTM", "config": {"units": 2}})),
            "takes steps",
        ),
        (model(layer("\u001b[31m", "out", "data")), "the control character U+001B"),
        (model({**CONV, "inbound_nodes": [[["data", -1, 0, {}]]]}), "a tensor must be [layer, call, output]"),
        (model({**CONV, "inbound_nodes": 7}), "`inbound_nodes` must be a list"),
        (model({**CONV, "config": 3}), "`config` must be a mapping"),
        (model(CONV, layers=[]), "`layers` must be a list of layers"),
        ({"class_name": "MyModel", "config": {}}, "'MyModel' is no Sequential or Functional model"),
        ({"class_name": "Sequential", "config": {"layers": [CONV]}}, "the file does not say the shape of the input"),
        ('{"class_name": "Sequential", "config": ' + "[" * 100_000, "error: "),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, data: Any, message: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        written(tmp_path, data)
    assert message in f"error: {caught.value}"


def test_shapes_that_the_file_states_are_compared(tmp_path: Path) -> None:
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 8, 8, 4], "keras_history": ["data", 0, 0]}}
    stated = {**CONV, "inbound_nodes": [{"args": [tensor], "kwargs": {}}]}
    with pytest.raises(ArchspecError, match="the file says that 'data' gives"):
        written(tmp_path, model(stated))


def test_models_in_models_are_bounded(tmp_path: Path) -> None:
    data = {"class_name": "Sequential", "config": {"layers": [layer("InputLayer", "data", batch_shape=[None, 4])]}}
    for number in range(14):
        data = {"class_name": "Sequential", "name": f"m{number}", "config": {"name": "m", "layers": [data]}}
    first = layer("InputLayer", "data", batch_shape=[None, 4])
    with pytest.raises(ArchspecError, match="models in models, more than 12 deep"):
        written(tmp_path, {"class_name": "Sequential", "config": {"layers": [first, data]}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no whole zip archive"),
        (b"PK\x05\x06" + b"\0" * 18, "holds no model of Keras 3"),
        (b"PK\x05\x06" + b"\xff" * 16 + b"\0\0", "its directory has|is no whole zip archive"),
        (b"\x80\x04PK", "is no whole zip archive"),
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "net.keras"
    file.write_bytes(content)
    with pytest.raises(ArchspecError, match=message):
        opened(Place(str(file), None))


def test_a_text_that_unpacks_to_more_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (17 * 2**20))
    with pytest.raises(ArchspecError, match="has more than 16,777,216 bytes"):
        opened(Place(str(tmp_path / "net.keras"), None))
