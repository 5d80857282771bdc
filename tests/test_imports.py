"""Which module imports which, and that importing archspec loads nothing heavy."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import archspec

PACKAGE = Path(archspec.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
# A room imports from the lines before its own. Siblings of one line do not know each other.
ORDER = (
    {"records"},
    {"errors"},
    {"text", "sizes"},
    {"expr"},
    {"models"},
    {"kinds"},
    {"language"},
    {"importers"},
    {"graph"},
    {"conventions"},
    {"analysis"},
    {"memory"},
    {"hardware"},
    {"studies"},
    {"exporters"},
    {"change"},
    {"policy"},
    {"lint"},
    {"ci"},
    {"render"},
    {"api"},
    {"cli"},
    {"__main__"},
)
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
KNOWN_MODULES = {".".join(("archspec", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in MODULES}
SHARED_BY_KINDS = {
    *("formula", "base", "args", "axes", "dtypes", "window", "broadcasting", "strides", "elements", "normalised"),
}
# Models of configurations, conventions and outputs, which a summary has no use for.
MODELS_OF_OTHERS = ("archspec.policy.config_model", "archspec.conventions.model", "archspec.render.outputs.base")
HEAVY = ("numpy", "pydantic", "pydantic_core", "yaml", "click", "sympy", "tabulate", "torch")


class Import(NamedTuple):
    """An import of one of archspec's modules: ``lazy`` where it stands inside a function."""

    module: str
    lazy: bool


def name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(path: Path, checked: bool = False) -> Iterator[Import]:
    """What a module imports when it runs, and with ``checked`` what only type checkers read."""

    def walk(node: ast.AST, lazy: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not checked:
            return
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "archspec":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                whole = inner in KNOWN_MODULES or node.module == "archspec"
                yield Import(inner if whole else str(node.module), lazy)
        assert not (isinstance(node, ast.ImportFrom) and node.level), "imports are absolute"
        inside = lazy or isinstance(node, ast.FunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    yield from walk(ast.parse(path.read_text("utf-8")), False)


def test_every_module_has_its_place() -> None:
    assert {name(path).partition(".")[0] for path in MODULES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=name)
def test_imports_run_one_way(path: Path) -> None:
    own = name(path).partition(".")[0]
    for found in imports(path):
        other = found.module.split(".")[1]
        if other not in (own, "__version__"):
            assert LEVEL[other] < LEVEL[own], f"{name(path)} imports {found.module}"


def test_no_two_files_import_each_other() -> None:
    """Neither when they load, nor inside a function, nor for a type checker: every import is followed."""
    known = {f"archspec.{name(path)}".removesuffix(".__init__"): path for path in MODULES}
    below = {
        module: {each.module for each in imports(path, checked=True)} & set(known) - {module}
        for module, path in known.items()
    }
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("path", sorted((PACKAGE / "kinds").glob("*.py")), ids=name)
def test_families_do_not_import_each_other(path: Path) -> None:
    for found in imports(path):
        if found.module.startswith("archspec.kinds."):
            assert found.module.rpartition(".")[2] in SHARED_BY_KINDS, f"{name(path)} imports {found.module}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_are_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 350
    assert not text or ast.get_docstring(ast.parse(text)) or path.name == "__main__.py"


def test_public_names() -> None:
    assert list(archspec.__all__) == sorted(archspec.__all__)
    for each in archspec.__all__:
        assert getattr(archspec, each).__doc__
    assert dir(archspec) == archspec.__all__
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        _ = archspec.nothing_of_that_name


def loaded(code: str, *names: str) -> list[str]:
    """Which of the modules a fresh interpreter has after running the code."""
    probe = f"{code}\nimport sys\nprint(*[name for name in {names!r} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.splitlines()[-1].split()


def test_import_is_light() -> None:
    assert loaded("import archspec", *HEAVY) == []


def test_a_summary_needs_no_arrays_and_no_symbols() -> None:
    code = "\n".join(
        [
            "import sys",
            "from archspec.cli import main",
            "sys.argv = ['archspec', 'summary', 'resnet50']",
            "try: main()",
            "except SystemExit: pass",
        ]
    )
    assert loaded(code, "numpy", "sympy", "torch") == []
    assert loaded(code, *MODELS_OF_OTHERS) == []
