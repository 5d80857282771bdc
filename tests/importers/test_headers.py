"""Headers of files of weights: what the packages write, by hand, and files that lie."""

from __future__ import annotations

import json
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from archspec.errors import ArchspecError
from archspec.importers.headers import gguf, index, onnx, safetensors
from archspec.importers.headers.base import Entry
from archspec.importers.headers.gguf import FORMATS
from archspec.memory.formats import find_format
from weight_files import field, initializer, pair, raw_gguf, raw_safetensors, text, varint
from weight_files import gguf as gguf_file
from weight_files import safetensors as safetensors_file

GOLDEN = Path(__file__).parents[1] / "golden" / "headers"


def test_what_the_package_safetensors_writes() -> None:
    header = safetensors.read(str(GOLDEN / "small.safetensors"))
    assert header.tensors == {
        "a.weight": Entry("a.weight", (3, 4), "bfloat16"),
        "b": Entry("b", (2,), "float8"),
        "s": Entry("s", (), "int64"),
        "e": Entry("e", (0, 8), "float32"),
    }
    assert (header.metadata, header.notes) == ({"format": "pt"}, ())


def test_what_the_package_gguf_writes() -> None:
    header = gguf.read(str(GOLDEN / "small.gguf"))
    assert header.tensors == {
        "token_embd.weight": Entry("token_embd.weight", (16, 32), "float32"),
        "blk.0.attn_q.weight": Entry("blk.0.attn_q.weight", (8, 64), "q8_0"),
        "blk.0.attn_norm.weight": Entry("blk.0.attn_norm.weight", (5,), "float16"),
    }
    assert header.metadata == {
        "general.architecture": "llama",
        "llama.context_length": 128,
        "tokenizer.ggml.tokens": None,
        "x.numbers": [1, 2, 3],
        "flag": True,
        "t": "häß",
    }
    other = gguf.read(str(GOLDEN / "big.gguf"))
    assert other.tensors == {"token_embd.weight": Entry("token_embd.weight", (16, 32), "float32")}
    assert other.metadata == {"general.architecture": "llama", "llama.context_length": 128}


def test_blocks_are_those_that_memory_counts_with() -> None:
    for block in FORMATS.values():
        form = find_format(block.name)
        if form is not None and block.name != "q8_1":  # its entry says why
            assert (form.elements, form.bytes) == (block.elements, block.bytes), block.name


def test_a_header_of_a_huge_file_is_read_alone(tmp_path: Path) -> None:
    shapes = {f"layers.{number}.weight": (2**16, 2**16) for number in range(64)}
    for file in (safetensors_file(tmp_path / "a.safetensors", shapes), gguf_file(tmp_path / "a.gguf", shapes)):
        assert file.stat().st_size > 2**39
        tracemalloc.start()
        header = (gguf if file.suffix == ".gguf" else safetensors).read(str(file))
        assert tracemalloc.get_traced_memory()[1] < 2**20
        tracemalloc.stop()
        assert {entry.shape for entry in header.tensors.values()} == {(2**16, 2**16)}
        assert len(header.tensors) == 64


def test_a_header_without_its_tensors_is_read_and_said(tmp_path: Path) -> None:
    for file in (
        safetensors_file(tmp_path / "a.safetensors", {"a": (4, 8)}, data=False),
        gguf_file(tmp_path / "a.gguf", {"a": (4, 8)}, data=False),
    ):
        header = (gguf if file.suffix == ".gguf" else safetensors).read(str(file))
        assert header.tensors["a"].shape == (4, 8)
        assert header.notes == ("the header alone: 128 bytes of tensors are not here",)


def entry(shape: Any = (2,), dtype: Any = "F32", offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize(
    ("header", "data", "said"),
    [
        (b"", 0, "header: no JSON"),
        (b"[]", 0, "header: a header is a mapping"),
        (b"{\xff}", 0, "header: byte 1 is no UTF-8"),
        (b'{"a": NaN}', 0, "header: NaN is no value of JSON"),
        (b'{"a": 1, "a": 2}', 0, "header: the name 'a' stands twice"),
        (b"[" * 1_000_000, 0, "header: lists within lists"),
        (b"[" * 3_000_000, 0, "header: more than 500,000 tensors, or lists"),
        (b'{"a": ' + b"9" * 5000 + b"}", 0, "header: a number of too many digits"),
        ({"__metadata__": {"a": 1}}, 0, "__metadata__: must be a mapping of texts"),
        ({"__metadata__": []}, 0, "__metadata__: must be a mapping of texts"),
        ({"a": 1}, 0, "a: a tensor has data_offsets, dtype, shape, got 1"),
        ({"a": {**entry(), "more": 1}}, 8, "a: a tensor has"),
        ({"a": entry(dtype="f32")}, 8, "a.dtype: unknown dtype"),
        ({"a": entry(dtype=[])}, 8, "a.dtype: unknown dtype []"),
        ({"a": entry(shape=[-2])}, 8, "a.shape: must be a list of whole numbers of at least 0, got [-2]"),
        ({"a": entry(shape=[True, 2])}, 8, "a.shape: must be a list of whole numbers"),
        ({"a": entry(shape=[2.0])}, 8, "a.shape: must be a list of whole numbers"),
        ({"a": entry(shape=[2**62, 4])}, 8, "a.shape: "),
        ({"a": entry(offsets=[0, 4])}, 4, "a.data_offsets: [2] of F32 takes 8 bytes, [0, 4] are 4"),
        ({"a": entry(offsets=[8, 0])}, 8, "a.data_offsets: must be a first and a last byte"),
        ({"a": entry(offsets=[0])}, 8, "a.data_offsets: must be a first and a last byte"),
        ({"a": entry(offsets=[0, 8]), "b": entry(offsets=[4, 12])}, 12, "b: its bytes from 4 on overlap those of `a`"),
        ({"a": entry(offsets=[8, 16])}, 16, "header: there are bytes between the tensors"),
        ({"a": entry()}, 4, "header: the tensors have 8 bytes, behind the header stand 4"),
        ({"a": entry()}, 9, "header: the tensors have 8 bytes, behind the header stand 9"),
        ({"a" * 2000: entry()}, 8, "a name of 2,000 characters"),
        ({"": entry()}, 8, "a name of 0 characters"),
    ],
)
def test_headers_of_safetensors_that_lie(header: Any, data: int, said: str, tmp_path: Path) -> None:
    made = header if isinstance(header, bytes) else json.dumps(header).encode()
    file = raw_safetensors(tmp_path / "a.safetensors", made, data)
    with pytest.raises(ArchspecError) as caught:
        safetensors.read(str(file))
    assert f"a.safetensors: {said}" in str(caught.value) or said in str(caught.value)
    assert str(caught.value).startswith(str(file))


@pytest.mark.parametrize("length", [2**64 - 1, 2**40, 10**9, 100])
def test_lengths_that_the_file_has_not(length: int, tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(struct.pack("<Q", length) + b"{}")
    with pytest.raises(ArchspecError, match=r"byte 0: the header should have .* bytes, the file has 10"):
        safetensors.read(str(file))
    file.write_bytes(b"\0\0")
    with pytest.raises(ArchspecError, match="byte 0: the length of the header has 8 bytes"):
        safetensors.read(str(file))
    with file.open("r+b") as stream:
        stream.write(struct.pack("<Q", 10**9))
        stream.truncate(10**10)
    with pytest.raises(ArchspecError, match="a header of 1,000,000,000 bytes: at most"):
        safetensors.read(str(file))


def info(name: str, row: tuple[int, ...], form: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(row)}QIQ", len(row), *row, form, offset)


def head(tensors: int, keys: int, version: int = 3) -> bytes:
    return struct.pack("<IQQ", version, tensors, keys)


@pytest.mark.parametrize(
    ("rest", "data", "said"),
    [
        (b"", 0, "byte 4: the version has 4 bytes, the file ends 0 bytes on"),
        (head(0, 0, 1), 0, "version 1: 2 and 3 are read"),
        (head(0, 0, 4), 0, "version 4: 2 and 3 are read"),
        (head(0, 0)[:-1], 0, "the number of keys has 8 bytes, the file ends 7 bytes on"),
        (head(2**63, 0), 0, "9,223,372,036,854,775,808 tensors: at most 500,000 are read"),
        (head(0, 2**63), 0, "keys: at most 65,536 are read"),
        (head(400_000, 0), 0, "the length of a tensor's name has 8 bytes"),
        (head(0, 1) + struct.pack("<Q", 2**63), 0, "a key of 9,223,372,036,854,775,808 bytes"),
        (head(0, 1) + text("a") + struct.pack("<I", 13), 0, "unknown sort of value 13"),
        (head(0, 2) + pair("a", 1) + pair("a", 2), 0, "the key `a` stands twice"),
        (head(0, 1) + text("a") + struct.pack("<IIQ", 9, 9, 1), 0, "a list of lists"),
        (head(0, 1) + text("a") + struct.pack("<IIQ", 9, 4, 2**62), 0, "a list has 18,446,744,073,709,551,616 bytes"),
        (head(0, 1) + text("a") + struct.pack("<IIQ", 9, 8, 2**62), 0, "texts: more than are read"),
        (
            head(0, 1) + text("a") + struct.pack("<IIQQ", 9, 8, 1, 2**62),
            0,
            "a text has 4,611,686,018,427,387,904 bytes",
        ),
        (head(0, 1) + pair("general.alignment", 24), 0, "general.alignment must be a power of 2, got 24"),
        (head(0, 1) + pair("general.alignment", 0), 0, "general.alignment must be a power of 2, got 0"),
        (head(0, 1) + struct.pack("<Q", 1) + b"\xff", 0, "a key is no UTF-8"),
        (head(1, 0) + info("a", (1,) * 5), 0, "a: 5 axes: at most 4 are possible"),
        (head(1, 0) + info("a", (2**40, 2**40)), 0, "a: [1099511627776, 1099511627776] has more scalars"),
        (head(1, 0) + info("a", (8,), 4), 0, "a: unknown format 4"),
        (head(1, 0) + info("a", (33,), 8), 64, "a: blocks of 32 (q8_0) do not divide its rows of 33"),
        (head(1, 0) + info("a", (8,), 0, 4), 64, "a: its bytes begin at 4, which 32 does not divide"),
        (head(2, 0) + info("a", (8,)) + info("a", (8,), 0, 32), 64, "the tensor `a` stands twice"),
        (head(2, 0) + info("a", (16,)) + info("b", (8,), 0, 32), 64, "b: its bytes from 32 on overlap those of `a`"),
        (head(1, 0) + info("a", (16,)), 32, "a: its bytes end at"),
        (head(1, 0) + info("a", (8,), 0, 2**62), 64, "a: its bytes end at 4,611,686,018,427,"),
    ],
)
def test_headers_of_gguf_that_lie(rest: bytes, data: int, said: str, tmp_path: Path) -> None:
    file = raw_gguf(tmp_path / "a.gguf", rest, data)
    with pytest.raises(ArchspecError) as caught:
        gguf.read(str(file))
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(file))


def test_every_cut_of_a_file_is_an_error_or_a_header(tmp_path: Path) -> None:
    for name, reader in (("small.gguf", gguf), ("small.safetensors", safetensors)):
        whole = (GOLDEN / name).read_bytes()
        file = tmp_path / name
        for end in range(len(whole)):
            file.write_bytes(whole[:end])
            try:
                header = reader.read(str(file))
            except ArchspecError as error:
                assert str(error).startswith(str(file))  # noqa: PT017
            else:
                # Behind the last tensor of a GGUF zeros fill its line up.
                assert header.notes or (end >= len(whole) - 31 and header == reader.read(str(GOLDEN / name)))


def test_an_index_and_what_stands_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors.index.json"
    places = {"a": "one.safetensors", "b": "two.safetensors"}
    file.write_text(json.dumps({"metadata": {"total_size": 8}, "weight_map": places}))
    header = index.read(str(file))
    assert header.tensors == {"a": Entry("a", None, ""), "b": Entry("b", None, "")}
    assert header.notes == (
        "2 of 2 files are not here (one.safetensors, two.safetensors): of 2 tensors the name alone is known, "
        "no shape and no dtype",
    )
    safetensors_file(tmp_path / "one.safetensors", {"a": (3, 4)})
    safetensors_file(tmp_path / "two.safetensors", {"b": (5,)})
    header = index.read(str(file))
    assert header.tensors == {"a": Entry("a", (3, 4), "float32"), "b": Entry("b", (5,), "float32")}
    assert header.notes == ()
    safetensors_file(tmp_path / "two.safetensors", {"b": (5,), "c": (5,)})
    with pytest.raises(ArchspecError, match=r"two.safetensors: c: the index has no such tensor"):
        index.read(str(file))
    safetensors_file(tmp_path / "two.safetensors", {"c": (5,)})
    with pytest.raises(ArchspecError, match=r"weight_map.b: .*two.safetensors.* has no such tensor"):
        index.read(str(file))


@pytest.mark.parametrize("place", ["../a.safetensors", "/etc/passwd", "a\\b", "", "..", 3, None, "a\0b"])
def test_an_index_names_files_beside_it_alone(place: Any, tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors.index.json"
    file.write_text(json.dumps({"weight_map": {"a": place}}))
    with pytest.raises(ArchspecError, match=r"weight_map.a: must be the name of a file beside the index"):
        index.read(str(file))


def test_parts_of_a_gguf(tmp_path: Path) -> None:
    one = gguf_file(tmp_path / "m-00001-of-00002.gguf", {"a": (8,)}, {"split.count": 2, "split.no": 0})
    header = gguf.read(str(one))
    assert (set(header.tensors), header.complete) == ({"a"}, False)
    gguf_file(tmp_path / "m-00002-of-00002.gguf", {"b": (8,)}, {"split.count": 2, "split.no": 1})
    header = gguf.read(str(one))
    assert (set(header.tensors), header.complete, header.notes) == ({"a", "b"}, True, ())
    gguf_file(tmp_path / "m-00002-of-00002.gguf", {"a": (8,)}, {"split.count": 2, "split.no": 1})
    with pytest.raises(ArchspecError, match="a: the tensor stands in another file too"):
        gguf.read(str(one))


def operation(operator: str, inputs: list[str], outputs: list[str]) -> bytes:
    names = [field(1, name.encode()) for name in inputs] + [field(2, name.encode()) for name in outputs]
    return field(1, b"".join(names) + field(4, operator.encode()))


def model(tmp_path: Path, *parts: bytes, graph: bytes | None = None) -> str:
    file = tmp_path / "a.onnx"
    file.write_bytes(field(1, 8) + field(7, b"".join(parts) if graph is None else graph) + field(20, b"x"))
    return str(file)


def test_initializers_of_an_onnx(tmp_path: Path) -> None:
    """As one field each, packed, with their bytes beside; an Identity of one is a tensor of its own."""
    packed = field(5, field(1, varint(300) + varint(4)) + field(2, 10) + field(8, b"half"))
    file = model(
        tmp_path,
        operation("Identity", ["a"], ["b"]),
        operation("Relu", ["x"], ["y"]),
        operation("BatchNormalization", ["y", "a", "b", "mean", "var"], ["z"]),
        initializer("a", (300, 4), more=field(9, b"\0" * 4800)),
        packed,
        initializer("mean", (4,)),
    )
    header = onnx.read(file)
    assert header.tensors == {
        "a": Entry("a", (300, 4), "float32"),
        "half": Entry("half", (300, 4), "float16"),
        "mean": Entry("mean", (4,), "float32"),
        "b": Entry("b", (300, 4), "float32"),
    }
    assert header.metadata["buffers"] == {"mean", "var"}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (initializer("a", (4,)) * 2, "the initializer `a` stands twice"),
        (initializer("a", (2**40, 2**40)), "a: [1099511627776, 1099511627776] has more scalars"),
        (initializer("a", (4,), 99), "a: unknown dtype 99"),
        (initializer("", (4,)), "a name of 0 characters"),
        (initializer("a" * 2000, (4,)), "a name of 2,000 bytes"),
        (b"\x2a\xff\xff\xff\xff\x0f", "a field of 4,294,967,295 bytes, the message ends 0 bytes on"),
        (b"\xff" * 20, "a number of more than ten bytes"),
        (b"\x2b", "no ONNX model: a field of no sort"),
        (field(5, b"\x0a" + varint(5000) + b"\1" * 5000), "a shape of 5,000 bytes"),
        (field(5, field(8, b"\xff")), "a name that is no UTF-8"),
    ],
)
def test_an_onnx_that_lies(graph: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ArchspecError) as caught:
        onnx.read(model(tmp_path, graph=graph))
    assert said in str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    for reader in (gguf, safetensors, index, onnx):
        for path in (tmp_path, tmp_path / "none", Path("/dev/zero")):
            with pytest.raises(ArchspecError):
                reader.read(str(path))
