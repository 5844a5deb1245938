"""The model's mean and its misfit; the kernels know a point as one vector [k, m, beta (K,), delta (S,)]."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.posterior import (
    SIGMA_PRECISION,
    SMALLEST_VARIANCE,
    TREND_PRECISION,
    Problem,
)
from siprems_engine.forecasting.series import Floats


class Mean(NamedTuple):
    """The parts of the mean at one point, (T,) each: `trend` g, the `factor` it is times, `residual`."""

    trend: Floats
    factor: Floats
    residual: Floats


@compiled
def blank_mean(rows: int) -> Mean:
    """Return memory for the mean of `rows` rows."""
    return Mean(np.empty(rows), np.empty(rows), np.empty(rows))


@compiled
def write_trend(problem: Problem, p: Floats, trend: Floats) -> None:
    """Write the piecewise linear trend at `p` into `trend` (T,)."""
    first = len(p) - len(problem.changepoints)
    slope, offset, begin = p[0], p[1], 0
    for segment in range(len(problem.changepoints) + 1):
        last = segment == len(problem.changepoints)
        end = len(trend) if last else problem.first_rows[segment]
        for i in range(begin, end):
            trend[i] = slope * problem.t[i] + offset
        if not last:
            delta = p[first + segment]
            slope += delta
            offset -= problem.changepoints[segment] * delta
        begin = end


@compiled
def write_mean(problem: Problem, p: Floats, mean: Mean) -> float:
    """Write the mean at `p` and return the residual sum of squares."""
    beta = p[2 : len(p) - len(problem.changepoints)]
    write_trend(problem, p, mean.trend)
    mean.factor[:] = 1.0
    mean.residual[:] = problem.y
    _add_scaled(problem.features, beta * problem.multiplicative, mean.factor)
    _add_scaled(problem.features, -beta * problem.additive, mean.residual)
    for i in range(len(problem.y)):
        mean.residual[i] -= mean.trend[i] * mean.factor[i]
    return sum_of_squares(mean.residual)


@compiled
def sum_of_squares(values: Floats) -> float:
    """Return the sum of squares of (n,) values."""
    return dot(values, values)


@compiled
def dot(a: Floats, b: Floats) -> float:
    """Return the sum of the products of (n,) and (n,) values."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@compiled
def _add_scaled(features: Floats, weight: Floats, out: Floats) -> None:
    """Add the features (K, T), each times its weight (K,), to `out` (T,)."""
    used = np.flatnonzero(weight)
    for place in range(0, len(used) - 3, 4):
        j0, j1, j2, j3 = used[place], used[place + 1], used[place + 2], used[place + 3]
        w0, w1, w2, w3 = weight[j0], weight[j1], weight[j2], weight[j3]
        x0, x1, x2, x3 = features[j0], features[j1], features[j2], features[j3]
        for i in range(len(out)):
            out[i] += w0 * x0[i] + w1 * x1[i] + w2 * x2[i] + w3 * x3[i]
    for j in used[len(used) - len(used) % 4 :]:
        row, w = features[j], weight[j]
        for i in range(len(out)):
            out[i] += w * row[i]


@compiled
def best_variance(rss: float, rows: int) -> float:
    """Return the noise variance that is best for a residual sum of squares over `rows` rows."""
    return max(2.0 * rss / (rows + np.sqrt(rows * rows + 16.0 * rss)), SMALLEST_VARIANCE)


@compiled
def objective_at(problem: Problem, p: Floats, rss: float) -> float:
    """Return the negative log posterior at `p` with the best variance for its `rss`."""
    rows = len(problem.y)
    variance = best_variance(rss, rows)
    first = len(p) - len(problem.changepoints)
    total = 0.5 * (rss / variance + rows * np.log(variance) + SIGMA_PRECISION * variance)
    total += 0.5 * TREND_PRECISION * (p[0] * p[0] + p[1] * p[1])
    for j in range(2, first):
        total += 0.5 * problem.precision[j - 2] * p[j] * p[j]
    for j in range(first, len(p)):
        total += problem.penalty * abs(p[j])
    return total
