"""What every training engine returns: a model file and how well it describes its own rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.metrics import mape, wape
from siprems_engine.forecasting.recipe import Prepared, Recipe
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.step import Step

# exp of more than this overflows a float64, and no shop sells that much either.
LARGEST_EXPONENT = 700.0
# Days whose sums `summed_accuracy` compares.
SUMMED_DAYS = {Step.DAY: 7, Step.WEEK: 28}


@dataclass(frozen=True)
class Fit:
    """A trained model file and how well it describes the rows it was trained on (original scale).

    `mape_percent` is that of the rows with a sale, `accuracy` 100 less that, at least 0. `summed_accuracy` is
    100 less the error of weekly sums (of four weeks, if rows are weeks) in percent of what was sold.
    """

    artifact: bytes
    correction_factor: float
    mae: float
    mape_percent: float
    accuracy: float
    summed_accuracy: float
    training_samples: int
    engine: str


def measured(artifact: bytes, engine: str, rows: Prepared, fitted: Floats, recipe: Recipe) -> Fit:
    """Add the in-sample figures of the reference recipe to a model file.

    `rows` (n,) are those it was trained on, `fitted` (n,) the model's values of them, log1p of units.
    """
    units, forecast = rows.units, np.expm1(np.minimum(fitted, LARGEST_EXPONENT))
    error = np.abs(units - forecast)
    relative = mape(units, forecast)
    return Fit(
        artifact=artifact,
        correction_factor=float(np.clip(np.median(units / (forecast + 1e-6)), *recipe.correction_range)),
        mae=float(error.mean()),
        mape_percent=0.0 if np.isnan(relative) else 100.0 * relative,
        accuracy=_accuracy(relative),
        summed_accuracy=_accuracy(_summed_error(rows.ds, units, forecast, SUMMED_DAYS[recipe.step])),
        training_samples=len(units),
        engine=engine,
    )


def _accuracy(relative_error: float) -> float:
    """Return a percentage; 0 where nothing was sold that an error could be relative to."""
    return 0.0 if np.isnan(relative_error) else 100.0 * (1.0 - min(relative_error, 1.0))


def _summed_error(ds: Days, units: Floats, forecast: Floats, days: int) -> float:
    block = (ds - ds[0]).astype(np.int64) // days
    sold, expected = (np.bincount(block, weights=each) for each in (units, forecast))
    return wape(sold.astype(np.float64), expected.astype(np.float64))
