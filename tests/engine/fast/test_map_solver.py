"""The solver against the conditions of an optimum, on random and on degenerate problems."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.fast.map_solver import MapEstimate, maximise
from siprems_engine.forecasting.fast.posterior import Parameters, Problem, kkt_residual, objective
from tests.engine.fast.problems import random_point, random_problem


def _at(estimate: MapEstimate) -> Parameters:
    return Parameters(estimate.k, estimate.m, estimate.delta, estimate.beta)


def _assert_optimal(problem: Problem, estimate: MapEstimate, tolerance: float = 1e-5) -> None:
    assert kkt_residual(problem, _at(estimate), estimate.sigma) <= tolerance
    assert estimate.objective == pytest.approx(objective(problem, _at(estimate), estimate.sigma), rel=1e-10)


@pytest.mark.parametrize("seed", range(12))
def test_random_problems_reach_an_optimum(seed: int) -> None:
    problem = random_problem(seed, rows=60 + 10 * seed, features=3 + seed, changes=1 + seed)
    estimate = maximise(problem)
    _assert_optimal(problem, estimate)
    rng = np.random.default_rng(seed)
    for scale in (1e-4, 1e-2, 1.0):
        other = random_point(problem, int(rng.integers(1 << 30)))
        moved = Parameters(
            estimate.k + scale * other.k,
            estimate.m + scale * other.m,
            estimate.delta + scale * other.delta,
            estimate.beta + scale * other.beta,
        )
        assert objective(problem, moved, estimate.sigma) >= estimate.objective - 1e-9


def test_a_real_slope_change_is_found_and_the_others_stay_zero() -> None:
    problem = random_problem(3, rows=400, features=2, changes=8)
    noise = 0.01 * np.random.default_rng(3).normal(size=400)
    y = 0.2 + 1.5 * np.maximum(problem.t - problem.changepoints[4], 0.0) + noise
    estimate = maximise(problem._replace(y=y))
    _assert_optimal(problem._replace(y=y), estimate)
    assert estimate.delta[4] > 1.0
    assert np.sum(estimate.delta == 0.0) >= 3


@pytest.mark.parametrize("repeat", ["feature", "zero", "trend"])
def test_features_that_say_nothing_new_do_no_harm(repeat: str) -> None:
    problem = random_problem(4, rows=100, features=6)
    extra = {"feature": problem.features[0], "zero": np.zeros(100), "trend": problem.t}[repeat]
    problem.features[5] = extra
    _assert_optimal(problem, maximise(problem))


def test_no_noise_at_all_ends_at_the_smallest_variance() -> None:
    problem = random_problem(5, rows=90, features=4)
    exact = problem._replace(y=0.5 + 0.1 * problem.t)
    estimate = maximise(exact)
    assert estimate.sigma == pytest.approx(1e-5)
    assert np.isfinite([estimate.k, estimate.m, *estimate.delta, *estimate.beta]).all()


def test_more_features_than_rows_still_give_finite_parameters() -> None:
    problem = random_problem(6, rows=9, features=40, changes=4)
    estimate = maximise(problem)
    assert np.isfinite([estimate.k, estimate.m, estimate.sigma, *estimate.delta, *estimate.beta]).all()


def test_without_changepoints_the_trend_is_a_line() -> None:
    problem = random_problem(7)
    none = problem._replace(changepoints=np.zeros(0), first_rows=np.zeros(0, np.int64))
    _assert_optimal(none, maximise(none))


def test_the_same_problem_gives_the_same_bits() -> None:
    problem = random_problem(8)
    first, second = maximise(problem), maximise(problem)
    assert first.beta.tobytes() == second.beta.tobytes()
    assert first.delta.tobytes() == second.delta.tobytes()
    assert (first.k, first.m, first.sigma) == (second.k, second.m, second.sigma)
