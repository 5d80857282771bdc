"""Model files of Ultralytics: parameters and operations as the package counts them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.importers.sources import convert, opened
from archspec.language.find import Place
from archspec.language.load import load_text

FILES = Path(__file__).parent / "ultralytics"
# Of the package, version 8.4.190: `DetectionModel(name).info()`, parameters and GFLOPs.
FIGURES = {
    "v8": {
        "n": (3_157_200, 8.8550912),
        "s": (11_166_560, 28.8119296),
        "m": (25_902_640, 79.313664),
        "l": (43_691_520, 165.734656),
        "x": (68_229_648, 258.5370112),
    },
    "v5": {"n": (2_654_816, 7.8388736), "m": (25_111_456, 64.6027776), "x": (97_276_448, 247.3129472)},
    "v11": {
        "n": (2_624_080, 6.6733184),
        "s": (9_458_752, 21.8363392),
        "m": (20_114_688, 68.643072),
        "l": (25_372_160, 87.8510592),
        "x": (56_966_176, 196.3150848),
    },
}
SMALL = """\
nc: 10
backbone:
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 2, C2f, [32, True]]
head:
  - [-1, 1, Classify, [nc]]
"""


@pytest.mark.parametrize(("name", "scale"), [(name, scale) for name in FIGURES for scale in FIGURES[name]])
def test_figures_of_the_package(name: str, scale: str) -> None:
    spec, _ = opened(Place(str(FILES / f"{name}.yaml"), scale))
    report = archspec.analyze(spec, convention="ultralytics-thop")
    params, gflops = FIGURES[name][scale]
    assert report.totals["params"] == params
    layers = report.to_dict(full=True)["layers"]
    products = sum(row["macs"] * row["repeat"] for row in layers if row["kind"] == "matmul")  # counted there since 8.4
    assert 2 * (report.totals["columns"]["macs"] + products) == round(gflops * 1e9)


def test_scales_are_variants_with_the_figures_of_the_comments() -> None:
    text = convert(Place(str(FILES / "v11.yaml"), None)).text
    spec = load_text(text, "v11.arch.yaml")
    assert archspec.analyze(spec, variant="x").totals["params"] == FIGURES["v11"]["x"][0]
    assert "x: {params: 56966176}" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("C2f", "C2q", "the module 'C2q' is not known"),
        ("nc: 10", "nc: 10\nanchors: 3", "'anchors' is no key of a model file"),
        ("nc: 10", "nc: ten", "`nc` must be a number of classes"),
        ("[-1, 2, C2f", "[5, 2, C2f", "row 1 cannot take 5"),
        ("[32, True]", "[32, True, 1, 0.3]", "`e` of `C2f` is 0.3, which is not known"),
        ("[32, True]", "[32, True, 1, 0.5, 7]", "`C2f` is known with at most 3 further arguments"),
        ("C2f", "C3k2", "`C3k2` depends on the scale"),
        ("nc: 10", "nc: 10\nscales: {n: [9e9, 1, 8]}", "a scale is [depth, width, most channels]"),
        ("nc: 10", "nc: 10\nscales: {n: [1]}", "a scale is [depth, width, most channels]"),
        ("[-1, 2, C2f, [32, True]]", "[-1, 2, C2f]", "a row is [from, repeats, module, args]"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    opened(Place(str(file), None))
    file.write_text(SMALL.replace(old, new))
    with pytest.raises(ArchspecError, match=message.translate({ord(c): "\\" + c for c in "[]`"})):
        opened(Place(str(file), None))


def test_a_scale_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArchspecError, match="the file has no scale 'q'"):
        opened(Place(str(FILES / "v8.yaml"), "q"))
