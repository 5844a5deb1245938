"""Rolling origins: the forecasts that would have been served in the past, beside what then sold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting import metrics, window_average
from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.forecast import WINDOW_AVERAGE, Forecast, ServingMeta, forecast
from siprems_engine.forecasting.seasonal_naive import NaiveForecast, season_of, seasonal_naive
from siprems_engine.forecasting.series import DailyHistory, Days, Event, Floats
from siprems_engine.forecasting.train import train

# Levels of the bounds of a 95 % interval.
LOWER, UPPER = 0.025, 0.975


@dataclass(frozen=True, eq=False)
class Origin:
    """One forecast of the past: made with what was known up to `cutoff`, for the open days `ds` (h,) then.

    `actual` (h,) are the units that sold; `training` holds the open days before, as scaled errors need them.
    """

    cutoff: np.datetime64
    ds: Days
    actual: Floats
    served: Forecast
    naive: NaiveForecast
    training: DailyHistory


@dataclass(frozen=True)
class Figures:
    """Accuracy over all origins; NaN where undefined. Pinball is in units, the mean of both bounds."""

    wape: float
    bias: float
    mase: float
    rmsse: float
    pinball: float
    coverage: float


def roll(
    history: DailyHistory,
    events: Sequence[Event],
    open_days: Days,
    *,
    until: np.datetime64,
    horizon: int,
    origins: int,
    engine: str = "prophet",
) -> list[Origin]:
    """Forecast the last `origins` times `horizon` periods up to the day `until`, each from before it.

    At every origin the product is trained and served as it would have been that day: with the sales and open
    days known then, by the model or by the average, without a plan of promotions. `events` are taken for
    known in advance. Origins before the product's first sale are left out.
    """
    filled, length = history.zero_filled(open_days, until), horizon * history.step.days
    past = _Past(history, filled, events, open_days, engine)
    made = [past.origin(until - length * back, length) for back in range(origins, 0, -1)]
    return [origin for origin in made if origin is not None]


def served_figures(origins: Sequence[Origin]) -> Figures:
    """Accuracy of what would have been served."""
    return _figures(origins, lambda origin: origin.served)


def naive_figures(origins: Sequence[Origin]) -> Figures:
    """Accuracy of the seasonal naive forecast on the same days."""
    return _figures(origins, lambda origin: origin.naive)


@dataclass(frozen=True, eq=False)
class _Past:
    """A product's whole history, zero-filled as well, and what else forecasts of it were made from."""

    history: DailyHistory
    filled: DailyHistory
    events: Sequence[Event]
    open_days: Days
    engine: str

    def origin(self, cutoff: np.datetime64, length: int) -> Origin | None:
        """Forecast the `length` days after the cutoff from before it; None before the first sale."""
        known = self.history.between(None, cutoff)
        ahead = self.filled.between(cutoff + 1, cutoff + length)
        if not len(known) or not len(ahead):
            return None
        days = self.open_days[self.open_days <= cutoff]
        training = known.zero_filled(days, days[-1] if len(days) else None)
        served = self._serve(known, days, ahead.ds)
        return Origin(cutoff, ahead.ds, ahead.y, served, seasonal_naive(training, ahead.ds), training)

    def _serve(self, known: DailyHistory, days: Days, ds: Days) -> Forecast:
        """Train and forecast as the product would have been served; by the average where no model can be."""
        try:
            trained = train(known, self.events, days, self.engine)
        except NotEnoughData:
            average = window_average.fit(known, days, days[-1] if len(days) else None)
            ceiling = plausible_ceiling(known)
            meta = ServingMeta(ceiling=ceiling, engine=WINDOW_AVERAGE, fallback=average, step=known.step)
            return forecast(None, meta, ds)
        return forecast(trained.model, ServingMeta.from_dict(trained.meta), ds)


def _figures(origins: Sequence[Origin], of: Callable[[Origin], Forecast | NaiveForecast]) -> Figures:
    """Pool the errors of all origins; scaled errors are the mean over origins, each by its own scale."""
    if not origins:
        return Figures(*[float("nan")] * 6)
    actual = np.concatenate([origin.actual for origin in origins])
    yhat, lower, upper = (
        np.concatenate([getattr(of(origin), name) for origin in origins])
        for name in ("yhat", "lower", "upper")
    )
    return Figures(
        wape=metrics.wape(actual, yhat),
        bias=metrics.bias(actual, yhat),
        mase=_scaled(metrics.mase, origins, of),
        rmsse=_scaled(metrics.rmsse, origins, of),
        pinball=(metrics.pinball(actual, lower, LOWER) + metrics.pinball(actual, upper, UPPER)) / 2.0,
        coverage=metrics.coverage(actual, lower, upper),
    )


def _scaled(
    metric: Callable[[Floats, Floats, Floats, int], float],
    origins: Sequence[Origin],
    of: Callable[[Origin], Forecast | NaiveForecast],
) -> float:
    values = np.array(
        [metric(each.actual, of(each).yhat, each.training.y, season_of(each.training)) for each in origins]
    )
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if len(defined) else float("nan")
