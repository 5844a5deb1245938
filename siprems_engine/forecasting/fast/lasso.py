"""A small lasso solved exactly by an active set (feature-sign search; Lee, Battle, Raina, Ng, NIPS 2006)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.fast.cholesky import back_substitute, eliminate
from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats

# Each round adds one unknown or drops one; more rounds than this per unknown mean that rounding errors cycle.
ROUNDS = 20
# An unknown at 0 joins only if its gradient exceeds the penalty by more than rounding.
MARGIN = 1e-10


class Lasso(NamedTuple):
    """x'Sx/2 - c'x + penalty |x|_1: `square` S (n, n), only its lower triangle is read, `linear` c (n,)."""

    square: Floats
    linear: Floats
    penalty: float


@compiled
def solve_lasso(lasso: Lasso, x: Floats) -> bool:
    """Minimise exactly; `x` (n,) is the start, which if good saves nearly all rounds, and then the solution.

    Returns False when S is not positive definite on the unknowns that leave 0, or rounding makes the search
    cycle.
    """
    n = len(lasso.linear)
    sign = np.sign(x)
    support = np.empty(n, np.int64)
    system = np.empty((n + 1, n + 1))
    for _ in range(ROUNDS * n + 1):
        size = _collect(sign, support)
        if size and not _solve_with_signs(lasso, sign, support[:size], system):
            return False
        if size and _walk(system[size, :size], support[:size], sign, x):
            continue
        entering = _worst_at_zero(lasso, sign, x)
        if entering == 0:
            return True
        sign[abs(entering) - 1] = 1.0 if entering > 0 else -1.0
    return False


@compiled
def _collect(sign: Floats, support: NDArray[np.int64]) -> int:
    """Write the unknowns that may differ from 0 into `support` (n,) and return how many they are."""
    size = 0
    for i in range(len(sign)):
        if sign[i] != 0.0:
            support[size] = i
            size += 1
    return size


@compiled
def _solve_with_signs(lasso: Lasso, sign: Floats, support: NDArray[np.int64], system: Floats) -> bool:
    """Solve S x = c - penalty sign on the support, (p,); the answer is left in `system[p, :p]`."""
    size = len(support)
    for a in range(size):
        for b in range(a + 1):
            system[a, b] = lasso.square[support[a], support[b]]
        system[size, a] = lasso.linear[support[a]] - lasso.penalty * sign[support[a]]
    if not eliminate(system[: size + 1, : size + 1], size):
        return False
    back_substitute(system, size, system[size, :size])
    return True


@compiled
def _walk(target: Floats, support: NDArray[np.int64], sign: Floats, x: Floats) -> bool:
    """Move `x` towards `target` (p,) until the first unknown reaches 0; True if one did and left."""
    share, leaving = 1.0, -1
    for a in range(len(support)):
        i = support[a]
        if target[a] * sign[i] <= 0.0:
            # An unknown that has just entered at 0 and wants to go the other way stops the walk at once.
            reached = x[i] / (x[i] - target[a]) if x[i] != target[a] else 0.0
            if leaving < 0 or reached < share:
                share, leaving = reached, i
    for a in range(len(support)):
        x[support[a]] += share * (target[a] - x[support[a]])
    if leaving >= 0:
        x[leaving], sign[leaving] = 0.0, 0.0
    return leaving >= 0


@compiled
def _worst_at_zero(lasso: Lasso, sign: Floats, x: Floats) -> int:
    """Return the unknown at 0 that wants to leave it most, as 1 + index with its sign; 0 if none does."""
    square, linear = lasso.square, lasso.linear
    worst, entering = lasso.penalty * (1.0 + MARGIN), 0
    for i in range(len(linear)):
        if sign[i] == 0.0:
            pull = linear[i]
            for j in range(len(linear)):
                if sign[j] != 0.0:
                    pull -= (square[i, j] if j <= i else square[j, i]) * x[j]
            if abs(pull) > worst:
                worst, entering = abs(pull), (i + 1 if pull > 0.0 else -i - 1)
    return entering
