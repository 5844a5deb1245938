"""The plain posterior against its own differences, so that it may judge the kernels."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.fast.posterior import (
    Parameters,
    Problem,
    kkt_residual,
    objective,
    profiled_variance,
    residual,
    smooth_gradient,
    trend,
)
from tests.engine.fast.problems import flat, random_point, random_problem


def _shifted(at: Parameters, index: int, by: float) -> Parameters:
    p = flat(at)
    p[index] += by
    split = 2 + len(at.beta)
    return Parameters(p[0], p[1], p[split:], p[2:split])


def test_the_gradient_is_the_slope_of_the_objective() -> None:
    problem, sigma, h = random_problem(), 0.3, 1e-6
    at = random_point(problem)
    gradient = smooth_gradient(problem, at, sigma)
    gradient[-len(at.delta) :] += problem.penalty * np.sign(at.delta)
    for index in np.flatnonzero(flat(at)):
        up, down = (objective(problem, _shifted(at, index, s * h), sigma) for s in (1, -1))
        assert gradient[index] == pytest.approx((up - down) / (2 * h), rel=1e-5, abs=1e-4)


def test_the_trend_is_the_one_stan_computes() -> None:
    problem = random_problem()
    at = random_point(problem)
    passed = (problem.t[:, None] >= problem.changepoints[None, :]).astype(float)
    stan = (at.k + passed @ at.delta) * problem.t + at.m + passed @ (-problem.changepoints * at.delta)
    np.testing.assert_allclose(trend(problem, at), stan, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("rss", "rows"), [(3.0, 100), (1e-4, 700), (50.0, 5)])
def test_the_variance_is_the_best_one(rss: float, rows: int) -> None:
    def cost(v: float) -> float:
        return rss / (2 * v) + 0.5 * rows * float(np.log(v)) + 2 * v

    best = profiled_variance(rss, rows)
    assert cost(best) <= min(cost(best * 0.999), cost(best * 1.001))


def _constant(y: float) -> Problem:
    problem = random_problem()
    return problem._replace(y=np.full(len(problem.y), y), penalty=1e6)


def test_the_conditions_of_an_optimum_hold_where_nothing_pulls() -> None:
    problem = _constant(0.0)
    origin = Parameters(0.0, 0.0, np.zeros(len(problem.changepoints)), np.zeros(len(problem.precision)))
    assert kkt_residual(problem, origin, 0.1) == 0.0
    assert np.all(residual(problem, origin) == 0.0)


def test_the_conditions_of_an_optimum_fail_elsewhere() -> None:
    problem = random_problem()
    assert kkt_residual(problem, random_point(problem), 0.1) > 1.0
