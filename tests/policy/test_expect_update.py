"""`archspec expect`: figures beside what is counted, rewritten in the style they are written in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import UsageError
from archspec.policy.expect import SUFFIXES, compare, parse
from archspec.policy.expect_update import rewritten

Run = Callable[..., tuple[int, str, str]]
NET = "archspec: 1\nname: net\ninputs: {x: [10]}\nvars: {w: 100}\nlayers:\n  - linear: $w   # the only one\n"


@pytest.mark.parametrize(
    ("written", "actual", "new"),
    [
        ("11_689_512", 11_690_001, "11_690_001"),
        ("11689512", 11_690_001, "11690001"),
        ("1.814G", 1_915_000_123, "1.915G"),
        ("1.814G", 12_345_678_901, "12.35G"),
        ("1.814G", 123_456_789_012, "123.5G"),
        ("1.814G", 1_234_567_890_123, "1.235T"),
        ("1.814G", 12_345_678, "12.35M"),
        ("1.814G", 9_999_600_000, "10.00G"),
        ("1.814G", 999_960_000_000, "1.000T"),
        ("11.514G", 7_801_405_440, "7.8014G"),
        ("0.217G", 300_499_999, "0.300G"),
        ("0.217G", 1_300_499_999, "1.30G"),
        ("138M", 144_400_000, "144M"),
        ("138M", 1_444_000_000, "1.44G"),
        ("5G", 12_400_000_000, "12G"),
        ("1.50 GiB", 3 * 2**30, "3.00 GiB"),
        ("1.50GiB", 3 * 2**40, "3.00TiB"),
        ("233.08MiB", 244_403_361 + 2**20, "234.08MiB"),
        ("1.2K", 950, "950"),
        ('"1.814G"', 1_915_000_123, '"1.915G"'),
        ("'1_000'", 1_001, "'1_001'"),
        ("1e6", 1_000_001, "1000001"),
        ("0x10", 17, "17"),
        ("1.814G", 0, "0"),
    ],
)
def test_style_is_kept(written: str, actual: int, new: str) -> None:
    assert rewritten(written, actual) == new


def test_digits() -> None:
    assert [rewritten("1.814G", 1_915_000_123, digits) for digits in (1, 2, 6)] == ["2G", "1.9G", "1.91500G"]
    assert rewritten("1_814", 1_915, 2) == "1_915"  # exact stays exact


@given(
    st.integers(0, 10**16), st.integers(0, 6), st.sampled_from([key for key in SUFFIXES if key]), st.integers(1, 999)
)
def test_what_is_written_is_what_was_counted(actual: int, places: int, suffix: str, whole: int) -> None:
    written = f"{whole}{'.' + '5' * places if places else ''}{suffix}"
    new = rewritten(written, actual)
    assert compare(new, actual)
    assert rewritten(new, actual) == new or parse(new)[1] == 0
    assert ("i" in new) <= ("i" in suffix)


def test_update_touches_nothing_else(tmp_path: Path, run: Run) -> None:
    text = NET + (
        "variants:\n  a: {w: 1}\n  b: {w: 2000}\n  c: {}\nexpect:   # as published\n"
        "  a: {params: 12,   macs: 10}  # twelve\n  'b': {params: 22_001, macs: \"20.01K\"}\n"
    )
    file = tmp_path / "net.yaml"
    for newline in ("\n", "\r\n"):
        file.write_text(text.replace("\n", newline), newline="")
        code, out, _ = run("expect", str(file))
        assert code == 1
        assert out.count("differs; --update writes") == 3
        assert file.read_text().count("22_001") == 1
        assert run("expect", str(file), "--update")[0] == 0
        expected = text.replace("params: 12,", "params: 11,").replace("22_001", "22_000").replace("20.01K", "20.00K")
        assert file.read_bytes().decode() == expected.replace("\n", newline)
        assert run("expect", str(file))[0] == 0
        assert run("check", str(file))[0] == 0


@pytest.mark.parametrize(
    ("end", "after"),
    [
        ("", "expect: {params: 1_100, macs: 1.000K}\n"),
        ("expect: {}\n", "expect: {params: 1_100, macs: 1.000K}\n"),
        ("variants: {a: {w: 1}, on: {w: 2}}\n", "variants: {a: {w: 1}, on: {w: 2}}\nexpect:\n"
         '  a: {params: 11, macs: 10}\n  "on": {params: 22, macs: 20}\n'),
        ("variants: {café: {w: 1}}\n", 'variants: {café: {w: 1}}\nexpect:\n  "café": {params: 11, macs: 10}\n'),
        ("variants: {a: {w: 1}, b: {w: 2}}\nexpect:\n    a:\n      params: 11  # yes\n",
         "variants: {a: {w: 1}, b: {w: 2}}\nexpect:\n    a:\n      params: 11  # yes\n    b: {params: 22}\n"),
        ("expect: {a: {macs: 10}}\nvariants: {a: {w: 1}, b: {w: 2}}",
         "expect: {a: {macs: 10}, b: {macs: 20}}\nvariants: {a: {w: 1}, b: {w: 2}}"),
    ],
)  # fmt: skip
def test_add(end: str, after: str, tmp_path: Path, run: Run) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(NET + end)
    assert run("expect", str(file), "--update")[0] == 0
    assert file.read_text() == NET + end
    code, out, _ = run("expect", str(file), "--update", "--add")
    assert code == 0
    assert "added as" in out
    assert file.read_text() == NET + after
    assert run("check", str(file))[0] == 0
    assert run("expect", str(file), "--update", "--add")[0] == 0
    assert file.read_text() == NET + after


def test_add_to_json(tmp_path: Path, run: Run) -> None:
    spec = yaml.safe_load(NET) | {"variants": {"a": {"w": 1}, "b": {"w": 2000}}}
    file = tmp_path / "net.json"
    for document in (spec, spec | {"expect": {}}, spec | {"expect": {"a": {"params": 11, "macs": "10"}}}):
        file.write_text(json.dumps(document))
        assert run("expect", str(file), "--update", "--add")[0] == 0
        assert set(json.loads(file.read_text())["expect"]) == {"a", "b"}
        assert json.loads(file.read_text())["expect"]["b"]["params"] == 22000
        assert run("check", str(file))[0] == 0


def test_what_cannot_be_told(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(NET + "expect: {parms: 3, macs: lots}\n")
    code, out, _ = run("expect", str(file), "--update")
    assert code == 1
    assert "no figure is called `parms`" in out
    assert "`lots` is no figure" in out
    file.write_text("archspec: [1\n")
    code, _, error = run("expect", str(file))
    assert code == 1
    assert f"{file}:1:11: `[` is never closed" in error
    assert run("expect", str(tmp_path / "gone.yaml"))[0] == 2
    assert run("expect", str(file), "--add")[0] == 2
    assert run("expect", "-", "--update")[0] == 2


def test_what_could_not_be_written_is_not_said_to_be(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise UsageError("cannot write net.yaml: permission denied")

    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET)
    monkeypatch.setattr("archspec.text.writing.write_whole", refused)
    written = run("expect", "--update", "--add", "net.yaml")
    assert written == (2, "", "error: cannot write net.yaml: permission denied\n")
