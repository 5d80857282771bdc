"""Configuration files: which one holds, what is in it, and where each error stands."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.analysis.setting import Setting
from archspec.errors import ConfigError
from archspec.lint.settings import settings_of
from archspec.policy import toml as toml_files
from archspec.policy.config import closest, load
from archspec.policy.config_model import config_schema
from archspec.text.globs import matches
from archspec.text.toml_text import places
from scratch import Scratch

FULL = """\
include = ["specs/**/*.arch.yaml", 'more/*.yaml']
at = {batch = 2, T = 64}

[lint]
select = ["AS"]
ignore = ["AS201"]
severity = {AS203 = "info"}

[lint.per-file-ignores]
"old/*.yaml" = ["AS5"]

[[budget]]
match = "specs/llama3.arch.yaml@8b"
at = {T = 8192, dtype = "bfloat16"}
params = {max = "8.5G", max-increase = "2%", ignore-below = 1_000_000}
weights_bytes.max = "16GiB"
torchinfo.total_bytes = {max = "1TiB"}
"torchsummary.total_bytes" = {min = 0}

[[budget]]
layer = "layer4.*"
macs = {max-increase = "0.5%", warn-at = 0.9}
"""


def write(folder: Path, text: str, name: str = "archspec.toml") -> Path:
    (folder / name).write_text(text, "utf-8", newline="")
    return folder / name


def test_everything_is_read(tmp_path: Path) -> None:
    config = load(write(tmp_path, FULL))
    assert config.include == ("specs/**/*.arch.yaml", "more/*.yaml")
    one, other = config.budgets
    assert (one.path, one.variant, one.layer) == ("specs/llama3.arch.yaml", "8b", "")
    assert one.at == Setting(batch=2, dtype="bfloat16", vars={"T": 8192})
    found = {each.metric: each for each in one.limits}
    assert list(found) == ["params", "weights_bytes", "torchinfo.total_bytes", "torchsummary.total_bytes"]
    assert found["params"].max.value == 8_500_000_000
    assert found["params"].max_increase.value * 50 == 1
    assert found["weights_bytes"].max.value == 2**34
    assert (other.path, other.variant, other.layer) == ("**", "*", "layer4.*")
    assert other.at == Setting(batch=2, vars={"T": 64})
    lint = settings_of(config)
    assert (lint.select, lint.ignore, lint.severity) == (("AS",), ("AS201",), {"AS203": "info"})
    assert lint.per_file_ignores == {"old/*.yaml": ("AS5",)}


def test_the_closest_file_holds(tmp_path: Path) -> None:
    write(tmp_path, 'include = ["top"]')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert closest(inner).include == ("top",)
    write(tmp_path / "a", '[project]\nname = "archspec-user"\n', "pyproject.toml")
    assert closest(inner).include == ("top",)  # no table of archspec in it
    write(tmp_path / "a", '[tool.archspec]\ninclude = ["middle"]\n', "pyproject.toml")
    assert closest(inner).include == ("middle",)
    write(tmp_path / "a", 'include = ["beside"]')
    assert closest(inner).include == ("beside",)
    assert closest(inner).folder == tmp_path / "a"
    assert closest(tmp_path, top=tmp_path).include == ("top",)


def test_a_path_is_shown_from_the_current_folder_within_the_repository(
    scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = scratch.folder / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert toml_files.shown(below / "a.toml") == "a.toml"
    assert toml_files.shown(scratch.folder / "a.toml") == "../a.toml"
    assert toml_files.shown(tmp_path / "a.toml") == str(tmp_path / "a.toml")


def test_nothing_configured(tmp_path: Path) -> None:
    config = closest(tmp_path, top=tmp_path)
    assert (config.file, config.include, config.budgets) == ("", (), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = [1,\n", "archspec.toml:2:1: not TOML: "),
        ("a = 1\nb = = 2\n", "archspec.toml:2:5: not TOML: invalid value"),
        ("a = 1\na = 2\n", "not TOML: cannot overwrite a value"),
        ("day = 2024-13-01\n", "archspec.toml:1:11: not TOML: "),
        ("includes = []\n", "archspec.toml:1:1: includes: unknown key `includes`\n  hint: did you mean `include`?"),
        ('include = "a"\n', "archspec.toml:1:11: include: `include` must be a list, got 'a'"),
        ("include = [1]\n", "archspec.toml:1:12: include.0: "),
        (
            'policy-from = "head"\n',
            "archspec.toml:1:1: policy-from: `policy-from` belongs on the command line: a change cannot say whose",
        ),
        ("budget = 3\n", "archspec.toml:1:10: budget: `budget` must be a list"),
        ("at = {batch = 0}\n", "archspec.toml:1:15: at.batch: `batch` must be a whole number, at least 1, got 0"),
        ('at = {dtype = "float23"}\n', "did you mean `float32`?"),
        ("at = {dtype = {}}\n", "archspec.toml:1:15: at.dtype: unknown dtype {}"),
        ("[lint]\nselct = []\n", "archspec.toml:2:1: lint.selct: unknown key `selct`\n  hint: did you mean `select`?"),
        ('[lint]\nseverity = {AS203 = "fatal"}\n', "archspec.toml:2:21: lint.severity.AS203: "),
        ("[[budget]]\n", "archspec.toml:1:3: budget.0: a budget without limits"),
        ("[[budget]]\nparms = {max = 1}\n", "archspec.toml:2:1: budget.0.parms: no figure is called `parms`\n"),
        ('[[budget]]\nmach = "a"\nmacs = {max = 1}\n', "did you mean `match`?"),
        ("[[budget]]\nparams = 3\n", "archspec.toml:2:10: budget.0.params: `params` must be a table, got 3"),
        ("[[budget]]\nparams = {}\n", "archspec.toml:2:10: budget.0.params: `params` has no limit"),
        ("[[budget]]\nparams = {maxx = 3}\n", "archspec.toml:2:11: budget.0.params.maxx: unknown key `maxx`"),
        ('[[budget]]\nparams = {max = "8.5X"}\n', "budget.0.params.max: `max` must be a figure such as"),
        ("[[budget]]\nparams = {max = 1.5}\n", "got 1.5"),
        ("[[budget]]\nparams = {max = true}\n", "got true"),
        ('[[budget]]\nparams = {max-increase = "2"}\n', '`max-increase` must be a percentage such as "2%"'),
        ("[[budget]]\nparams = {max = 1, warn-at = 2}\n", "`warn-at` must be a share above 0 and at most 1"),
        ("[[budget]]\nparams = {min = 1, warn-at = 0.5}\n", "`warn-at` without `max` or `max-increase`"),
        ("[[budget]]\nparams = {max = 1, ignore-below = 5}\n", "`ignore-below` without `max-increase`"),
        (
            '[[budget]]\nparams = {max = "1M", min = "2M"}\n',
            "archspec.toml:2:17: budget.0.params.max: `max` 1M is below `min` 2M",
        ),
        (
            '[[budget]]\nlayer = "a"\nread_bytes = {max = 1}\n',
            "no figure of a layer is called `read_bytes`",
        ),
        (
            '[[budget]]\nlayer = "a"\ntorchinfo.total_bytes = {max = 1}\n',
            "no figure of a layer is called `torchinfo.total_bytes`",
        ),
        (
            '[[budget]]\nmatch = "a"\nparams = {max = 1}\n[[budget]]\nmatch = "a"\nparams = {max = 2}\n',
            "archspec.toml:6:17: budget.1.params.max: `max` 2 contradicts `max` 1 for the same specs on line 3",
        ),
        (
            "[[budget]]\nparams = {min = 5}\n[[budget]]\nparams = {max = 2}\n",
            "archspec.toml:4:17: budget.1.params.max: `max` 2 is below `min` 5, with the budget of the same specs on",
        ),
    ],
)
def test_errors_have_their_place(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        closest()
    assert message in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.span is not None


def test_errors_inside_pyproject(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n\n[[tool.archspec.budget]]\nmatch = "a"\n[tool.archspec.budget.params]\nmux = 1\n'
    with pytest.raises(ConfigError, match=r":7:1: tool\.archspec\.budget\.0\.params\.mux: unknown key `mux`"):
        load(write(tmp_path, text, "pyproject.toml"))
    with pytest.raises(ConfigError, match=r"has no table \[tool.archspec\]"):
        load(write(tmp_path, "[tool]\n", "pyproject.toml"))
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "nowhere.toml")


def test_a_code_that_no_rule_has(tmp_path: Path) -> None:
    text = '[lint]\nselect = ["AS001", "AS999"]\n'
    with pytest.raises(ConfigError, match=r":2:20: lint\.select\.1: no rule has the code `AS999`"):
        settings_of(load(write(tmp_path, text)))


def test_other_than_text(tmp_path: Path) -> None:
    (tmp_path / "archspec.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8: byte 5"):
        closest(tmp_path)
    write(tmp_path, "\ufeffinclude = ['a']\r\nat = {batch = 2}\r\n")
    assert closest(tmp_path).at.batch == 2


@pytest.mark.parametrize(
    ("pattern", "path", "agree"),
    [
        ("**", "a/b.yaml", True),
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "a/b.yaml", False),
        ("**/*.yaml", "b.yaml", True),
        ("specs/**/x.yaml", "specs/a/b/x.yaml", True),
        ("specs/**/x.yaml", "specs/x.yaml", True),
        ("s?.yaml", "s1.yaml", True),
        ("s?.yaml", "s/.yaml", False),
        ("a.yaml", "axyaml", False),
        ("./a.yaml", "a.yaml", True),
        ("a[1].yaml", "a[1].yaml", True),
    ],
)
def test_globs(pattern: str, path: str, agree: bool) -> None:
    assert matches(pattern, path) is agree


KEYS = st.sampled_from(["a", "b-c", "d_1", "two words", "q'q", 'd"d', "ü"])
VALUES = st.recursive(
    st.sampled_from([1, -5, 1.5, True, "text", "it's", 'say "so"', "# no", "a, b]", "line\nline", "\\"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def toml(value: Any, draw: st.DrawFn) -> str:
    """A value written in one of its ways."""
    gap = draw(st.sampled_from(["", " ", "\n ", "\n # note ]\n"]))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        ways = [json.dumps(value, ensure_ascii=False)]
        if "\n" not in value and "'" not in value:
            ways.append(f"'{value}'")
        if '"' not in value and "\\" not in value:
            ways.append(f'"""{value}"""')
        return draw(st.sampled_from(ways))
    if isinstance(value, list):
        return (
            "[" + gap + f",{gap}".join(toml(item, draw) for item in value) + ("," if value and gap else "") + gap + "]"
        )
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {toml(each, draw)}" for key, each in value.items())
            + "}"
        )
    return str(value)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.dictionaries(KEYS, VALUES, max_size=4), st.dictionaries(KEYS, VALUES, max_size=3))
def test_places_of_values(data: st.DataObject, top: dict[str, Any], table: dict[str, Any]) -> None:
    """What stands at a place, read by itself, is the value at that path."""
    draw = data.draw

    def pairs(values: dict[str, Any]) -> str:
        return "".join(
            f"{json.dumps(key, ensure_ascii=False)} = {toml(each, draw)}  # note = [\n" for key, each in values.items()
        )

    text = f"{pairs(top)}[[x.y]]\n{pairs(table)}[x.z]\n{pairs(table)}[[x.y]]\nk.l = 1\n"
    lines = text.split("\n")
    whole = tomllib.loads(text)
    for path, (key, span) in places(text).items():
        value: Any = whole
        for step in path:
            value = value[step]
        cut = lines[span.line - 1 : span.end_line]
        cut[-1] = cut[-1][: span.end_column - 1]
        cut[0] = cut[0][span.column - 1 :]
        written = "\n".join(cut)
        if span != key:
            assert tomllib.loads(f"v = {written}")["v"] == value


def test_schema_agrees(tmp_path: Path) -> None:
    """check-jsonschema takes what the loader takes, and refuses an unknown key, figure and limit."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(config_schema()))

    def status(text: str) -> int:
        file = write(tmp_path, text)
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile", schema, file]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert status(FULL) == 0
    wrong = ("includes = []", "[[budget]]\nparms = {max = 1}", "[[budget]]\nparams = {mux = 1}", "at = {batch = 0}")
    assert [status(text) for text in wrong] == [1] * len(wrong)
