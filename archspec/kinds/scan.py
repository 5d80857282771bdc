"""State spaces and delta rules: a state that is carried along a sequence, and the short convolution before it."""

from operator import index
from typing import Any, ClassVar

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Ids, Positive
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, Sizes
from archspec.sizes import Size, ceil_div, divide, require, shown


class CausalConv(Kind, kind="causal_conv", main="kernel"):
    """Depthwise convolution over the steps of [T, C] that sees a step and those right before it: [T, C]."""

    kernel: Positive
    """Steps that an output sees."""
    bias: Flag = True
    """Add one learned scalar to each channel."""

    role, sees, memory, layout = "scan", "near", "new", "own"
    moves, linear, saves = False, True, ("input", "weight")
    fact_names = {
        "steps": "steps of the sequence, T",
        "channels": "channels, C",
        "kernel": "steps that an output sees",
        "bias": "true where a bias is added",
    }
    weight_rules = (WeightRule("weight", "channels, 1, kernel"), WeightRule("bias", "channels", when="bias"))
    source = "https://github.com/Dao-AILab/causal-conv1d"

    def out_shape(self, *inputs: Shape) -> Shape:
        return sequence(self.kind, "input", inputs[0], "T", "C")

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """Channels first, and each with the outputs behind the last step that are cut off, as transformers has it."""
        _, steps, channels = output
        held = steps + index(self.kernel) - 1
        return (channels * held, 1, held)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        _, steps, channels = inputs[0]
        return {"steps": steps, "channels": channels, "kernel": self.kernel, "bias": self.bias}


class Scan(Kind):
    """Base of the scans."""

    of: Ids = None
    """Ids of the layers taken, in order; `prev` is the layer before."""

    role, sees, memory = "scan", "all", "new"
    moves, linear = False, False


class SelectiveScan(Scan, kind="selective_scan", main="of"):
    """Mamba's state space on u [T, D], delta [T, D], B [T, N] and C [T, N], with a gate z [T, D] as a fifth: [T, D].

    For each channel and state: h = exp(delta * A) * h + (delta * u) * B, y = sum over states of C * h, + D * u. A is
    -exp(A_log). B and C of [T, G, N] are those of G groups of channels.
    """

    softplus: Flag = True
    """Apply softplus to delta first."""
    skip: Flag = True
    """Add D * u, D learned for each channel."""

    saves = ("input", "weight", "other")
    arity: ClassVar[tuple[int, int | None]] = (4, 5)
    fact_names = {
        "steps": "steps of the sequence, T",
        "inner": "channels, D",
        "state_size": "states of a channel, N",
        "softplus": "true where softplus is applied to delta",
        "skip": "true where D * u is added",
    }
    weight_rules = (WeightRule("A_log", "inner, state_size"), WeightRule("D", "inner", when="skip"))
    source = "https://arxiv.org/abs/2312.00752"

    def out_shape(self, *inputs: Shape) -> Shape:
        u, delta, b, c, *gate = inputs
        sequence(self.kind, "u", u, "T", "D")
        if len(b) == 4:
            divide(u[2], b[2], "{groups} groups do not divide the {channels} channels", groups=b[2], channels=u[2])
        else:
            sequence(self.kind, "B", b, "T", "N")
        for name, shape, wanted in (("delta", delta, u), ("C", c, b), *(("z", z, u) for z in gate)):
            same(self.kind, name, shape, wanted)
        same(self.kind, "B", b, (*u[:2], *b[2:]))
        return u

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        _, steps, inner = inputs[0]
        return {
            "steps": steps,
            "inner": inner,
            "state_size": inputs[2][-1],
            "softplus": self.softplus,
            "skip": self.skip,
        }


class LinearScan(Scan, kind="linear_scan", main="of"):
    """On x [T, D] and a decay a [T, D]: h = a * h + x, each element on its own: [T, D]."""

    saves = ("input", "other")
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    fact_names = {"steps": "steps of the sequence, T", "channels": "elements of a state, D"}
    source = "https://arxiv.org/abs/2402.19427"

    def out_shape(self, *inputs: Shape) -> Shape:
        x, a = inputs
        sequence(self.kind, "x", x, "T", "D")
        same(self.kind, "a", a, x)
        return x

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        _, steps, channels = inputs[0]
        return {"steps": steps, "channels": channels}


class StateSpaceDual(Scan, kind="ssd", main="of"):
    """Mamba-2's state space on x [T, H, P], dt [T, H], B [T, G, N] and C [T, G, N]: [T, H, P].

    For each head: h = exp(dt * A) * h + (dt * x) B^T, y = h C, + D * x, with dt = softplus(dt + dt_bias). A is
    -exp(A_log), one number for a head; G groups of heads share B and C.
    """

    chunk: Positive = 256
    """Steps of a chunk, within which kernels compute it as a product of matrices; counted by other tools only."""
    skip: Flag = True
    """Add D * x, D learned for each head."""

    saves = ("input", "weight", "other")
    arity: ClassVar[tuple[int, int | None]] = (4, 4)
    fact_names = {
        "steps": "steps of the sequence, T",
        "heads": "heads, H",
        "head_dim": "size of a head, P",
        "groups": "groups that share B and C, G",
        "state_size": "size of a state, N",
        "chunk": "steps of a chunk",
        "chunks": "chunks of the sequence, the last one filled up",
        "skip": "true where D * x is added",
    }
    weight_rules = (
        WeightRule("dt_bias", "heads"),
        WeightRule("A_log", "heads"),
        WeightRule("D", "heads", when="skip"),
    )
    source = "https://arxiv.org/abs/2405.21060"

    def out_shape(self, *inputs: Shape) -> Shape:
        x, dt, b, c = inputs
        sequence(self.kind, "x", x, "T", "H", "P")
        sequence(self.kind, "B", b, "T", "G", "N")
        same(self.kind, "dt", dt, x[:3])
        same(self.kind, "B", b, (*x[:2], *b[2:]))
        same(self.kind, "C", c, b)
        divide(x[2], b[2], "{groups} groups do not divide the {heads} heads", groups=b[2], heads=x[2])
        return x

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        _, steps, heads, head_dim = inputs[0]
        return {
            "steps": steps,
            "heads": heads,
            "head_dim": head_dim,
            "groups": inputs[2][2],
            "state_size": inputs[2][3],
            "chunk": self.chunk,
            "chunks": ceil_div(steps, self.chunk),
            "skip": self.skip,
        }


class GatedLinearAttention(Scan, kind="gated_linear_attention", main="of"):
    """On q [T, H, dk], k [T, H, dk], v [T, H, dv] and g [T, H]: [T, H, dv].

    For each head: S = exp(g) * S + k v^T, y = S^T q.
    """

    chunk: Positive = 256
    """Steps of a chunk, within which kernels compute it as products of matrices; counted by other tools only."""

    saves = ("input", "other")
    arity: ClassVar[tuple[int, int | None]] = (4, 4)
    fact_names = {
        "steps": "steps of the sequence, T",
        "heads": "heads, H",
        "k_dim": "size of a query and a key, dk",
        "v_dim": "size of a value, dv",
        "chunk": "steps of a chunk",
    }
    source = "https://arxiv.org/abs/2401.04658"

    def out_shape(self, *inputs: Shape) -> Shape:
        q, k, v, g = inputs
        sequence(self.kind, "q", q, "T", "H", "dk")
        sequence(self.kind, "v", v, "T", "H", "dv")
        same(self.kind, "k", k, q)
        same(self.kind, "v", v, (*q[:3], *v[3:]))
        same(self.kind, "g", g, q[:3])
        return v

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        _, steps, heads, k_dim = inputs[0]
        return {"steps": steps, "heads": heads, "k_dim": k_dim, "v_dim": inputs[2][3], "chunk": self.chunk}


class GatedDeltaRule(Scan, kind="gated_delta_rule", main="of"):
    """On q [T, K, dk], k [T, K, dk], v [T, V, dv], g [T, V] and beta [T, V]: [T, V, dv].

    For each head of v: S = exp(g) * S, S = S + k (beta * (v - S^T k))^T, y = S^T (q / sqrt(dk)). The heads of v are a
    multiple of those of q and k, each of which serves a group. With g of [T, V, dk] each row of S decays on its own.
    """

    chunk: Positive = 64
    """Steps of a chunk, within which kernels compute it as products of matrices; counted by other tools only."""
    qk_norm: Flag = False
    """Divide each query and key by its length first."""

    saves = ("input", "other")
    arity: ClassVar[tuple[int, int | None]] = (5, 5)
    fact_names = {
        "steps": "steps of the sequence, T",
        "k_heads": "heads of query and key, K",
        "k_dim": "size of a query and a key, dk",
        "v_heads": "heads of the value, V",
        "v_dim": "size of a value, dv",
        "chunk": "steps of a chunk",
        "chunks": "chunks of the sequence, the last one filled up",
        "qk_norm": "true where queries and keys are divided by their length",
        "by_row": "true where each row of the state has a decay of its own",
    }
    source = "https://arxiv.org/abs/2412.06464"

    def out_shape(self, *inputs: Shape) -> Shape:
        q, k, v, g, beta = inputs
        sequence(self.kind, "q", q, "T", "K", "dk")
        sequence(self.kind, "v", v, "T", "V", "dv")
        same(self.kind, "k", k, q)
        same(self.kind, "v", v, (*q[:2], *v[2:]))
        same(self.kind, "g", g, (*v[:3], q[3]) if len(g) == 4 else v[:3])
        same(self.kind, "beta", beta, v[:3])
        message = "{k_heads} heads of query and key do not divide {v_heads} of the value"
        divide(v[2], q[2], message, k_heads=q[2], v_heads=v[2])
        return v

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        _, steps, k_heads, k_dim = inputs[0]
        return {
            "steps": steps,
            "k_heads": k_heads,
            "k_dim": k_dim,
            "v_heads": inputs[2][2],
            "v_dim": inputs[2][3],
            "chunk": self.chunk,
            "chunks": ceil_div(steps, self.chunk),
            "qk_norm": self.qk_norm,
            "by_row": len(inputs[3]) == 4,
        }


def sequence(kind: str, name: str, shape: Shape, *axes: str) -> Shape:
    """The shape itself, which must have these axes after the batch. Raises ShapeError."""
    if len(shape) != len(axes) + 1:
        hint = "steps come first, then the features of a step"
        raise ShapeError(f"{kind} needs its {name} as [{', '.join(axes)}], got {shown(shape[1:])}", hint=hint)
    return shape


def same(kind: str, name: str, shape: Shape, wanted: tuple[Size, ...]) -> None:
    """A shape must be this one. Raises ShapeError."""
    message = f"{kind} needs its {name} as {{wanted}}, got {{shape}}"
    require(alike(shape, wanted), message, wanted=wanted[1:], shape=shape[1:])
