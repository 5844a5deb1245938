"""How far to go along a direction: Armijo's rule on the objective with the noise variance profiled out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siprems_engine.forecasting.fast.cholesky import back_substitute, eliminate
from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.curvature import weighted_sums, write_gram, write_weighted
from siprems_engine.forecasting.fast.mean import Mean, best_variance, objective_at, write_mean
from siprems_engine.forecasting.fast.posterior import Problem
from siprems_engine.forecasting.fast.scratch import Scratch
from siprems_engine.forecasting.series import Floats

# The share of the promised decrease a step has to keep, and the number of halvings before giving up.
ARMIJO, HALVINGS = 1e-4, 30
# Differences of the objective below this share of it are rounding.
ROUNDING = 1e-13


class Prospect(NamedTuple):
    """What a search starts from: the present objective, the change its step promises, and how to search.

    With `project` the coefficients of every trial point are the best ones for its trend instead of those on
    the line, which straightens the valley the two share (variable projection; Golub and Pereyra 1973).
    """

    objective: float
    promised: float
    project: bool


@compiled
def search(problem: Problem, p: Floats, prospect: Prospect, trial_mean: Mean, scratch: Scratch) -> float:
    """Go from `p` along `scratch.step`; returns the objective of the accepted point, infinity without one.

    The accepted point is left in `scratch.trial`, its mean in `trial_mean`.
    """
    share, step, trial, start = 1.0, scratch.step, scratch.trial, prospect.objective
    for _ in range(HALVINGS):
        for j in range(len(p)):
            trial[j] = p[j] + share * step[j]
        rss = write_mean(problem, trial, trial_mean)
        if prospect.project and _project(problem, rss, trial_mean, scratch):
            rss = write_mean(problem, trial, trial_mean)
        found = objective_at(problem, trial, rss)
        if found <= start + ARMIJO * share * prospect.promised + ROUNDING * abs(start):
            return found
        share *= 0.5
    return np.inf


@compiled
def _project(problem: Problem, rss: float, trial_mean: Mean, scratch: Scratch) -> bool:
    """Replace the coefficients of the trial point by the ridge solution for its trend; False if singular.

    `trial_mean` and `rss` are the mean of the trial point and its misfit.
    """
    weighted, gram, trial = scratch.weighted, scratch.gram, scratch.trial
    columns, rows = problem.features.shape
    variance = best_variance(rss, rows)
    write_weighted(problem, trial_mean.trend, weighted)
    write_gram(weighted, gram)
    system = np.empty((columns + 1, columns + 1))
    weighted_sums(weighted, problem.y - trial_mean.trend, system[columns, :columns])
    for j in range(columns):
        for i in range(j + 1):
            system[j, i] = gram[j, i]
        system[j, j] += problem.precision[j] * variance
    if not eliminate(system, columns):
        return False
    beta = system[columns, :columns].copy()
    back_substitute(system, columns, beta)
    trial[2 : 2 + columns] = beta
    return True
