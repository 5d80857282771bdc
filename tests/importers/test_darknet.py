"""Configurations of Darknet: networks written from their published tables, against the sizes of their weight files."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert
from archspec.language.find import Place
from archspec.language.load import load_text

NET = "[net]\nbatch=64\nwidth=416\nheight=416\nchannels=3\nlearning_rate=0.001\n"
SHORTCUT = "[shortcut]\nfrom=-3\nactivation=linear\n"
UP = "[upsample]\nstride=2\n"


def conv(filters: int, size: int = 1, stride: int = 1) -> str:
    """A convolution with its norm."""
    sizes = f"filters={filters}\nsize={size}\nstride={stride}\npad=1\n"
    return f"[convolutional]\nbatch_normalize=1\n{sizes}activation=leaky\n"


def head(mask: str) -> str:
    """The convolution of a head, and the head."""
    last = "[convolutional]\nsize=1\nstride=1\npad=1\nfilters=255\nactivation=linear\n"
    return f"{last}\n[yolo]\nmask = {mask}\nanchors = 10,13,  16,30\nclasses=80\nnum=9\nignore_thresh = .7\n"


def route(*layers: int) -> str:
    """Earlier layers side by side."""
    return f"[route]\nlayers = {', '.join(map(str, layers))}\n"


def yolov3() -> str:
    """YOLOv3 (arXiv:1804.02767, table 1 and section 2.3)."""
    parts = [NET, conv(32, 3)]
    for count, filters in ((1, 64), (2, 128), (8, 256), (8, 512), (4, 1024)):
        parts += [conv(filters, 3, 2), *[conv(filters // 2), conv(filters, 3), SHORTCUT] * count]
    parts += [*[conv(512), conv(1024, 3)] * 3, head("6,7,8"), route(-4), conv(256), UP, route(-1, 61)]
    parts += [*[conv(256), conv(512, 3)] * 3, head("3,4,5"), route(-4), conv(128), UP, route(-1, 36)]
    return "\n".join([*parts, *[conv(128), conv(256, 3)] * 3, head("0,1,2")])


def tiny() -> str:
    """YOLOv3-tiny."""
    parts = [NET]
    for filters in (16, 32, 64, 128, 256):
        parts += [conv(filters, 3), "[maxpool]\nsize=2\nstride=2\n"]
    parts += [conv(512, 3), "[maxpool]\nsize=2\nstride=1\n", conv(1024, 3), conv(256), conv(512, 3), head("3,4,5")]
    return "\n".join([*parts, route(-4), conv(128), UP, route(-1, 8), conv(256, 3), head("0,1,2")])


def written(folder: Path, text: str) -> str:
    """The text of the spec that a configuration becomes."""
    file = folder / "net.cfg"
    file.write_text(text)
    return convert(Place(str(file), None)).text


@pytest.mark.parametrize(
    # yolov3.weights and yolov3-tiny.weights of pjreddie.com: a header of 20 bytes, then floats; and "BFLOPs" there.
    ("text", "size", "bflops"),
    [(yolov3(), 248_007_048, 65.86), (tiny(), 35_434_956, 5.56)],
)
def test_a_network_has_the_weights_of_its_file(tmp_path: Path, text: str, size: int, bflops: float) -> None:
    totals = archspec.analyze(load_text(written(tmp_path, text))).totals
    assert 4 * (totals["params"] + totals["buffers"]) + 20 == size
    assert 2 * totals["macs"] / 1e9 == pytest.approx(bflops, abs=0.006)


def test_residuals_are_repeats(tmp_path: Path) -> None:
    text = written(tmp_path, yolov3())
    assert "  - repeat: 8\n    id: layer_36\n    residual:" in text
    assert "outputs: [conv" in text


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("[convolutional]\nfilters=8\nsise=3", "[convolutional].sise: 'sise' is a key that archspec does not know"),
        ("[convolutional]\nfilters=x", "[convolutional].filters: must be a whole number of at least 1, got 'x'"),
        ("[convolutional]\nfilters=8\nfilters=9", "[convolutional].filters: 'filters' stands twice"),
        ("[convolutional]\nactivation=max", "'max' is no activation"),
        ("[convolutional]\nsize=99", "kernel 99 does not fit"),
        ("[convolutionall]", "the section 'convolutionall' is not known"),
        ("[lstm]\noutput=8", "the section 'lstm' is not known"),
        ("[route]\nlayers=7", "[route].layers: 7 is no section before this one"),
        ("[route]\nlayers=-7", "-7 is no section before this one"),
        ("[shortcut]\nfrom=", "[shortcut].from: must be whole numbers"),
        ("[yolo]\nmask=1\nclasses=80", "takes 85 channels, got 3"),
        ("[dropout]\nprobability=1e999", "must be a number"),
        ("[\x1b[31m]", "must be a section such as [convolutional]"),
        ("x", "must be a section, or a key and its value"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, section: str, message: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        written(tmp_path, "[net]\nwidth=9\nheight=9\n" + section)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[convolutional]", "[net]\nwidth=8", "[net]\nwidth=8\nheight=8\ninputs=4", "[net]\nwidth=0\nheight=8"]
)
def test_what_has_no_image_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ArchspecError):
        written(tmp_path, text)
