"""A definition of Caffe made into a spec."""

from __future__ import annotations

from archspec.errors import SpecError, UsageError, clipped, did_you_mean, show
from archspec.importers.caffe.layers import LOSSES, RULES
from archspec.importers.caffe.net import Net
from archspec.importers.caffe.reading import Message, message_of
from archspec.importers.composing.compose import spec_of
from archspec.importers.composing.layers import Input, Output
from archspec.importers.sources import Converted
from archspec.text.reader import text_of

HEADER = ("name", "input", "input_shape", "input_dim", "layer", "layers", "force_backward", "debug_info", "state")
ABOUT = (
    "name",
    "type",
    "bottom",
    "top",
    "include",
    "exclude",
    "phase",
    "param",
    "blobs_lr",
    "weight_decay",
    "propagate_down",
    "loss_weight",
)
SOURCES = ("Data", "ImageData", "HDF5Data", "MemoryData", "WindowData", "AnnotatedData")
# What the first version of the format calls its types.
FORMER = {
    "INNER_PRODUCT": "InnerProduct",
    "RELU": "ReLU",
    "PRELU": "PReLU",
    "LRN": "LRN",
    "TANH": "TanH",
    "ABSVAL": "AbsVal",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "ELTWISE": "Eltwise",
}


def convert(file: str, architecture: str | None) -> Converted:
    """The spec of a definition. Raises ArchspecError."""
    if architecture is not None:
        raise UsageError("--architecture is of configs of transformers: a definition of Caffe is one network")
    root = message_of(text_of(file))
    for name in root.fields:
        if name not in HEADER:
            raise root.fail(f"{show(name)} is no name of a definition that archspec knows", name)
    inputs = inputs_of(root)
    layers = [layer for key in ("layer", "layers") for layer in root.messages(key) if runs(layer)]
    for layer in layers:
        layer.path = clipped(layer.text("name", "layer"), 100)
        if layer.text("type") == "Input":
            shapes = layer.message("input_param").messages("shape")
            for place, top in enumerate(layer.texts("top")):
                add_input(inputs, top, shapes[min(place, len(shapes) - 1)].wholes("dim", 1) if shapes else [], layer)
    if not inputs:
        hint = "take the definition that is deployed: it says the shape of its input"
        raise SpecError("the definition has no input of a known shape", hint=hint)
    net = Net([tuple(shape) for shape in inputs.values()])
    net.blobs = {name: (-1 - number, 0) for number, name in enumerate(inputs)}
    read: set[Output] = set()
    for layer in layers:
        run(net, layer, read)
    ends = [blob for blob in dict.fromkeys(net.blobs.values()) if blob not in read and blob[0] >= 0]
    if not ends:
        raise SpecError("the definition has no layers")
    shown = {name: Input(-1 - number, tuple(shape), "float32") for number, (name, shape) in enumerate(inputs.items())}
    spec = spec_of(root.text("name") or "net", shown, net.sheet.layers, ends)
    head = {"archspec": 1, "name": spec.pop("name"), "summary": "A definition of Caffe."}
    spec.pop("archspec")
    return Converted({**head, **spec})


def inputs_of(root: Message) -> dict[str, list[int]]:
    """The inputs that stand before the layers, without the batch."""
    inputs: dict[str, list[int]] = {}
    names, shapes, dims = root.texts("input"), root.messages("input_shape"), root.wholes("input_dim", 1)
    for number, name in enumerate(names):
        sizes = shapes[number].wholes("dim", 1) if number < len(shapes) else dims[4 * number : 4 * number + 4]
        add_input(inputs, name, sizes, root)
    return inputs


def add_input(inputs: dict[str, list[int]], name: str, sizes: list[int], message: Message) -> None:
    """Take down an input. Raises SpecError."""
    if not 2 <= len(sizes) <= 8 or name in inputs:
        raise message.fail(f"the input {show(name)} has no shape of a batch and sizes, or is there already")
    inputs[name] = sizes[1:]


def runs(layer: Message) -> bool:
    """Whether a layer is there when the network is tested."""
    phases = [rule.text("phase") for rule in layer.messages("include")]
    left_out = [rule.text("phase") for rule in layer.messages("exclude")]
    return "TRAIN" not in phases and "TEST" not in left_out and layer.text("phase") != "TRAIN"


def type_of(layer: Message) -> str:
    """The type of a layer, by its name of today."""
    said = layer.text("type")
    return FORMER.get(said) or ("".join(map(str.capitalize, said.split("_"))) if said.isupper() else said)


def run(net: Net, layer: Message, read: set[Output]) -> None:
    """Put down what a layer is, and what its tops are then."""
    kind = type_of(layer)
    tops, bottoms = layer.texts("top"), layer.texts("bottom")
    if kind == "Input":
        return
    if kind in SOURCES:
        if not all(top in net.blobs for top in tops[:1]):
            hint = "take the definition that is deployed: it says the shape of its input"
            raise layer.fail("reads files whose sizes the definition does not say", "type", hint)
        return
    if kind in LOSSES:
        return
    rule = RULES.get(kind)
    if rule is None:
        raise layer.fail(f"the layer {show(kind)} is not known", "type", did_you_mean(kind, RULES))
    sources = []
    for bottom in bottoms:
        if bottom not in net.blobs:
            raise layer.fail(f"reads {show(bottom)}, which nothing before it makes", "bottom")
        sources.append(net.blobs[bottom])
    if not sources:
        raise layer.fail("reads nothing", "bottom")
    net.named(layer.text("name") or kind)
    made = rule(net, layer, sources)
    layer.ignore(*ABOUT)
    layer.done()
    if len(made) < len(tops):
        raise layer.fail(f"gives {len(made)} blobs, {len(tops)} are named", "top")
    read.update(source for source in sources if source not in made)
    net.blobs.update(zip(tops, made, strict=False))
