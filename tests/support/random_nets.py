"""Random small networks as text, each with its layers and storages as whoever made it knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import yaml
from hypothesis import strategies as st

KINDS = [
    "linear", "linear", "relu", "inplace", "add", "concat", "split", "slice", "identity", "dropout", "parameter",
    "constant",
]  # fmt: skip


@dataclass
class Net:
    """A network of vectors: layers with the tensors they take and give, and the storage of each tensor."""

    inputs: dict[str, int]
    layers: list[tuple[str, dict, list[str], list[str]]] = field(default_factory=list)  # id, layer, takes, gives
    size: dict[str, int] = field(default_factory=dict)  # of a tensor, in elements
    storage: dict[str, str] = field(default_factory=dict)  # of a tensor: the tensor that it was allocated for
    whole: dict[str, bool] = field(default_factory=dict)  # of a storage: held by a weight, so it takes nothing
    outputs: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The spec."""
        layers = [{**layer, "id": name} for name, layer, _, _ in self.layers]
        spec = {"archspec": 1, "name": "random", "inputs": {name: [size] for name, size in self.inputs.items()}}
        return yaml.safe_dump({**spec, "layers": layers, "outputs": self.outputs}, sort_keys=False)

    def bytes(self, storage: str) -> int:
        """What a storage takes in float32."""
        return 0 if self.whole.get(storage) else 4 * self.size[storage]

    def alive(self, order: list[int], step: int) -> set[str]:
        """The storages alive while a layer runs, by definition: made by then, and touched then or later or a result."""
        ran = set(self.inputs) | {name for place in order[: step + 1] for name in self.layers[place][3]}
        touched = {name for place in order[step:] for name in self.layers[place][2] + self.layers[place][3]}
        wanted = {self.storage[name] for name in touched | set(self.outputs)}
        return {self.storage[name] for name in ran} & wanted

    def live(self, order: list[int]) -> list[int]:
        """Bytes alive while each layer of an order runs."""
        return [sum(map(self.bytes, self.alive(order, step))) for step in range(len(order))]

    def orders(self, limit: int) -> list[list[int]]:
        """Every order in which each layer computes what it computes in that of the file."""
        after: list[set[int]] = []
        for number, (_, layer, takes, gives) in enumerate(self.layers):
            waits = set()
            for earlier, (_, other, _, made) in enumerate(self.layers[:number]):
                mine = {self.storage[name] for name in takes + gives}
                theirs = {self.storage[name] for name in self.layers[earlier][2] + made}
                writes = {"inplace": True} in (layer.get("relu"), other.get("relu"))
                if set(takes) & set(made) or (writes and mine & theirs):
                    waits.add(earlier)
            after.append(waits)
        found: list[list[int]] = []

        def extend(order: list[int]) -> None:
            if len(found) >= limit:
                return
            if len(order) == len(after):
                found.append(order)
            for number, waits in enumerate(after):
                if number not in order and waits <= set(order):
                    extend([*order, number])

        extend([])
        return found


@st.composite
def nets(draw: st.DrawFn, most: int = 7) -> Net:
    """Networks with views, what overwrites, several outputs and inputs, results that nobody uses, weights."""
    net = Net({f"x{number}": draw(st.sampled_from([2, 4, 8])) for number in range(draw(st.integers(1, 2)))})
    net.size.update(net.inputs)
    net.storage.update({name: name for name in net.inputs})
    numbers = count()
    for _ in range(draw(st.integers(1, most))):
        name = f"n{next(numbers)}"
        tensors = list(net.size)
        source = draw(st.sampled_from(tensors[-4:]))
        size = net.size[source]
        kind = draw(st.sampled_from(KINDS))
        if kind == "split" and size % 2:
            kind = "relu"
        layer, takes, gives = {"from": source}, [source], [name]
        if kind == "linear":
            net.size[name] = draw(st.sampled_from([2, 4, 8, 16, 64]))
            layer["linear"] = net.size[name]
        elif kind == "relu":
            layer["relu"], net.size[name] = None, size
        elif kind == "inplace":
            layer["relu"], net.size[name] = {"inplace": True}, size
        elif kind in ("identity", "dropout"):
            layer[kind], net.size[name] = None, size
        elif kind == "add":
            other = draw(st.sampled_from([each for each in tensors if net.size[each] == size]))
            layer, takes = {"add": [source, other]}, [source, other]
            net.size[name] = size
        elif kind == "concat":
            other = draw(st.sampled_from(tensors))
            layer, takes = {"concat": [source, other]}, [source, other]
            net.size[name] = size + net.size[other]
        elif kind == "split":
            layer["split"] = 2
            gives = [f"{name}.0", f"{name}.1"]
            net.size.update(dict.fromkeys(gives, size // 2))
        elif kind == "slice":
            layer["slice"] = {"axis": 1, "end": 1}
            net.size[name] = 1
        elif kind == "constant":
            layer["constant"], takes = {"shape": [size]}, []
            net.size[name] = size
        else:
            layer["parameter"], takes = {"shape": [size], "once": True}, []
            net.size[name] = size
        aliases = kind in ("inplace", "identity", "dropout", "split", "slice")
        for tensor in gives:
            net.storage[tensor] = net.storage[source] if aliases else tensor
        net.whole[name] = kind == "parameter"
        net.layers.append((name, layer, takes, gives))
    net.outputs = draw(st.lists(st.sampled_from(list(net.size)), min_size=1, max_size=4, unique=True))
    return net
