"""Gradient and Hessian of the smooth part of the negative log posterior, for a fixed noise variance.

A trend parameter acts through a hinge h_a(t): t for k, 1 for m, max(t - c_j, 0) for delta_j. Sums over the
rows behind a changepoint are running sums from the end, so that all S + 2 hinges together cost two passes.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.mean import Mean
from siprems_engine.forecasting.fast.posterior import TREND_PRECISION, Problem
from siprems_engine.forecasting.fast.scratch import Scratch
from siprems_engine.forecasting.series import Floats


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
    """Write the lower triangle of A A' (K, K) for A (K, T).

    Two rows times two rows share what is loaded, which beats a general matrix product at half its arithmetic.
    With an odd K the last row is its own partner.
    """
    last = weighted.shape[0] - 1
    for j in range(0, last + 1, 2):
        j2 = min(j + 1, last)
        for k in range(0, j + 1, 2):
            k2 = min(k + 1, last)
            a, b, c, d = weighted[j], weighted[j2], weighted[k], weighted[k2]
            ac, ad, bc, bd = 0.0, 0.0, 0.0, 0.0
            for i in range(weighted.shape[1]):
                ac += a[i] * c[i]
                ad += a[i] * d[i]
                bc += b[i] * c[i]
                bd += b[i] * d[i]
            gram[j, k], gram[j, k2], gram[j2, k], gram[j2, k2] = ac, ad, bc, bd


@compiled
def weighted_sums(weighted: Floats, values: Floats, out: Floats) -> None:
    """Write A v (K,) for A (K, T) and v (T,)."""
    for j in range(weighted.shape[0]):
        row, total = weighted[j], 0.0
        for i in range(len(values)):
            total += row[i] * values[i]
        out[j] = total


@compiled
def write_gradient(problem: Problem, p: Floats, mean: Mean, variance: float, scratch: Scratch) -> None:
    """Write the gradient at `p` without the Laplace prior; A must stand in `scratch.weighted`."""
    out = scratch.gradient
    first = len(p) - len(problem.changepoints)
    weighted_sums(scratch.weighted, mean.residual, out[2:first])
    for j in range(2, first):
        out[j] = problem.precision[j - 2] * p[j] - out[j] / variance
    count = len(problem.changepoints)
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
    scaled = mean.factor * mean.trend - mean.residual if exact else mean.factor * mean.trend
    weight = np.empty(len(scaled))
    for j in range(columns):
        for i in range(len(weight)):
            part = problem.additive[j] * mean.factor[i] + problem.multiplicative[j] * scaled[i]
            weight[i] = part * problem.features[j, i]
        _sums_behind(problem, weight, level[:, j], slope[:, j])
    return level, slope


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
