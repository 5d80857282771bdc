"""A whole network: a spec expanded, its inputs named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.graph.expand import Expander
from archspec.graph.frame import Frame, Level
from archspec.graph.graph import Graph, Sealed, Tensor
from archspec.graph.places import outputs_of
from archspec.graph.sharing import mark
from archspec.graph.work import Together
from archspec.language.building import frozen, is_plain
from archspec.language.nodes import Spec


def expand(spec: Spec, env: dict[str, Any], inputs: Mapping[str, Tensor], together: Together | None = None) -> Graph:
    """Walk a spec with its variables' values ``env`` and its inputs' shapes. Raises ArchspecError, located.

    ``together`` bounds several walks.
    """
    plain = is_plain(frozen([env, *[tensor.shape for tensor in inputs.values()]]))
    if plain and not spec.home.opened:
        try:
            return _graph(spec, inputs, Expander(env, spec, together, plain=True, keeps=True), plain=True)
        except Sealed:
            spec.home.opened = True
    return _graph(spec, inputs, Expander(env, spec, together, plain=plain, keeps=False), plain=plain)


def _graph(spec: Spec, inputs: Mapping[str, Tensor], expander: Expander, *, plain: bool) -> Graph:
    level = Level()
    ports = level.given(inputs.values())
    body = level.body
    frame = Frame(expander.file_env, body.tensors[0], level)
    for name, port in zip(inputs, ports, strict=True):
        frame.entry(name, (port,))
    last = expander.walk(spec.layers, frame, ports[:1])
    body.outputs = list(outputs_of(spec.outputs, frame, last, spec.document.data, "", spec.file))
    body.results = len(body.outputs)
    if expander.ties:
        mark(body)
    return Graph(dict(zip(inputs, body.tensors, strict=False)), body, plain)
