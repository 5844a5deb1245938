"""Gradient and Hessian of the smooth part of the negative log posterior, for a fixed noise variance.

A trend parameter acts through a hinge h_a(t): t for k, 1 for m, max(t - c_j, 0) for delta_j. Sums over the
rows behind a changepoint are running sums from the end, so that all S + 2 hinges together cost two passes.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.mean import Mean, dot
from siprems_engine.forecasting.fast.posterior import TREND_PRECISION, Problem
from siprems_engine.forecasting.fast.scratch import Scratch
from siprems_engine.forecasting.fast.tiles import WIDTH, write_tile
from siprems_engine.forecasting.series import Floats

# Time steps summed before moving on: what two times four rows hold of them fits into the first cache.
BLOCK = 512


@compiled
def write_weighted(problem: Problem, trend: Floats, weighted: Floats) -> None:
    """Write A (K, T), the derivative of the mean by beta."""
    for j in range(weighted.shape[0]):
        row, out = problem.features[j], weighted[j]
        additive, multiplicative = problem.additive[j], problem.multiplicative[j]
        for i in range(len(trend)):
            out[i] = row[i] * (additive + multiplicative * trend[i])


@compiled
def write_gram(weighted: Floats, gram: Floats) -> None:
    """Write the lower triangle of A A' (K, K) for A (K, T); entries above it are left undefined."""
    columns, rows = weighted.shape
    tile = np.empty((WIDTH, WIDTH))
    gram[:] = 0.0
    for begin in range(0, rows, BLOCK):
        end = min(begin + BLOCK, rows)
        for j in range(0, columns, WIDTH):
            for k in range(0, j + 1, WIDTH):
                write_tile(weighted, weighted, (j, k, begin, end), tile)
                for a in range(min(WIDTH, columns - j)):
                    for b in range(min(WIDTH, columns - k)):
                        gram[j + a, k + b] += tile[a, b]


@compiled
def weighted_sums(weighted: Floats, values: Floats, out: Floats) -> None:
    """Write A v (K,) for A (K, T) and v (T,)."""
    for j in range(weighted.shape[0]):
        out[j] = dot(weighted[j], values)


@compiled
def write_gradient(problem: Problem, p: Floats, mean: Mean, variance: float, out: Floats) -> None:
    """Write the gradient at `p` without the Laplace prior into `out` (N,)."""
    count = len(problem.changepoints)
    first = len(p) - count
    scaled = mean.trend * mean.residual
    for j in range(2, first):
        row, pull = problem.features[j - 2], 0.0
        if problem.additive[j - 2] != 0.0:
            pull += problem.additive[j - 2] * dot(row, mean.residual)
        if problem.multiplicative[j - 2] != 0.0:
            pull += problem.multiplicative[j - 2] * dot(row, scaled)
        out[j] = problem.precision[j - 2] * p[j] - pull / variance
    level, slope = np.empty(count + 1), np.empty(count + 1)
    _sums_behind(problem, mean.factor * mean.residual, level, slope)
    out[0] = TREND_PRECISION * p[0] - slope[0] / variance
    out[1] = TREND_PRECISION * p[1] - level[0] / variance
    for a in range(count):
        out[first + a] = -(slope[a + 1] - problem.changepoints[a] * level[a + 1]) / variance


@compiled
def write_hessian(problem: Problem, mean: Mean, variance: float, exact: bool, scratch: Scratch) -> None:
    """Write the lower triangle of the Hessian into `scratch.matrix`; A A' must stand in `scratch.gram`.

    With `exact` the second derivatives of the bilinear mean are included; without, the result is Gauss and
    Newton's J'J / v plus the priors, which is positive definite but for rounding.
    """
    out = scratch.matrix
    _write_coefficients(problem, scratch.gram, variance, out)
    _write_trend_block(problem, mean, variance, out)
    _write_cross_block(problem, mean, variance, exact, out)
    out[0, 0] += TREND_PRECISION
    out[1, 1] += TREND_PRECISION


@compiled
def _write_coefficients(problem: Problem, gram: Floats, variance: float, out: Floats) -> None:
    sharpness = 1.0 / variance
    for j in range(gram.shape[0]):
        for i in range(j + 1):
            out[2 + j, 2 + i] = gram[j, i] * sharpness
        out[2 + j, 2 + j] += problem.precision[j]


@compiled
def _write_trend_block(problem: Problem, mean: Mean, variance: float, out: Floats) -> None:
    """Write the block of k, m and delta: sums of the squared factor times two hinges."""
    changepoints = problem.changepoints
    count = len(changepoints)
    first = 2 + len(problem.precision)
    sums = _moments(problem, mean.factor) / variance
    out[0, 0], out[1, 0], out[1, 1] = sums[0, 2], sums[0, 1], sums[0, 0]
    for a in range(count):
        level, slope, square = sums[a + 1]
        at = changepoints[a]
        out[first + a, 0] = square - at * slope
        out[first + a, 1] = slope - at * level
        for b in range(a + 1):
            # Where the later hinge is not 0, the earlier one is plainly t - c.
            other = changepoints[b]
            out[first + a, first + b] = square - (at + other) * slope + at * other * level


@compiled
def _moments(problem: Problem, factor: Floats) -> Floats:
    """Return the sums of factor^2 t^e, e = 0, 1, 2, over all rows and over those behind each changepoint."""
    count = len(problem.changepoints)
    sums = np.zeros((count + 1, 3))
    begin = 0
    for segment in range(count + 1):
        end = problem.first_rows[segment] if segment < count else len(factor)
        for i in range(begin, end):
            weight, t = factor[i] * factor[i], problem.t[i]
            sums[segment, 0] += weight
            sums[segment, 1] += weight * t
            sums[segment, 2] += weight * t * t
        begin = end
    for segment in range(count - 1, -1, -1):
        sums[segment] += sums[segment + 1]
    return sums


@compiled
def _write_cross_block(problem: Problem, mean: Mean, variance: float, exact: bool, out: Floats) -> None:
    """Write the blocks of beta with k, m and delta."""
    columns, first = len(problem.precision), 2 + len(problem.precision)
    level, slope = _feature_sums(problem, mean, exact)
    for j in range(columns):
        out[2 + j, 0] = slope[0, j] / variance
        out[2 + j, 1] = level[0, j] / variance
    for a in range(len(problem.changepoints)):
        for j in range(columns):
            hinge = slope[a + 1, j] - problem.changepoints[a] * level[a + 1, j]
            out[first + a, 2 + j] = hinge / variance


@compiled
def _feature_sums(problem: Problem, mean: Mean, exact: bool) -> tuple[Floats, Floats]:
    """Return the sums of w x_l and of w x_l t, (S + 1, K), over all rows and those behind each changepoint.

    w is the factor times the derivative of the mean by beta_l, less the residual where the term is bilinear.
    """
    count, columns = len(problem.changepoints), len(problem.precision)
    level, slope = np.zeros((count + 1, columns)), np.zeros((count + 1, columns))
    if problem.additive.any():
        _add_segments(problem, problem.additive, mean.factor, level, slope)
    if problem.multiplicative.any():
        scaled = mean.factor * mean.trend - mean.residual if exact else mean.factor * mean.trend
        _add_segments(problem, problem.multiplicative, scaled, level, slope)
    for segment in range(count - 1, -1, -1):
        level[segment] += level[segment + 1]
        slope[segment] += slope[segment + 1]
    return level, slope


@compiled
def _add_segments(problem: Problem, mode: Floats, weight: Floats, level: Floats, slope: Floats) -> None:
    """Add the sums of w x_l and of w x_l t within every segment, (S + 1, K), for the features of a mode.

    Segments are short. Two share a tile: the weights of each are 0 on the rows of the other.
    """
    columns, rows = problem.features.shape
    weights, tile = np.zeros((WIDTH, rows)), np.empty((WIDTH, WIDTH))
    starts = np.zeros(len(level) + 2, np.int64)
    starts[1 : len(level)], starts[len(level) :] = problem.first_rows, rows
    for segment in range(len(level)):
        side = 2 * (segment % 2)
        for i in range(starts[segment], starts[segment + 1]):
            weights[side, i], weights[side + 1, i] = weight[i], weight[i] * problem.t[i]
    for segment in range(0, len(level), 2):
        for j in range(0, columns, WIDTH):
            write_tile(problem.features, weights, (j, 0, starts[segment], starts[segment + 2]), tile)
            for a in range(min(WIDTH, columns - j)):
                for half in range(min(2, len(level) - segment)):
                    level[segment + half, j + a] += mode[j + a] * tile[a, 2 * half]
                    slope[segment + half, j + a] += mode[j + a] * tile[a, 2 * half + 1]


@compiled
def _sums_behind(problem: Problem, weight: Floats, level: Floats, slope: Floats) -> None:
    """Write the sums of w and of w t, (S + 1,), over all rows and over those behind each changepoint."""
    plain, timed, end = 0.0, 0.0, len(weight)
    for segment in range(len(problem.changepoints) - 1, -2, -1):
        begin = problem.first_rows[segment] if segment >= 0 else 0
        for i in range(begin, end):
            plain += weight[i]
            timed += weight[i] * problem.t[i]
        level[segment + 1], slope[segment + 1] = plain, timed
        end = begin
