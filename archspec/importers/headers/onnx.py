"""Initializers of an ONNX model: names, shapes and dtypes, whatever else the file holds.

Protocol buffers are read as they are on the wire, since only names are wanted and the `onnx` package reads all:
https://protobuf.dev/programming-guides/encoding/, onnx/onnx.proto of onnx 1.19 for the fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import SpecError
from archspec.importers.headers.base import MAX_NAME, MAX_TENSORS, Entry, Header, Pieces, named, place_of, sizes

# TensorProto.DataType.
DTYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "UINT16", 5: "int16", 6: "int32", 7: "int64", 8: "STRING", 9: "bool",
    10: "float16", 11: "float64", 12: "UINT32", 13: "UINT64", 14: "COMPLEX64", 15: "COMPLEX128", 16: "bfloat16",
    17: "float8", 18: "float8", 19: "float8", 20: "float8", 21: "UINT4", 22: "INT4", 23: "FLOAT4E2M1",
}  # fmt: skip
FLOATS = frozenset({"float16", "float32", "float64", "bfloat16", "float8"})
GRAPH, NODE, INITIALIZER, FED = 7, 1, 5, 11
DIMS, DATA_TYPE, NAME = 1, 2, 8
INPUT, OUTPUT, OPERATOR = 1, 2, 4
VALUE_NAME, VALUE_TYPE, METADATA = 1, 2, 4
TENSOR_TYPE, ELEMENT, SHAPE, DIM, DIM_VALUE = 1, 1, 2, 1, 1
KEY, VALUE = 1, 2
MARK = "archspec.weight"  # metadata of inputs that are weights, as `archspec export` writes them
MAX_NODES = 200_000
MAX_LIST = 4096  # bytes of a packed list of sizes
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def read(path: str) -> Header:
    """The initializers of a model; an `Identity` of one is a tensor of its own. Raises SpecError."""
    with Pieces(path) as pieces:
        return _Reader(pieces).header()


class _Reader:
    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.tensors: dict[str, Entry] = {}
        self.copies: list[tuple[str, str]] = []
        self.buffers: set[str] = set()

    def header(self) -> Header:
        """The initializers of the model's graph."""
        found = False
        for field, wire, length in self.fields(self.pieces.size):
            if field == GRAPH and wire == BYTES:
                found = True
                self.graph(self.pieces.at + length)
            else:
                self.over(wire, length)
        if not found:
            self.pieces.fail("no ONNX model: it has no graph")
        for source, name in self.copies:
            if source in self.tensors and name not in self.tensors:
                self.tensors[name] = self.tensors[source]._replace(name=name)
        return Header("onnx", self.tensors, {"buffers": self.buffers})

    def graph(self, end: int) -> None:
        """Initializers and copies of them."""
        nodes = 0
        for field, wire, length in self.fields(end):
            if field == INITIALIZER and wire == BYTES:
                self.tensor(self.pieces.at + length)
            elif field == NODE and wire == BYTES:
                nodes += 1
                if nodes > MAX_NODES:
                    self.pieces.fail(f"more than {MAX_NODES:,} nodes")
                self.node(self.pieces.at + length)
            elif field == FED and wire == BYTES:
                self.fed(self.pieces.at + length)
            else:
                self.over(wire, length)

    def fed(self, end: int) -> None:
        """An input, which is a weight where it is marked so."""
        start = self.pieces.at
        shape: list[int] = []
        name = mark = ""
        sort = 0
        for field, wire, length in self.fields(end):
            if field == VALUE_NAME and wire == BYTES:
                name = self.text(length)
            elif field == VALUE_TYPE and wire == BYTES:
                sort = self.typed(self.pieces.at + length, shape)
            elif field == METADATA and wire == BYTES:
                mark = self.marked(self.pieces.at + length) or mark
            else:
                self.over(wire, length)
        if mark:
            self.take(start, name, shape, sort)
            self.buffers.update([name] if mark == "buffer" else [])

    def typed(self, end: int, shape: list[int]) -> int:
        """The dtype of an input that is a tensor; its sizes are added to ``shape``, one of any size as 0."""
        sort = 0
        for field, wire, length in self.fields(end):
            if field != TENSOR_TYPE or wire != BYTES:
                self.over(wire, length)
                continue
            for inner, inner_wire, value in self.fields(self.pieces.at + length):
                if inner == ELEMENT and inner_wire == VARINT:
                    sort = value
                elif inner == SHAPE and inner_wire == BYTES:
                    shape += self.dims(self.pieces.at + value)
                else:
                    self.over(inner_wire, value)
        return sort

    def dims(self, end: int) -> Iterator[int]:
        """The sizes of a shape."""
        for field, wire, length in self.fields(end):
            if field != DIM or wire != BYTES:
                self.over(wire, length)
                continue
            size = 0
            for inner, inner_wire, value in self.fields(self.pieces.at + length):
                if inner == DIM_VALUE and inner_wire == VARINT:
                    size = value
                else:
                    self.over(inner_wire, value)
            yield size

    def marked(self, end: int) -> str:
        """What an entry of metadata says of a weight."""
        texts = {KEY: "", VALUE: ""}
        for field, wire, length in self.fields(end):
            if field in texts and wire == BYTES and length <= MAX_NAME:
                texts[field] = self.text(length)
            else:
                self.over(wire, length)
        return texts[VALUE] if texts[KEY] == MARK else ""

    def tensor(self, end: int) -> None:
        """One initializer."""
        start = self.pieces.at
        shape: list[int] = []
        sort, name = 0, ""
        for field, wire, length in self.fields(end):
            if field == DIMS and wire == VARINT:
                shape.append(length)
            elif field == DIMS and wire == BYTES:
                if length > MAX_LIST:
                    self.pieces.fail(f"a shape of {length:,} bytes")
                stop = self.pieces.at + length
                while self.pieces.at < stop:
                    shape.append(self.varint())
            elif field == DATA_TYPE and wire == VARINT:
                sort = length
            elif field == NAME and wire == BYTES:
                name = self.text(length)
            else:
                self.over(wire, length)
        self.take(start, name, shape, sort)

    def take(self, start: int, name: str, shape: list[int], sort: int) -> None:
        """Note a tensor, whose entry begins at ``start``."""
        name = named(name, self.pieces.path)
        if name in self.tensors or len(self.tensors) >= MAX_TENSORS:
            self.pieces.at = start
            twice = f"the initializer `{place_of(name)}` stands twice"
            self.pieces.fail(twice if name in self.tensors else f"more than {MAX_TENSORS:,} initializers")
        if sort not in DTYPES:
            raise SpecError(f"unknown dtype {sort}", file=self.pieces.path, path=place_of(name))
        self.tensors[name] = Entry(name, sizes(shape, self.pieces.path, place_of(name)), DTYPES[sort])

    def node(self, end: int) -> None:
        """What an operation makes of initializers: a copy, or statistics of a batch norm."""
        inputs: list[str] = []
        outputs: list[str] = []
        operator = ""
        for field, wire, length in self.fields(end):
            if wire == BYTES and field in (INPUT, OUTPUT, OPERATOR) and length <= MAX_NAME:
                text = self.text(length)
                if field == OPERATOR:
                    operator = text
                else:
                    (inputs if field == INPUT else outputs).append(text)
            else:
                self.over(wire, length)
        if operator == "Identity" and inputs and outputs:
            self.copies.append((inputs[0], outputs[0]))
        elif operator == "BatchNormalization":
            self.buffers.update(inputs[3:5])

    def fields(self, end: int) -> Iterator[tuple[int, int, int]]:
        """The fields of a message: number, sort, and the value of a number or the length of what follows."""
        pieces = self.pieces
        if end > pieces.size:
            pieces.fail(f"a message that ends at {end:,}, the file at {pieces.size:,}: cut off, or no ONNX model")
        while pieces.at < end:
            key = self.varint()
            wire = key & 7
            if wire not in (VARINT, FIXED64, BYTES, FIXED32) or not key >> 3:
                pieces.fail("no ONNX model: a field of no sort that there is")
            length = {FIXED64: 8, FIXED32: 4}.get(wire) or self.varint()
            if wire != VARINT and length > end - pieces.at:
                pieces.fail(f"a field of {length:,} bytes, the message ends {end - pieces.at:,} bytes on")
            yield key >> 3, wire, length

    def over(self, wire: int, length: int) -> None:
        """Pass over a field's value."""
        if wire != VARINT:
            self.pieces.skip(length, "a field")

    def varint(self) -> int:
        """A number of seven bits a byte."""
        value = place = 0
        byte = 128
        while byte >= 128:
            if place == 70:
                self.pieces.fail("a number of more than ten bytes")
            byte = self.pieces.read(1, "a number")[0]
            value |= (byte & 127) << place
            place += 7
        return value

    def text(self, length: int) -> str:
        """A text."""
        if length > MAX_NAME:
            self.pieces.fail(f"a name of {length:,} bytes: at most {MAX_NAME:,} are possible")
        try:
            return self.pieces.read(length, "a name").decode("utf-8")
        except UnicodeDecodeError:
            self.pieces.fail("a name that is no UTF-8")
