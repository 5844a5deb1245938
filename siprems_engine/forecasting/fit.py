"""What every training engine returns: a model file and how well it describes its own rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.recipe import Recipe
from siprems_engine.forecasting.series import Floats

# exp of more than this overflows a float64, and no shop sells that much either.
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Fit:
    """A trained model file and how well it describes the rows it was trained on (original scale)."""

    artifact: bytes
    correction_factor: float
    mae: float
    mape_percent: float
    accuracy: float
    training_samples: int
    engine: str


def measured(artifact: bytes, engine: str, units: Floats, fitted: Floats, recipe: Recipe) -> Fit:
    """Add the in-sample figures of the reference recipe to a model file.

    `units` (n,) are the actual quantities, `fitted` (n,) the model's values on its own scale, log1p of units.
    """
    forecast = np.expm1(np.minimum(fitted, LARGEST_EXPONENT))
    error = np.abs(units - forecast)
    mape = float(np.mean(error / np.maximum(np.abs(units), np.finfo(float).eps)))
    return Fit(
        artifact=artifact,
        correction_factor=float(np.clip(np.median(units / (forecast + 1e-6)), *recipe.correction_range)),
        mae=float(error.mean()),
        mape_percent=100.0 * mape,
        accuracy=max(0.0, 100.0 * (1.0 - min(mape, 1.0))),
        training_samples=len(units),
        engine=engine,
    )
