"""The one function that serves forecasts: model scale to units, corrected, bounded and ordered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from siprems_engine.forecasting.bounds import CEILING_FACTOR, clip_forecast
from siprems_engine.forecasting.errors import CorruptModel, InvalidRequest
from siprems_engine.forecasting.evaluator import LinearGrowthModel, Prediction
from siprems_engine.forecasting.fit import LARGEST_EXPONENT
from siprems_engine.forecasting.recipe import REFERENCE
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.window_average import WindowAverage

PROPHET = "prophet"
WINDOW_AVERAGE = "window-average"
PROMO = "promo"
NOTHING_TO_SERVE = "There is neither a trained model nor a fallback for this product; train it first."


@dataclass(frozen=True)
class ServingMeta:
    """What serving needs to know beside the model; the defaults fit metadata that lacks our additions."""

    correction_factor: float = 1.0
    ceiling: float | None = None
    engine: str = PROPHET
    fallback: WindowAverage | None = None
    promo_share: float = 0.0
    step: Step = Step.DAY

    @classmethod
    def from_dict(cls, meta: Any) -> ServingMeta:
        """Read stored metadata of any age; what is missing or broken gets its default, nothing is raised."""
        document = meta if isinstance(meta, Mapping) else {}
        factor = _finite(document.get("correction_factor"))
        ceiling = _finite(document.get("ceiling"))
        fallback = _fallback(document.get("fallback"))
        served_by = document.get("served_by")
        return cls(
            correction_factor=1.0 if factor is None else float(np.clip(factor, *REFERENCE.correction_range)),
            ceiling=ceiling if ceiling is not None and ceiling >= 0 else None,
            engine=WINDOW_AVERAGE if served_by == WINDOW_AVERAGE and fallback is not None else PROPHET,
            fallback=fallback,
            promo_share=float(np.clip(_finite(document.get("promo_share")) or 0.0, 0.0, 1.0)),
            step=Step.WEEK if document.get("step") == Step.WEEK else Step.DAY,
        )


@dataclass(frozen=True, eq=False)
class Forecast:
    """Units per period of `step`, (h,) each, with 0 <= lower <= yhat <= upper.

    `engine` names what really answered; `bounded` tells that the ceiling cut the point forecast.
    """

    ds: Days
    yhat: Floats
    lower: Floats
    upper: Floats
    engine: str
    bounded: bool
    step: Step
    _quantile: Callable[[float], Floats] = field(repr=False)

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Return the quantiles (len(levels), h) in units, never crossing: sorted levels give sorted rows."""
        return np.array([self._quantile(level) for level in levels]).reshape(len(levels), len(self.ds))


def forecast(
    model: LinearGrowthModel | None,
    meta: ServingMeta,
    ds: Days,
    promo: Floats | None = None,
    interval: float | None = None,
) -> Forecast:
    """Forecast the days `ds` (h,) with promotion flags `promo` (h,; None: no plan is known).

    For a weekly product the days are the dates of weeks, seven apart.
    Without a plan the point forecast expects promotions as often as lately, and the interval spans days with
    and without one. On 39 SKUs of a shop that runs promotions all the time, taking no plan for no promotion
    had a WAPE of 0.79 and a bias of -52 %; this has 0.71 and -33 %.

    The Prophet model answers unless the metadata chose the fallback, or the model is missing or not finite.
    `interval` is the width of lower..upper, by default the model's own. Raises `InvalidRequest` when there is
    neither a model nor a fallback, and for regressor values or an interval that make no sense.
    """
    days = np.asarray(ds, dtype="datetime64[D]")
    if interval is not None and not 0.0 < interval < 1.0:
        raise InvalidRequest(f"An interval width must lie between 0 and 1, not {interval}.")
    if model is not None and model_serves(meta):
        cases = model.predict(days, {PROMO: _promotions(model, meta, len(days), promo)})
        finite = np.isfinite(cases.sigma).all() and np.isfinite(cases.yhat).all()
        if finite or meta.fallback is None:
            return _from_model(model, cases, meta, days, interval)
    if meta.fallback is None:
        raise InvalidRequest(NOTHING_TO_SERVE)
    return _from_average(meta.fallback, meta, days, interval or usual_width(model))


def model_serves(meta: ServingMeta) -> bool:
    """Whether a model, where there is one, answers as long as its numbers are finite."""
    return meta.engine == PROPHET or meta.fallback is None


def usual_width(model: LinearGrowthModel | None) -> float:
    """Width of the interval where none is asked for."""
    return REFERENCE.interval_width if model is None else model.interval_width


def ceiling_of(model: LinearGrowthModel, meta: ServingMeta) -> float:
    """Units per period that no forecast of the model exceeds."""
    if meta.ceiling is not None:
        return meta.ceiling
    # Older metadata has no ceiling, but the scale of the model tells the best day it was trained on.
    return CEILING_FACTOR * math.expm1(min(model.largest_fitted, LARGEST_EXPONENT))


def may_be_promoted(model: LinearGrowthModel, meta: ServingMeta) -> bool:
    """Whether days with and without a promotion are both to be expected, and differ."""
    return 0.0 < meta.promo_share < 1.0 and PROMO in model.regressor_names


def to_units(log_units: Floats, correction_factor: float | Floats) -> Floats:
    """Undo log1p and apply the correction factor; any shape, may be negative or huge, never infinite."""
    return np.expm1(np.minimum(log_units, LARGEST_EXPONENT)) * correction_factor


def _promotions(model: LinearGrowthModel, meta: ServingMeta, h: int, planned: Floats | None) -> Floats:
    """Return the promotion flags to expect, (h,), or a row of them before the two that bound the interval."""
    if planned is not None:
        return planned
    if may_be_promoted(model, meta):
        return np.repeat([[meta.promo_share], [0.0], [1.0]], h, axis=1)
    return np.full(h, meta.promo_share)


def _from_model(
    model: LinearGrowthModel, cases: Prediction, meta: ServingMeta, ds: Days, interval: float | None
) -> Forecast:
    """Serve the first case; the others widen the interval to what may happen as well."""
    width, ceiling = interval or usual_width(model), ceiling_of(model, meta)
    several = cases.yhat.ndim > 1

    def units(p: float) -> Floats:
        quantile = cases.quantile(p)
        if several:
            quantile = quantile[0] if p == 0.5 else (np.min if p < 0.5 else np.max)(quantile, axis=0)
        return clip_forecast(to_units(quantile, meta.correction_factor), ceiling)

    raw = to_units(cases.yhat[0] if several else cases.yhat, meta.correction_factor)
    # A comparison with NaN is false, so what is no number counts as cut.
    bounded = not (raw <= ceiling).all()
    yhat = clip_forecast(raw, ceiling)
    lower, upper = np.minimum(units(0.5 - width / 2.0), yhat), np.maximum(units(0.5 + width / 2.0), yhat)
    return Forecast(ds, yhat, lower, upper, PROPHET, bounded, meta.step, units)


def _from_average(average: WindowAverage, meta: ServingMeta, ds: Days, width: float) -> Forecast:
    ceiling = meta.ceiling
    yhat, lower, upper = average.predict(ds, width)
    bounded = ceiling is not None and bool((yhat > ceiling).any())

    def units(p: float) -> Floats:
        return clip_forecast(average.quantile(ds, p), ceiling)

    yhat, lower, upper = (clip_forecast(values, ceiling) for values in (yhat, lower, upper))
    return Forecast(ds, yhat, lower, upper, WINDOW_AVERAGE, bounded, meta.step, units)


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _fallback(document: Any) -> WindowAverage | None:
    try:
        return WindowAverage.from_dict(document)
    except CorruptModel:
        return None
