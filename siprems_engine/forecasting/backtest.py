"""An honest out-of-sample figure: forecast the last days of a history without having seen them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from siprems_engine.forecasting import metrics, window_average
from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.engines import get_engine
from siprems_engine.forecasting.errors import FitFailed, NotEnoughData
from siprems_engine.forecasting.forecast import PROPHET, WINDOW_AVERAGE, Forecast, ServingMeta, forecast
from siprems_engine.forecasting.prophet_json import parse
from siprems_engine.forecasting.series import DailyHistory, Days, Event

HORIZON_DAYS = 14
# Fewer training days than this before the cut-off make the comparison meaningless.
MIN_TRAINING_DAYS = 14


@dataclass(frozen=True)
class BacktestFigures:
    """Accuracy on the held-out days; a figure is None where it is undefined (nothing sold, flat history)."""

    engine: str
    cutoff: str
    horizon: int
    wape: float | None
    mase: float | None
    bias: float | None
    coverage: float | None

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Return the figures as plain JSON values."""
        return asdict(self)


def holdout(
    history: DailyHistory,
    events: Sequence[Event],
    open_days: Days | None,
    engine: str,
    *,
    horizon: int = HORIZON_DAYS,
    refit: bool = False,
    until: np.datetime64 | None = None,
) -> BacktestFigures | None:
    """Forecast the last `horizon` calendar days from the days before and compare on the open ones.

    `engine` is "window-average" or the name of a training engine. A training engine is judged only with
    `refit=True`, which costs one more fit: its in-sample residuals are no out-of-sample figure, so without a
    refit the answer is None. None also when the history is too short. Planned promotions count as known.
    """
    if (engine != WINDOW_AVERAGE and not refit) or not len(history):
        return None
    filled = history.zero_filled(open_days, until)
    cutoff = filled.ds[-1] - horizon
    training, test = filled.between(None, cutoff), filled.between(cutoff + 1, None)
    if len(training) < MIN_TRAINING_DAYS:
        return None
    try:
        predicted = _predict(history.between(None, cutoff), training, test, events, engine)
    except (NotEnoughData, FitFailed):
        return None
    return _figures(predicted, training, test, cutoff, horizon)


def _predict(
    rows: DailyHistory, training: DailyHistory, test: DailyHistory, events: Sequence[Event], engine: str
) -> Forecast:
    """Train on what was known at the cut-off and forecast the (h,) days of `test`."""
    ceiling = plausible_ceiling(rows)
    if engine == WINDOW_AVERAGE:
        average = window_average.fit(training, training.ds)
        return forecast(None, ServingMeta(1.0, ceiling, WINDOW_AVERAGE, average), test.ds)
    fit = get_engine(engine).fit(rows, events)
    return forecast(
        parse(fit.artifact), ServingMeta(fit.correction_factor, ceiling, PROPHET), test.ds, test.promo
    )


def _figures(
    predicted: Forecast, training: DailyHistory, test: DailyHistory, cutoff: np.datetime64, horizon: int
) -> BacktestFigures:
    return BacktestFigures(
        engine=predicted.engine,
        cutoff=str(cutoff),
        horizon=horizon,
        wape=_defined(metrics.wape(test.y, predicted.yhat)),
        mase=_defined(metrics.mase(test.y, predicted.yhat, training.y)),
        bias=_defined(metrics.bias(test.y, predicted.yhat)),
        coverage=_defined(metrics.coverage(test.y, predicted.lower, predicted.upper)),
    )


def _defined(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
