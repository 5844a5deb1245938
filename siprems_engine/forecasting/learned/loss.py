"""Poisson deviance, by which all types of models learn and are compared."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.learned.recipe import Sample
from siprems_engine.forecasting.series import Floats


def deviance(sample: Sample, factor: Floats) -> float:
    """Return the weighted mean Poisson deviance of the base forecast times a factor (n,) > 0.

    2 (y log(y / m) - y + m) for units y and forecasts m: McCullagh and Nelder, "Generalized Linear Models",
    section 2.3.
    """
    made = sample.base * factor
    unit = sample.units * np.log(np.where(sample.units > 0, sample.units, made) / made) - sample.units + made
    return float(2.0 * (sample.weight @ unit) / sample.weight.sum())


class Best:
    """Remembers the best round, and tells when it has been long ago."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self.round, self.loss = 0, np.inf

    def improves(self, number: int, loss: float) -> bool:
        """Whether this round is the best so far; a loss that is no number never is."""
        if not loss < self.loss:
            return False
        self.round, self.loss = number, loss
        return True

    def is_over(self, number: int) -> bool:
        """Whether the best round was too many rounds ago."""
        return number - self.round >= self._patience
