"""The active set against plain coordinate descent, which is slow and cannot go wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.fast.lasso import Lasso, solve_lasso


def coordinate_descent(square: np.ndarray, linear: np.ndarray, penalty: float) -> np.ndarray:
    """Minimise over one unknown after the other until nothing moves."""
    x = np.zeros(len(linear))
    for _ in range(20000):
        before = x.copy()
        for i in range(len(x)):
            pull = linear[i] - square[i] @ x + square[i, i] * x[i]
            x[i] = np.sign(pull) * max(abs(pull) - penalty, 0.0) / square[i, i]
        if np.abs(x - before).max() < 1e-13:
            break
    return x


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 8),
    penalty=st.floats(0.0, 5.0),
    warm=st.booleans(),
)
def test_the_active_set_finds_the_minimum(seed: int, size: int, penalty: float, warm: bool) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, 2 * size + 2))
    square, linear = root @ root.T + 0.1 * np.eye(size), rng.normal(0.0, 5.0, size)
    x = rng.normal(size=size) if warm else np.zeros(size)
    assert solve_lasso(Lasso(np.tril(square), linear, penalty), x)
    np.testing.assert_allclose(x, coordinate_descent(square, linear, penalty), atol=1e-7)


def test_without_unknowns_there_is_nothing_to_do() -> None:
    assert solve_lasso(Lasso(np.zeros((0, 0)), np.zeros(0), 1.0), np.zeros(0))


@pytest.mark.parametrize("square", [-np.eye(2), np.ones((2, 2))])
def test_a_square_that_is_not_positive_definite_is_refused(square: np.ndarray) -> None:
    assert not solve_lasso(Lasso(square, np.array([4.0, 3.0]), 0.0), np.array([1.0, 1.0]))
