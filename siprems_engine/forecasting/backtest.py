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
from siprems_engine.forecasting.seasonal_naive import season_of
from siprems_engine.forecasting.series import DailyHistory, Days, Event
from siprems_engine.forecasting.step import Step

HORIZON = {Step.DAY: 14, Step.WEEK: 8}
# Fewer training rows than this before the cut-off make the comparison meaningless.
MIN_TRAINING_ROWS = 14


@dataclass(frozen=True)
class BacktestFigures:
    """Accuracy on the held-out `horizon` periods; None where undefined (nothing sold, flat history)."""

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
    horizon: int | None = None,
    refit: bool = False,
    until: np.datetime64 | None = None,
) -> BacktestFigures | None:
    """Forecast the last `horizon` periods from those before and compare on the open ones.

    A period is the history's step; without a horizon it is two weeks of days or eight weeks.
    `engine` is "window-average" or the name of a training engine. A training engine is judged only with
    `refit=True`, which costs one more fit: its in-sample residuals are no out-of-sample figure, so without a
    refit the answer is None. None also when the history is too short. Planned promotions count as known.
    """
    if (engine != WINDOW_AVERAGE and not refit) or not len(history):
        return None
    filled = history.zero_filled(open_days, until)
    periods = HORIZON[history.step] if horizon is None else horizon
    cutoff = filled.ds[-1] - periods * history.step.days
    training, test = filled.between(None, cutoff), filled.between(cutoff + 1, None)
    if len(training) < MIN_TRAINING_ROWS:
        return None
    try:
        predicted = _predict(history.between(None, cutoff), training, test, events, engine)
    except (NotEnoughData, FitFailed):
        return None
    return _figures(predicted, training, test, cutoff, periods)


def _predict(
    rows: DailyHistory, training: DailyHistory, test: DailyHistory, events: Sequence[Event], engine: str
) -> Forecast:
    """Train on what was known at the cut-off and forecast the (h,) days of `test`."""
    ceiling = plausible_ceiling(rows)
    if engine == WINDOW_AVERAGE:
        average = window_average.fit(training, training.ds)
        serving = ServingMeta(1.0, ceiling, WINDOW_AVERAGE, average, step=rows.step)
        return forecast(None, serving, test.ds)
    fit = get_engine(engine).fit(rows, events)
    serving = ServingMeta(fit.correction_factor, ceiling, PROPHET, step=rows.step)
    return forecast(parse(fit.artifact), serving, test.ds, test.promo)


def _figures(
    predicted: Forecast, training: DailyHistory, test: DailyHistory, cutoff: np.datetime64, horizon: int
) -> BacktestFigures:
    return BacktestFigures(
        engine=predicted.engine,
        cutoff=str(cutoff),
        horizon=horizon,
        wape=_defined(metrics.wape(test.y, predicted.yhat)),
        mase=_defined(metrics.mase(test.y, predicted.yhat, training.y, season_of(training))),
        bias=_defined(metrics.bias(test.y, predicted.yhat)),
        coverage=_defined(metrics.coverage(test.y, predicted.lower, predicted.upper)),
    )


def _defined(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
