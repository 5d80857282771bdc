"""What the kinds of normalisations share."""

from archspec.errors import ShapeError
from archspec.kinds.base import Shape
from archspec.kinds.strides import (
    Operand,
    Sizes,
    channels_last,
    contiguous,
    suggests_channels_last,
)

NORM_FACTS = {
    "affine": "true where a learned scale (and shift, if the kind has one) follows",
    "norm_numel": "elements normalised together",
}


def with_channels(kind: str, shape: Shape) -> Shape:
    """``shape`` itself, which must have an axis after the batch. Raises ShapeError."""
    if len(shape) < 2:
        raise ShapeError(f"{kind} needs at least one axis, the channels")
    return shape


def as_image(taken: Operand) -> Sizes:
    """Channels innermost where the input has them so, else axis after axis; a sequence is no image here."""
    return channels_last(taken.shape) if suggests_channels_last(taken) else contiguous(taken.shape)
