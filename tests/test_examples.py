"""Every example of README.md and docs/ is run.

A ```console block holds commands and what they print; ``pytest tests/test_examples.py --overwrite`` writes the outputs
anew. A ```yaml or ```toml block whose first line names a file is that file, which the commands of its document may use.
A ```python block with ``>>>`` is a doctest; those of a document run in order and share their names.

Commands run in a folder that looks like the repository's root, so that nothing an example writes stays there.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.cli import main
from documents import BLOCK, Block, blocks, commands, matches, rewritten, shortened

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILE = re.compile(r"# ([\w./-]+\.(?:yaml|json|toml|cfg|prototxt))\n")
FILES = ("yaml", "json", "toml", "ini", "protobuf")
SHELL = re.compile(r"[|&;<>$`*?~#{}()\\]")
BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]
CONSOLE = [block for block in BLOCKS if block.language == "console"]
DOCTESTS = [block for block in BLOCKS if block.language == "python" and ">>>" in block.text]


def name(place: Block | Path) -> str:
    document = place if isinstance(place, Path) else place.document
    return str(document.relative_to(ROOT)) + (f":{place.line}" if isinstance(place, Block) else "")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: links to the folders of the repository, and copies of its files."""
    for entry in ROOT.glob("[!.]*"):
        if entry.is_file():
            shutil.copy(entry, tmp_path)
        else:
            (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    for variable in ("COLUMNS", "ARCHSPEC_DEBUG"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def files(document: Path, folder: Path) -> None:
    """Write the files that a document shows."""
    for block in BLOCKS:
        if block.document == document and block.language in FILES and (found := FILE.match(block.text)):
            (folder / found[1]).write_text(block.text, "utf-8")


def run(command: str) -> str:
    """What a command prints: archspec's own run in this process, all others in a shell."""
    words = shlex.split(command)
    if words[0] != "archspec" or SHELL.search(command):
        done = subprocess.run(["bash", "-c", f"exec 2>&1; {command}"], check=False, stdout=subprocess.PIPE, timeout=120)
        return done.stdout.decode("utf-8")
    printed = io.StringIO()
    before, sys.argv = sys.argv, words
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), pytest.raises(SystemExit):
            main()
    finally:
        sys.argv = before
    return printed.getvalue()


@pytest.mark.parametrize("block", CONSOLE, ids=name)
def test_console(block: Block, root: Path, overwrite: bool) -> None:
    files(block.document, root)
    expected = commands(block.text)
    outputs = [run(command) for command, _ in expected]
    assert "error: internal" not in "".join(outputs)
    if overwrite:
        rewritten(block, outputs)
        return
    for (command, output), now in zip(expected, outputs, strict=True):
        if not matches(output, now):
            assert now == output, f"$ {command}"


@pytest.mark.parametrize("document", dict.fromkeys(block.document for block in DOCTESTS), ids=name)
def test_python(document: Path, root: Path) -> None:
    files(document, root)
    names: dict[str, object] = {}
    for block in (block for block in DOCTESTS if block.document == document):
        test = doctest.DocTestParser().get_doctest(block.text, names, name(block), str(document), block.line - 1)
        report = io.StringIO()
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.write, clear_globs=False)
        names = test.globs
        assert report.getvalue() == ""


def test_files_shown_are_specs(root: Path) -> None:
    """Every file that a document shows loads and reaches the figures it expects."""
    for document in DOCUMENTS:
        files(document, root)
    shown = [found[1] for block in BLOCKS if block.language in FILES and (found := FILE.match(block.text))]
    specs = [file for file in shown if "archspec: 1" in Path(file).read_text("utf-8")]
    assert specs
    assert "figures, 2 budget limits, all as expected" in run("archspec check " + " ".join(specs))


def test_outputs_are_compared_in_full() -> None:
    assert matches("a\n...\nd\n", "a\nb\nc\nd\n")
    assert matches("a\n...\n", "a\n")
    assert not matches("a\n...\nd\n", "a\nb\nc\nd\ne\n")
    assert not matches("a\nb\n", "a\nb\nc\n")
    assert shortened("a\n...\nd\n", "1\n2\n3\n4\n") == "1\n...\n4\n"
    assert commands("$ one \\\n  two\nx\n$ three\n") == [("one \\\n  two\n", "x\n"), ("three\n", "")]


def test_documents_link_to_what_is_there() -> None:
    """Links between documents, and to sections of them, lead somewhere."""
    dead = []
    for document in (*DOCUMENTS, ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", document.read_text("utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, section = target.partition("#")
            other = (document.parent / path).resolve() if path else document
            if not other.exists() or (section and section not in sections(other)):
                dead.append(f"{name(document)}: {target}")
    assert dead == []


def sections(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", document.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
