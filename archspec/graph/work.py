"""How much work a spec may make: layers beyond those that its file writes out, in one network and in all together."""

from __future__ import annotations

from archspec.errors import ShapeError

MAX_LAYERS = 30_000  # of a network; blocks that call blocks could grow without end
MAX_WORKED_OUT = 10_000  # of them, those that are not of a block that was met before
MAX_TOGETHER = 20_000  # worked out for all variants of a file
MAX_MET = 100_000  # in all variants of a file, blocks that were met before too: whoever lists or lints them meets each
OF_A_VARIANT = 250  # more of either for each of them


class Together:
    """Layers that the analyses of a spec's variants may still work out, and those that they may meet."""

    def __init__(self, written: int, variants: int) -> None:
        more = (written + OF_A_VARIANT) * variants
        self.most = self.left = MAX_TOGETHER + more
        self.most_met = self.left_to_meet = MAX_MET + more


class Work:
    """The layers of a network while it is expanded. ``written`` are those of the file."""

    def __init__(self, written: int, together: Together | None) -> None:
        self.written = written
        self.together = together
        self.layers = self.worked_out = 0

    def count(self, layers: int) -> None:
        """Take note of so many layers more. Raises ShapeError where they are too many."""
        self.layers += layers
        if self.layers > MAX_LAYERS + self.written:
            raise _too_many("the network would have", MAX_LAYERS + self.written)
        if self.together is not None:
            self.together.left_to_meet -= layers
            if self.together.left_to_meet < 0:
                raise _too_many("the variants of the file have together", self.together.most_met)

    def one_more(self) -> None:
        """Take note of a layer that is worked out. Raises ShapeError where they are too many."""
        self.count(1)
        self.worked_out += 1
        if self.worked_out > MAX_WORKED_OUT + self.written:
            raise _too_many("the network would have", MAX_WORKED_OUT + self.written)
        if self.together is not None:
            self.together.left -= 1
            if self.together.left < 0:
                raise _too_many("the variants of the file have together", self.together.most)


def _too_many(what: str, most: int) -> ShapeError:
    return ShapeError(f"{what} more than {most} layers", hint="repeat blocks with `repeat`")
