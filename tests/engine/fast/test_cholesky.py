"""Elimination against dense linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.fast.cholesky import back_substitute, eliminate


def _system(seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size + 3))
    return root @ root.T, rng.normal(size=size)


SIZE = 23


@pytest.mark.parametrize("n", [1, 4, 9, 12, 15, 22, SIZE])
def test_elimination_leaves_factor_and_schur_complement(n: int) -> None:
    square, right = _system(n, SIZE)
    # Nothing above the diagonal is read.
    matrix = np.full((SIZE + 1, SIZE + 1), np.nan)
    matrix[np.tril_indices(SIZE)], matrix[SIZE, :SIZE] = square[np.tril_indices(SIZE)], right
    assert eliminate(matrix, n)
    lower = np.linalg.cholesky(square[:n, :n])
    below = np.linalg.solve(lower, square[:n, n:]).T
    np.testing.assert_allclose(np.tril(matrix[:n, :n]), lower, atol=1e-12)
    np.testing.assert_allclose(matrix[n:SIZE, :n], below, atol=1e-12)
    np.testing.assert_allclose(
        np.tril(matrix[n:SIZE, n:SIZE]), np.tril(square[n:, n:] - below @ below.T), atol=1e-10
    )
    np.testing.assert_allclose(matrix[SIZE, :n], np.linalg.solve(lower, right[:n]), atol=1e-12)
    reduced = right[n:] - below @ np.linalg.solve(lower, right[:n])
    np.testing.assert_allclose(matrix[SIZE, n:SIZE], reduced, atol=1e-10)


def test_elimination_and_substitution_solve_a_system() -> None:
    square, right = _system(3, 6)
    matrix = np.zeros((7, 7))
    matrix[:6, :6], matrix[6, :6] = np.tril(square), right
    assert eliminate(matrix, 6)
    x = matrix[6, :6].copy()
    back_substitute(matrix, 6, x)
    np.testing.assert_allclose(x, np.linalg.solve(square, right), atol=1e-10)


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), -np.eye(3), np.ones((3, 3)), np.full((3, 3), np.nan)])
def test_a_matrix_that_is_not_positive_definite_is_refused(bad: np.ndarray) -> None:
    matrix = np.zeros((4, 4))
    matrix[:3, :3] = bad
    assert not eliminate(matrix, 3)
