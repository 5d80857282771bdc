"""Tables of learned vectors, and learned tensors by themselves."""

from typing import Annotated, Any, Literal

from archspec.kinds.args import Axes, Flag, Positive
from archspec.kinds.axes import listed, per_axis
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.dtypes import ANY, OWN, DtypeRule
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, Sizes, spread
from archspec.models.types import Open
from archspec.sizes import prod, require


class Embedding(Kind, kind="embedding"):
    """Look up a learned vector for each integer of the input: [T] to [T, dim]."""

    vocab: Positive
    """Rows of the table: the integers run from 0 to vocab - 1."""
    dim: Positive
    """Size of each vector."""

    role, sees, memory = "embedding", "element", "new"
    moves, linear, saves, looks_up = False, False, ("input",), True
    dtypes = DtypeRule(frozenset({"int32", "int64"}))
    fact_names = {"vocab": "rows of the table", "dim": "size of each vector", "lookups": "vectors looked up"}
    weight_rules = (WeightRule("weight", "vocab, dim"),)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return (*inputs[0], self.dim)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"vocab": self.vocab, "dim": self.dim, "lookups": prod(inputs[0])}


class Parameter(Kind, kind="parameter", main="shape"):
    """A learned tensor, the same for every sample: a class token, position embeddings, a layer scale.

    An input, where there is one, gives the batch size only.
    """

    shape: Axes
    """Its sizes without the batch axis."""
    buffer: Flag = False
    """Stored but not learned."""
    once: Flag = False
    """One for the whole batch, whose axis is 1 then: what follows from it alone is computed once. Otherwise it is
    spread over the samples."""

    role, sees, memory = "source", "nothing", "weight"
    moves, linear, saves, bare = False, True, (), True
    arity = (0, 1)
    dtypes = DtypeRule(ANY)
    fact_names = {"buffer": "true where it is not learned"}
    weight_rules = (
        WeightRule("weight", "*shape", when="learned"),
        WeightRule("weight", "*shape", when="buffer", buffer=True),
    )
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        batch = inputs[0][0] if inputs and not self.once else 1
        return (batch, *listed(self.shape))

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"buffer": self.buffer, "learned": not self.buffer, "shape": listed(self.shape)}


class Constant(Kind, kind="constant", main="shape"):
    """A tensor that the code makes up when it runs, such as a mask: neither learned nor stored.

    There is one for the whole batch, whose axis is 1.
    """

    shape: Axes
    """Its sizes without the batch axis."""
    dtype: Annotated[Literal["int64", "int32", "bool"], Open()] | None = None
    """Its dtype, as int64 for positions that an `embedding` looks up; the network's own if left out."""

    role, sees, memory = "source", "nothing", "new"
    moves, linear, saves = False, True, ()
    arity = (0, 1)
    dtypes = DtypeRule(ANY)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.full.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return (1, *listed(self.shape))

    def out_dtype(self, dtypes: tuple[str, ...]) -> str:
        return self.dtype or OWN


class RelativePositionBias(Kind, kind="relative_position_bias", main="window"):
    """A learned scalar for each head and each offset between two positions of a window, as attention adds it.

    Its output is [heads, T, T], T = wh * ww; the input gives the batch size. Two positions of a window lie -(wh - 1) to
    wh - 1 rows apart and likewise in columns, hence (2 wh - 1) * (2 ww - 1) scalars for each head.
    """

    window: Axes
    """Height and width of the window, one number for both or a list."""
    heads: Positive
    """Attention heads."""
    flat: Flag = True
    """Store the index of offsets as one vector [T * T], as torchvision does; false stores a matrix [T, T]."""
    table: Annotated[Literal["learned", "input"], Open()] = "learned"
    """Where the scalars are: learned here, or computed by the layers before, whose output is
    [2 wh - 1, 2 ww - 1, heads]."""

    role, sees, memory, layout = "source", "nothing", "new", "own"
    moves, linear, saves, looks_up = False, True, (), True
    dtypes = DtypeRule(ANY)
    fact_names = {"heads": "attention heads", "positions": "positions of a window"}
    weight_rules = (
        WeightRule("relative_position_bias_table", "(2 * rows - 1) * (2 * columns - 1), heads", when="learned"),
        WeightRule("relative_position_index", "positions * positions", when="vector", buffer=True, dtype="int64"),
        WeightRule("relative_position_index", "positions, positions", when="matrix", buffer=True, dtype="int64"),
    )
    source = "https://arxiv.org/abs/2103.14030"

    def takes_elements(self) -> bool:
        return self.table == "input"

    def out_shape(self, *inputs: Shape) -> Shape:
        rows, columns = per_axis(self.window, 2, "window")
        if self.table == "input":
            wanted = (2 * rows - 1, 2 * columns - 1, self.heads)
            message = "relative_position_bias needs a table of {wanted}, got {got}"
            require(alike(inputs[0][1:], wanted), message, wanted=wanted, got=inputs[0][1:])
        return (inputs[0][0], self.heads, rows * columns, rows * columns)

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """Worked out once and spread over the samples."""
        return spread(output)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        rows, columns = per_axis(self.window, 2, "window")
        return {
            "rows": rows,
            "columns": columns,
            "positions": rows * columns,
            "heads": self.heads,
            "learned": self.table == "learned",
            "vector": self.flat,
            "matrix": not self.flat,
        }
