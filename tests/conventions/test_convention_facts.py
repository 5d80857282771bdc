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


FIGURES = """\
convention: own
columns:
  w: {unit: a, of: weights, default: owned}
  twice: {unit: a, of: weights, default: 2 * w}
  k: {unit: MAC, default: out_numel}
  time: {unit: ns, default: "ceil_div(k, 3) + twice"}
  fixed: {unit: a, default: 7}
rules:
"""
PRODUCTS = """\
archspec: 1
name: products
inputs: {x: [6, 4]}
layers:
  - {linear: {out: 5, bias: false}, id: dense}
  - {permute: [2, 1], id: turned}
  - {matmul: [dense, turned], id: own}
"""


def figures(folder: Path, rules: str) -> dict[str, dict[str, int]]:
    (folder / "spec.yaml").write_text(PRODUCTS)
    (folder / "own.yaml").write_text(FIGURES + rules)
    report = analyze(folder / "spec.yaml", convention=str(folder / "own.yaml"))
    return {row.path: dict(row.columns) for row in report.layers}  # type: ignore[union-attr]


def test_a_default_uses_the_columns_before_it(tmp_path: Path) -> None:
    found = figures(tmp_path, "  linear: {k: out_numel * in_features}\n  any: {}\n")
    # 6 x 4 by 4 x 5: 120 products, 20 weights; 40 cycles of three and twice the weights.
    assert found["dense"] == {"w": 20, "twice": 40, "k": 120, "time": 80, "fixed": 7}
    # The kind matmul has a fact called k, 5; the default of a column cannot mean it.
    assert found["own"] == {"w": 0, "twice": 0, "k": 36, "time": 12, "fixed": 7}


def test_a_column_behind_is_none_of_a_rule_s_names(tmp_path: Path) -> None:
    """`k` of matmul is its fact: the column of that name stands behind, though it counts a constant."""
    (tmp_path / "spec.yaml").write_text(PRODUCTS)
    (tmp_path / "own.yaml").write_text(
        "convention: own\ncolumns: {n: {unit: a, default: 0}, k: {unit: a, default: 99}}\n"
        "rules: {matmul: {n: 10 * k}}\n"
    )
    report = analyze(tmp_path / "spec.yaml", convention=str(tmp_path / "own.yaml"))
    assert report.totals["columns"] == {"n": 50, "k": 99}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("{w: {unit: a, default: late}, late: {unit: a, default: 1}}", "columns.w.default: unknown fact `late`"),
        (
            "{n: {unit: a, default: 1}, w: {unit: a, of: weights, default: n}}",
            "columns.w.default: unknown fact `n`",
        ),
        (
            "{batch: {unit: a, default: 1}, w: {unit: a, default: batch}}",
            "columns.w.default: `batch` is a fact and a column before this one",
        ),
    ],
)
def test_what_a_default_cannot_use(tmp_path: Path, columns: str, message: str) -> None:
    (tmp_path / "spec.yaml").write_text(PRODUCTS)
    (tmp_path / "own.yaml").write_text(f"convention: own\ncolumns: {columns}\nrules: {{}}\n")
    with pytest.raises(ArchspecError) as told:
        analyze(tmp_path / "spec.yaml", convention=str(tmp_path / "own.yaml"))
    assert message in str(told.value)
