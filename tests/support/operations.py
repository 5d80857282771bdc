"""Every kind computed by loops over numbers that tally the operations done to them: the oracle for counted operations.

Each function follows the layer's definition and takes arrays of tallied numbers, the batch at axis 0, and the arguments
by archspec's names. Weights are plain numbers, so that an operation is tallied only where it depends on the input.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from scans import causal_conv, gated_delta_rule, gated_linear_attention, linear_scan, selective_scan, ssd

from contractions import (
    bilinear,
    conv,
    conv_transpose,
    einsum,
    linear,
    matmul,
    multihead_attention,
    recurrent,
    rows_of,
    scaled_dot_product_attention,
    softmax,
    spread,
    windows_of,
)
from tallied import (
    Tallied,
    W,
    above,
    add_up,
    cos,
    dot,
    each,
    erf,
    exp,
    largest,
    log,
    most,
    negation,
    sigmoid,
    sin,
    smallest,
    sqrt,
    tanh,
)

# Normalisations, each over sets of elements that share their statistics.


def _normalised(values: list[Any], affine: bool, bias: bool) -> list[Any]:
    mean = add_up(values) / len(values)
    centred = [value - mean for value in values]
    variance = add_up(value * value for value in centred) / len(values)
    deviation = sqrt(variance + 1e-5)
    return [_affine(value / deviation, affine, bias) for value in centred]


def _affine(value: Any, scale: bool, shift: bool) -> Any:
    value = value * W if scale else value
    return value + W if shift else value


def _over(x: Any, sets: Any, affine: bool, bias: bool | None = None) -> Any:
    """Normalise every set of ``sets``, an array like ``x`` that numbers the sets."""
    result = np.empty_like(x)
    for number in np.unique(sets):
        places = sets == number
        result[places] = _normalised(list(x[places]), affine, affine if bias is None else bias)
    return result


def _running(x: Any, affine: bool) -> Any:
    return each(lambda value: _affine((value - 0.25) / 0.75, affine, affine), x)


def _numbered(x: Any, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), x.shape)


def batchnorm(x: Any, affine: bool = True, track: bool = True) -> Any:
    sets = _numbered(x, (1, x.shape[1], *[1] * (x.ndim - 2)))
    return _running(x, affine) if track else _over(x, sets, affine)


def instancenorm(x: Any, affine: bool = False, track: bool = False) -> Any:
    return _running(x, affine) if track else _over(x, _numbered(x, (*x.shape[:2], *[1] * (x.ndim - 2))), affine)


def groupnorm(x: Any, groups: int, affine: bool = True) -> Any:
    split = x.reshape(x.shape[0], groups, -1)
    return _over(split, _numbered(split, (x.shape[0], groups, 1)), affine).reshape(x.shape)


def layernorm(x: Any, dims: int = 1, affine: bool = True, bias: bool = True, channels_first: bool = False) -> Any:
    kept = (x.shape[0], 1, *x.shape[2:]) if channels_first else (*x.shape[:-dims], *[1] * dims)
    return _over(x, _numbered(x, kept), affine, affine and bias)


def rmsnorm(x: Any, dims: int = 1, affine: bool = True) -> Any:
    rows = x.reshape(-1, math.prod(x.shape[-dims:]))
    result = np.empty_like(rows)
    for i, row in enumerate(rows):
        root = sqrt(add_up(value * value for value in row) / len(row) + 1e-6)
        result[i] = [_affine(value / root, affine, False) for value in row]
    return result.reshape(x.shape)


def normalize(x: Any, axis: int = -1) -> Any:
    def row(values: Any) -> list[Any]:
        length = largest(sqrt(add_up(value * value for value in values)), 1e-12)
        return [value / length for value in values]

    return np.moveaxis(rows_of(np.moveaxis(x, axis, -1), row), -1, axis)


def lrn(x: Any, size: int) -> Any:
    squares = each(lambda value: value * value, x)
    zero = Tallied(0.0)
    result = np.empty_like(x)
    for n, c, *place in np.ndindex(*x.shape):
        first = c - size // 2
        near = [squares[(n, i, *place)] if 0 <= i < x.shape[1] else zero for i in range(first, first + size)]
        result[(n, c, *place)] = x[(n, c, *place)] / (1 + add_up(near) * (1e-4 / size)) ** 0.75
    return result


# Pooling and reductions.


def _pooled(x: Any, function: Callable[[list[Any]], Any], **window: Any) -> Any:
    big, windows = windows_of(x, **window)
    result = np.empty((*x.shape[:2], *windows.shape), object)
    for n, c, *index in np.ndindex(*result.shape):
        result[(n, c, *index)] = function([big[(n, c, *point)] for point in windows[tuple(index)]])
    return result


def mean(values: list[Any]) -> Any:
    return add_up(values) / len(values)


def lppool(x: Any, norm: float, **window: Any) -> Any:
    return _pooled(each(lambda value: value**norm, x), lambda values: add_up(values) ** (1 / norm), **window)


def adaptive(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def layer(x: Any, output: Any) -> Any:
        output = spread(output, x.ndim - 2)
        result = np.empty((*x.shape[:2], *output), object)
        for n, c, *index in np.ndindex(*result.shape):
            spans = zip(index, x.shape[2:], output, strict=True)
            window = (slice(i * size // out, -(-(i + 1) * size // out)) for i, size, out in spans)
            result[(n, c, *index)] = function(list(x[(n, c, *window)].flat))
        return result

    return layer


def reduction(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def layer(x: Any, axes: Any = None, axis: int = -1) -> Any:
        axes = spread(axis if axes is None else axes, 1)
        moved = np.moveaxis(x, axes, range(-len(axes), 0))
        rows = moved.reshape(*moved.shape[: x.ndim - len(axes)], -1)
        return rows_of(rows, lambda row: [function(list(row))])[..., 0]

    return layer


def globally(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    return lambda x: adaptive(function)(x, 1)


# Activations.


def _chosen(x: Any, other: Any) -> Any:
    """x where it is above 0, else ``other``: dense, so both are computed."""
    return x if above(x, 0).value else other


def gelu(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        return each(lambda v: v / 2 * (1 + tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))), x)
    return each(lambda v: v / 2 * (1 + erf(v / math.sqrt(2))), x)


def glu(x: Any, axis: int = -1) -> Any:
    a, b = np.split(x, 2, axis)
    return a * each(sigmoid, b)


def log_softmax(x: Any, axis: int = -1) -> Any:
    def row(values: Any) -> list[Any]:
        high = most(values)
        shifted = [value - high for value in values]
        total = log(add_up(exp(value) for value in shifted))
        return [value - total for value in shifted]

    return np.moveaxis(rows_of(np.moveaxis(x, axis, -1), row), -1, axis)


def activation(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda x, **_: each(function, x)


# Functions of an element, and of elements in the same place.


def _sign(x: Any) -> Any:
    """Both choices are made, dense."""
    higher, lower = above(x, 0), above(0, x)
    return Tallied(float(higher.value) - float(lower.value))


def clamp(x: Any, min: float | None = None, max: float | None = None) -> Any:
    if min is not None:
        x = each(lambda value: largest(value, min), x)
    return x if max is None else each(lambda value: smallest(value, max), x)


def power(x: Any, y: Any = None, exponent: float | None = None) -> Any:
    return x**exponent if y is None else x**y


def compare(x: Any, y: Any = None, op: str = "gt", to: float | None = None) -> Any:
    return each(lambda value: above(value, to), x) if y is None else np.frompyfunc(above, 2, 1)(x, y)


def rope(x: Any, dim: int | None = None) -> Any:
    dim = dim or x.shape[-1]
    result = x.copy()
    for place in np.ndindex(*x.shape[:-1], dim // 2):
        *row, pair = place
        first, second = x[(*row, pair)], x[(*row, pair + dim // 2)]
        result[(*row, pair)] = first * W - second * W
        result[(*row, pair + dim // 2)] = second * W + first * W
    return result


def variance(values: list[Any]) -> Any:
    centre = add_up(values) / len(values)
    return add_up(_squared(value - centre) for value in values) / (len(values) - 1)


def _squared(value: Any) -> Any:
    return value * value


def scatter_add(x: Any, chosen: Any, values: Any, axis: int) -> Any:
    result = x.copy()
    for place in np.ndindex(*chosen.shape):
        target = list(place)
        target[axis] = place[axis] % x.shape[axis]
        result[tuple(target)] = result[tuple(target)] + values[place]
    return result


def fold(x: Any, size: int, kernel: int, **_: Any) -> Any:
    """With a stride of 1, without padding: windows that overlap."""
    channels, across = x.shape[1] // kernel**2, size - kernel + 1
    result = np.full((x.shape[0], channels, size, size), Tallied(0.0))
    for n, row, column in np.ndindex(*x.shape):
        c, (down, right) = row // kernel**2, divmod(row % kernel**2, kernel)
        place = (n, c, column // across + down, column % across + right)
        result[place] = result[place] + x[n, row, column]
    return result


def dynamic_conv(x: Any, weight: Any, groups: int = 1) -> Any:
    """Without padding, a step of 1."""
    out, per_group, kernel = weight.shape[1], weight.shape[2], weight.shape[3:]
    across = [size - k + 1 for size, k in zip(x.shape[2:], kernel, strict=True)]
    result = np.empty((x.shape[0], out, *across), object)
    for n, c, *place in np.ndindex(*result.shape):
        first = c // (out // groups) * per_group
        window = tuple(slice(p, p + k) for p, k in zip(place, kernel, strict=True))
        seen = x[(n, slice(first, first + per_group), *window)]
        result[(n, c, *place)] = dot(zip(seen.flat, weight[n % weight.shape[0], c].flat, strict=True))
    return result


def grid_sample(x: Any, grid: Any, mode: str = "bilinear", align_corners: bool = False) -> Any:
    result = np.empty((*x.shape[:2], *grid.shape[1:3]), object)
    for n, i, j in np.ndindex(*grid.shape[:3]):
        places = [(value + 1) * W for value in grid[n, i, j]]
        places = places if align_corners else [place - 0.5 for place in places]
        near = [round(place) if mode == "nearest" else math.floor(place) for place in places]
        if mode == "nearest":
            result[n, :, i, j] = x[n, :, 0, 0]
            continue
        rests = [place - corner for place, corner in zip(places, near, strict=True)]
        lefts = [1 - rest for rest in rests]
        weights = [down * right for down in (lefts[0], rests[0]) for right in (lefts[1], rests[1])]
        for c in range(x.shape[1]):
            result[n, c, i, j] = add_up(value * weight for value, weight in zip(x[n, c].flat, weights, strict=False))
    return result


def topk(x: Any, k: int, axis: int = -1) -> Any:
    def row(values: Any) -> list[Any]:
        left, found = list(values), []
        for _ in range(k):
            found.append(most(left))
            left.pop()
        return found

    rows = np.moveaxis(x, axis, -1)
    result = np.empty((*rows.shape[:-1], k), object)
    for place in np.ndindex(*rows.shape[:-1]):
        result[place] = row(rows[place])
    return np.moveaxis(result, -1, axis)


def cumsum(x: Any, axis: int) -> Any:
    return np.cumsum(x, axis, dtype=object)


# Tensors put together, and interpolation.


def combined(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda *inputs, **_: reduce(function, inputs)


def upsample(x: Any, scale: int, mode: str = "nearest") -> Any:
    taps = {"nearest": 1, "bicubic": 4}.get(mode, 2)
    result = np.empty((*x.shape[:2], *(s * scale for s in x.shape[2:])), object)
    for n, c, *place in np.ndindex(*result.shape):
        first = [p // scale for p in place]
        near = product(*([min(f + t, s - 1) for t in range(taps)] for f, s in zip(first, x.shape[2:], strict=True)))
        values = [x[(n, c, *point)] for point in near]
        result[(n, c, *place)] = values[0] if mode == "nearest" else add_up(value * W for value in values)
    return result


def dispatch(rows: Any, scores: Any, count: int, active: int) -> Any:
    def highest(row: Any) -> list[Any]:
        left, taken = list(row), []
        for _ in range(active):
            taken.append(most(left))
            left.remove(next(score for score in left if score.value == taken[-1].value))
        return taken

    rows_of(scores, highest)
    return np.repeat(rows[..., None, :], active, -2)


def combine(rows: Any, weights: Any = None) -> Any:
    weighed = rows if weights is None else rows * weights[..., None]
    return np.moveaxis(rows_of(np.moveaxis(weighed, -2, -1), lambda row: [add_up(row)]), -1, 0)[0]


largest_of = reduction(most)
smallest_of = reduction(lambda items: reduce(smallest, items))
LAYERS: dict[str, Callable[..., Any]] = {
    "conv": conv,
    "conv_transpose": conv_transpose,
    "linear": linear,
    "bilinear": bilinear,
    "matmul": matmul,
    "einsum": einsum,
    "multihead_attention": multihead_attention,
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "rnn": recurrent("rnn"),
    "lstm": recurrent("lstm"),
    "gru": recurrent("gru"),
    "batchnorm": batchnorm,
    "instancenorm": instancenorm,
    "groupnorm": groupnorm,
    "layernorm": layernorm,
    "rmsnorm": rmsnorm,
    "normalize": normalize,
    "lrn": lrn,
    "maxpool": lambda x, **window: _pooled(x, most, **window),
    "avgpool": lambda x, **window: _pooled(x, mean, **window),
    "lppool": lppool,
    "adaptive_avgpool": adaptive(mean),
    "adaptive_maxpool": adaptive(most),
    "global_avgpool": globally(mean),
    "global_maxpool": globally(most),
    "mean": reduction(mean),
    "sum": reduction(add_up),
    "max": reduction(most),
    "relu": activation(lambda x: largest(x, 0)),
    "relu6": activation(lambda x: smallest(largest(x, 0), 6)),
    "leaky_relu": activation(lambda x: _chosen(x, x * 0.01)),
    "prelu": activation(lambda x: _chosen(x, x * W)),
    "elu": activation(lambda x: _chosen(x, 1.0 * (exp(x) - 1))),
    "selu": activation(lambda x: 1.0507 * _chosen(x, 1.6733 * (exp(x) - 1))),
    "celu": activation(lambda x: largest(x, 0) + smallest(0, 1.0 * (exp(x / 1.0) - 1))),
    "sigmoid": activation(sigmoid),
    "tanh": activation(tanh),
    "silu": activation(lambda x: x * sigmoid(x)),
    "mish": activation(lambda x: x * tanh(log(1 + exp(x)))),
    "hardtanh": activation(lambda x: smallest(largest(x, -1), 1)),
    "hardsigmoid": activation(lambda x: smallest(largest(x + 3, 0), 6) / 6),
    "hardswish": activation(lambda x: x * smallest(largest(x + 3, 0), 6) / 6),
    "softplus": activation(lambda x: log(1 + exp(x))),
    "softsign": activation(lambda x: x / (1 + abs(x))),
    "gelu": gelu,
    "glu": glu,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "add": combined(lambda a, b: a + b),
    "sub": combined(lambda a, b: a - b),
    "mul": combined(lambda a, b: a * b),
    "div": combined(lambda a, b: a / b),
    "scale": activation(lambda x: x * W),
    "upsample": upsample,
    "dispatch": dispatch,
    "combine": combine,
    "logsigmoid": activation(lambda x: log(sigmoid(x))),
    "quick_gelu": activation(lambda x: x * sigmoid(x * 1.702)),
    "squared_relu": activation(lambda x: _squared(largest(x, 0))),
    "exp": activation(exp),
    "log": activation(log),
    "sqrt": activation(sqrt),
    "rsqrt": activation(lambda x: 1 / sqrt(x)),
    "reciprocal": activation(lambda x: 1 / x),
    "square": activation(_squared),
    "pow": power,
    "neg": activation(lambda x: -x),
    "abs": activation(abs),
    "sign": activation(_sign),
    "floor": activation(math.floor),
    "ceil": activation(math.ceil),
    "round": activation(round),
    "sin": activation(sin),
    "cos": activation(cos),
    "erf": activation(erf),
    "logical_not": activation(negation),
    "clamp": clamp,
    "minimum": combined(np.frompyfunc(smallest, 2, 1)),
    "maximum": combined(np.frompyfunc(largest, 2, 1)),
    "compare": compare,
    "offset": activation(lambda x: x + W),
    "rope": rope,
    "min": smallest_of,
    "var": reduction(variance),
    "std": reduction(lambda values: sqrt(variance(values))),
    "cumsum": cumsum,
    "scatter_add": scatter_add,
    "topk": topk,
    "argmax": largest_of,
    "argmin": smallest_of,
    "causal_conv": causal_conv,
    "fold": fold,
    "dynamic_conv": dynamic_conv,
    "grid_sample": grid_sample,
    "frozen_batchnorm": activation(lambda x: x * W + W),
    "selective_scan": selective_scan,
    "linear_scan": linear_scan,
    "gated_linear_attention": gated_linear_attention,
    "ssd": ssd,
    "gated_delta_rule": gated_delta_rule,
}
