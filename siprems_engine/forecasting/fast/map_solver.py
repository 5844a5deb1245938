"""The most probable parameters of a series, by a proximal Newton method on the negative log posterior.

Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim.
2014. See `posterior` for the function and why this is fast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.curvature import write_gradient
from siprems_engine.forecasting.fast.direction import newton_direction
from siprems_engine.forecasting.fast.line_search import Prospect, search
from siprems_engine.forecasting.fast.mean import (
    best_variance,
    blank_mean,
    dot,
    objective_at,
    sum_of_squares,
    write_mean,
)
from siprems_engine.forecasting.fast.posterior import Problem
from siprems_engine.forecasting.fast.scratch import new_scratch
from siprems_engine.forecasting.series import Floats

# Most series need four to six steps; one that needs this many is as good as it gets.
MOST_STEPS = 200
# The first step is long; Gauss and Newton's matrix is the safer guide there.
GAUSS_NEWTON_STEPS = 1
# Where the conditions of an optimum hold up to this, there is nothing left to gain.
OPTIMAL = 8e-6
# A step that promised less than this (in log posterior) was the last one that rounding lets be of use.
TOLERANCE = 1e-15
# A series that is not done after this many steps creeps along a valley between trend and coefficients.
CREEPING = 10


@dataclass(frozen=True, eq=False)
class MapEstimate:
    """The optimum: `delta` (S,), `beta` (K,), the negative log posterior and the number of Newton steps."""

    k: float
    m: float
    delta: Floats
    beta: Floats
    sigma: float
    objective: float
    steps: int


def maximise(problem: Problem) -> MapEstimate:
    """Maximise the posterior."""
    columns = len(problem.precision)
    p = np.zeros(2 + columns + len(problem.changepoints))
    variance, objective, steps = minimise(problem, p)
    return MapEstimate(
        float(p[0]), float(p[1]), p[2 + columns :], p[2 : 2 + columns], variance**0.5, objective, steps
    )


def fitted(problem: Problem, estimate: MapEstimate) -> Floats:
    """Return the mean of every row at the optimum, (T,), in units of the scaled series."""
    mean = blank_mean(len(problem.y))
    write_mean(problem, np.array([estimate.k, estimate.m, *estimate.beta, *estimate.delta]), mean)
    return problem.y - mean.residual


@compiled
def write_line(problem: Problem, p: Floats) -> None:
    """Write the least-squares line into `p` (N,); Prophet starts from first and last row, further away."""
    rows = len(problem.y)
    t, y = problem.t.mean(), problem.y.mean()
    moment = dot(problem.t, problem.t) - rows * t * t
    p[:] = 0.0
    p[0] = (dot(problem.t, problem.y) - rows * t * y) / moment
    p[1] = y - p[0] * t


@compiled
def minimise(problem: Problem, p: Floats) -> tuple[float, float, int]:
    """Write the minimum into `p` (N,); returns the noise variance, the objective and the number of steps."""
    columns, rows = problem.features.shape
    mean, trial_mean = blank_mean(rows), blank_mean(rows)
    scratch = new_scratch(rows, columns, len(p))
    write_line(problem, p)
    rss = write_mean(problem, p, mean)
    objective, taken = objective_at(problem, p, rss), 0
    while taken < MOST_STEPS:
        write_gradient(problem, p, mean, best_variance(rss, rows), scratch.gradient)
        if _distance_to_optimum(problem, p, scratch.gradient) <= OPTIMAL:
            break
        promised = newton_direction(problem, p, mean, taken >= GAUSS_NEWTON_STEPS, scratch)
        found = search(problem, p, Prospect(objective, promised, taken >= CREEPING), trial_mean, scratch)
        taken += 1
        if not np.isfinite(found):
            break
        p[:] = scratch.trial
        mean, trial_mean = trial_mean, mean
        objective, rss = found, sum_of_squares(mean.residual)
        if promised > -TOLERANCE:
            break
    return best_variance(rss, rows), objective, taken


@compiled
def _distance_to_optimum(problem: Problem, p: Floats, gradient: Floats) -> float:
    """Return the largest violation of the conditions of an optimum, as `posterior.kkt_residual` does."""
    first, worst = len(p) - len(problem.changepoints), 0.0
    for j in range(first):
        worst = max(worst, abs(gradient[j]))
    for j in range(first, len(p)):
        if p[j] != 0.0:
            worst = max(worst, abs(gradient[j] + np.sign(p[j]) * problem.penalty))
        else:
            worst = max(worst, abs(gradient[j]) - problem.penalty)
    return worst
