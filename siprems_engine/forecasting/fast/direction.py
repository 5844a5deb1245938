"""One proximal Newton direction: eliminate k, m and beta, solve the lasso in delta, substitute back."""

from __future__ import annotations

from siprems_engine.forecasting.fast.cholesky import back_substitute, eliminate
from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.fast.curvature import write_hessian
from siprems_engine.forecasting.fast.lasso import Lasso, solve_lasso
from siprems_engine.forecasting.fast.mean import Mean, best_variance, sum_of_squares
from siprems_engine.forecasting.fast.posterior import Problem
from siprems_engine.forecasting.fast.scratch import Scratch
from siprems_engine.forecasting.series import Floats

# Relative weights added to the diagonal, one after the other, while a matrix is not positive definite.
FIRST_DAMPING, DAMPING_GROWTH, DAMPINGS = 1e-12, 100.0, 8


@compiled
def newton_direction(problem: Problem, p: Floats, mean: Mean, exact: bool, scratch: Scratch) -> float:
    """Write the step at `p` and return the change of the objective it promises to first order, at most 0.

    The exact Hessian may be indefinite far from the optimum, and either one singular when features repeat
    each other; then Gauss and Newton's and at last a damped one is taken, which still leads downhill.
    `scratch` must hold the gradient and A A' at `p`.
    """
    matrix, gradient, step = scratch.matrix, scratch.gradient, scratch.step
    variance, damping = best_variance(sum_of_squares(mean.residual), len(mean.residual)), 0.0
    for attempt in range(DAMPINGS + 1):
        write_hessian(problem, mean, variance, exact and attempt == 0, scratch)
        for j in range(len(p)):
            matrix[j, j] *= 1.0 + damping
            matrix[len(p), j] = -gradient[j]
        if _solve(problem, p, matrix, step):
            return _promise(problem, p, gradient, step)
        damping = FIRST_DAMPING if attempt == 1 else damping * DAMPING_GROWTH
    step[:] = 0.0
    return 0.0


@compiled
def _solve(problem: Problem, p: Floats, matrix: Floats, step: Floats) -> bool:
    """Minimise the quadratic model plus the Laplace prior; False if the matrix is not positive definite."""
    size, count = len(p), len(problem.changepoints)
    smooth = size - count
    if not eliminate(matrix, smooth):
        return False
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
def _promise(problem: Problem, p: Floats, gradient: Floats, step: Floats) -> float:
    """Return the first-order change along the step: its slope and the change of the Laplace prior."""
    smooth = len(p) - len(problem.changepoints)
    change = 0.0
    for j in range(len(p)):
        change += gradient[j] * step[j]
    for j in range(smooth, len(p)):
        change += problem.penalty * (abs(p[j] + step[j]) - abs(p[j]))
    return change
