"""One proximal Newton direction: eliminate k, m and beta, solve the lasso in delta, substitute back."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.cholesky import back_substitute, eliminate, eliminate_right_side
from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.curvature import write_gram, write_hessian, write_weighted
from siprems_engine.forecasting.fast.lasso import Lasso, solve_lasso
from siprems_engine.forecasting.fast.mean import Mean, best_variance, sum_of_squares
from siprems_engine.forecasting.fast.posterior import Problem
from siprems_engine.forecasting.fast.scratch import Scratch
from siprems_engine.forecasting.series import Floats

# Relative weights added to the diagonal, one after the other, while a matrix is not positive definite.
FIRST_DAMPING, DAMPING_GROWTH, DAMPINGS = 1e-12, 100.0, 8
# A mean that moved less than this share of its height leaves the curvature as it was, but for the variance it
# is divided by, which may differ by no more than this factor.
SMALL_MOVE, SMALL_GROWTH = 2e-2, 1.1


@compiled
def newton_direction(problem: Problem, p: Floats, mean: Mean, exact: bool, scratch: Scratch) -> float:
    """Write the step at `p` and return the change of the objective it promises to first order, at most 0.

    `scratch` must hold the gradient at `p`. Its matrix serves again where the mean has hardly moved
    since it was made: the gradient stays exact, so that a part of a step is lost and nothing of the result.
    """
    if _serves_again(mean, scratch):
        _set_right_side(scratch)
        eliminate_right_side(scratch.matrix, len(p) - len(problem.changepoints))
        if _solve(problem, p, scratch):
            return _promise(problem, p, scratch)
    write_weighted(problem, mean.trend, scratch.weighted)
    write_gram(scratch.weighted, scratch.gram)
    if exact:
        _write_matrix(problem, mean, True, scratch)
        if _use_matrix(problem, p, 0.0, scratch):
            scratch.made_at[0], scratch.made_at[1] = mean.trend, mean.factor
            scratch.made_with[0] = _variance(mean)
            return _promise(problem, p, scratch)
    scratch.made_with[0] = np.inf
    return _safe_direction(problem, p, mean, scratch)


@compiled
def _safe_direction(problem: Problem, p: Floats, mean: Mean, scratch: Scratch) -> float:
    """Take Gauss and Newton's matrix, damped as far as it takes.

    The exact Hessian may be indefinite far from the optimum, and either one singular when features repeat
    each other. A damped step still leads downhill.
    """
    damping = 0.0
    for _ in range(DAMPINGS):
        _write_matrix(problem, mean, False, scratch)
        if _use_matrix(problem, p, damping, scratch):
            return _promise(problem, p, scratch)
        damping = max(FIRST_DAMPING, damping * DAMPING_GROWTH)
    scratch.step[:] = 0.0
    return 0.0


@compiled
def _serves_again(mean: Mean, scratch: Scratch) -> bool:
    """Whether mean and variance are what they were when the matrix was made, but for a small share."""
    growth = _variance(mean) / scratch.made_with[0]
    if not 1.0 / SMALL_GROWTH <= growth <= SMALL_GROWTH:
        return False
    height, moved = 0.0, 0.0
    for i in range(len(mean.trend)):
        height = max(height, abs(mean.trend[i]))
        moved = max(moved, abs(mean.trend[i] - scratch.made_at[0, i]))
    for i in range(len(mean.factor)):
        # The factor is about 1; what matters is its change as a share of the mean.
        moved = max(moved, height * abs(mean.factor[i] - scratch.made_at[1, i]))
    return moved <= SMALL_MOVE * height


@compiled
def _write_matrix(problem: Problem, mean: Mean, exact: bool, scratch: Scratch) -> None:
    write_hessian(problem, mean, _variance(mean), exact, scratch)


@compiled
def _variance(mean: Mean) -> float:
    return best_variance(sum_of_squares(mean.residual), len(mean.residual))


@compiled
def _use_matrix(problem: Problem, p: Floats, damping: float, scratch: Scratch) -> bool:
    """Solve for the step with a new matrix; False if it is not positive definite."""
    for j in range(len(p)):
        scratch.matrix[j, j] *= 1.0 + damping
    _set_right_side(scratch)
    return eliminate(scratch.matrix, len(p) - len(problem.changepoints)) and _solve(problem, p, scratch)


@compiled
def _set_right_side(scratch: Scratch) -> None:
    for j in range(len(scratch.gradient)):
        scratch.matrix[len(scratch.gradient), j] = -scratch.gradient[j]


@compiled
def _solve(problem: Problem, p: Floats, scratch: Scratch) -> bool:
    """Minimise the quadratic model plus the Laplace prior, k, m and beta being eliminated already."""
    matrix, step = scratch.matrix, scratch.step
    size, count = len(p), len(problem.changepoints)
    smooth = size - count
    delta = p[smooth:].copy()
    schur = matrix[smooth:size, smooth:size].copy()
    linear = matrix[size, smooth:size].copy()
    for a in range(count):
        for b in range(count):
            linear[a] += (schur[a, b] if b <= a else schur[b, a]) * delta[b]
    if not solve_lasso(Lasso(schur, linear, problem.penalty), delta):
        return False
    step[smooth:] = delta - p[smooth:]
    step[:smooth] = matrix[size, :smooth]
    for a in range(count):
        for j in range(smooth):
            step[j] -= matrix[smooth + a, j] * step[smooth + a]
    back_substitute(matrix, smooth, step[:smooth])
    return True


@compiled
def _promise(problem: Problem, p: Floats, scratch: Scratch) -> float:
    """Return the first-order change along the step: its slope and the change of the Laplace prior."""
    gradient, step = scratch.gradient, scratch.step
    smooth = len(p) - len(problem.changepoints)
    change = 0.0
    for j in range(len(p)):
        change += gradient[j] * step[j]
    for j in range(smooth, len(p)):
        change += problem.penalty * (abs(p[j] + step[j]) - abs(p[j]))
    return change
