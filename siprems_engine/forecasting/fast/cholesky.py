"""Elimination of the unknowns without kinks, as one Cholesky factorisation that stops half way."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.tiles import WIDTH, write_tile
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
    size = matrix.shape[0] - 1
    tile, diagonal = np.empty((WIDTH, WIDTH)), np.diag(matrix).copy()
    for j in range(0, n, WIDTH):
        after = min(j + WIDTH, n)
        _subtract(matrix, (j, after), (j, after), j, tile)
        if not _factor(matrix, j, after, diagonal):
            return False
        for i in range(after, size, WIDTH):
            _subtract(matrix, (i, min(i + WIDTH, size)), (j, after), j, tile)
        _substitute_below(matrix, j, after)
    for i in range(n, size, WIDTH):
        for j in range(n, i + 1, WIDTH):
            _subtract(matrix, (i, min(i + WIDTH, size)), (j, min(j + WIDTH, size)), n, tile)
    eliminate_right_side(matrix, n)
    return True


@compiled
def _subtract(
    matrix: Floats, rows: tuple[int, int], columns: tuple[int, int], known: int, tile: Floats
) -> None:
    """Subtract from a square of at most `WIDTH` rows and columns what the first `known` unknowns explain."""
    row, column = rows[0], columns[0]
    if known:
        write_tile(matrix, matrix, (row, column, 0, known), tile)
        for a in range(rows[1] - row):
            for b in range(columns[1] - column):
                matrix[row + a, column + b] -= tile[a, b]


@compiled
def _factor(matrix: Floats, first: int, end: int, diagonal: Floats) -> bool:
    """Factorise the square from `first` to `end`, the earlier unknowns being subtracted already.

    `diagonal` (N + 1,) is what stood on the diagonal before anything was subtracted.
    """
    for i in range(first, end):
        row = matrix[i]
        _substitute(matrix, i, first, i)
        pivot = row[i]
        for e in range(first, i):
            pivot -= row[e] * row[e]
        if not pivot > SMALLEST_PIVOT * abs(diagonal[i]):
            return False
        row[i] = pivot**0.5
    return True


@compiled
def _substitute(matrix: Floats, i: int, first: int, end: int) -> None:
    """Divide row i by the factor's square from `first` to `end`: forward substitution."""
    row = matrix[i]
    for j in range(first, end):
        other, total = matrix[j], row[j]
        for e in range(first, j):
            total -= row[e] * other[e]
        row[j] = total / other[j]


@compiled
def _substitute_below(matrix: Floats, first: int, end: int) -> None:
    """Divide all rows below the factor's square from `first` to `end` by it, but for the last row."""
    if end - first < WIDTH:
        for i in range(end, matrix.shape[0] - 1):
            _substitute(matrix, i, first, end)
        return
    # A full square written out takes a fifth of the time of the loops.
    one, two, three, four = matrix[first], matrix[first + 1], matrix[first + 2], matrix[first + 3]
    a, b, c, d = first, first + 1, first + 2, first + 3
    l21, l31, l32, l41, l42, l43 = two[a], three[a], three[b], four[a], four[b], four[c]
    by1, by2, by3, by4 = 1.0 / one[a], 1.0 / two[b], 1.0 / three[c], 1.0 / four[d]
    for i in range(end, matrix.shape[0] - 1):
        row = matrix[i]
        row[a] *= by1
        row[b] = (row[b] - row[a] * l21) * by2
        row[c] = (row[c] - row[a] * l31 - row[b] * l32) * by3
        row[d] = (row[d] - row[a] * l41 - row[b] * l42 - row[c] * l43) * by4


@compiled
def eliminate_right_side(matrix: Floats, n: int) -> None:
    """Reduce a new right-hand side in the last row of a `matrix` whose unknowns are already eliminated."""
    last = matrix.shape[0] - 1
    _substitute(matrix, last, 0, n)
    right = matrix[last]
    for j in range(n, last):
        other, total = matrix[j], 0.0
        for e in range(n):
            total += right[e] * other[e]
        right[j] -= total


@compiled
def back_substitute(matrix: Floats, n: int, x: Floats) -> None:
    """Solve L' x = b in place, L (n, n) being the lower triangle of `matrix`, b given as `x` (n,)."""
    for i in range(n - 1, -1, -1):
        row = matrix[i]
        x[i] /= row[i]
        value = x[i]
        for e in range(i):
            x[e] -= value * row[e]
