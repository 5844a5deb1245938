"""Small random problems with additive and multiplicative features, for the kernels and their twins."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.posterior import Parameters, Problem
from siprems_engine.forecasting.series import Floats


def random_problem(seed: int = 0, rows: int = 80, features: int = 7, changes: int = 6) -> Problem:
    """A series with trend, two waves per mode at most, a flag, and noise."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.choice(np.arange(1, 10 * rows), rows - 2, replace=False)) / (10.0 * rows)
    t = np.concatenate([[0.0], t, [1.0]])
    first_rows = np.unique(np.linspace(0, 0.8 * rows, changes + 1).round().astype(np.int64)[1:])
    x = rng.normal(size=(features, rows))
    x[-1] = x[-1] > 1.0
    multiplicative = (rng.random(features) < 0.6).astype(float)
    y = (0.5 + 0.2 * t) * (1.0 + 0.1 * x[0]) + 0.05 * x[min(1, features - 1)] + 0.05 * rng.normal(size=rows)
    return Problem(
        y=y / np.abs(y).max(),
        t=t,
        changepoints=t[first_rows],
        first_rows=first_rows,
        features=x,
        additive=1.0 - multiplicative,
        multiplicative=multiplicative,
        precision=rng.uniform(0.01, 0.2, features),
        penalty=20.0,
    )


def random_point(problem: Problem, seed: int = 0) -> Parameters:
    """A point near nothing in particular; some slope changes are 0."""
    rng = np.random.default_rng(seed)
    delta = rng.normal(0.0, 0.3, len(problem.changepoints)) * (rng.random(len(problem.changepoints)) < 0.7)
    return Parameters(rng.normal(), rng.normal(), delta, rng.normal(0.0, 0.3, len(problem.precision)))


def flat(at: Parameters) -> Floats:
    """The same point as the vector the kernels work on."""
    return np.concatenate([[at.k, at.m], at.beta, at.delta])
