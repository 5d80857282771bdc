"""What a convention may count beside a layer's own operations: weights, calls, samples, modules called again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import ArchspecError

HEAD = "convention: own\ncolumns: {n: {unit: a, default: 0}, w: {unit: a, of: weights, default: owned}}\n"
CALLED = """\
archspec: 1
name: called
inputs: {image: [2, 4, 4]}
blocks:
  head:
    layers:
      - {conv: {out: 5, kernel: 1}}
layers:
  - {conv: {out: 4, kernel: 1, bias: false}, freeze: true}
  - {groupnorm: 2}
  - {batchnorm: }
  - {conv: {out: 4, kernel: 1}, call: function, id: seen_by_none}
  - {use: head, train_only: true, from: seen_by_none}
  - {use: head, from: seen_by_none}
"""
SHARED = """\
archspec: 1
name: shared
inputs: {image: [2, 4, 4]}
layers:
  - {relu: , id: act}
  - conv: {out: 3, kernel: 1}
  - {relu: , id: more, tie: act}
  - {seq: [{conv: {out: 3, kernel: 1}}, relu], id: part}
  - {relu: , tie: more}
  - {seq: [{conv: {out: 3, kernel: 1}}, relu], tie: part}
  - leaky_relu
"""


def columns(folder: Path, spec: str, rules: str, batch: int = 1) -> dict[str, Any]:
    (folder / "spec.yaml").write_text(spec)
    (folder / "own.yaml").write_text(HEAD + rules)
    report = analyze(folder / "spec.yaml", convention=str(folder / "own.yaml"), batch=batch)
    found: dict[str, Any] = report.totals["columns"]
    return found


def test_weights_count_whether_their_layer_runs_or_not(tmp_path: Path) -> None:
    rules = "sees: modules\nrules:\n  conv: {n: params}\n  block: {n: 1000 * out_numel}\nfree: {batchnorm: folded}\n"
    found = columns(tmp_path, CALLED, rules)
    # The first convolution and the second head's have a rule and run, which is the only block that does; the norms of
    # 4 channels and the convolution written as a function have weights all the same.
    assert found == {"n": 8 + 25 + 1000 * 5 * 16, "w": 8 + 8 + 8 + 20 + 25 + 25}


def test_facts_of_a_call(tmp_path: Path) -> None:
    formulas = "{n: trainable + 1000 * function + 10000 * samples, w: weight_scalars * 1000 + bias_scalars}"
    found = columns(tmp_path, CALLED, f"rules:\n  conv: {formulas}\n", batch=3)
    # Four convolutions, one of them in training only, so that its weights count by the column's default.
    assert found["n"] == (0 + 20 + 25) + 1000 * 1 + 10000 * 3 * 3
    assert found["w"] == (8000 + 0) + (16000 + 4) + (20000 + 5) + 25 + 8 + 8


def test_samples_are_no_windows(tmp_path: Path) -> None:
    spec = "archspec: 1\nname: windows\ninputs: {image: [4, 4, 2]}\nlayers:\n  - {window_partition: 2}\n  - linear: 3\n"
    # 4 windows a sample, of 2 channels at 4 places
    found = columns(tmp_path, spec, "rules:\n  linear: {n: 100 * batch + samples, w: out_axis0}\n", batch=5)
    assert found == {"n": 100 * 20 + 5, "w": 20}


@pytest.mark.parametrize(
    ("repeated", "relus", "convs"),
    [
        # Calls of 32, 48 and 48 elements are one module's, two of 48 are another's; those of the group come twice.
        ("every call", 32 + 48 + 48 + 48 + 48, 3),
        ("last call", 48 + 48, 2),
    ],
)
def test_a_module_called_again_counts_every_call_or_the_last(
    tmp_path: Path, repeated: str, relus: int, convs: int
) -> None:
    rules = f"repeated: {repeated}\nrules: {{relu: {{n: in_numel}}, conv: {{n: 1000}}}}\n"
    assert columns(tmp_path, SHARED, rules) == {"n": relus + 1000 * convs, "w": 9 + 12}


def test_a_module_called_again_is_known_by_a_fact(tmp_path: Path) -> None:
    assert columns(tmp_path, SHARED, "rules: {relu: {n: again}, conv: {n: 10 * again}}\n")["n"] == 3 + 10


def test_another_layer_is_no_module_called_again(tmp_path: Path) -> None:
    spec = SHARED.replace("  - leaky_relu\n", "  - {leaky_relu: , tie: act}\n")
    with pytest.raises(ArchspecError, match=r"no weight of `act` has a name of this layer's \(none\)"):
        columns(tmp_path, spec, "rules: {relu: {n: 1}}\n")
