"""Rolling origins: the forecasts that would have been served in the past, beside what then sold."""

from __future__ import annotations

import math
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
# What forecasts the days given, made elsewhere from what was known at the cut-off.
Serve = Callable[[Days], Forecast]


@dataclass(frozen=True)
class Scaled:
    """Errors in multiples of what the naive forecast missed before the cut-off; NaN where undefined."""

    mase: float
    rmsse: float


@dataclass(frozen=True, eq=False)
class Origin:
    """One forecast of the past: made with what was known up to `cutoff`, for the open days `ds` (h,) then.

    `actual` (h,) are the units that sold, `scaled` and `naive_scaled` the errors by what had sold before.
    """

    cutoff: np.datetime64
    ds: Days
    actual: Floats
    served: Forecast
    naive: NaiveForecast
    scaled: Scaled
    naive_scaled: Scaled


@dataclass(frozen=True)
class Figures:
    """Accuracy over all origins; NaN where undefined. Pinball is in units, the mean of both bounds."""

    wape: float
    bias: float
    mase: float
    rmsse: float
    pinball: float
    coverage: float


class Past:
    """A product's history up to the day `until`, and what else its forecasts were made from.

    At every origin the product is trained and served as it would have been that day: with the sales and open
    days known then, by the model or by the average, without a plan of promotions. `events` are taken for
    known in advance. Many products are best forecast cut-off by cut-off, for what the features of a
    calendar cost is then paid once for all of them.
    """

    def __init__(
        self,
        history: DailyHistory,
        events: Sequence[Event],
        open_days: Days,
        until: np.datetime64,
        engine: str = "prophet",
    ) -> None:
        self._history = history
        self._filled = history.zero_filled(open_days, until)
        self._events = events
        self._open_days = open_days
        self._engine = engine

    def origin(self, cutoff: np.datetime64, horizon: int, serve: Serve | None = None) -> Origin | None:
        """Forecast `horizon` periods after the cut-off from before it; None before the first sale.

        With `serve` that forecast is taken in place of the product's own model.
        """
        known = self._history.between(None, cutoff)
        ahead = self._filled.between(cutoff + 1, cutoff + horizon * known.step.days)
        if not len(known) or not len(ahead):
            return None
        days = self._open_days[self._open_days <= cutoff]
        training = known.zero_filled(days, days[-1] if len(days) else None)
        served = self._serve(known, days, ahead.ds) if serve is None else serve(ahead.ds)
        naive = seasonal_naive(training, ahead.ds)
        scaled = [_scaled(ahead.y, yhat, training) for yhat in (served.yhat, naive.yhat)]
        return Origin(cutoff, ahead.ds, ahead.y, served, naive, *scaled)

    def _serve(self, known: DailyHistory, days: Days, ds: Days) -> Forecast:
        """Train and forecast as the product would have been served; by the average where no model can be."""
        try:
            trained = train(known, self._events, days, self._engine)
        except NotEnoughData:
            average = window_average.fit(known, days, days[-1] if len(days) else None)
            ceiling = plausible_ceiling(known)
            meta = ServingMeta(ceiling=ceiling, engine=WINDOW_AVERAGE, fallback=average, step=known.step)
            return forecast(None, meta, ds)
        return forecast(trained.model, ServingMeta.from_dict(trained.meta), ds)


def served_figures(origins: Sequence[Origin]) -> Figures:
    """Accuracy of what would have been served."""
    return _figures(origins, lambda origin: (origin.served, origin.scaled))


def naive_figures(origins: Sequence[Origin]) -> Figures:
    """Accuracy of the seasonal naive forecast on the same days."""
    return _figures(origins, lambda origin: (origin.naive, origin.naive_scaled))


def _figures(
    origins: Sequence[Origin], of: Callable[[Origin], tuple[Forecast | NaiveForecast, Scaled]]
) -> Figures:
    """Pool the errors of all origins; scaled errors are the mean over origins, each by its own scale."""
    if not origins:
        return Figures(*[math.nan] * 6)
    made, scaled = zip(*(of(origin) for origin in origins), strict=True)
    actual = np.concatenate([origin.actual for origin in origins])
    yhat, lower, upper = (
        np.concatenate([getattr(each, name) for each in made]) for name in ("yhat", "lower", "upper")
    )
    return Figures(
        wape=metrics.wape(actual, yhat),
        bias=metrics.bias(actual, yhat),
        mase=_mean([each.mase for each in scaled]),
        rmsse=_mean([each.rmsse for each in scaled]),
        pinball=(metrics.pinball(actual, lower, LOWER) + metrics.pinball(actual, upper, UPPER)) / 2.0,
        coverage=metrics.coverage(actual, lower, upper),
    )


def _scaled(actual: Floats, yhat: Floats, training: DailyHistory) -> Scaled:
    season = season_of(training)
    return Scaled(
        metrics.mase(actual, yhat, training.y, season), metrics.rmsse(actual, yhat, training.y, season)
    )


def _mean(values: Sequence[float]) -> float:
    defined = [value for value in values if math.isfinite(value)]
    return sum(defined) / len(defined) if defined else math.nan
