"""Weights of the versions against slow ways to find them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from siprems_engine.forecasting.shop.weights import Trial, choose, minimise

ENGINES = ["a", "b", "c"]


def forms(seed: int, count: int, size: int) -> np.ndarray:
    """Positive semi-definite forms of errors that go together, as those of forecasts do."""
    random = np.random.default_rng(seed)
    errors = random.normal(size=(count, 60, size)) * random.uniform(0.5, 2.0, size)
    errors += random.normal(size=(count, 60, 1))
    return np.einsum("nki,nkj->nij", errors, errors)


@given(st.integers(0, 10_000), st.integers(2, 10))
@settings(max_examples=30, deadline=None)
def test_no_weights_are_better_than_those_of_a_general_solver(seed: int, size: int) -> None:
    tables = forms(seed, 3, size)
    found = minimise(tables)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    for table, weights in zip(tables, found, strict=True):
        scaled = table / table.max()
        solved = minimize(
            lambda w, a=scaled: w @ a @ w,
            np.full(size, 1 / size),
            jac=lambda w, a=scaled: 2 * a @ w,
            bounds=[(0, 1)] * size,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 500},
        )
        assert weights @ scaled @ weights <= solved.fun * (1 + 1e-3)


def test_three_versions_on_a_grid_of_all_weights() -> None:
    table = forms(4, 1, 3)
    steps = np.linspace(0, 1, 101)
    best = min(
        np.array([a, b, 1 - a - b]) @ table[0] @ np.array([a, b, 1 - a - b])
        for a, b in itertools.product(steps, steps)
        if a + b <= 1
    )
    found = minimise(table)[0]
    assert found @ table[0] @ found <= best


def trials(errors: dict[int, float], products: int = 20, versions: int = 3, seed: int = 0) -> list[Trial]:
    """Versions with independent errors of the given spreads (1 for the others)."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(8):
        actual = random.poisson(10.0, (products, 14)).astype(float)
        spread = np.array([errors.get(version, 1.0) for version in range(versions)])
        noise = random.normal(size=(versions, products, 14)) * spread[:, None, None]
        made.append(Trial(actual, actual[None] + noise, np.ones(products, dtype=bool)))
    return made


def test_weights_are_shares() -> None:
    found = choose(trials({0: 0.5, 2: 3.0}), 20, ENGINES)
    assert found.shape == (20, 3)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_the_better_version_weighs_more_and_independent_ones_by_their_precision() -> None:
    found = choose(trials({0: 1.0, 1: 1.0, 2: 2.0}, products=60), 60, ENGINES).mean(axis=0)
    # Inverse variances of 1, 1 and 1/4, a little more even.
    np.testing.assert_allclose(found, [4 / 9, 4 / 9, 1 / 9], atol=0.04)


def test_equal_versions_share_their_weight() -> None:
    made = [Trial(t.actual, np.repeat(t.forecasts[:1], 4, axis=0), t.counts) for t in trials({})]
    np.testing.assert_allclose(choose(made, 20, ["a", "b", "c", "d"]), 0.25, atol=0.01)


def test_a_product_without_a_past_takes_the_weights_of_the_shop() -> None:
    made = trials({0: 0.3})
    unseen = np.ones(20, dtype=bool)
    unseen[7] = False
    hidden = [Trial(t.actual, t.forecasts, unseen) for t in made]
    found = choose(hidden, 20, ENGINES)
    others = np.delete(found, 7, axis=0)
    assert np.abs(found[7] - others.mean(axis=0)).max() < 0.05


def test_units_of_a_product_do_not_count() -> None:
    """A product that sells a thousand times as much has no more to say."""
    made = trials({0: 0.5})
    factor = np.ones(20)
    factor[3] = 1000.0
    scaled = [Trial(t.actual * factor[:, None], t.forecasts * factor[None, :, None], t.counts) for t in made]
    np.testing.assert_allclose(choose(scaled, 20, ENGINES), choose(made, 20, ENGINES), atol=1e-6)


@pytest.mark.parametrize(
    "made", [[], [Trial(np.full((20, 14), np.nan), np.ones((3, 20, 14)), np.ones(20, bool))]]
)
def test_without_trials_all_weigh_alike(made: list[Trial]) -> None:
    np.testing.assert_array_equal(choose(made, 20, ENGINES), np.full((20, 3), 1 / 3))
