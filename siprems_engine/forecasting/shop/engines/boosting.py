"""Gradient-boosted trees over all products and many origins: like the regression, a correction of a level.

Trees see how columns act together, which the regression cannot. LightGBM (Ke et al. 2017) with Poisson
deviance learns the logarithm of what to multiply the base forecast with.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.origin_fits import OriginFits, Rows
from siprems_engine.forecasting.shop.features import Features
from siprems_engine.forecasting.shop.poisson import LARGEST_EXPONENT
from siprems_engine.forecasting.step import Step

ROWS = 60_000
TREES = 120
HALF_LIFE = {Step.DAY: 200.0, Step.WEEK: 60.0}
# One thread and fixed seeds: the same sales give the same forecasts on every machine.
PARAMETERS = {
    "objective": "poisson",
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "min_sum_hessian_in_leaf": 20.0,
    "lambda_l2": 20.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbosity": -1,
}


class Boosting:
    """One version: the base forecast times what the trees make of its columns."""

    def __init__(self, basis: Basis) -> None:
        self._basis, self._features = basis, Features(basis)
        self._fits: OriginFits[Any] = OriginFits(basis.schedule, basis.panel.last, self._fit)
        self.versions = ("lightgbm",) if self._fits.usable else ()

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        if not self.versions:
            return []
        base, columns = self._features.at(np.arange(self._basis.panel.products), origin)
        fit = self._fits.at(origin)
        if fit is None:
            return [base]
        exponent = fit.predict(columns.reshape(-1, columns.shape[2]), raw_score=True, num_threads=1)
        return [base * np.exp(np.clip(exponent.reshape(base.shape), -LARGEST_EXPONENT, LARGEST_EXPONENT))]

    def _fit(self, until: int) -> Any:
        """Fit on origins whose horizon had passed at `until`; None if there are too few."""
        # Only workers and commands have it; the web process forecasts nothing by trees.
        import lightgbm

        rows = Rows(self._basis, self._features, until, ROWS, HALF_LIFE[self._basis.panel.step])
        if not rows.enough:
            return None
        # A ratio with the base forecast as its weight is a count with the base forecast as its exposure.
        data = lightgbm.Dataset(
            rows.columns, rows.units / rows.base, weight=rows.weight * rows.base, params=PARAMETERS
        )
        return lightgbm.train(PARAMETERS, data, TREES)
