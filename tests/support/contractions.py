"""Contractions, windows and recurrent layers, computed by loops over tallied numbers as the layers' definitions say."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from tallied import Tallied, W, add_up, dot, exp, largest, most, sigmoid, tanh, zeros


def biased(array: Any, bias: bool) -> Any:
    return array + W if bias else array


def spread(value: Any, rank: int) -> list[int]:
    return list(value) if isinstance(value, (list, tuple)) else [value] * rank


def _padded(x: Any, pads: list[int]) -> Any:
    big = zeros(*x.shape[:2], *(size + 2 * pad for size, pad in zip(x.shape[2:], pads, strict=True)))
    inside = (slice(pad, pad + size) for size, pad in zip(x.shape[2:], pads, strict=True))
    big[(slice(None), slice(None), *inside)] = x
    return big


def windows_of(x: Any, *, kernel: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> tuple[Any, Any]:
    """The padded input, and for every output position its window's indices; windows move while they fit."""
    rank = x.ndim - 2
    kernel, padding, dilation = (spread(v, rank) for v in (kernel, padding, dilation))
    stride = kernel if stride is None else spread(stride, rank)
    big = _padded(x, padding)
    axes = [
        [[start + d * i for i in range(k)] for start in range(0, size, s) if start + d * (k - 1) < size]
        for size, k, s, d in zip(big.shape[2:], kernel, stride, dilation, strict=True)
    ]
    windows = np.empty([len(axis) for axis in axes], object)
    for index in np.ndindex(*windows.shape):
        windows[index] = list(product(*(axis[i] for axis, i in zip(axes, index, strict=True))))
    return big, windows


def conv(x: Any, out: int, groups: int = 1, bias: bool = True, **window: Any) -> Any:
    big, windows = windows_of(x, **{"stride": 1, **window})
    per_group = x.shape[1] // groups
    result = np.empty((x.shape[0], out, *windows.shape), object)
    for n, c in np.ndindex(x.shape[0], out):
        first = c // (out // groups) * per_group
        for index in np.ndindex(*windows.shape):
            points = product(range(first, first + per_group), windows[index])
            result[(n, c, *index)] = dot((big[(n, i, *point)], W) for i, point in points)
    return biased(result, bias)


def conv_transpose(x: Any, out: int, groups: int = 1, bias: bool = True, **window: Any) -> Any:
    window = {"stride": 1, "padding": 0, "output_padding": 0, **window}
    names = ("kernel", "stride", "padding", "output_padding")
    kernel, stride, padding, extra = (spread(window[name], x.ndim - 2) for name in names)
    whole = [(s - 1) * t + k + e for s, t, k, e in zip(x.shape[2:], stride, kernel, extra, strict=True)]
    result = zeros(x.shape[0], out, *whole)
    for n, i, *place in np.ndindex(*x.shape):
        group = i // (x.shape[1] // groups)
        for c in range(group * (out // groups), (group + 1) * (out // groups)):
            for offset in np.ndindex(*kernel):
                point = tuple(p * t + o for p, t, o in zip(place, stride, offset, strict=True))
                result[(n, c, *point)] = result[(n, c, *point)] + x[(n, i, *place)] * W
    crop = tuple(slice(p, s - p) for p, s in zip(padding, whole, strict=True))
    return biased(result[(slice(None), slice(None), *crop)], bias)


def rows_of(x: Any, function: Callable[[Any], Any]) -> Any:
    """``function`` of every vector along the last axis, put together again."""
    rows = [function(x[index]) for index in np.ndindex(*x.shape[:-1])]
    return np.array(rows, object).reshape(*x.shape[:-1], -1)


def linear(x: Any, out: int, bias: bool = True) -> Any:
    return biased(rows_of(x, lambda row: [dot((v, W) for v in row) for _ in range(out)]), bias)


def bilinear(a: Any, b: Any, out: int, bias: bool = True) -> Any:
    def form(u: Any, v: Any) -> Any:
        return dot((dot((element, W) for element in u), other) for other in v)

    rows = [[form(a[i], b[i]) for _ in range(out)] for i in np.ndindex(*a.shape[:-1])]
    return biased(np.array(rows, object).reshape(*a.shape[:-1], out), bias)


def matmul(a: Any, b: Any, transpose_b: bool = False) -> Any:
    b = b.swapaxes(-1, -2) if transpose_b else b
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = np.broadcast_to(a, (*lead, *a.shape[-2:])), np.broadcast_to(b, (*lead, *b.shape[-2:]))
    result = np.empty((*lead, a.shape[-2], b.shape[-1]), object)
    for *index, i, j in np.ndindex(*result.shape):
        result[(*index, i, j)] = dot(zip(a[(*index, i)], b[(*index, slice(None), j)], strict=True))
    return result


def softmax(x: Any, axis: int = -1) -> Any:
    def row(values: Any) -> list[Any]:
        high = most(values)
        powers = [exp(value - high) for value in values]
        total = add_up(powers)
        return [power / total for power in powers]

    return np.moveaxis(rows_of(np.moveaxis(x, axis, -1), row), -1, axis)


def scaled_dot_product_attention(q: Any, k: Any, v: Any, bias: Any = None, causal: bool = False) -> Any:
    serves = q.shape[1] // k.shape[1]
    scores = matmul(q, k.repeat(serves, 1), transpose_b=True) * W
    if bias is not None:
        scores = scores + bias
    return matmul(softmax(scores), v.repeat(serves, 1))


def multihead_attention(q: Any, *others: Any, heads: int, bias: bool = True, need_weights: bool = False) -> Any:
    def projected(x: Any) -> Any:
        return linear(x, q.shape[-1], bias).reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)

    query, key, value = map(projected, (q, *(others or (q, q))))
    weights = softmax(matmul(query, key, transpose_b=True) * W)
    if need_weights:
        for _, row, column in np.ndindex(len(q), *weights.shape[2:]):
            add_up(weights[0, :, row, column]) / heads  # returned beside the output
    return linear(matmul(weights, value).swapaxes(1, 2).reshape(q.shape), q.shape[-1], bias)


def einsum(a: Any, b: Any, equation: str) -> Any:
    """Letters of one input alone are summed over in it; then a product for each element, or a sum of products."""
    terms, output = equation.split("->")
    left, right = ("z" + term for term in terms.split(","))
    output = "z" + output
    sizes = dict(zip(left + right, a.shape + b.shape, strict=True))

    def every(letters: Any) -> Any:
        return (dict(zip(letters, index, strict=True)) for index in np.ndindex(*(sizes[name] for name in letters)))

    def reduced(tensor: Any, term: str, other: str) -> tuple[list[str], Any]:
        kept = [letter for letter in dict.fromkeys(term) if letter in output + other]
        own = [letter for letter in dict.fromkeys(term) if letter not in kept]
        result = np.empty([sizes[letter] for letter in kept], object)
        for at in every(kept):
            parts = (tensor[tuple({**at, **inner}[letter] for letter in term)] for inner in every(own))
            result[tuple(at.values())] = add_up(parts)
        return kept, result

    named = [reduced(a, left, right), reduced(b, right, left)]
    summed = [letter for letter in named[0][0] if letter not in output]
    result = np.empty([sizes[letter] for letter in output], object)
    for at in every(output):
        places = [{**at, **inner} for inner in every(summed)]
        pairs = [tuple(tensor[tuple(place[name] for name in kept)] for kept, tensor in named) for place in places]
        result[tuple(at.values())] = dot(pairs) if summed else pairs[0][0] * pairs[0][1]
    return result


# Recurrent layers.


def _states(kind: str, x: Any, biases: int, *, hidden: int, proj: int = 0, **options: Any) -> list[Any]:
    """One layer and direction over the steps of one sample."""
    h, c = [Tallied(0.0)] * (proj or hidden), [Tallied(0.0)] * hidden
    states = []
    for step in x:

        def gate(*vectors: Any, biases: int = biases) -> Any:
            return reduce(lambda total, _: total + W, range(biases), dot((v, W) for vector in vectors for v in vector))

        for_each = range(hidden)
        if kind == "rnn":
            function = (lambda z: largest(z, 0)) if options.get("nonlinearity") == "relu" else tanh
            h = [function(gate(step, h)) for _ in for_each]
        elif kind == "lstm":
            i, f, o = ([sigmoid(gate(step, h)) for _ in for_each] for _ in "ifo")
            g = [tanh(gate(step, h)) for _ in for_each]
            c = [f[u] * c[u] + i[u] * g[u] for u in for_each]
            full = [o[u] * tanh(c[u]) for u in for_each]
            h = [dot((v, W) for v in full) for _ in range(proj)] if proj else full
        else:
            r, z = ([sigmoid(gate(step, h)) for _ in for_each] for _ in "rz")
            if options.get("reset_after", True):
                inner, outer = (biases + 1) // 2, biases // 2
                n = [tanh(gate(step, biases=inner) + r[u] * gate(h, biases=outer)) for u in for_each]
            else:
                reset = [r[u] * h[u] for u in for_each]
                n = [tanh(gate(step, reset)) for _ in for_each]
            h = [(1 - z[u]) * n[u] + z[u] * h[u] for u in for_each]
        states.append(h)
    return states


def recurrent(kind: str) -> Callable[..., Any]:
    def layer(x: Any, layers: int = 1, bidirectional: bool = False, bias: Any = 2, **options: Any) -> Any:
        biases = 2 if bias is True else int(bias)
        for _ in range(layers):
            samples = []
            for sample in x:
                states = _states(kind, sample, biases, **options)
                if bidirectional:
                    back = _states(kind, sample[::-1], biases, **options)[::-1]
                    states = [one + other for one, other in zip(states, back, strict=True)]
                samples.append(states)
            x = np.array(samples, object)
        return x

    return layer
