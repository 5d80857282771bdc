"""Errors carry what they are about as data, and travel: pickled, copied, raised in another process."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from archspec.api import analyze
from archspec.errors import ArchspecError, CallSite, Fault, Instance, SpecError
from archspec.expr.fault import ExpressionFault
from archspec.language.load import load_text

INVALID = sorted(path for path in (Path(__file__).parent / "cases" / "invalid").iterdir() if path.suffix != ".txt")


def failure(path: Path) -> ArchspecError:
    with pytest.raises(ArchspecError) as caught:
        analyze(path)
    return caught.value


def of_layers(layers: str, head: str = "") -> ArchspecError:
    with pytest.raises(ArchspecError) as caught:
        analyze(load_text(f"archspec: 1\nname: net\ninputs: {{image: [3, 32, 32]}}\n{head}layers:\n{layers}"))
    return caught.value


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_error_can_be_copied(path: Path) -> None:
    error = failure(path)
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error), copy.copy(error)):
        assert type(twin) is type(error)
        assert vars(twin) == vars(error)
        assert (str(twin), twin.args) == (str(error), error.args)


def test_errors_cross_processes() -> None:
    paths = [path for path in INVALID if path.stem.startswith(("block-error", "expression-", "kernel-", "variable-"))]
    with ProcessPoolExecutor(1) as pool:
        raised = [pool.submit(analyze, path).exception() for path in paths]
    assert len(paths) > 20
    for path, error in zip(paths, raised, strict=True):
        assert vars(error) == vars(failure(path))


def test_an_error_that_needs_more_than_a_message() -> None:
    fault = ExpressionFault("no such thing", text="4 * w", column=4, hint="say $w")
    twin = pickle.loads(pickle.dumps(fault))
    assert (twin.cause, twin.text, twin.column, twin.inside) == ("no such thing", "4 * w", 4, ("4 * w", 4))


@pytest.mark.parametrize(
    ("layer", "argument"),
    [
        ("conv: {out: 8, kernel: 40}", "kernel"),
        ("conv: {out: 8, kernel: 3, groups: 2}", "groups"),
        ("maxpool: {kernel: 2, padding: 3}", "padding"),
        ("conv_transpose: {out: 8, kernel: 2, output_padding: 1}", "output_padding"),
        ("reshape: [3, 1000]", "shape"),
        ("permute: [1, 2]", "order"),
        ("flatten: {start: 3, end: 1}", "start"),
        ("slice: {axis: 2, start: 3, end: 40}", "end"),
        ("slice: {axis: 2, start: -40}", "start"),
        ("softmax: {axis: 9}", "axis"),
        ("mean: {axes: [2, 2]}", "axes"),
        ("groupnorm: {groups: 2}", "groups"),
        ("channel_shuffle: 2", "groups"),
        ("split: {sizes: [1, 1]}", "sizes"),
        ("upsample: {scale: 2, mode: linear}", "mode"),
    ],
)
def test_a_layer_says_which_argument_does_not_fit(layer: str, argument: str) -> None:
    """And the error stands there, where the argument is written out."""
    error = of_layers(f"  - {layer}\n")
    assert error.argument == argument
    if f"{argument}: " in layer:
        assert error.span is not None
        assert error.path == f"layers.0.{layer.partition(':')[0]}.{argument}"
        assert layer[: error.span.column - 5].endswith(f"{argument}: ")


def test_calls_are_data() -> None:
    head = "blocks:\n  unit:\n    layers:\n      - {conv: {out: 8, kernel: 5}, repeat: 20}\n"
    error = of_layers("  - relu\n  - use: unit\n", head)
    assert error.calls == [Instance("blocks.unit.layers.0", 7), CallSite("<text>", 10, 5, "layers.1")]
    assert "\n  in instance 7 of the repeat at blocks.unit.layers.0, counted from 0\n" in str(error)
    assert "\n  called from <text>:10:5: layers.1" in str(error)


@pytest.mark.parametrize(
    ("layers", "sort", "name", "nearest"),
    [
        ("  - conv: {out: $widht, kernel: 3}\n", "unknown-variable", "widht", "width"),
        ("  - conv: {out: 8, kernal: 3}\n", "unknown-argument", "kernal", "kernel"),
        ("  - {conv: {out: 8, kernel: 3}, from: 3}\n", "positional-reference", "3", None),
        ("  - conv: {out: 8, out: 9, kernel: 3}\n", "duplicate-key", "out", None),
        ("  - conv: {out: 012, kernel: 3}\n", "ambiguous-scalar", "012", "12"),
        ("  - conv: &stem {out: 8, kernel: 3}\n", "yaml-reference", "&stem", None),
    ],
)
def test_a_fault_is_data(layers: str, sort: str, name: str, nearest: str | None) -> None:
    fault = of_layers(layers, "vars: {width: 16}\n").fault
    assert fault is not None
    assert (fault.sort, fault.name, fault.nearest) == (sort, name, nearest)


def test_what_choices_there_are() -> None:
    fault = Fault.of_name("unknown-variable", "zzz", ["height", "width"])
    assert fault.choices == ("height", "width")
    assert fault.suggestion == "known: height, width"
    assert Fault.of_name("unknown-variable", "zzz", []).suggestion == "there are none"
    assert SpecError("x", fault=fault).fault is fault
