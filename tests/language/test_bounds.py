"""Bad and enormous input through the command line: a message at once and in little memory, never a traceback or a hang.

Times are not asserted, machines differ; a case that does not end is stopped. Memory is that of the whole process.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from archspec.errors import ShapeError
from archspec.graph.work import Together, Work

SECONDS = 20  # of the processor, whatever else the machine does; each takes under one
MEBIBYTES = 200
HEAD = "archspec: 1\nname: bad\ninputs: {image: [3, 32, 32]}\n"
VARS = HEAD + "vars: {width: 8, depths: [2, 3], name: ab}\n"

# A process of its own between the test and the command: a child's peak counts what its parent held at the fork.
LAUNCHER = """
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]),) * 2)
done = subprocess.run(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("peak", peak // 2 ** (20 if sys.platform == "darwin" else 10), file=sys.stderr)
sys.exit(done.returncode)
"""


class Outcome(NamedTuple):
    """What a command did."""

    code: int
    out: str
    error: str
    mebibytes: int


def archspec(*arguments: str, cwd: Path, text: bytes = b"") -> Outcome:
    """Run the command line in a folder, with a text on its standard input."""
    command = [sys.executable, "-c", LAUNCHER, str(SECONDS), sys.executable, "-m", "archspec", *arguments]
    done = subprocess.run(command, cwd=cwd, input=text, capture_output=True, timeout=60 * SECONDS, check=False)
    error, _, peak = done.stderr.decode().rpartition("peak ")
    return Outcome(done.returncode, done.stdout.decode(), error, int(peak))


def nested(levels: int, calls: int = 2) -> str:
    """Blocks that call the one below several times: a thousand million laughs from a few lines."""
    blocks = "".join(f"  b{n}:\n    layers: [{', '.join([f'use: b{n - 1}'] * calls)}]\n" for n in range(1, levels))
    return f"{HEAD}blocks:\n  b0:\n    layers: [relu]\n{blocks}layers: [use: b{levels - 1}]\n"


def seqs(levels: int) -> str:
    return "[" + "{seq: [" * levels + "relu" + "]}" * levels + "]"


def chain(blocks: int, levels: int) -> str:
    """Blocks that call the next one from within many structures: deep, but not in the text."""
    text = "".join(
        f"  b{n}:\n    layers: [{'{seq: [' * levels}use: b{n + 1}{']}' * levels}]\n" for n in range(blocks)
    )  # fmt: skip
    return f"{HEAD}blocks:\n{text}  b{blocks}:\n    layers: [relu]\nlayers: [use: b0]\n"


REFUSED = {
    "brackets": ("[" * 200_000, "nested more than 64 deep"),
    "brackets, closed": (HEAD + "layers: " + "[" * 100_000 + "]" * 100_000, "nested more than 64 deep"),
    "braces": ("{a: " * 200_000, "nested more than 64 deep"),
    "dashes": ("- " * 100_000, "nested more than 64 deep"),
    "JSON brackets": ('{"archspec": ' + "[" * 200_000, "nested more than 64 deep"),
    "structures": (HEAD + f"layers: {seqs(40)}\n", "nested more than 64 deep"),
    "blocks in structures": (chain(60, 20), "nested more than 100 deep"),
    "blocks in a chain": (chain(300, 0), "nested more than 100 deep"),
    "doubling": (nested(40), "the network would have more than 30"),
    "doubling ten times": (nested(40, calls=10), "the network would have more than 30"),
    "repeat that shrinks": (
        HEAD.replace("32, 32", "32000000, 32") + "layers: [{conv: {out: 3, kernel: [3, 1]}, repeat: 1000000000}]\n",
        "would write out more than 10000 instances",
    ),
    "repeat with an index": (
        HEAD + "layers: [{linear: $index + 1, repeat: 1000000000}]\n", "would write out more than 10000 instances",
    ),
    "repeat in repeat with an index": (
        HEAD + "layers: [{seq: [{seq: [{linear: $index + 1}], repeat: 10000}, {linear: $index + 1}], repeat: 10000}]\n",
        "the network would have more than 10",
    ),
    "repeat of a block with an index": (
        HEAD + "blocks:\n  b:\n    params: {w: int}\n    layers: [linear: $w]\n"
        "layers: [{use: b, with: {w: $index // 2 + 1}, repeat: 1000000000}]\n",
        "would write out more than 10000 instances",
    ),
    "repeat of digits": (HEAD + f"layers: [{{relu: null, repeat: {'9' * 500}}}]\n", "at most 400 are read"),
    "power": (VARS + "layers: [linear: 9**9**9 + $width]\n", "an exponent is a whole number from 0 to 4096"),
    "powers": (VARS + "layers: [linear: ((($width**4000)**4000)**4000)]\n", "more than 4096 bits"),
    "parentheses": (VARS + f"layers: [linear: {'(' * 900}$width{')' * 900}]\n", "nested deeper than 60"),
    "minuses": (VARS + f"layers: [linear: {'-' * 1900}$width]\n", "nested deeper than 60"),
    "powers in a row": (VARS + f"layers: [linear: {'2**' * 600}$width]\n", "nested deeper than 60"),
    "long expression": (VARS + f"layers: [linear: $width{' + $width' * 100_000}]\n", "at most 2000 characters"),
    "long line": (HEAD + "layers: [" + "relu, " * 20_000 + "rleu]\n", "unknown kind `rleu`"),
    "longer line": (HEAD + "layers: [" + "relu, " * 120_000 + "rleu]\n", "more than 110000 layers are written"),
    "longest line": (HEAD + "layers: [" + "relu, " * 2_000_000 + "rleu]\n", "more than 800000 values"),
    "long key": (HEAD + "x" * 3_000_000 + ": 1\n", "expected `:` after a key"),
    "long kind": (HEAD + "layers: [" + "x" * 3_000_000 + "]\n", "unknown kind `xxx"),
    "long id": (HEAD + "layers: [{relu: null, id: a, from: " + "x" * 3_000_000 + "}]\n", "no layer before this one"),
    "garbage": (bytes(range(33, 127)) * 32_000, "not YAML"),
    "random bytes": (bytes((n * n + n // 7) % 251 + 1 for n in range(3_000_000)), "not UTF-8"),
    "zeros": (bytes(3_000_000), "binary file"),
    "spaces": (b" " * 3_000_000, "the text is empty"),
    "quotes": (HEAD + 'summary: "' + "word " * 600_000, "a quoted string is never closed"),
    "too large": (b"# " + b"x" * (17 * 2**20), "more than 16 MiB"),
    "unknown keys": (HEAD + "".join(f"key{n}: {n}\n" for n in range(100_000)), "unknown key `key0`"),
    "unknown arguments": (
        HEAD + "layers: [{conv: {" + ", ".join(f"k{n}: {n}" for n in range(100_000)) + "}}]\n", "unknown argument `k0`",
    ),
    "unknown kinds": (HEAD + "layers:\n" + "".join(f"  - kind{n}\n" for n in range(100_000)), "unknown kind `kind0`"),
    "wrong types": (HEAD + "layers:\n" + "  - linear: wide\n" * 100_000, "must be a whole number"),
    "wrong blocks": (HEAD + "blocks:\n" + "".join(f"  b{n}: 1\n" for n in range(100_000)), "a block is a mapping"),
    "wrong variants": (HEAD + "variants:\n" + "".join(f"  v{n}: 1\n" for n in range(100_000)), "must be a mapping"),
    "many ids": (
        HEAD + "layers:\n" + "".join(f"  - {{relu: null, id: layer{n}}}\n" for n in range(20_000))
        + "  - {relu: null, from: layr7}\n",
        "no layer before this one is called `layr7`",
    ),
    "many variables": (
        HEAD + "vars:\n" + "".join(f"  v{n}: {n}\n" for n in range(20_000)) + "layers: [linear: $w7]\n",
        "unknown variable `$w7`",
    ),
    "variables of variables": (
        HEAD + "vars:\n  v0: 2\n" + "".join(f"  v{n}: $v{n - 1} * $v{n - 1}\n" for n in range(1, 60))
        + "layers: [relu]\n",
        "more than 8192 bits",
    ),
    "long list": (
        HEAD + "vars: {depths: [" + "1, " * 200_000 + "1]}\nlayers: [linear: $depths.400000]\n", "has 200001 entries",
    ),
    "rank": (HEAD + "layers: [{unsqueeze: 1, repeat: 1000000000}]\n", "unsqueeze would give 65 axes"),
    "lstm layers": (
        HEAD.replace("3, 32", "32") + "layers: [{lstm: {hidden: 3, layers: 1000000000}}]\n",
        "at most 1000 are written out",
    ),
    "split parts": (
        HEAD.replace("3, 32", str(10**12)) + "layers: [{split: {parts: 1000000000000}}]\n",
        "parts 1000000000000 are too many",
    ),
    "sizes that grow": (HEAD + "layers: [{upsample: {scale: 2}, repeat: 9000}]\n", "would give a size of 41 digits"),
    "repeat of 13 digits": (HEAD + "layers: [{relu: null, repeat: 1000000000001}]\n", "`repeat` must be at most"),
    "list for a size": (HEAD + "layers: [linear: [" + "1, " * 200_000 + "1]]\n", "a list of 200001"),
    "input of many axes": (HEAD.replace("32, 32", "1, " * 100_000) + "layers: [relu]\n", "at most 64 are possible"),
    "branches that differ": (
        HEAD + "layers: [parallel: {merge: add, branches: {"
        + ", ".join(f"b{n}: [linear: {n + 1}]" for n in range(3000)) + "}}]\n",
        "add needs equal shapes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=list(REFUSED))
def test_refused(text: str | bytes, message: str, tmp_path: Path) -> None:
    content = text.encode() if isinstance(text, str) else text
    (tmp_path / "net.yaml").write_bytes(content)
    done = archspec("summary", "net.yaml", cwd=tmp_path)
    assert done.code == 2, done
    assert done.out == ""
    assert done.error.startswith("error: net.yaml"), done.error[:500]
    assert message in done.error
    assert "internal" not in done.error
    assert len(done.error) < 4000
    assert done.mebibytes < MEBIBYTES


ACCEPTED = {
    "repeat": (HEAD + "layers: [{linear: 32, repeat: 1000000000}]\n", "1,056,000,000,000"),
    "repeat in repeat": (
        HEAD + "layers: [{seq: [{seq: [linear: 32], repeat: 1000000000}], repeat: 1000000000}]\n",
        "1,056,000,000,000,000,000,000",
    ),
    "doubling, as far as it goes": (nested(15), "params"),
    "indices": (HEAD + "layers: [{linear: $index % 7 + 1, repeat: 9000}]\n", "params"),
    "one block, many layers": (
        HEAD + "layers: [{seq: [" + "relu, " * 1000 + "{linear: 32}], repeat: 1000000}]\n", "1,056,000,000",
    ),
    "repeats in repeats in repeats": (
        HEAD.replace("3, 32, 32", f"{10**39}")
        + "layers: " + "[{seq: " * 15 + "[{linear: 1}]" + ", repeat: 1000000000000}]" * 15,
        "params",
    ),
    "a size of 40 digits": (HEAD.replace("32, 32", f"32, {10**39}") + "layers: [relu]\n", "params"),
    "many layers": (HEAD + "layers:\n" + "  - relu\n" * 3_000, "params"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "figure"), ACCEPTED.values(), ids=list(ACCEPTED))
def test_accepted(text: str, figure: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(text)
    done = archspec("summary", "net.yaml", "--depth", "1", cwd=tmp_path)
    assert done.code == 0, done.error
    assert figure in done.out
    assert done.mebibytes < MEBIBYTES


GOOD = HEAD + "dims: {H: 32}\nvars: {w: 8, d: [1, 2]}\nvariants:\n  small: {w: 4}\nlayers: [linear: $w]\n"
CALLS = {
    "missing file": (["summary", "nothing.yaml"], "no such file: nothing.yaml"),
    "missing folder": (["summary", "no/where"], "no such file: no/where"),
    "folder": (["summary", "."], "a directory, not a file"),
    "empty variant": (["summary", "net.yaml@"], "no variant"),
    "empty name": (["summary", ""], "no such file"),
    "zoo, misspelt": (["summary", "resnet5"], "did you mean `resnet50`?"),
    "zoo, far": (["summary", "perpetuum"], "`archspec list` shows the zoo"),
    "zoo, variant": (["summary", "resnet@resnet500"], "did you mean `resnet50`?"),
    "standard input, empty": (["summary", "-"], "<stdin>: the text is empty"),
    "variant": (["summary", "net.yaml", "--variant", "smal"], "did you mean `small`?"),
    "variant behind @": (["summary", "net.yaml@large"], "has no variant `large`"),
    "two variants": (["summary", "net.yaml@small", "--variant", "large"], "names the variant small"),
    "batch 0": (["summary", "net.yaml", "--batch", "0"], "0 is not in the range x>=1"),
    "batch text": (["summary", "net.yaml", "--batch", "many"], "not a valid integer"),
    "dtype": (["summary", "net.yaml", "--dtype", "float31"], "did you mean `float32`?"),
    "columns": (["summary", "net.yaml", "--columns", "kind,parms"], "did you mean `params`?"),
    "sort": (["summary", "net.yaml", "--sort", "parms"], "did you mean `params`?"),
    "convention": (["summary", "net.yaml", "--convention", "torchinfoo"], "did you mean `torchinfo`?"),
    "convention file": (["summary", "net.yaml", "--convention", "nothing.yaml"], "no such file: nothing.yaml"),
    "convention that is a spec": (["summary", "net.yaml", "--convention", "net.yaml"], "net.yaml"),
    "set without value": (["summary", "net.yaml", "--set", "w"], "--set takes NAME=VALUE"),
    "set unknown": (["summary", "net.yaml", "--set", "widht=3"], "has no dim or var `widht`"),
    "set twice": (["summary", "net.yaml", "--set", "w=3", "--set", "w=4"], "given twice"),
    "set dim to text": (["summary", "net.yaml", "--set", "H=tall"], "must be a whole number, got 'tall'"),
    "set dim to zero": (["summary", "net.yaml", "--set", "H=0"], "must be at least 1, got 0"),
    "set dim to nothing": (["summary", "net.yaml", "--set", "H="], "the text is empty"),
    "set dim to a float": (["summary", "net.yaml", "--set", "H=1e3"], "must be a whole number, got 1000.0"),
    "set dim to nan": (["summary", "net.yaml", "--set", "H=.nan"], "nan is not a size"),
    "set dim to digits": (["summary", "net.yaml", "--set", f"H={'9' * 41}"], "at most 40 digits, got 41"),
    "set dim to more digits": (["summary", "net.yaml", "--set", f"H={'9' * 500}"], "at most 400 are read"),
    "set dim to a list": (["summary", "net.yaml", "--set", "H=[1, 2]"], "must be a whole number, got [1, 2]"),
    "set var to a list": (["summary", "net.yaml", "--set", "w=[1]"], "must be of type int, got [1]"),
    "set var to brackets": (["summary", "net.yaml", "--set", "w=" + "[" * 1000], "nested more than 64 deep"),
    "set var to an expression": (["summary", "net.yaml", "--set", "w=$d"], "must be of type int, got '$d'"),
    "set list to a number": (["summary", "net.yaml", "--set", "d=3"], "must be of type list, got 3"),
    "output folder": (["summary", "net.yaml", "-o", "no/where/table.txt"], "cannot write no/where/table.txt"),
    "output is a folder": (["summary", "net.yaml", "-o", "."], "cannot write"),
    "command": (["sumary", "net.yaml"], "did you mean `summary`?"),
    "option": (["summary", "net.yaml", "--bacth", "3"], "No such option"),
    "format": (["summary", "net.yaml", "--format", "xml"], "'xml' is not one of"),
    "no spec": (["summary"], "Missing argument"),
    "depth": (["summary", "net.yaml", "--depth", "0"], "0 is not in the range x>=1"),
}


@pytest.mark.parametrize(("arguments", "message"), CALLS.values(), ids=list(CALLS))
def test_wrong_call(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(GOOD)
    done = archspec(*arguments, cwd=tmp_path)
    assert done.code == 2, done
    assert done.out == ""
    assert message in done.error
    assert "internal" not in done.error
    assert "Traceback" not in done.error
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]
    assert done.mebibytes < MEBIBYTES


BOMBS = {
    "repeats": "".join("  - {linear: $index + 1, repeat: 9999}\n" for _ in range(3)),
    "blocks": "  - {use: b, with: {i: $index + 1}, repeat: 100}\nblocks:\n"
    "  a: {params: {i: 1}, layers: [linear: $i, linear: $i + 1, linear: $i + 2]}\n"
    "  b: {params: {i: 1}, layers: [{use: a, with: {i: $i * 99 + $index}, repeat: 99}]}\n",
}


@pytest.mark.parametrize("layers", BOMBS.values(), ids=list(BOMBS))
def test_a_network_of_thirty_thousand_layers_is_stopped(layers: str, tmp_path: Path) -> None:
    text = HEAD + "layers:\n" + layers
    assert len(text) < 511
    (tmp_path / "net.yaml").write_text(text)
    done = archspec("summary", "net.yaml", cwd=tmp_path)
    assert done.code == 2
    assert "the network would have more than 10" in done.error
    assert done.mebibytes < MEBIBYTES


def test_variants_share_what_they_may_cost(tmp_path: Path) -> None:
    """Forty variants of thirty thousand layers are no more work than a few."""
    variants = "".join(f"  v{number}: {{n: {number}}}\n" for number in range(40))
    block = "blocks:\n  a: {params: {i: 1}, layers: [linear: $i, linear: $i, linear: $i]}\n"
    layers = "layers: [{use: a, with: {i: $index + $n + 1}, repeat: 9000}]\n"
    (tmp_path / "net.yaml").write_text(f"{HEAD}vars: {{n: 1}}\nvariants:\n{variants}{block}{layers}")
    done = archspec("check", "net.yaml", cwd=tmp_path)
    assert done.code == 1
    assert "the network would have more than 10" in done.out
    assert "the variants of the file have together more than" in done.out
    assert done.mebibytes < 2 * MEBIBYTES


def test_variants_share_what_they_may_meet(tmp_path: Path) -> None:
    """Forty variants of 27,000 layers each, all of two blocks: cheap to expand, and too many to list and lint."""
    variants = "".join(f"  v{number}: {{n: {number}}}\n" for number in range(40))
    block = "blocks:\n  a: {params: {i: 1}, layers: [linear: $i, linear: $i, linear: $i]}\n"
    layers = "layers: [{use: a, with: {i: $index % 2 + $n + 1}, repeat: 9000}]\n"
    (tmp_path / "net.yaml").write_text(f"{HEAD}vars: {{n: 1}}\nvariants:\n{variants}{block}{layers}")
    done = archspec("check", "net.yaml", cwd=tmp_path)
    assert done.code == 1
    assert done.out.count("ok ") == 4
    assert "the variants of the file have together more than 110414 layers" in done.out
    assert done.mebibytes < 2 * MEBIBYTES


def test_variants_have_room_for_what_they_write_out() -> None:
    """Three hundred variants of two hundred layers each."""
    together = Together(200, 300)
    assert together.left > 300 * 200
    together.left = 1
    work = Work(200, together)
    work.one_more()
    with pytest.raises(ShapeError, match="the variants of the file have together more than 155000 layers"):
        work.one_more()
