"""Definitions of Caffe: networks written from their papers, against published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert
from archspec.language.find import Place
from archspec.language.load import load_text


def header(side: int) -> str:
    """An input of a batch of images."""
    return f'name: "Net"  # a definition\ninput: "data"\ninput_shape {{ dim: 10 dim: 3 dim: {side} dim: {side} }}\n'


def layer(kind: str, name: str, bottom: str | list[str], top: str, params: str = "") -> str:
    """A layer."""
    bottoms = [bottom] if isinstance(bottom, str) else bottom
    ends = " ".join(f'bottom: "{entry}"' for entry in bottoms)
    return f'layer {{ name: "{name}" type: "{kind}" {ends} top: "{top}" {params} }}\n'


def conv(name: str, bottom: str, out: int, kernel: int, more: str = "", *, relu: bool = True) -> str:
    """A convolution, and in place what follows it."""
    text = f"convolution_param {{ num_output: {out} kernel_size: {kernel} {more} weight_filler {{ type: 'xavier' }} }}"
    made = layer("Convolution", name, bottom, name, f"param {{ lr_mult: 1 }} {text}")
    scope, slash, last = name.rpartition("/")
    return made + (layer("ReLU", f"{scope}{slash}relu_{last}", name, name) if relu else "")


def pool(name: str, bottom: str, kernel: int, stride: int, more: str = "pool: MAX") -> str:
    """A pool."""
    text = f"pooling_param {{ {more} kernel_size: {kernel} stride: {stride} }}"
    return layer("Pooling", name, bottom, name, text)


def dense(name: str, bottom: str, out: int) -> str:
    """A linear layer."""
    return layer("InnerProduct", name, bottom, name, f"inner_product_param {{ num_output: {out} }}")


def alexnet() -> str:
    """AlexNet with its groups, and its norms behind the pools as in CaffeNet."""
    text = header(227) + conv("conv1", "data", 96, 11, "stride: 4") + pool("pool1", "conv1", 3, 2)
    text += layer("LRN", "norm1", "pool1", "norm1", "lrn_param { local_size: 5 alpha: 1e-4 beta: .75 }")
    text += conv("conv2", "norm1", 256, 5, "pad: 2 group: 2") + pool("pool2", "conv2", 3, 2)
    text += conv("conv3", "pool2", 384, 3, "pad: 1") + conv("conv4", "conv3", 384, 3, "pad: 1 group: 2")
    text += conv("conv5", "conv4", 256, 3, "pad: 1 group: 2") + pool("pool5", "conv5", 3, 2)
    text += dense("fc6", "pool5", 4096) + layer(
        "Dropout", "drop6", "fc6", "fc6", "dropout_param { dropout_ratio: 0.5 }"
    )
    return text + dense("fc7", "fc6", 4096) + dense("fc8", "fc7", 1000) + layer("Softmax", "prob", "fc8", "prob")


def vgg16() -> str:
    """VGG16 in the first version of the format."""
    text, below = 'name: "VGG"\ninput: "data" input_dim: 1 input_dim: 3 input_dim: 224 input_dim: 224\n', "data"
    for stage, (count, out) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), start=1):
        for number in range(1, count + 1):
            text += conv(f"conv{stage}_{number}", below, out, 3, "pad: 1")
            below = f"conv{stage}_{number}"
        text, below = text + pool(f"pool{stage}", below, 2, 2), f"pool{stage}"
    text += dense("fc6", below, 4096) + dense("fc7", "fc6", 4096) + dense("fc8", "fc7", 1000)
    for new, old in (
        ("Convolution", "CONVOLUTION"),
        ("ReLU", "RELU"),
        ("Pooling", "POOLING"),
        ("InnerProduct", "INNER_PRODUCT"),
    ):
        text = text.replace(f'type: "{new}"', f"type: {old}")
    return text.replace("layer {", "layers {")


def normed(name: str, bottom: str, out: int, kernel: int, more: str = "", *, relu: bool = True) -> str:
    """A convolution without a bias, its statistics, and what it learns of them."""
    text = conv(name, bottom, out, kernel, f"bias_term: false {more}", relu=False)
    text += layer("BatchNorm", f"bn_{name}", name, name, "batch_norm_param { use_global_stats: true }")
    text += layer("Scale", f"scale_{name}", name, name, "scale_param { bias_term: true }")
    return text + (layer("ReLU", f"relu_{name}", name, name) if relu else "")


def resnet50() -> str:
    """ResNet-50 with the stride in its convolutions of size 1."""
    text, below = (
        header(224) + normed("conv1", "data", 64, 7, "stride: 2 pad: 3") + pool("pool1", "conv1", 3, 2),
        "pool1",
    )
    for stage, (count, out) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512)), start=2):
        for block in range(count):
            name, stride = f"res{stage}{'abcdef'[block]}", "stride: 2" if block == 0 and stage > 2 else ""
            kept = below
            if block == 0:
                kept = f"{name}_branch1"
                text += normed(kept, below, 4 * out, 1, stride, relu=False)
            text += normed(f"{name}_branch2a", below, out, 1, stride)
            text += normed(f"{name}_branch2b", f"{name}_branch2a", out, 3, "pad: 1")
            text += normed(f"{name}_branch2c", f"{name}_branch2b", 4 * out, 1, relu=False)
            text += layer("Eltwise", name, [kept, f"{name}_branch2c"], name) + layer("ReLU", f"{name}_relu", name, name)
            below = name
    text += pool("pool5", below, 7, 1, "pool: AVE") + dense("fc1000", "pool5", 1000)
    return text + layer("Softmax", "prob", "fc1000", "prob")


INCEPTIONS = {  # arXiv:1409.4842, table 1
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip


def googlenet() -> str:
    """GoogLeNet without its auxiliary heads."""
    text = (
        header(224)
        + conv("conv1/7x7_s2", "data", 64, 7, "stride: 2 pad: 3")
        + pool("pool1/3x3_s2", "conv1/7x7_s2", 3, 2)
    )
    text += conv("conv2/3x3_reduce", "pool1/3x3_s2", 64, 1) + conv("conv2/3x3", "conv2/3x3_reduce", 192, 3, "pad: 1")
    text, below = text + pool("pool2/3x3_s2", "conv2/3x3", 3, 2), "pool2/3x3_s2"
    for number, (plain, reduced3, wide3, reduced5, wide5, projected) in INCEPTIONS.items():
        name = f"inception_{number}"
        text += conv(f"{name}/1x1", below, plain, 1) + conv(f"{name}/3x3_reduce", below, reduced3, 1)
        text += conv(f"{name}/3x3", f"{name}/3x3_reduce", wide3, 3, "pad: 1")
        text += conv(f"{name}/5x5_reduce", below, reduced5, 1) + conv(
            f"{name}/5x5", f"{name}/5x5_reduce", wide5, 5, "pad: 2"
        )
        text += pool(f"{name}/pool", below, 3, 1, "pool: MAX pad: 1") + conv(
            f"{name}/pool_proj", f"{name}/pool", projected, 1
        )
        parts = [f"{name}/{part}" for part in ("1x1", "3x3", "5x5", "pool_proj")]
        text, below = text + layer("Concat", f"{name}/output", parts, f"{name}/output"), f"{name}/output"
        if number in ("3b", "4e"):
            text, below = text + pool(f"pool{number[0]}/3x3_s2", below, 3, 2), f"pool{number[0]}/3x3_s2"
    text += pool("pool5/7x7_s1", below, 7, 1, "pool: AVE") + dense("loss3/classifier", "pool5/7x7_s1", 1000)
    return text + layer("SoftmaxWithLoss", "loss", ["loss3/classifier", "label"], "loss", "include { phase: TRAIN }")


def written(folder: Path, text: str) -> str:
    """The text of the spec that a definition becomes."""
    file = folder / "net.prototxt"
    file.write_text(text)
    return convert(Place(str(file), None)).text


@pytest.mark.parametrize(
    # Parameters of the models of Caffe's zoo and MACs as Netscope has them; ResNet-50's are those of Keras, likewise.
    ("text", "params", "macs"),
    [
        (alexnet(), 60_965_224, 724_406_816),
        (vgg16(), 138_357_544, 15_470_264_320),
        (resnet50(), 25_557_032, 3_857_973_248),
        (googlenet(), 6_998_552, 1_582_671_872),
    ],
    ids=["alexnet", "vgg16", "resnet50", "googlenet"],
)
def test_a_network_has_its_published_figures(tmp_path: Path, text: str, params: int, macs: int) -> None:
    totals = archspec.analyze(load_text(written(tmp_path, text))).totals
    assert (totals["params"], totals["macs"]) == (params, macs)


def test_names_with_slashes_are_blocks(tmp_path: Path) -> None:
    text = written(tmp_path, googlenet())
    assert text.count("use: inception") == 9
    assert len(text.splitlines()) < 80


def test_other_layers(tmp_path: Path) -> None:
    text = header(17) + conv("a", "data", 8, 3, "pad: 1 stride: 2")
    text += layer("Deconvolution", "up", "a", "up", "convolution_param { num_output: 4 kernel_size: 4 stride: 2 }")
    text += layer("Crop", "cut", ["up", "data"], "cut", "crop_param { axis: 2 offset: 2 }")
    text += 'layer { name: "part" type: "Slice" bottom: "cut" top: "p" top: "q" slice_param { slice_point: 1 } }'
    text += layer("PReLU", "slope", "q", "q") + layer("Scale", "s", "q", "q", "scale_param { bias_term: true }")
    text += layer("Reshape", "r", "q", "r", "reshape_param { shape { dim: 0 dim: -1 dim: 17 } }")
    text += layer("Power", "w", "r", "w", "power_param { scale: 2 shift: 1 power: 3 }")
    report = archspec.analyze(load_text(written(tmp_path, text)))
    assert report.totals["params"] == 8 * 27 + 8 + 8 * 4 * 16 + 4 + 3 + 6
    assert "outputs: [part.0, pow]" in written(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (layer("Python", "x", "data", "x"), "x.type: the layer 'Python' is not known"),
        (layer("ReLU", "x", "gone", "x"), "x.bottom: reads 'gone', which nothing before it makes"),
        (layer("ReLU", "x", [], "x"), "reads nothing"),
        (layer("ReLU", "x", "data", "x", "top: 'y'"), "gives 1 blobs, 2 are named"),
        (layer("ReLU", "x", "data", "x", "foo: 1"), "x.foo: 'foo' is a name that archspec does not know here"),
        (conv("x", "data", 4, 3, "sise: 3"), "'sise' is a name that archspec does not know here"),
        (conv("x", "data", 4, 99), "kernel 99 does not fit"),
        (conv("x", "data", 4, 3, "pad: -1"), "must be whole numbers of at least 0"),
        (conv("x", "data", 4, 3, "num_output: 5"), "stands 2 times"),
        (
            layer("Eltwise", "x", ["data", "data"], "x", "eltwise_param { coeff: -1 }"),
            "must be a plain SUM, PROD or MAX",
        ),
        ("layer { " * 40, "nested more than 20 deep|nothing that may stand here"),
        ("layer { name: ", "the text ends before what it began"),
        ("layer { name: \x01 }", "is nothing that may stand here"),
        ("} ", "'}' is nothing that may stand here"),
        ("wrong: 1", "'wrong' is no name of a definition"),
        ('layer { name: "d" type: "Data" top: "x" }', "reads files whose sizes the definition does not say"),
        ("", "the definition has no layers"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        written(tmp_path, header(8) + text)
    assert any(part in str(caught.value) for part in message.split("|"))


def test_a_definition_without_an_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchspecError, match="no input of a known shape"):
        written(tmp_path, 'name: "x"')
