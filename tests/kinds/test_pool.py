"""Window pools, against windows that are laid out one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer
from archspec.sizes import as_size, assuming, symbol, unwrap


def _infer(kind: str, *shape: Any, **args: Any) -> Traits:
    return infer(kinds()[kind].model_validate(args), (shape,))


def _starts(size: int, cover: int, stride: int, pads: list[int], ceil: bool) -> list[int]:
    """Where windows start, the padded input beginning before 0; under ceil one more may hang over the end."""
    before, after = pads
    starts, start = [], -before
    while start + cover <= size + after or (ceil and start < size and start + cover < size + after + stride):
        starts.append(start)
        start += stride
    return starts


@st.composite
def _axis(draw: st.DrawFn) -> dict[str, Any]:
    kernel, dilation = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    return {
        "size": draw(st.integers(1, 25)),
        "kernel": kernel,
        "dilation": dilation,
        "stride": draw(st.integers(1, 7)),
        "padding": [draw(st.integers(0, kernel // 2)) for _ in "ba"],
        "ceil": draw(st.booleans()),
    }


@given(_axis())
def test_maxpool_has_one_output_for_each_window(axis: dict[str, Any]) -> None:
    size = axis.pop("size")
    cover = axis["dilation"] * (axis["kernel"] - 1) + 1
    windows = len(_starts(size, cover, axis["stride"], axis["padding"], axis["ceil"]))
    if windows:
        assert _infer("maxpool", 2, 3, size, **axis).outputs == ((2, 3, windows),)
    else:
        with pytest.raises(ShapeError, match="does not fit"):
            _infer("maxpool", 2, 3, size, **axis)


@given(_axis(), st.booleans())
def test_avgpool_sums_its_windows(axis: dict[str, Any], include: bool) -> None:
    size, kernel = axis.pop("size"), axis["kernel"]
    axis["dilation"] = 1
    low, high = (-axis["padding"][0], size + axis["padding"][1]) if include else (0, size)
    starts = _starts(size, kernel, axis["stride"], axis["padding"], axis["ceil"])
    covered = sum(low <= place < high for start in starts for place in range(start, start + kernel))
    del axis["dilation"]
    if starts:
        facts = _infer("avgpool", 2, 3, size, count_include_pad=include, **axis).facts
        assert facts["window_numel_sum"] == 2 * 3 * covered


@pytest.mark.parametrize(("name", "before", "after"), [("same_upper", 1, 2), ("same_lower", 2, 1)])
def test_avgpool_under_onnx_padding(name: str, before: int, after: int) -> None:
    # 8 by kernel 5, stride 2: 4 windows need 3 * 2 + 5 = 11 positions, three more than there are.
    traits = _infer("avgpool", 1, 1, 8, kernel=5, stride=2, padding=name, count_include_pad=False)
    starts = range(-before, 8 + after - 5 + 1, 2)
    assert traits.outputs == ((1, 1, len(starts)),)
    covered = sum(0 <= place < 8 for start in starts for place in range(start, start + 5))
    assert traits.facts["window_numel_sum"] == covered


def test_window_sums_multiply_over_axes() -> None:
    facts = _infer("avgpool", 1, 1, 3, 3, kernel=3, stride=1, padding=1, count_include_pad=False).facts
    assert facts["window_numel_sum"] == 4 * 4 + 4 * 6 + 9  # corners, edges, the middle


def test_facts_of_a_window() -> None:
    facts = _infer("maxpool", 1, 64, 112, 112, kernel=[3, 2], stride=2, padding=1).facts
    assert (facts["kernel_numel"], facts["stride_numel"]) == (6, 4)
    assert _infer("maxpool", 1, 1, 8, 8, kernel=[2, 4]).facts["stride_numel"] == 8


def test_null_stride_is_the_kernel() -> None:
    assert _infer("maxpool", 1, 1, 9, kernel=3, stride=None).outputs == ((1, 1, 3),)


def test_grids_give_what_numbers_give() -> None:
    import numpy as np

    sizes = np.arange(3, 40)
    args = {"kernel": 3, "stride": 2, "padding": 1, "ceil": True, "count_include_pad": False}
    traits = _infer("avgpool", 1, 2, as_size(sizes), **args)
    for size, out, covered in zip(
        sizes, unwrap(traits.outputs[0][2]), unwrap(traits.facts["window_numel_sum"]), strict=True
    ):
        alone = _infer("avgpool", 1, 2, int(size), **args)
        assert (alone.outputs[0][2], alone.facts["window_numel_sum"]) == (out, covered)


def test_symbols_give_what_numbers_give() -> None:
    h = symbol("h")
    with assuming():
        traits = _infer("avgpool", 1, 2, h, kernel=3, stride=2, padding=1, ceil=True)
    (free,) = unwrap(h).free_symbols
    for size in range(3, 12):
        alone = _infer("avgpool", 1, 2, size, kernel=3, stride=2, padding=1, ceil=True)
        assert unwrap(traits.outputs[0][2]).subs(free, size) == alone.outputs[0][2]


@pytest.mark.parametrize("args", [{"kernel": 2}, {"kernel": 2, "dilation": 2}, {"kernel": 3, "dilation": 3}])
@pytest.mark.parametrize("padding", [2, [2, 0], [0, 2]])
def test_no_padding_argument_beyond_half_the_kernel(args: dict[str, Any], padding: Any) -> None:
    with pytest.raises(ShapeError, match="padding 2 is more than half of kernel"):
        _infer("maxpool", 1, 1, 9, padding=padding, **args)


def test_bad_arguments_name_the_argument_once() -> None:
    with pytest.raises(ValidationError) as caught:
        kinds()["maxpool"].model_validate({"kernel": 2, "stride": 0})
    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [
        (("stride",), "must be at least 1, got 0")
    ]


@given(st.integers(2, 12), st.integers(1, 5), st.integers(1, 5))
def test_unpooling_undoes_pooling(size: int, kernel: int, stride: int) -> None:
    """The pool's input size is always one that unpooling accepts, where windows leave no gap."""
    assume(stride <= kernel <= size)
    (pooled,) = _infer("maxpool", 1, 1, size, kernel=kernel, stride=stride).outputs
    traits = _infer("max_unpool", *pooled, kernel=kernel, stride=stride, size=size)
    assert traits.outputs == ((1, 1, size),)


@given(_axis(), _axis())
def test_pads_are_all_begins_and_then_all_ends(first: dict[str, Any], second: dict[str, Any]) -> None:
    """As in ONNX: [h begin, w begin, h end, w end], a window of its own on each axis."""
    second["ceil"] = first["ceil"]
    axes = (first, second)
    windows = [
        len(
            _starts(
                axis["size"], axis["dilation"] * (axis["kernel"] - 1) + 1, axis["stride"], axis["padding"], axis["ceil"]
            )
        )
        for axis in axes
    ]
    assume(all(windows))
    together = {name: [axis[name] for axis in axes] for name in ("kernel", "stride", "dilation")}
    padding = [axis["padding"][side] for side in (0, 1) for axis in axes]
    traits = _infer("maxpool", 2, 3, *(axis["size"] for axis in axes), **together, padding=padding, ceil=first["ceil"])
    assert traits.outputs == ((2, 3, *windows),)
