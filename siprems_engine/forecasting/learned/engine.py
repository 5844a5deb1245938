"""A learned model in the place of an engine: fits to several dates of the past, used only after these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.learned.features import LearnedFeatures
from siprems_engine.forecasting.learned.recipe import Fitted
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines import MakeEngine
from siprems_engine.forecasting.shop.engines.engine import ShopEngine
from siprems_engine.forecasting.shop.poisson import LARGEST_EXPONENT, Singles


@dataclass(frozen=True, eq=False)
class DatedFit:
    """A fit that knows nothing of what sold after the period of the day `until`.

    Its `shift` draws the sum of all forecasts to the sum of what sold.
    """

    until: np.datetime64
    fitted: Fitted
    shift: float

    def exponent(self, columns: Singles) -> Floats:
        """Return the logarithm (n,) of what to multiply the base forecast with, for columns (n, p)."""
        return self.fitted.exponent(columns) + self.shift


class LearnedEngine:
    """One version: the base forecast times what the newest fit makes of its columns that knows no more.

    Forecasts of the past, from whose errors weights and quantiles come, are made by older fits. As a model
    ages its newest fit serves more and more of them; from an origin before all fits it says what the base
    forecast does.
    """

    def __init__(self, basis: Basis, name: str, fits: Sequence[DatedFit]) -> None:
        self._basis, self._features = basis, LearnedFeatures(basis)
        self._fits = sorted(fits, key=lambda fit: fit.until)
        usable = basis.panel.past > 0 and self._fit_at(basis.panel.last) is not None
        self.versions: tuple[str, ...] = (name,) if usable else ()

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        if not self.versions:
            return []
        base, columns = self._features.at(np.arange(self._basis.panel.products), origin)
        fit = self._fit_at(origin)
        if fit is None:
            return [base]
        exponent = fit.exponent(columns.reshape(-1, columns.shape[2])).reshape(base.shape)
        return [base * np.exp(np.clip(exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT))]

    def _fit_at(self, origin: int) -> DatedFit | None:
        day = self._basis.panel.days[origin]
        known = [fit for fit in self._fits if fit.until <= day]
        return known[-1] if known else None


def engine_of(name: str, fits: Sequence[DatedFit]) -> MakeEngine:
    """Return what makes the engine of these fits for a shop."""

    def make(basis: Basis) -> ShopEngine:
        return LearnedEngine(basis, name, fits)

    return make
