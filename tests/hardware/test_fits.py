"""Whether a network fits: what is added up, by hand; the largest batch, against trying every one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.analysis.run import run as analysis
from archspec.api import analyze
from archspec.errors import UsageError
from archspec.hardware.catalogue import chip
from archspec.hardware.fits import Place, fit, place, solve, summands
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

TRAINED = MemorySettings(train=True)


def test_an_evaluation_is_weights_buffers_and_peak() -> None:
    found = fit(measure(analyze("resnet50", batch=8)), Place("memory", 10**9))
    assert found.needs == {
        "weights_bytes": 4 * 25_557_032,
        "buffers_bytes": 212_904,
        "inference_peak_bytes": 8 * 9_633_792,
    }
    assert found.needed == sum(found.needs.values())
    assert found.fits
    assert not fit(found.memory, Place("memory", 10**9, 10**9 - found.needed + 1)).fits
    assert fit(found.memory, Place("memory", 10**9, 10**9 - found.needed)).fits


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"policy": "amp"},
        {"policy": "fp8"},
        {"devices": 8, "zero": 3},
        {"checkpoint": ("layer*",)},
        {"accumulate": 4},
    ],
)
def test_training_is_its_total(asked: dict[str, Any]) -> None:
    memory = measure(analyze("resnet18", batch=2), MemorySettings(train=True, **asked))
    assert sum(summands(memory).values()) == memory.totals["training_total_bytes"]


@pytest.mark.parametrize("settings", [MemorySettings(), TRAINED, MemorySettings(order="best")])
@pytest.mark.parametrize(("name", "most"), [("lenet5", 23), ("gpt2", 3), ("shufflenet_v2_x0_5", 9)])
def test_the_largest_batch_is_what_trying_finds(name: str, most: int, settings: MemorySettings) -> None:
    report = analyze(name)

    def needed(batch: int) -> int:
        return sum(summands(measure(analysis(report.spec, report.setting._replace(batch=batch)), settings)).values())

    tried = [needed(batch) for batch in range(1, most + 2)]
    for spare in (0, 1, tried[most] - tried[most - 1] - 1):
        found = solve(report, settings, Place("memory", tried[most - 1] + spare), "batch")
        assert found.solved == ("batch", most, tried[most])
        assert found.needed == tried[most - 1]
    assert solve(report, settings, Place("memory", tried[0] - 1), "batch").solved == ("batch", 0, tried[0])


@pytest.mark.parametrize(
    "name",
    ["densenet121", "swin_t", "maxvit_t", "unet", "lstm_text", "googlenet", "shufflenet_v2_x1_0", "swinir_light_x2"],
)
@pytest.mark.parametrize("settings", [MemorySettings(), TRAINED])
def test_no_batch_needs_less_than_a_smaller_one(name: str, settings: MemorySettings) -> None:
    """The premise of the search, on networks that fold, split, permute and concatenate."""
    report = analyze(name)
    needs = [
        sum(summands(measure(analysis(report.spec, report.setting._replace(batch=batch)), settings)).values())
        for batch in range(1, 6)
    ]
    assert needs == sorted(needs)


@pytest.mark.parametrize("kv", ["kv-architecture", "kv-vllm", "kv-llamacpp"])
def test_the_longest_cache_is_what_trying_finds(kv: str) -> None:
    report = analyze("gpt2", batch=3)

    def needed(length: int) -> int:
        return sum(summands(measure(report, MemorySettings(kv=(kv,), length=length))).values())

    tried = [needed(length) for length in range(1, 36)]
    assert tried == sorted(tried)
    free = tried[17]
    longest = max(length for length, need in enumerate(tried, 1) if need <= free)
    if longest == len(tried):  # llama.cpp's cells come in 256
        longest = next(length for length in range(len(tried), 600) if needed(length + 1) > free)
    found = solve(report, MemorySettings(kv=(kv,)), Place("memory", free), "length")
    assert found.solved == ("length", longest, needed(longest + 1))
    assert found.needed == free


def test_the_memory_is_what_can_be_used_of_the_chip() -> None:
    assert place(chip("t4"), None, "0") == Place("t4", 15_360 * 2**20)
    assert place(chip("rtx-3090"), None, "1GiB") == Place("rtx-3090", 24 * 2**30, 2**30)
    assert place(chip("epyc-9654"), "512GB", "10%") == Place("epyc-9654", 512 * 10**9, 512 * 10**8)
    assert place(None, "1001", "10%") == Place("memory", 1001, 101)


@pytest.mark.parametrize(
    ("name", "memory", "reserve", "message"),
    [
        (None, None, "0", "neither --chip nor --memory"),
        ("hailo-8", None, "0", "hailo-8 has no memory of its own"),
        ("epyc-9654", None, "0", "epyc-9654 has no memory of its own"),
        (None, "24 QB", "0", "--memory 24 QB is no number of bytes"),
        (None, "0", "0", "--memory 0 is no number of bytes"),
        (None, "1GB", "-1", "--reserve -1 is no number of bytes"),
        (None, "1GB", "101%", "--reserve 101% is no share"),
        (None, "1GB", "²%", "--reserve ²% is no share"),
        (None, "1GB", "9" * 5000 + "%", "--reserve 9999"),
        (None, "1GB", "2GB", "--reserve keeps 2,000,000,000 bytes of 1,000,000,000"),
    ],
)
def test_what_is_no_memory(name: str | None, memory: str | None, reserve: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        place(chip(name) if name else None, memory, reserve)


def test_the_command(run) -> None:
    status, out, _ = run("fits", "resnet50", "--chip", "rtx-4090", "--batch", "64")
    assert status == 0
    assert out.endswith("it fits\n")
    status, out, _ = run("fits", "gpt2_xl", "--chip", "rtx-4090", "--train")
    assert status == 1
    assert out.endswith("it does not fit\n")
    status, out, _ = run("fits", "lenet5", "--memory", "1MiB", "--solve", "batch", "--format", "json")
    printed = json.loads(out)
    assert (status, printed["fits"]) == (0, True)
    assert printed["needed_bytes"] <= 2**20 < printed["solved"]["next_needed_bytes"]
    status, out, _ = run("fits", "lenet5", "--memory", "1KiB", "--solve", "batch")
    assert status == 1
    assert "no batch fits" in out
    assert run("fits", "lenet5", "--memory", "1GB", "--solve", "batch", "--batch", "2")[0] == 2
    assert run("fits", "lenet5", "--memory", "1GB", "--solve", "length")[0] == 2
    assert run("fits", "gpt2", "--memory", "1GB", "--kv", "all", "--length", "9")[0] == 2
    status, _, said = run("fits", "gpt2", "--memory", "1GB", "--train", "--kv", "kv-vllm", "--length", "9")
    assert (status, "a training step keeps no cache" in said) == (2, True)
