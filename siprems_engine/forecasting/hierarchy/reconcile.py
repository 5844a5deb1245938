"""Forecasts of totals that are the sums of their parts: bottom-up, and by minimum trace with shrinkage.

Minimum trace (MinT; Wickramasuriya, Athanasopoulos and Hyndman, "Optimal forecast reconciliation for
hierarchical and grouped time series through trace minimization", 2019) takes forecasts of totals that were
made for themselves and moves all of them, as little as their errors allow, until they add up. The covariance
of the errors is that of Schäfer and Strimmer ("A shrinkage approach to large-scale covariance matrix
estimation", 2005). It is never written down: it is a diagonal and a product of two thin matrices, so that
thousands of products take milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.hierarchy.structure import Hierarchy
from siprems_engine.forecasting.series import Floats

FEWEST_RESIDUALS = 3
# Added to deviations before dividing by them, and the least variance, as in the reference implementation.
TINY = 2e-8


@dataclass(frozen=True, eq=False)
class Covariance:
    """Of M series: `centred.T @ centred * share / (n - 1)` off the diagonal and `variance` (M,) on it.

    `centred` (n, M) are residuals without their means; `share` is what shrinkage leaves of covariances.
    """

    centred: Floats
    variance: Floats
    share: float

    @classmethod
    def shrunk(cls, residuals: Floats) -> Self:
        """Estimate it from residuals (M, n) of the same n moments.

        Raises `InvalidRequest` for too few moments or residuals that are no numbers.
        """
        moments = residuals.shape[1]
        if moments < FEWEST_RESIDUALS or not np.isfinite(residuals).all():
            raise InvalidRequest(
                f"A covariance takes residuals of at least {FEWEST_RESIDUALS} moments, all of them numbers."
            )
        centred = (residuals - residuals.mean(axis=1, keepdims=True)).T
        variance = np.maximum((centred**2).sum(axis=0) / (moments - 1), TINY)
        return cls(centred, variance, 1.0 - _shrinkage(centred))

    def times(self, rows: Floats) -> Floats:
        """Return `rows @ covariance`, (r, M), for rows (r, M)."""
        thin = self.share * (rows @ self.centred.T) / (len(self.centred) - 1)
        own = self.share * (self.centred**2).sum(axis=0) / (len(self.centred) - 1)
        return np.asarray(thin @ self.centred + rows * (self.variance - own))


def _shrinkage(centred: Floats) -> float:
    """Return the intensity in [0, 1]: estimated variance of all correlations in parts of their squares.

    Sums over pairs of series follow from sums over pairs of moments, which are few.
    """
    moments = len(centred)
    standard = centred / (np.sqrt((centred**2).mean(axis=0)) + TINY)
    squares = standard**2
    products = ((squares.sum(axis=1) ** 2) - (squares**2).sum(axis=1)).sum() / 2.0
    gram = standard @ standard.T
    correlations = ((gram**2).sum() - (squares.sum(axis=0) ** 2).sum()) / 2.0 / moments**2
    variance = (products - moments * correlations) / (moments * (moments - 1))
    return float(np.clip(variance / (correlations + TINY), 0.0, 1.0))


def bottom_up(hierarchy: Hierarchy, products: Floats) -> Floats:
    """Return forecasts (K + 1 + N, H) of all nodes from those of the products (N, H)."""
    return hierarchy.nodes(products)


def min_trace(hierarchy: Hierarchy, nodes: Floats, residuals: Floats) -> Floats:
    """Return coherent forecasts (K + 1 + N, H) from separate ones of all nodes, and their past errors.

    `nodes` (K + 1 + N, H), `residuals` (K + 1 + N, n) = what sold minus what had been forecast. Forecasts may
    come out below 0.
    """
    covariance = Covariance.shrunk(residuals)
    aggregates = hierarchy.aggregates
    # Rows (K + 1, M) of the constraints that a total less its parts is 0.
    parts = np.zeros((aggregates, hierarchy.products))
    parts[0] = 1.0
    parts[hierarchy.group + 1, np.arange(hierarchy.products)] = 1.0
    constraints = np.concatenate([np.eye(aggregates), -parts], axis=1)
    moved = covariance.times(constraints)
    gap = np.linalg.solve(moved @ constraints.T, constraints @ nodes)
    return np.asarray(nodes - moved.T @ gap)


def not_negative(hierarchy: Hierarchy, nodes: Floats) -> Floats:
    """Return coherent forecasts (K + 1 + N, H) none of which is below 0, nearest by product."""
    return hierarchy.nodes(np.maximum(nodes[hierarchy.aggregates :], 0.0))
