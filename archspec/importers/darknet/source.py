"""A configuration of Darknet made into a spec."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from archspec.errors import SpecError, UsageError, did_you_mean, show
from archspec.importers.composing.compose import spec_of
from archspec.importers.composing.layers import Input, Output
from archspec.importers.composing.sheet import Sheet, repeated
from archspec.importers.darknet.reading import Section, sections_of
from archspec.importers.sources import Converted
from archspec.text.reader import text_of

ACTIVATIONS = {
    "elu": "elu",
    "gelu": "gelu",
    "hardtan": "hardtanh",
    "leaky": "leaky_relu",
    "linear": None,
    "logistic": "sigmoid",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "swish": "silu",
    "tanh": "tanh",
}
DEFAULTS = {"batchnorm": {"eps": 1e-6, "counter": False}, "leaky_relu": {"slope": 0.1}}
SIZED = ("inputs", "time_steps", "max_crop", "min_crop")  # keys of [net] that other sorts of networks follow from
BOXES = {"yolo": 5, "gaussian_yolo": 9}  # numbers of a box beside its classes


class Reading:
    """The layers while sections are read in their order."""

    def __init__(self, shape: tuple[int, ...], sections: list[Section]) -> None:
        self.sheet = Sheet([shape])
        self.outputs: list[Output] = []  # of each section
        self.ends: list[Output] = []  # outputs of the network: what heads give
        self.named = {place for section in sections for place in places_named(section)}

    def before(self) -> Output:
        """What the section before gives."""
        return self.outputs[-1] if self.outputs else (-1, 0)

    def put(
        self, section: Section, kind: str, sources: list[Output], arguments: Any = None, *, last: bool = True
    ) -> Output:
        """A layer of a section; the last one has its name, where a later section asks for it."""
        name = f"layer_{section.place}" if last and section.place in self.named else ""
        return self.sheet.put(section.fail, kind, sources, arguments, name)


Rule = Callable[[Reading, Section], Output]


def convert(file: str, architecture: str | None) -> Converted:
    """The spec of a configuration. Raises ArchspecError."""
    if architecture is not None:
        raise UsageError("--architecture is of configs of transformers: a configuration of Darknet is one network")
    sections = sections_of(text_of(file))
    if not sections or sections[0].kind not in ("net", "network"):
        raise SpecError("must begin with the section [net]")
    net, *rest = sections
    for key in SIZED:
        if net.text(key, "1") not in ("0", "1"):
            raise net.fail("is a size of networks that are not read", key)
    shape = (net.whole("channels", 3, 1), net.whole("height", None, 1), net.whole("width", None, 1))
    for number, section in enumerate(rest):
        section.place = number
    reading = Reading(shape, rest)
    for section in rest:
        rule = RULES.get(section.kind)
        if rule is None:
            hint = did_you_mean(section.kind, RULES)
            raise section.fail(f"the section {show(section.kind)} is not known", hint=hint)
        reading.outputs.append(rule(reading, section))
        section.done()
    if not reading.sheet.layers:
        raise SpecError("has no layers")
    ends = list(dict.fromkeys(reading.ends)) or [reading.before()]
    name = os.path.splitext(os.path.basename(file))[0]
    spec = spec_of(name, {"image": Input(-1, shape, "float32")}, reading.sheet.layers, ends)
    spec["layers"] = repeated(spec["layers"])
    written = str(spec["layers"])
    head = {"archspec": 1, "name": spec.pop("name"), "summary": "A configuration of Darknet.", "inputs": spec["inputs"]}
    defaults = {kind: arguments for kind, arguments in DEFAULTS.items() if kind in written}
    return Converted({**head, **({"defaults": defaults} if defaults else {}), "layers": spec["layers"], **spec})


def places_named(section: Section) -> list[int]:
    """The sections that another one reads, other than that right before it and the start of a shortcut."""
    key = {"route": "layers", "scale_channels": "from", "sam": "from"}.get(section.kind)
    if key is None or key not in section.values:
        return []
    return [place if place >= 0 else section.place + place for place in section.wholes(key) if place != -1]


def source(reading: Reading, section: Section, place: int, key: str) -> Output:
    """What the section at a place gives, counted from this one where it is below 0."""
    number = place if place >= 0 else section.place + place
    if not 0 <= number < section.place:
        raise section.fail(f"{place} is no section before this one, which is number {section.place}", key)
    return reading.outputs[number]


def activation(section: Section, default: str) -> str | None:
    """The kind of an activation."""
    name = section.text("activation", default)
    if name not in ACTIVATIONS:
        raise section.fail(
            f"{show(name)} is no activation that archspec knows", "activation", did_you_mean(name, ACTIVATIONS)
        )
    return ACTIVATIONS[name]


def folded(section: Section, default: str) -> dict[str, Any]:
    """The norm and the activation behind a layer with a matrix."""
    act = activation(section, default)
    norm = section.whole("batch_normalize", 0)
    return {**({"bias": False, "norm": "batchnorm"} if norm else {}), **({"act": act} if act else {})}


def convolutional(reading: Reading, section: Section) -> Output:
    """A convolution; `pad` is half of the kernel."""
    section.ignore("stopbackward", "burnin_update", "train_only_bn", "label_smooth_eps")
    for key in (
        "binary",
        "xnor",
        "flipped",
        "antialiasing",
        "deform",
        "assisted_excitation",
        "share_index",
        "coordconv",
    ):
        section.only(key, "0")
    kernel, stride = section.whole("size", 1, 1), section.whole("stride", 1, 1)
    strides = [section.whole("stride_y", stride, 1), section.whole("stride_x", stride, 1)]
    padding, groups = section.whole("padding", 0), section.whole("groups", 1, 1)
    dilation = section.whole("dilation", 1, 1)
    padding = kernel // 2 * dilation if section.whole("pad", 0) else padding
    optional = {
        "stride": stride if strides == [stride, stride] else strides,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    plain = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    arguments: dict[str, Any] = {"out": section.whole("filters", 1, 1), "kernel": kernel}
    arguments |= {key: value for key, value in optional.items() if value != plain[key]}
    return reading.put(section, "conv", [reading.before()], {**arguments, **folded(section, "logistic")})


def connected(reading: Reading, section: Section) -> Output:
    """A linear layer on all that comes in."""
    taken = reading.before()
    if len(reading.sheet.shape(taken)) > 1:
        taken = reading.put(section, "flatten", [taken], last=False)
    arguments = {"out": section.whole("output", 1, 1), **folded(section, "logistic")}
    return reading.put(section, "linear", [taken], arguments)


def maxpool(reading: Reading, section: Section) -> Output:
    """Max pooling; its padding is that of both sides together, half of it before."""
    for key in ("maxpool_depth", "antialiasing"):
        section.only(key, "0")
    stride = section.whole("stride", 1, 1)
    kernel = section.whole("size", stride, 1)
    padding = section.whole("padding", kernel - 1)
    before, after = padding // 2, padding - padding // 2
    _, *sides = reading.sheet.shape(reading.before())
    needless = all((side + padding - kernel) // stride == (side - kernel) // stride for side in sides)
    if needless and not before:
        before = after = 0
    arguments: dict[str, Any] = {"kernel": kernel} | ({"stride": stride} if stride != kernel else {})
    if after:
        arguments["padding"] = before if before == after else [before] * len(sides) + [after] * len(sides)
    return reading.put(section, "maxpool", [reading.before()], arguments)


def avgpool(reading: Reading, section: Section) -> Output:
    """The mean of each channel."""
    return reading.put(section, "global_avgpool", [reading.before()])


def route(reading: Reading, section: Section) -> Output:
    """What earlier sections give, side by side; of several groups of their channels one."""
    sources = [source(reading, section, place, "layers") for place in section.wholes("layers")]
    groups, chosen = section.whole("groups", 1, 1), section.whole("group_id", 0)
    made = []
    for taken in sources:
        if groups > 1:
            channels = reading.sheet.shape(taken)[0]
            if channels % groups or chosen >= groups:
                raise section.fail(f"{channels} channels have no group {chosen} of {groups}", "groups")
            part = channels // groups
            ends = {"end": (chosen + 1) * part} if chosen + 1 < groups else {}
            starts = {"start": chosen * part} if chosen else {}
            arguments = {"axis": 1, **starts, **ends}
            made.append(reading.put(section, "slice", [taken], arguments, last=len(sources) == 1))
        else:
            made.append(taken)
    return made[0] if len(made) == 1 else reading.put(section, "concat", made)


def shortcut(reading: Reading, section: Section) -> Output:
    """The sum with earlier sections."""
    for key in ("weights_type", "weights_normalization"):
        section.only(key, "none")
    places = section.wholes("from")
    act = activation(section, "linear")
    sources = [reading.before(), *(source(reading, section, place, "from") for place in places)]
    made = reading.put(section, "add", sources, last=act is None)
    return made if act is None else reading.put(section, act, [made])


def upsample(reading: Reading, section: Section) -> Output:
    """Positions repeated."""
    section.only("scale", "1", "1.0", "1.")
    return reading.put(section, "upsample", [reading.before()], {"scale": section.whole("stride", 2, 1)})


def reorg(reading: Reading, section: Section) -> Output:
    """Positions made channels."""
    section.only("reverse", "0")
    section.only("flatten", "0")
    section.only("extra", "0")
    return reading.put(section, "pixel_unshuffle", [reading.before()], {"factor": section.whole("stride", 1, 1)})


def dropout(reading: Reading, section: Section) -> Output:
    """Dropout."""
    section.only("dropblock", "0")
    return reading.put(section, "dropout", [reading.before()], {"p": section.number("probability", 0.5)})


def softmax(reading: Reading, section: Section) -> Output:
    """Softmax over all that comes in."""
    section.only("groups", "1")
    section.ignore("temperature", "noloss")
    taken = reading.before()
    if len(reading.sheet.shape(taken)) > 1:
        taken = reading.put(section, "flatten", [taken], last=False)
    return reading.put(section, "softmax", [taken])


def gated(reading: Reading, section: Section) -> Output:
    """A tensor by factors of its channels, or of each element."""
    section.only("scale_wh", "0")
    act = activation(section, "linear")
    (place,) = section.wholes("from")
    scaled = source(reading, section, place, "from")
    shapes = {reading.sheet.shape(scaled), reading.sheet.shape(reading.before())}
    arguments = {"broadcast": True} if len(shapes) > 1 else {}
    made = reading.put(section, "mul", [scaled, reading.before()], arguments, last=act is None)
    return made if act is None else reading.put(section, act, [made])


def head(reading: Reading, section: Section) -> Output:
    """A head: its channels are boxes and classes; what is worked out of them has no layers."""
    boxes = len(section.wholes("mask")) if "mask" in section.values else section.whole("num", 1, 1)
    wanted = boxes * (section.whole("classes", 20, 1) + BOXES[section.kind])
    channels = reading.sheet.shape(reading.before())[0]
    if channels != wanted:
        raise section.fail(f"takes {wanted} channels, got {channels}")
    return end(reading, section)


def end(reading: Reading, section: Section) -> Output:
    """An output of the network, on which only losses and boxes are worked out."""
    section.ignore(*section.values)
    reading.ends.append(reading.before())
    return reading.before()


def cost(reading: Reading, section: Section) -> Output:
    """A loss, which is not of the network."""
    section.ignore(*section.values)
    return reading.before()


RULES: dict[str, Rule] = {
    "avg": avgpool,
    "avgpool": avgpool,
    "conn": connected,
    "connected": connected,
    "conv": convolutional,
    "convolutional": convolutional,
    "cost": cost,
    "detection": end,
    "dropout": dropout,
    "gaussian_yolo": head,
    "max": maxpool,
    "maxpool": maxpool,
    "region": end,
    "reorg": reorg,
    "route": route,
    "sam": gated,
    "scale_channels": gated,
    "shortcut": shortcut,
    "soft": softmax,
    "softmax": softmax,
    "upsample": upsample,
    "yolo": head,
}
