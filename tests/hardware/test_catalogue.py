"""The chips: each file is whole and sourced, figures agree with what is published elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archspec.errors import ArchspecError, UsageError
from archspec.hardware.amount import amount
from archspec.hardware.catalogue import chip, chip_names, chips

OWN = """chip: mine
name: A matrix unit
sort: NPU
place: edge
part: die
year: 2026
memory: {bytes: 8Gi, sort: LPDDR5, bandwidth: 51.2G}
rates:
  int8: {matrix_dense: 8T, matrix_sparse: 16T}
sources:
  - {address: https://example.com, says: the sheet}
unconfirmed: the maker's own
checked: 2026-11-21
"""


@pytest.mark.parametrize("name", chip_names())
def test_every_chip_is_whole(name: str) -> None:
    made = chip(name)
    assert made.chip == name
    addresses = {source.address for source in made.sources}
    assert len(addresses) >= 2 or made.unconfirmed
    assert all(address.startswith(("https://", "http://")) for address in addresses)
    memory = made.memory
    assert memory is None or memory.usable is None or memory.bytes is None or memory.usable < memory.bytes


@pytest.mark.parametrize("name", chip_names())
def test_sparse_is_twice_dense_and_narrow_no_slower_than_wide(name: str) -> None:
    rates = chip(name).rates
    for dtype, of in rates.items():
        if of.matrix_sparse:
            assert of.matrix_dense
            assert of.matrix_sparse / of.matrix_dense == pytest.approx(2, rel=0.006), dtype
    for wide, narrow in (("bfloat16", "float8"), ("bfloat16", "int8"), ("float16", "int8"), ("float8", "float4")):
        dense = [rates[dtype].matrix_dense for dtype in (wide, narrow) if dtype in rates]
        if len(dense) == 2 and all(dense):
            assert dense[0] <= dense[1]  # type: ignore[operator]


def test_there_are_chips_of_all_sorts() -> None:
    every = chips()
    assert len(every) >= 50
    assert {made.sort for made in every} == {"GPU", "TPU", "CPU", "NPU", "accelerator"}
    assert {made.place for made in every} == {"data centre", "desktop", "edge", "phone", "laptop"}
    assert {made.part for made in every} == {"die", "package", "superchip"}


# Ridge points in operations for each byte, as published: H100 SXM in NVIDIA's own talks and everywhere, A100 in its
# performance guide's terms (312 over 1.555), TPUs in chapter 1 of the scaling book (240 for v5e).
@pytest.mark.parametrize(
    ("name", "dtype", "ridge"),
    [("h100-sxm", "bfloat16", 295), ("a100-sxm-40gb", "float16", 201), ("tpu-v5e", "bfloat16", 240)],
)
def test_ridges_are_the_published_ones(name: str, dtype: str, ridge: int) -> None:
    made = chip(name)
    assert int(made.rates[dtype].matrix_dense / made.memory.bandwidth + 0.5) in (ridge, ridge + 1)  # type: ignore


# SMs or tensor cores, operations of each in a clock, clock in MHz: what rates come from.
@pytest.mark.parametrize(
    ("name", "dtype", "units", "each", "clock"),
    [
        ("h100-sxm", "bfloat16", 132, 4096, 1830),
        ("a100-sxm-80gb", "float16", 108, 2048, 1410),
        ("v100-sxm-32gb", "float16", 640, 128, 1530),
        ("t4", "int8", 320, 256, 1590),
        ("rtx-4090", "bfloat16", 128, 512, 2520),
        ("rtx-5090", "bfloat16", 170, 512, 2407),
        ("rtx-3090", "bfloat16", 82, 512, 1695),
        ("rtx-4080", "bfloat16", 76, 512, 2505),
        ("l4", "bfloat16", 58, 1024, 2040),
        ("l40s", "bfloat16", 142, 1024, 2520),
        ("mi300x", "bfloat16", 304, 2048, 2100),
        ("mi250x", "float16", 220, 1024, 1700),
        ("gaudi-2", "bfloat16", 2, 2 * 256 * 256, 1650),
        ("jetson-agx-orin-64gb", "int8", 64, 1024, 1300),
        ("jetson-orin-nano-8gb", "int8", 32, 1024, 1020),
    ],
)
def test_rates_are_units_times_clock(name: str, dtype: str, units: int, each: int, clock: int) -> None:
    rate = chip(name).rates[dtype].matrix_dense
    assert rate == pytest.approx(units * each * clock * 10**6, rel=0.006)


def test_amounts_are_exact() -> None:
    assert amount("989.4T") == 989_400_000_000_000
    assert amount("80Gi") == 85_899_345_920
    assert amount("0.392T") == 392_000_000_000
    assert [amount(text) for text in ("1.5", "T", "-1", "1e9", "1 KB", "")] == [None] * 6


def test_a_power_mode_has_its_own_figures() -> None:
    whole, less = chip("jetson-orin-nano-8gb"), chip("jetson-orin-nano-8gb@15w")
    assert whole.mode == "maxn-super"
    assert less.memory.bandwidth == 68_200_000_000  # type: ignore[union-attr]
    assert less.rates["int8"].matrix_dense == 20_480_000_000_000
    assert chip("jetson-orin-nano-8gb@maxn-super") == whole


@pytest.mark.parametrize("name", ["jetson-orin-nano-8gb@30w", "h100-sxm@", "h100-sxm@700w", "", "@"])
def test_what_is_no_chip(name: str) -> None:
    with pytest.raises(ArchspecError, match=r"has no mode|no chip is called"):
        chip(name)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "my@chip.yaml"
    file.write_text(OWN)
    assert chip(str(file)).rates["int8"].matrix_dense == 8 * 10**12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("16T", "8T"), "matrix_sparse 8000000000000 is not above matrix_dense, 8000000000000"),
        (("16T", "4T"), "rates.int8.matrix_sparse: matrix_sparse 4000000000000 is not above matrix_dense"),
        (("8Gi", "8Gi, usable: 9Gi"), "memory.usable: usable, 9663676416, is more than the 8589934592 bytes there are"),
        (("int8:", "int7:"), "rates.int7: unknown dtype `int7`"),
        (("8Gi", "8GB"), "memory.bytes: `bytes` must be a whole number above 0, got '8GB'"),
        (("part: die", "part: dice"), "`part` must be 'die', 'package' or 'superchip', got 'dice'"),
        (("year: 2026\n", ""), "missing key `year`"),
        (("memory:", "memroy:"), "unknown key `memroy`"),
        (("chip: mine", "chip: my chip"), "`chip` must be letters a to z, digits, `.`, `_` and `-`, got 'my chip'"),
        (("checked:", "modes: {a@b: {bandwidth: 5}}\nchecked:"), "must be letters a to z, digits, `.`, `_` and `-`"),
        (("{matrix_dense: 8T, matrix_sparse: 16T}", "{}"), "rates.int8: rates of no unit"),
    ],
)
def test_faults_of_a_file_are_told_at_their_place(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(OWN.replace(*change))
    with pytest.raises(ArchspecError) as told:
        chip(str(file))
    assert message in str(told.value)
    assert "mine.yaml:" in str(told.value)


def test_the_command_lists_shows_and_suggests(run) -> None:
    assert run("hardware", "rtx-*")[1].count("NVIDIA GeForce") == 4
    shown = run("hardware", "l40s")[1]
    assert "note: 733 in float16 is the sparse rate" in shown
    assert "checked: 2026-11-21" in shown
    entry = json.loads(run("hardware", "h100-sxm", "--format", "json")[1])
    assert entry["schema"] == "archspec.hardware/1"
    assert entry["chips"][0]["rates"]["bfloat16"]["matrix_dense"] == 989_400_000_000_000
    status, _, said = run("hardware", "h10-sxm")
    assert status == 2
    assert "did you mean `h100-sxm`?" in said
    assert run("hardware", "nothing*")[0] == 2


def test_the_list_fits_a_terminal(run, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, run("hardware")[1].splitlines())) <= 80


def test_a_family_names_its_members() -> None:
    with pytest.raises(UsageError) as raised:
        chip("H100")
    assert (raised.value.hint or "").startswith("did you mean `h100-nvl` or `h100-pcie` or `h100-sxm`? known: ")
