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
                write_tile((weighted, j), (weighted, k), (begin, end), tile)
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
    weights = _cross_weights(problem, mean, exact)
    tile = np.empty((WIDTH, WIDTH))
    for segment in range(count, -1, -1):
        begin = problem.first_rows[segment - 1] if segment else 0
        end = problem.first_rows[segment] if segment < count else len(problem.t)
        if segment < count:
            level[segment], slope[segment] = level[segment + 1], slope[segment + 1]
        for j in range(0, columns, WIDTH):
            write_tile((problem.features, j), (weights, 0), (begin, end), tile)
            for a in range(min(WIDTH, columns - j)):
                add, scale = problem.additive[j + a], problem.multiplicative[j + a]
                level[segment, j + a] += add * tile[a, 0] + scale * tile[a, 2]
                slope[segment, j + a] += add * tile[a, 1] + scale * tile[a, 3]
    return level, slope


@compiled
def _cross_weights(problem: Problem, mean: Mean, exact: bool) -> Floats:
    """Return w and w t of an additive and of a multiplicative term, (4, T)."""
    weights = np.empty((WIDTH, len(problem.t)))
    for i in range(len(problem.t)):
        additive = mean.factor[i]
        multiplicative = mean.factor[i] * mean.trend[i] - (mean.residual[i] if exact else 0.0)
        weights[0, i], weights[1, i] = additive, additive * problem.t[i]
        weights[2, i], weights[3, i] = multiplicative, multiplicative * problem.t[i]
    return weights


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
