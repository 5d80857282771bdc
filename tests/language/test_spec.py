"""A spec as plain data: it goes to another process and comes back the same."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from archspec.api import analyze, load
from archspec.language.load import load_text

CHOICE = """
archspec: 1
name: choice
inputs: {x: [4, 8, 8]}
vars: {act: relu, norm: batchnorm}
defaults: {prelu: {per_channel: true}}
layers:
  - conv: {out: 6, kernel: 3, norm: $norm, act: $act}
  - residual: [conv: {out: 6, kernel: 3, padding: half}]
"""


def params(spec: object) -> object:
    return analyze(spec, vars={"act": "prelu"}).totals.params  # type: ignore[arg-type]


def test_a_spec_is_pickled_and_copied() -> None:
    spec = load_text(CHOICE)
    for other in (pickle.loads(pickle.dumps(spec)), copy.deepcopy(spec)):
        assert params(other) == params(spec) == 4 * 6 * 9 + 6 + 12 + 6 + 6 * 6 * 9 + 6


def test_a_process_pool_analyses_specs() -> None:
    specs = [load("resnet50"), load("gpt2")]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(weights, specs)) == [25_557_032, 124_439_808]


def weights(spec: object) -> int:
    (case,) = [name for name in ("resnet50", "gpt2") if name in spec.variants]  # type: ignore[attr-defined]
    return analyze(spec, variant=case).totals.params  # type: ignore[arg-type, no-any-return]
