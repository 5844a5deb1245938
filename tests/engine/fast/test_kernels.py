"""Mean, gradient and Hessian against their slow twins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from siprems_engine.forecasting.fast import compiled, curvature, posterior
from siprems_engine.forecasting.fast.mean import best_variance, blank_mean, objective_at, write_mean
from siprems_engine.forecasting.fast.posterior import Parameters, Problem
from siprems_engine.forecasting.fast.scratch import new_scratch
from tests.engine.fast.problems import flat, random_point, random_problem

SHAPES = [(80, 7, 6), (81, 8, 1), (40, 1, 5), (9, 3, 3), (1100, 10, 25)]


def _hessian(problem: Problem, at: Parameters, variance: float, exact: bool) -> np.ndarray:
    """The Hessian from the full Jacobian, and with `exact` the second derivatives one by one."""
    g, r = posterior.trend(problem, at), posterior.residual(problem, at)
    factor = 1.0 + (at.beta * problem.multiplicative) @ problem.features
    hinges = np.maximum(problem.t[None, :] - problem.changepoints[:, None], 0.0)
    trend = np.vstack([problem.t, np.ones_like(problem.t), hinges])
    by_beta = problem.features * (problem.additive[:, None] + np.outer(problem.multiplicative, g))
    jacobian = np.vstack([trend[:2] * factor, by_beta, trend[2:] * factor])
    prior = [*[posterior.TREND_PRECISION] * 2, *problem.precision, *np.zeros(len(at.delta))]
    hessian = jacobian @ jacobian.T / variance + np.diag(prior)
    if exact:
        end = 2 + len(at.beta)
        mixed = (trend * r) @ (problem.features * problem.multiplicative[:, None]).T / variance
        hessian[2:end, :2] -= mixed[:2].T
        hessian[end:, 2:end] -= mixed[2:]
    return np.tril(hessian)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_mean_and_the_objective(shape: tuple[int, int, int]) -> None:
    problem = random_problem(1, *shape)
    at = random_point(problem)
    mean = blank_mean(len(problem.y))
    rss = write_mean(problem, flat(at), mean)
    np.testing.assert_allclose(mean.trend, posterior.trend(problem, at), atol=1e-12)
    np.testing.assert_allclose(mean.residual, posterior.residual(problem, at), atol=1e-12)
    variance = best_variance(rss, len(problem.y))
    assert variance == pytest.approx(posterior.profiled_variance(rss, len(problem.y)))
    expected = posterior.objective(problem, at, variance**0.5)
    assert objective_at(problem, flat(at), rss) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("exact", [False, True])
def test_the_gradient_and_the_hessian(shape: tuple[int, int, int], exact: bool) -> None:
    problem, variance = random_problem(2, *shape), 0.09
    at = random_point(problem)
    columns, rows = problem.features.shape
    p, mean = flat(at), blank_mean(rows)
    scratch = new_scratch(rows, columns, len(p))
    write_mean(problem, p, mean)
    curvature.write_weighted(problem, mean.trend, scratch.weighted)
    curvature.write_gradient(problem, p, mean, variance, scratch.gradient)
    expected = posterior.smooth_gradient(problem, at, 0.3)
    np.testing.assert_allclose(scratch.gradient, expected, rtol=1e-9, atol=1e-8)
    curvature.write_gram(scratch.weighted, scratch.gram)
    gram = scratch.weighted @ scratch.weighted.T
    np.testing.assert_allclose(np.tril(scratch.gram), np.tril(gram), rtol=1e-12, atol=1e-11)
    curvature.write_hessian(problem, mean, variance, exact, scratch)
    expected = _hessian(problem, at, variance, exact)
    np.testing.assert_allclose(np.tril(scratch.matrix[:-1, :-1]), expected, rtol=1e-9, atol=1e-8)


def test_the_machine_code_belongs_to_one_state_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_FOLDER", tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "kernel.py").write_text("one")
    first = compiled.cache_folder()
    assert first.parent == tmp_path / "__pycache__"
    (tmp_path / "kernel.py").write_text("two")
    assert compiled.cache_folder() != first
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert compiled.cache_folder().parent == tmp_path / "elsewhere"
