"""A model file of Ultralytics as a spec: rows of [from, repeats, module, args], channels and depths by a scale."""

from __future__ import annotations

import math
import os
import re
from fractions import Fraction
from functools import cache
from typing import Any

from archspec.errors import UsageError, listed, show, suggestion
from archspec.importers.sources import Converted
from archspec.importers.specialising import Data, Specialiser
from archspec.language.validate import fail
from archspec.records import NamedTuple
from archspec.text.document import Document
from archspec.text.reader import read
from archspec.text.shipped import shipped

KEYS = ("nc", "scales", "backbone", "head", "activation", "channels", "depth_multiple", "width_multiple")
ACTIVATIONS = {"SiLU": "silu", "ReLU": "relu", "Hardswish": "hardswish", "Mish": "mish", "GELU": "gelu"}
WORDS = {"None": None, "True": True, "False": False, "nc": "$nc"}
SCALED_FILE = r"yolo(?:e-)?v?\d+([nslmx])"  # how Ultralytics finds a scale in a file's name
FIGURE = r"^\s*(\w+)\s*:[^#\n]*#[^\n]*?(\d[\d,_]*) parameters"
MAX_ROWS = 1000


class Row(NamedTuple):
    """A row of the file: where it comes from (numbers of rows, -1 the input), how often, which module, arguments."""

    sources: list[int]
    repeats: int
    module: str
    args: list[Any]
    data: Any
    path: str


class Scale(NamedTuple):
    """A multiple of depths, one of widths, and the most channels before it."""

    depth: float
    width: float
    most: float


@cache
def library() -> Data:
    """The modules that are known, and their blocks."""
    data: Any = read(shipped("importers/ultralytics")["modules"]).data
    return dict(data)


def convert(document: Document, chosen: str | None) -> Converted:
    """The spec of a model file, its scales as variants, ``chosen`` that which holds. Raises ArchspecError."""
    data: Any = document.data
    for key in data:
        if key not in KEYS:
            message = f"{show(key)} is no key of a model file that archspec knows: a size may follow from it"
            raise fail(message, data, key, path="", hint=suggestion(key, KEYS), of_key=True)
    if not is_count(data.get("nc")):
        raise fail(f"`nc` must be a number of classes, got {show(data.get('nc'))}", data, "nc", path="")
    stem = os.path.splitext(os.path.basename(document.name))[0]
    scales = scales_of(data)
    name = chosen_scale(scales, chosen, stem)
    values: Data = {"nc": data["nc"], **(named(scales[name]) if scales else {}), "activation": activation(data)}
    rows = [row for key in ("backbone", "head") for row in rows_of(data, key)]
    if not rows:
        raise fail("`backbone` must be a list of rows", data, path="")
    writer = Writer(rows, scales, data["nc"])
    layers = writer.layers()
    values["legacy"] = all(row.module != "C3k2" for row in rows)
    channels = data.get("channels", 3)
    if not is_count(channels):
        raise fail(f"`channels` must be a whole number, got {show(channels)}", data, "channels", path="")
    general: Data = {"layers": layers}
    made = Specialiser(general, values, blocks_of(rows), {}).run()
    variables = dict(made["vars"])
    if writer.deep:
        variables["deep"] = name in "mlx"
    spec: Data = {
        "archspec": 1,
        "name": re.sub(r"[^\w-]+", "_", stem) or "network",
        "summary": "A model file of Ultralytics.",
        "dims": {"H": 224, "W": 224} if rows[-1].module == "Classify" else {"H": 640, "W": 640},
        "inputs": {"image": [channels, "$H", "$W"]},
        "vars": variables,
        "variants": {key: variant(key, scale, variables) for key, scale in scales.items() if key},
        "blocks": made["blocks"],
        "layers": made["layers"],
        "expect": figures(document.text, scales),
    }
    return Converted({key: value for key, value in spec.items() if value})


def scales_of(data: Any) -> dict[str, Scale]:
    """The scales by name; one without a name where the file has multiples of its own, none where it has neither."""
    stated = data.get("scales")
    if stated is None:
        if "depth_multiple" not in data and "width_multiple" not in data:
            return {}
        pair = (data.get("depth_multiple", 1.0), data.get("width_multiple", 1.0))
        return {"": Scale(*numbers(data, "depth_multiple", [*pair, math.inf]))}
    if not isinstance(stated, dict) or not stated:
        raise fail(f"`scales` must name scales, got {show(stated)}", data, "scales", path="")
    return {name: Scale(*numbers(stated, name, entry, "scales")) for name, entry in stated.items()}


def numbers(data: Any, key: str, entry: Any, path: str = "") -> list[float]:
    """Three positive numbers."""
    entries = entry if isinstance(entry, list) else []
    right = [item for item in entries if isinstance(item, int | float) and not isinstance(item, bool) and item > 0]
    if len(right) != 3 or len(entries) != 3 or max(right[:2]) > 1000:
        raise fail(f"a scale is [depth, width, most channels], got {show(entry)}", data, key, path=path)
    return right


def chosen_scale(scales: dict[str, Scale], chosen: str | None, stem: str) -> str:
    """The scale that is meant: as said, as the file is called, or the first."""
    if chosen is not None:
        if chosen not in scales:
            hint = f"it has {listed(scales)}" if scales else None
            raise UsageError(f"the file has no scale {show(chosen)}", hint=hint)
        return chosen
    match = re.search(SCALED_FILE, stem)
    return match[1] if match and match[1] in scales else next(iter(scales), "")


def named(scale: Scale) -> Data:
    """A scale as variables."""
    most = {} if scale.most == math.inf else {"max_channels": scale.most}
    return {"depth": scale.depth, "width": scale.width, **most}


def variant(name: str, scale: Scale, variables: Data) -> Data:
    """A scale as a variant: what the network asks for."""
    values = {**named(scale), "deep": name in "mlx"}
    return {key: value for key, value in values.items() if key in variables}


def activation(data: Any) -> str:
    """The kind of the activation behind each convolution."""
    stated = data.get("activation", "nn.SiLU()")
    match = re.fullmatch(r"(?:torch\.)?nn\.(\w+)\(\)", stated) if isinstance(stated, str) else None
    if not match or match[1] not in ACTIVATIONS:
        raise fail(f"the activation {show(stated)} is not known", data, "activation", path="")
    return ACTIVATIONS[match[1]]


def rows_of(data: Any, key: str) -> list[Row]:
    """The rows of a list."""
    rows = data.get(key, [])
    before = len(data["backbone"]) if key == "head" and isinstance(data.get("backbone"), list) else 0
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise fail(f"`{key}` must be a list of at most {MAX_ROWS} rows", data, key, path="")
    return [row_of(rows, number, before + number, key) for number, _ in enumerate(rows)]


def row_of(rows: Any, number: int, index: int, key: str) -> Row:
    row, path = rows[number], f"{key}.{number}"
    if not isinstance(row, list) or len(row) != 4 or not is_count(row[1]) or not isinstance(row[3], list):
        raise fail(f"a row is [from, repeats, module, args], got {show(row)}", rows, number, path=key)
    stated = row[0] if isinstance(row[0], list) else [row[0]]
    if not stated or any(not isinstance(item, int) or isinstance(item, bool) for item in stated):
        raise fail(f"`from` must be numbers of rows, got {show(row[0])}", row, 0, path=path)
    sources = [index + item if item < 0 else item for item in stated]
    if any(not -1 <= source < index or (source == -1 and index) for source in sources):
        raise fail(f"row {index} cannot take {show(row[0])}: it takes rows before it", row, 0, path=path)
    known = (*library()["modules"], "Concat", "nn.Upsample")
    if row[2] not in known:
        hint = suggestion(row[2], known) if isinstance(row[2], str) else None
        raise fail(f"the module {show(row[2])} is not known", row, 2, path=path, hint=hint)
    args = [WORDS.get(arg, arg) if isinstance(arg, str) else arg for arg in row[3]]
    return Row(sources, row[1], row[2], args, row, path)


class Writer:
    """Rows as layers; ``deep`` is whether one of them has another form in large scales."""

    def __init__(self, rows: list[Row], scales: dict[str, Scale], classes: int) -> None:
        self.rows = rows
        self.scales = scales
        self.classes = classes
        self.deep = False

    def layers(self) -> list[Data]:
        return [self.layer(index, row) for index, row in enumerate(self.rows)]

    def layer(self, index: int, row: Row) -> Data:
        """A row as a layer."""
        made = self.made(row)
        if row.repeats > 1 and "with" in made and "n" not in made["with"]:
            made["repeat"] = self.repeats(row)
        if "concat" not in made and row.sources != [index - 1]:
            sources = [address(source) for source in row.sources]
            made["from"] = sources if len(sources) > 1 else sources[0]
        return {**made, "id": f"model.{index}"}

    def made(self, row: Row) -> Data:
        """A row's module, as a kind or as a block's call."""
        if row.module == "Concat":
            if row.args not in ([1], []) or row.repeats != 1:
                raise fail("`Concat` is known along axis 1", row.data, 3, path=row.path)
            if len(row.sources) < 2:
                raise fail("`Concat` takes two rows or more", row.data, 0, path=row.path)
            return {"concat": [address(source) for source in row.sources]}
        if row.module == "nn.Upsample":
            size, scale, *mode = [*row.args, None, None][: max(2, len(row.args))]
            if size is not None or not is_count(scale) or mode not in (["nearest"], []) or row.repeats != 1:
                raise fail("`nn.Upsample` is known as [None, scale, nearest]", row.data, 3, path=row.path)
            return {"upsample": scale}
        known: Data = library()["modules"][row.module]
        arguments: Data = dict(known.get("given", {}))
        rest = list(row.args)
        if known.get("scaled"):
            if not rest or not (is_count(rest[0]) or rest[0] == "$nc"):
                raise fail(f"the first argument of `{row.module}` is a number of channels", row.data, 3, path=row.path)
            arguments["c"] = self.channels(row, rest.pop(0))
        if known.get("repeats"):
            arguments["n"] = self.repeats(row)
        if len(rest) > len(known["args"]):
            message = f"`{row.module}` is known with at most {len(known['args'])} further arguments: {show(row.args)}"
            raise fail(message, row.data, 3, path=row.path)
        for name, value in zip(known["args"], rest, strict=False):
            exact = isinstance(value, int) or (isinstance(value, float) and Fraction(str(value)) == Fraction(value))
            if not (exact or value == "$nc" or (value is None and name == "p")):
                message = f"`{name}` of `{row.module}` is {show(value)}, which is not known"
                raise fail(message, row.data, 3, path=row.path)
            arguments[name] = value
        if row.module == "C3k2" and not any(self.scales):
            raise fail("`C3k2` depends on the scale: the file has no `scales`", row.data, 2, path=row.path)
        if row.module == "C3k2" and any(name in "mlx" for name in self.scales):
            self.deep = self.deep or not arguments.get("c3k")
            arguments["c3k"] = arguments.get("c3k") or "$deep"
        return {"use": row.module, "with": arguments}

    def channels(self, row: Row, stated: Any) -> Any:
        """Channels by the width: a multiple of 8, at least the product. As many as classes stay as they are."""
        if stated in ("$nc", self.classes):
            return "$nc"
        if not self.scales:
            return 8 * math.ceil(stated / 8)
        limited = any(stated > scale.most for scale in self.scales.values())
        for scale in self.scales.values():
            count = min(stated, scale.most)
            if math.ceil(count * scale.width / 8) != math.ceil(Fraction(str(count)) * Fraction(str(scale.width)) / 8):
                raise fail(f"{count} * {scale.width} is rounded up in floating point", row.data, 3, path=row.path)
        return f"8 * ceil_div({f'min({stated}, $max_channels)' if limited else stated} * $width, 8)"

    def repeats(self, row: Row) -> Any:
        """Repeats by the depth."""
        if row.repeats == 1 or not self.scales:
            return row.repeats
        for scale in self.scales.values():
            count = round(row.repeats * scale.depth)
            if count != round(row.repeats * Fraction(str(scale.depth))):
                message = f"{row.repeats} * {scale.depth} is rounded in floating point"
                raise fail(message, row.data, 1, path=row.path)
            if count <= 1 and not library()["modules"][row.module].get("repeats"):
                raise fail(f"`{row.module}` stands once in one scale, in a row in another", row.data, 1, path=row.path)
        once = any(round(row.repeats * scale.depth) < 1 for scale in self.scales.values())
        return f"max(round({row.repeats} * $depth), 1)" if once else f"round({row.repeats} * $depth)"


def blocks_of(rows: list[Row]) -> Data:
    """The blocks, those of heads with as many levels as the file gives them."""
    levels = {len(row.sources) for row in rows if row.module == "Detect"}
    if len(levels) > 1:
        raise UsageError("heads with different numbers of levels are not known")
    blocks: Data = {}
    for name, block in library()["blocks"].items():
        made = dict(block)
        stated = made.pop("levels", None)
        if stated and levels:
            count = max(levels)
            each = [put(layer, str(index)) for index in range(count) for layer in stated]
            made["layers"] = each + [spread(layer, count) for layer in made["layers"]]
        blocks[name] = made
    return blocks


def address(source: int) -> str:
    """What a row is called, or the input before the first."""
    return f"model.{source}" if source >= 0 else "image"


def put(data: Any, index: str) -> Any:
    """Data with a level's number in it."""
    if isinstance(data, str):
        return data.replace("{i}", index)
    if isinstance(data, list):
        return [put(item, index) for item in data]
    return {key: put(value, index) for key, value in data.items()} if isinstance(data, dict) else data


def spread(data: Any, count: int) -> Any:
    """Data with the names of all levels for those that stand for them."""
    if isinstance(data, list):
        names = [[f"level{i}" for i in range(count)] if item == "level{*}" else [spread(item, count)] for item in data]
        return [name for group in names for name in group]
    return {key: spread(value, count) for key, value in data.items()} if isinstance(data, dict) else data


def figures(text: str, scales: dict[str, Scale]) -> Data:
    """Parameters that the file's comments state behind its scales."""
    stated = {name: int(re.sub(r"\D", "", count)) for name, count in re.findall(FIGURE, text, re.MULTILINE)}
    return {name: {"params": stated[name]} for name in scales if name in stated}


def is_count(value: Any) -> bool:
    """A whole number above zero."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
