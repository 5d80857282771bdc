"""What layers of a spec's text are called: by id where they have one, as tables and `explain` name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archspec.kinds import kinds
from archspec.language.nodes import BranchesNode, ExpertsNode, Node, SeqNode, Spec

Path = tuple[str | int, ...]


def names(spec: Spec) -> dict[str, str]:
    """Each written layer's name by its place: ``layers.3``, and ``blocks.basic.layers.0`` for one of a block."""
    called: dict[str, str] = {}
    places = {"": spec.layers, **{f"blocks.{name}.": block.layers for name, block in spec.home.blocks.items()}}
    for prefix, nodes in places.items():
        for path, name in _named(nodes, prefix):
            called.setdefault(path, name)  # a layer and the `norm` and `act` behind it stand at one place
    return called


def _named(nodes: Iterable[Node], prefix: str) -> Iterator[tuple[str, str]]:
    for node in nodes:
        structure = (
            next((key for key in ("residual", "parallel", "experts", "seq") if key in node.data), "")
            if node.data
            else ""
        )
        yield short(node.path), prefix + (node.name or structure)
        if not isinstance(node, SeqNode | BranchesNode | ExpertsNode):
            continue
        below = prefix if node.inline else f"{prefix}{node.name}."
        if isinstance(node, SeqNode):
            yield from _named(node.body, below)
            continue
        for part in node.parts:
            if isinstance(part, SeqNode):
                yield from _named(part.body, below if part.inline else f"{below}{part.name}.")


def short(path: str) -> str:
    """A path with a residual's body in its short form: a list of layers."""
    return path.replace(".residual.body.", ".residual.")


def name_of(called: Mapping[str, str], path: Path, layer: int) -> str:
    """What stands at a path, of which the first so many steps lead to a layer: ``stem.kernel``; 0 where it is none."""
    if not layer:
        return joined(path)
    name = called.get(short(joined(path[:layer])), joined(path[:layer]))
    if len(path) == layer:
        return name
    key, rest = str(path[layer]), path[layer + 1 :]
    kind = kinds().get(key)
    if kind is not None:
        return joined((name, *(rest or ((kind.main,) if kind.main else (key,)))))
    return joined((name, *(rest or (key,)))) if key != "with" else joined((name, key, *rest))


def joined(path: Path) -> str:
    """A path as text."""
    return ".".join(map(str, path))
