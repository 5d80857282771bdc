"""The mutants that tools/mutate.py draws from."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

TOOL = Path(__file__).parent.parent / "tools" / "mutations.py"


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("mutations", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["mutations"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("x = a < b\n", {"x = a <= b"}),
        ("x = a + 1\n", {"x = (a - 1)", "x = a + 2", "x = a + 0"}),
        ("x = a and not b\n", {"x = (a or not b)", "x = a and (b)"}),
        ("if a:\n    b()\n", {"if not (a):\n    b()", "if a:\n    pass"}),
        ("def f():\n    return a\n", {"def f():\n    return None"}),
        ("x = min(a, key=b)\n", {"x = max(a, key=b)", "x = min(a)"}),
        ("x = run(a, check=False)\n", {"x = run(a, check=True)"}),
        ("x = zip(a, b, strict=True)\n", {"x = zip(a, strict=True)"}),
        ("x: int = a if b else c\n", {"x: int = (a if not b else c)"}),
        ("x = [a for a in b if a]\n", {"x = [a for a in b if not a]"}),
        ('x = Formula("n", "a b", "a * b")\n', {"x = Formula('n', 'a b', '(a + b)')", "x = Formula('n', 'a b')"}),
        ('"""Text."""\nx = f"{a + 1}"\n', set()),
        ("if TYPE_CHECKING:\n    x = 1\n", set()),
        ("x = 'é' if a == b else c\n", {"x = 'é' if a != b else c", "x = ('é' if not a == b else c)"}),
    ],
)
def test_one_thing_changes(tool: Any, tmp_path: Path, text: str, changed: set[str]) -> None:
    (tmp_path / "module.py").write_text(text, "utf-8")
    made = list(tool.mutants(tmp_path / "module.py", tmp_path))
    assert {mutant.mutated.rstrip("\n") for mutant in made} == changed
    for mutant in made:
        with mutant.applied(tmp_path):
            assert (tmp_path / "module.py").read_text("utf-8") == mutant.mutated
        assert (tmp_path / "module.py").read_text("utf-8") == text


def test_what_is_listed_as_equivalent_is_a_mutant_with_a_reason(tool: Any) -> None:
    root = TOOL.parent.parent
    for entry in yaml.safe_load((TOOL.parent / "mutants.yaml").read_text("utf-8")):
        keys = {mutant.key for mutant in tool.mutants(root / entry["file"], root)}
        assert (entry["file"], entry["was"], entry["now"]) in keys
        assert entry["why"]
