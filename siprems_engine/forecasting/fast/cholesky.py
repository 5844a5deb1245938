"""Elimination of the unknowns without kinks, as one Cholesky factorisation that stops half way."""

from __future__ import annotations

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats

# A pivot that lost this many digits against its diagonal entry is rounding noise: the matrix is singular.
SMALLEST_PIVOT = 1e-13


@compiled
def eliminate(matrix: Floats, n: int) -> bool:
    """Eliminate the first `n` unknowns of a symmetric system in place; False if they are singular.

    `matrix` (N + 1, N + 1) holds the system in its lower triangle and the right-hand side in its last row.
    Afterwards the first n columns hold the Cholesky factor L and below it W = B L'^-1, the square of the
    other unknowns the Schur complement D - W W', and the last row L^-1 b and the reduced right-hand side.
    """
    for i in range(matrix.shape[0] - 1):
        _reduce(matrix, n, i)
        if i < n:
            row, total = matrix[i], 0.0
            for e in range(i):
                total += row[e] * row[e]
            pivot = row[i] - total
            if not pivot > SMALLEST_PIVOT * abs(row[i]):
                return False
            row[i] = pivot**0.5
    eliminate_right_side(matrix, n)
    return True


@compiled
def eliminate_right_side(matrix: Floats, n: int) -> None:
    """Reduce a new right-hand side in the last row of a `matrix` whose unknowns are already eliminated."""
    _reduce(matrix, n, matrix.shape[0] - 1)


@compiled
def _reduce(matrix: Floats, n: int, i: int) -> None:
    """Subtract from row i what the rows before it explain; the pivot of a row to be eliminated is left."""
    row, last = matrix[i], matrix.shape[0] - 2
    for j in range(min(i, n)):
        other, total = matrix[j], 0.0
        for e in range(j):
            total += row[e] * other[e]
        row[j] = (row[j] - total) / other[j]
    if i >= n:
        for j in range(n, min(i, last) + 1):
            other, total = matrix[j], 0.0
            for e in range(n):
                total += row[e] * other[e]
            row[j] -= total


@compiled
def back_substitute(matrix: Floats, n: int, x: Floats) -> None:
    """Solve L' x = b in place, L (n, n) being the lower triangle of `matrix`, b given as `x` (n,)."""
    for i in range(n - 1, -1, -1):
        row = matrix[i]
        x[i] /= row[i]
        value = x[i]
        for e in range(i):
            x[e] -= value * row[e]
