"""Scans computed step by step over numbers that tally the operations done to them: the oracle for their counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallied import Tallied, W, add_up, dot, exp, log, sigmoid, sqrt


def softplus(x: Any) -> Any:
    return log(1 + exp(x))


def causal_conv(x: Any, kernel: int, bias: bool = True) -> Any:
    zero = Tallied(0.0)
    result = np.empty_like(x)
    for n, t, c in np.ndindex(*x.shape):
        seen = [x[n, s, c] if s >= 0 else zero for s in range(t - kernel + 1, t + 1)]
        total = dot((value, W) for value in seen)
        result[n, t, c] = total + W if bias else total
    return result


def selective_scan(
    u: Any, delta: Any, b: Any, c: Any, z: Any = None, *, softplus: bool = True, skip: bool = True
) -> Any:
    result = np.empty_like(u)
    b, c = (x if x.ndim == 4 else x[:, :, None] for x in (b, c))
    times = u.shape[2] // b.shape[2]
    for n, d in np.ndindex(u.shape[0], u.shape[2]):
        h: list[Any] = [Tallied(0.0)] * b.shape[3]
        for t in range(u.shape[1]):
            step = log(1 + exp(delta[n, t, d])) if softplus else delta[n, t, d]
            new = step * u[n, t, d]
            h = [exp(step * W) * state + new * b[n, t, d // times, i] for i, state in enumerate(h)]
            y = dot(zip(c[n, t, d // times], h, strict=True))
            y = y + u[n, t, d] * W if skip else y
            result[n, t, d] = y if z is None else y * (z[n, t, d] * sigmoid(z[n, t, d]))
    return result


def linear_scan(x: Any, a: Any) -> Any:
    result = np.empty_like(x)
    h = np.full((x.shape[0], x.shape[2]), Tallied(0.0))
    for t in range(x.shape[1]):
        h = result[:, t] = a[:, t] * h + x[:, t]
    return result


def ssd(x: Any, dt: Any, b: Any, c: Any, *, skip: bool = True, chunk: int = 0) -> Any:
    result = np.empty_like(x)
    times = x.shape[2] // b.shape[2]
    for n, head in np.ndindex(x.shape[0], x.shape[2]):
        h = np.full((x.shape[3], b.shape[3]), Tallied(0.0))
        for t in range(x.shape[1]):
            step = softplus(dt[n, t, head] + W)
            decay = exp(step * W)
            for p in range(x.shape[3]):
                new = step * x[n, t, head, p]
                h[p] = [decay * state + new * value for state, value in zip(h[p], b[n, t, head // times], strict=True)]
                y = dot(zip(h[p], c[n, t, head // times], strict=True))
                result[n, t, head, p] = y + x[n, t, head, p] * W if skip else y
    return result


def unit(values: Any) -> list[Any]:
    length = sqrt(add_up(value * value for value in values) + 1e-6)
    return [value / length for value in values]


def gated_linear_attention(q: Any, k: Any, v: Any, g: Any, *, chunk: int = 0) -> Any:
    result = np.empty_like(v)
    for n, head in np.ndindex(v.shape[0], v.shape[2]):
        state = np.full((k.shape[3], v.shape[3]), Tallied(0.0))
        for t in range(v.shape[1]):
            state = state * exp(g[n, t, head]) + np.outer(k[n, t, head], v[n, t, head])
            result[n, t, head] = [dot(zip(column, q[n, t, head], strict=True)) for column in state.T]
    return result


def gated_delta_rule(q: Any, k: Any, v: Any, g: Any, beta: Any, *, qk_norm: bool = False, chunk: int = 0) -> Any:
    result = np.empty_like(v)
    q, k = q.copy(), k.copy()
    for place in np.ndindex(*q.shape[:3]):
        if qk_norm:
            q[place], k[place] = unit(q[place]), unit(k[place])
        q[place] = [value * W for value in q[place]]
    times = v.shape[2] // q.shape[2]
    for n, head in np.ndindex(v.shape[0], v.shape[2]):
        state = np.full((k.shape[3], v.shape[3]), Tallied(0.0))
        for t in range(v.shape[1]):
            query, key = q[n, t, head // times], k[n, t, head // times]
            rows = [exp(value) for value in np.atleast_1d(g[n, t, head])]
            state = state * np.array(rows)[:, None]
            read = [dot(zip(column, key, strict=True)) for column in state.T]
            new = [(value - old) * beta[n, t, head] for value, old in zip(v[n, t, head], read, strict=True)]
            state = state + np.outer(key, new)
            result[n, t, head] = [dot(zip(column, query, strict=True)) for column in state.T]
    return result
