"""Poisson regression with an offset, weights and a ridge penalty on standardised columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats

Singles = NDArray[np.float32]

ROUNDS = 3
# The correction of a base forecast stays within a factor of about 4.5 to both sides.
LARGEST_EXPONENT = 1.5
SMALLEST_DEVIATION = 1e-4
CONVERGED = 1e-4


@dataclass(frozen=True, eq=False)
class PoissonFit:
    """Coefficients of the columns that vary, standardised by `centre` and `scale`."""

    centre: Singles
    scale: Singles
    keep: NDArray[np.bool_]
    intercept: float
    coefficients: Singles

    def factor(self, columns: Singles) -> Floats:
        """Return what to multiply the offset with, shape (...,) for columns (..., p)."""
        standard = (columns - self.centre)[..., self.keep] / self.scale
        exponent = self.intercept + standard @ self.coefficients
        return np.exp(np.clip(exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT)).astype(np.float64)


def fit(columns: Singles, units: Floats, offset: Floats, weight: Floats, ridge: Floats) -> PoissonFit:
    """Fit units (n,) ~ offset * exp(columns @ b) by iteratively reweighted least squares.

    `weight` (n,) is the information of a row per unit expected, 1 over the dispersion; `ridge` (p,) is 1 over
    the prior variance of each standardised coefficient. McCullagh and Nelder, "Generalized Linear Models",
    ch. 6.
    """
    mass = (weight * offset).astype(np.float32)
    mass_sum = float(mass.sum(dtype=np.float64))
    centre = (mass @ columns) / mass_sum
    shifted = columns - centre
    deviation = np.sqrt((mass @ (shifted * shifted)) / mass_sum)
    keep = deviation > SMALLEST_DEVIATION
    design = np.concatenate(
        [np.ones((len(columns), 1), np.float32), shifted[:, keep] / deviation[keep]], axis=1
    )
    # The overall level is not shrunk.
    solution = _solve(design, units, offset, weight, np.concatenate([[1e-9], ridge[keep]]))
    return PoissonFit(centre, deviation[keep], keep, float(solution[0]), solution[1:].astype(np.float32))


def _solve(design: Singles, units: Floats, offset: Floats, weight: Floats, penalty: Floats) -> Floats:
    solution = np.zeros(design.shape[1])
    solution[0] = np.log(max(float(weight @ units), 1e-9) / float(weight @ offset))
    for _ in range(ROUNDS):
        exponent = np.clip(design @ solution, -LARGEST_EXPONENT, LARGEST_EXPONENT)
        expected = offset * np.exp(exponent)
        slope = design.T @ (weight * (units - expected)).astype(np.float32) - penalty * solution
        curved = design * (weight * expected).astype(np.float32)[:, None]
        change = np.linalg.solve((curved.T @ design).astype(np.float64) + np.diag(penalty), slope)
        solution = solution + change
        if np.abs(change).max() < CONVERGED:
            break
    return solution
