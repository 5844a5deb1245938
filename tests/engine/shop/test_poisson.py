"""The regression in single precision against a plain one in double precision, and against an optimiser."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from siprems_engine.forecasting.shop import poisson

RIDGE = np.full(4, 20.0)


def sample(n: int = 4000, seed: int = 5) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    columns = random.normal(size=(n, 4)) * [1.0, 0.3, 2.0, 1.0] + [0.0, 5.0, -1.0, 0.0]
    columns[:, 3] = random.random(n) < 0.2
    offset = np.exp(random.normal(1.0, 1.0, n))
    truth = np.array([0.15, -0.4, 0.05, 0.5])
    units = random.poisson(offset * np.exp((columns - columns.mean(axis=0)) @ truth - 0.1))
    weight = random.uniform(0.1, 1.0, n)
    return columns.astype(np.float32), units.astype(float), offset, weight, truth


def standardised(columns: np.ndarray, offset: np.ndarray, weight: np.ndarray) -> np.ndarray:
    mass = weight * offset / (weight * offset).sum()
    columns = columns.astype(np.float64)
    centred = columns - mass @ columns
    return np.column_stack([np.ones(len(columns)), centred / np.sqrt(mass @ centred**2)])


def test_it_agrees_with_an_optimiser_of_the_penalised_likelihood() -> None:
    columns, units, offset, weight, _ = sample()
    design = standardised(columns, offset, weight)

    def loss(solution: np.ndarray) -> float:
        exponent = design @ solution
        return float(
            weight @ (offset * np.exp(exponent) - units * exponent) + (RIDGE / 2 * solution[1:] ** 2).sum()
        )

    best = minimize(loss, np.zeros(5), method="BFGS").x
    found = poisson.fit(columns, units, offset, weight, RIDGE)
    np.testing.assert_allclose(np.r_[found.intercept, found.coefficients], best, atol=2e-3)
    np.testing.assert_allclose(found.factor(columns), np.exp(np.clip(design @ best, -1.5, 1.5)), rtol=1e-2)


def test_it_agrees_with_iteratively_reweighted_least_squares_in_double_precision() -> None:
    columns, units, offset, weight, _ = sample(seed=6)
    design = standardised(columns, offset, weight)
    penalty, solution = np.diag([0.0, *RIDGE]), np.zeros(5)
    for _ in range(30):
        expected = offset * np.exp(design @ solution)
        curvature = design.T @ (design * (weight * expected)[:, None]) + penalty
        solution += np.linalg.solve(curvature, design.T @ (weight * (units - expected)) - penalty @ solution)
    found = poisson.fit(columns, units, offset, weight, RIDGE)
    np.testing.assert_allclose(np.r_[found.intercept, found.coefficients], solution, atol=2e-3)


def test_planted_coefficients_come_back() -> None:
    columns, units, offset, weight, truth = sample(n=40_000)
    found = poisson.fit(columns, units, offset, weight, np.full(4, 1e-6))
    np.testing.assert_allclose(found.coefficients / found.scale, truth, atol=0.03)


def test_a_column_that_never_varies_is_left_out() -> None:
    columns, units, offset, weight, _ = sample()
    with_constant = np.column_stack([columns, np.full(len(columns), 7.0, np.float32)])
    found = poisson.fit(with_constant, units, offset, weight, np.r_[RIDGE, 20.0])
    assert found.keep.tolist() == [True] * 4 + [False]
    wanted = poisson.fit(columns, units, offset, weight, RIDGE).factor(columns)
    np.testing.assert_allclose(found.factor(with_constant), wanted, rtol=1e-4)


@pytest.mark.parametrize("units", [0.0, 1e6])
def test_corrections_stay_within_their_bounds(units: float) -> None:
    columns, _, offset, weight, _ = sample(n=300)
    found = poisson.fit(columns, np.full(300, units), offset, weight, RIDGE)
    factor = found.factor(100.0 * columns)
    assert np.isfinite(factor).all()
    assert factor.min() >= np.exp(-1.5) - 1e-6
    assert factor.max() <= np.exp(1.5) + 1e-6
