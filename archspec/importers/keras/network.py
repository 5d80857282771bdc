"""The layers of a model, put down one after the other; and how a tensor lies, for Keras has channels last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from archspec.errors import SpecError, show
from archspec.importers.composing.layers import FLOATS, MAX_LAYERS, Layer, Output, Weight, traits_of
from archspec.importers.keras.config import Config

Order = tuple[int, ...]


@dataclass(frozen=True)
class Tensor:
    """What a layer gives: its sizes as Keras has them, without the batch, and which of these each axis here is."""

    layer: int
    output: int
    shape: tuple[int, ...]
    order: Order
    dtype: str = "float32"
    origin: str | None = None  # the input that it is, element by element

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its sizes in archspec's order."""
        return tuple(self.shape[axis] for axis in self.order)

    @property
    def plain(self) -> bool:
        """Whether the axes stand as Keras has them."""
        return self.order == natural(len(self.shape))

    @property
    def source(self) -> Output:
        """The layer and which output."""
        return self.layer, self.output

    def place(self, axis: int) -> int:
        """The number archspec gives to an axis of Keras, the batch being 0."""
        return 1 + self.order.index(axis)


class Network:
    """The layers so far."""

    def __init__(self, orders: dict[str, Order]) -> None:
        self.layers: list[Layer] = []
        self.orders = orders  # of inputs
        self.wanted: dict[str, Order] = {}  # what the first layer that minds asks of an input
        self.looked_up: set[str] = set()  # inputs that an embedding reads: whole numbers, whatever the file says
        self.scope: tuple[str, ...] = ()
        self.owner: tuple[str, ...] = ()  # the scope of the first call, by which weights are called
        self.name = ""
        self.again = False  # a layer, or the model it is in, that was called before
        self.config = Config({}, "")
        self.keys: dict[str, Any] = {}
        self.turned: dict[tuple[Output, Order], Tensor] = {}

    def fail(self, message: str) -> SpecError:
        """An error of the layer that is read."""
        return self.config.fail(message)

    def put(self, kind: str, tensors: list[Tensor], arguments: dict[str, Any] | None = None, name: str = "") -> Layer:
        """A layer; ``name`` is its own in the scope."""
        arguments = arguments or {}
        if len(self.layers) >= MAX_LAYERS:
            raise self.fail(f"the network has more than {MAX_LAYERS:,} layers")
        traits = traits_of(kind, arguments, tuple([(1, *tensor.sizes) for tensor in tensors]), self.fail)
        path = "/".join((*self.owner, name))
        weights = {
            weight.name: Weight(f"{path}/{weight.name}", tuple(map(int, weight.shape)), weight.dtype)
            for weight in traits.weights
        }
        shapes: Any = tuple(shape[1:] for shape in traits.outputs)
        read = [tensor.source for tensor in tensors]
        name = "" if self.again else name
        layer = Layer(kind, arguments, read, self.scope, weights, shapes, name=name)
        layer.keys = dict(self.keys) if weights else {}
        self.layers.append(layer)
        return layer

    def flow(
        self,
        kind: str,
        tensors: list[Tensor],
        shape: tuple[int, ...],
        order: Order,
        arguments: dict[str, Any] | None = None,
        name: str = "",
    ) -> Tensor:
        """The one output of a new layer, whose sizes are known beforehand."""
        layer = self.put(kind, tensors, arguments, name)
        made = Tensor(len(self.layers) - 1, 0, shape, order, tensors[0].dtype if tensors else "float32")
        if layer.shape != made.sizes:
            raise self.fail(f"its output should have the sizes {list(made.sizes)}, {kind} gives {list(layer.shape)}")
        return made

    def window(self, kind: str, tensor: Tensor, arguments: dict[str, Any], name: str = "") -> Tensor:
        """A layer over channels and spatial axes, of which it gives as many."""
        layer = self.put(kind, [tensor], arguments, name)
        sizes = dict(zip(tensor.order, layer.shape, strict=True))
        return Tensor(len(self.layers) - 1, 0, tuple(sizes[axis] for axis in range(len(sizes))), tensor.order)

    def each(self, kind: str, tensor: Tensor, arguments: dict[str, Any] | None = None, name: str = "") -> Tensor:
        """A layer of single elements."""
        self.put(kind, [tensor], arguments, name)
        return replace(tensor, layer=len(self.layers) - 1, output=0)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Layers of a module of its own."""
        before = self.scope, self.owner
        self.scope, self.owner = (*self.scope, name), (*self.owner, name)
        try:
            yield
        finally:
            self.scope, self.owner = before

    # How tensors lie.

    def laid(self, tensor: Tensor, order: Order) -> Tensor:
        """A tensor with its axes in this order."""
        if tensor.origin is not None:
            self.wanted.setdefault(tensor.origin, order)
        if tensor.order == order:
            return tensor
        if (tensor.source, order) not in self.turned:
            self.turned[tensor.source, order] = self._turned(tensor, order)
        return self.turned[tensor.source, order]

    def _turned(self, tensor: Tensor, order: Order) -> Tensor:
        def moving(axes: Order) -> list[int]:
            return [axis for axis in axes if tensor.shape[axis] != 1]

        if moving(tensor.order) == moving(order):
            sizes = [tensor.shape[axis] for axis in order]
            return self.flow("reshape", [tensor], tensor.shape, order, {"shape": sizes})
        axes = [tensor.place(axis) for axis in order]
        return self.flow("permute", [tensor], tensor.shape, order, {"order": axes})

    def image(self, tensor: Tensor, rank: int | None = None, form: str = "channels_last") -> Tensor:
        """A tensor of ``rank`` spatial axes with its channels first."""
        if len(tensor.shape) < 2 or (rank is not None and len(tensor.shape) != rank + 1):
            wanted = "spatial axes" if rank is None else f"{rank} spatial axes"
            raise self.fail(f"takes channels and {wanted}, got {list(tensor.shape)}")
        last = len(tensor.shape) - 1
        return self.laid(tensor, (last, *range(last)) if form == "channels_last" else natural(last + 1))

    def natural(self, tensor: Tensor) -> Tensor:
        """A tensor with its axes as Keras has them."""
        return self.laid(tensor, natural(len(tensor.shape)))

    def reshaped(self, tensor: Tensor, shape: tuple[int, ...], name: str = "", free: int | None = None) -> Tensor:
        """The same elements in Keras's order under other sizes, of which the axis ``free`` is worked out."""
        if prod(shape) != prod(tensor.shape):
            raise self.fail(f"{list(tensor.shape)} has {prod(tensor.shape):,} elements, {list(shape)} {prod(shape):,}")
        solid = [axis for axis in tensor.order if tensor.shape[axis] != 1]
        if solid != sorted(solid):
            tensor = self.natural(tensor)
        elif tensor.origin is not None:
            self.wanted.setdefault(tensor.origin, natural(len(tensor.shape)))
        order = natural(len(shape))
        if len(shape) > 2 and all(size == 1 for size in shape[:-1]):
            order = (len(shape) - 1, *range(len(shape) - 1))  # channels of an image, as what follows takes them
        sizes = [-1 if axis == free else shape[axis] for axis in order]
        if len(shape) == 1 and len(tensor.shape) > 1:
            return self.flow("flatten", [tensor], shape, order, {}, name)
        return self.flow("reshape", [tensor], shape, order, {"shape": sizes}, name)


def natural(rank: int) -> Order:
    """Axes as they come."""
    return tuple(range(rank))


def one_tensor(net: Network, values: list[Any]) -> Tensor:
    """The one tensor that a layer takes."""
    tensors = tensors_of(net, values)
    if len(tensors) != 1:
        raise net.fail(f"takes one tensor, got {len(tensors)}")
    return tensors[0]


def tensors_of(net: Network, values: list[Any]) -> list[Tensor]:
    """Tensors that a layer takes, as arguments or as lists of them."""
    listed = [item for value in values for item in (value if isinstance(value, list) else [value])]
    for value in listed:
        if not isinstance(value, Tensor):
            raise net.fail(f"takes tensors, got {show(value)}")
    return listed


def is_float(tensor: Tensor) -> bool:
    """Whether it holds floating-point numbers."""
    return tensor.dtype in FLOATS
