"""Sizes that a source leaves open: layers at two settings of them, and which arguments follow from them."""

from __future__ import annotations

from archspec.importers.composing.layers import Layer


def opened(ours: list[Layer], theirs: list[Layer]) -> Layer | None:
    """The first layer with an argument that follows from an open size.

    The one size of a `reshape` that does is worked out from the others, and written so.
    """
    for layer, other in zip(ours, theirs, strict=False):
        if layer.kind == other.kind == "reshape" and layer.arguments != other.arguments:
            shape, wanted = list(layer.arguments["shape"]), list(other.arguments["shape"])
            apart = [place for place, size in enumerate(shape) if wanted[place : place + 1] != [size]]
            if len(shape) == len(wanted) and len(apart) == 1 and -1 not in shape:
                shape[apart[0]] = -1
                layer.arguments["shape"] = shape
                continue
        if (layer.kind, layer.arguments) != (other.kind, other.arguments):
            return layer
    return ours[len(theirs)] if len(ours) > len(theirs) else None
