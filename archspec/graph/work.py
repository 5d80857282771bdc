"""How much work a spec may make: layers beyond those that its file writes out, in one network and in all together."""

from __future__ import annotations

from archspec.errors import ShapeError

MAX_LAYERS = 10_000  # of a network; blocks that call blocks could grow without end
MAX_TOGETHER = 20_000  # of all variants of a file
OF_A_VARIANT = 250  # more for each of them


class Work:
    """Layers that the analyses of a spec's variants may still expand together; what is kept from before is none."""

    def __init__(self, written: int, variants: int) -> None:
        self.most = MAX_TOGETHER + (written + OF_A_VARIANT) * variants
        self.left = self.most

    def done(self) -> None:
        """Take note of one more layer. Raises ShapeError where they are too many."""
        self.left -= 1
        if self.left < 0:
            message = f"the variants of the file have more than {self.most} layers together"
            raise ShapeError(message, hint="repeat blocks with `repeat`, or write several files")
