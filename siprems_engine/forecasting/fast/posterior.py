"""The posterior that Prophet maximises, written down plainly in numpy.

Source: `prophet/stan_model/prophet.stan` of Prophet 1.5, linear growth. Scaled time is t = (day - first day)
/ (last day - first day), the scaled series is y / max |y|. With changepoints c_j and features x (K, T), each
additive or multiplicative, the mean of row i is

    g_i = k t_i + m + sum_j delta_j max(t_i - c_j, 0)                            (trend)
    f_i = g_i (1 + sum_l x_li beta_l [l multiplicative]) + sum_l x_li beta_l [l additive]

(Stan writes the trend as (k + A delta) t + m + A (-c delta), which is the same.) The priors are
k, m ~ N(0, 5), delta ~ Laplace(0, tau), beta_l ~ N(0, s_l), sigma ~ N(0, 0.5) cut at 0, and y ~ N(f, sigma).
Stan's optimiser works without the Jacobian of the change of variables, so up to a constant the negative log
posterior is

    F = RSS / (2 v) + T/2 log v + 2 v + (k^2 + m^2) / 50 + sum |delta| / tau + sum beta^2 / (2 s^2)

with RSS = sum (y - f)^2 and v = sigma^2. Three facts make it fast to minimise:

1. dF/dv = 0 is 4 v^2 + T v - RSS = 0, so v = 2 RSS / (T + sqrt(T^2 + 16 RSS)); sigma never is an unknown.
2. f is bilinear in (k, m, delta) and beta, so the exact Hessian costs no more than Gauss and Newton's
   J'J / v: only the block of trend times multiplicative coefficients has an extra term, minus the sum of
   r_i h_a(t_i) x_li over the rows, over v.
3. Only delta has kinks. With k, m, beta eliminated a Newton step is a lasso in a few dozen unknowns, which an
   active set solves exactly.

A series the features describe without any error has no optimum, as F falls without bound with v. v therefore
stays above `SMALLEST_VARIANCE`, far below the noise of any count that is not constant by rule.

This module is the slow, clear twin of the kernels; the solver takes only constants and `Problem` from it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats

# 1 / 5^2 of k, m ~ N(0, 5), and 1 / 0.5^2 of sigma ~ N(0, 0.5).
TREND_PRECISION = 1.0 / 25.0
SIGMA_PRECISION = 4.0
SMALLEST_VARIANCE = 1e-10


class Problem(NamedTuple):
    """One series ready to be fitted; a tuple of arrays, because kernels accept that.

    `y`, `t`: (T,) scaled values and times, ascending. `changepoints`: (S,) ascending scaled times;
    `first_rows`: (S,) the first row at or after each of them. `features`: (K, T), a row per feature, because
    every kernel sums over time; `additive` and
    `multiplicative`: (K,) 0 or 1; `precision`: (K,) 1 / s^2. `penalty`: 1 / tau.
    """

    y: Floats
    t: Floats
    changepoints: Floats
    first_rows: NDArray[np.int64]
    features: Floats
    additive: Floats
    multiplicative: Floats
    precision: Floats
    penalty: float


class Parameters(NamedTuple):
    """A point: slope `k`, offset `m`, slope changes `delta` (S,), coefficients `beta` (K,)."""

    k: float
    m: float
    delta: Floats
    beta: Floats


def profiled_variance(rss: float, rows: int) -> float:
    """Return the v = sigma^2 that minimises F for a given RSS over T rows."""
    return max(2.0 * rss / (rows + float(np.sqrt(rows * rows + 16.0 * rss))), SMALLEST_VARIANCE)


def trend(problem: Problem, at: Parameters) -> Floats:
    """Return g, (T,)."""
    hinges = np.maximum(problem.t[:, None] - problem.changepoints[None, :], 0.0)
    return np.asarray(at.k * problem.t + at.m + hinges @ at.delta)


def residual(problem: Problem, at: Parameters) -> Floats:
    """Return y - f, (T,)."""
    factor = 1.0 + (at.beta * problem.multiplicative) @ problem.features
    return np.asarray(
        problem.y - trend(problem, at) * factor - (at.beta * problem.additive) @ problem.features
    )


def objective(problem: Problem, at: Parameters, sigma: float) -> float:
    """Return F, the negative log posterior without its constant."""
    rss = float(np.sum(residual(problem, at) ** 2))
    gauss = rss / (2.0 * sigma**2) + len(problem.y) * np.log(sigma) + 0.5 * SIGMA_PRECISION * sigma**2
    priors = 0.5 * TREND_PRECISION * (at.k**2 + at.m**2) + 0.5 * np.sum(problem.precision * at.beta**2)
    return float(gauss + priors + problem.penalty * np.abs(at.delta).sum())


def smooth_gradient(problem: Problem, at: Parameters, sigma: float) -> Floats:
    """Return the gradient of F without the Laplace prior, (2 + K + S,), in the order k, m, beta, delta."""
    r, g = residual(problem, at), trend(problem, at)
    factor = 1.0 + (at.beta * problem.multiplicative) @ problem.features
    hinges = np.maximum(problem.t[:, None] - problem.changepoints[None, :], 0.0)
    weight = problem.additive[:, None] + g[None, :] * problem.multiplicative[:, None]
    jacobian = np.column_stack(
        [factor * problem.t, factor, (problem.features * weight).T, factor[:, None] * hinges]
    )
    prior = [TREND_PRECISION * at.k, TREND_PRECISION * at.m, *(problem.precision * at.beta)]
    return np.asarray(-(jacobian.T @ r) / sigma**2 + np.array([*prior, *np.zeros(len(at.delta))]))


def kkt_residual(problem: Problem, at: Parameters, sigma: float) -> float:
    """Return how far the point is from satisfying the conditions of an optimum; 0 at the optimum.

    The largest of |dF/dk|, |dF/dm|, |dF/dbeta| and, for delta, of the distance from 0 to the
    subdifferential: |dF/ddelta + sign(delta) / tau| where delta is not 0, and the excess of |dF/ddelta| over
    1 / tau where it is.
    """
    gradient = smooth_gradient(problem, at, sigma)
    split = 2 + len(at.beta)
    kinks = gradient[split:]
    moved = np.abs(kinks + problem.penalty * np.sign(at.delta))
    resting = np.maximum(np.abs(kinks) - problem.penalty, 0.0)
    return float(
        max(np.abs(gradient[:split]).max(), np.where(at.delta != 0.0, moved, resting).max(initial=0))
    )
