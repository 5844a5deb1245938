"""Decide which engine may answer for a product, with a reason a shopkeeper understands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.evaluator import LinearGrowthModel
from siprems_engine.forecasting.forecast import PROPHET, WINDOW_AVERAGE, to_units
from siprems_engine.forecasting.series import DailyHistory, Days, Floats
from siprems_engine.forecasting.step import Step

# Rows, whether of a day or of a week.
MIN_ROWS = 60
# The recipe learns a yearly pattern. With a year or less it extrapolates one it has hardly seen once: on
# bakery and grocery series cut to 365 days the plain average was better in three of four forecasts.
MIN_SPAN_DAYS = 400
MAX_ZERO_SHARE = 0.5
# Beyond 1.32 periods from sale to sale, on average, demand is intermittent (Syntetos, Boylan and Croston, "On
# the categorization of demand patterns", 2005).
STEADY_SHARE = 1.0 / 1.32
# Open periods without a sale, more of which are no accident with a product that sells in every second one.
MAX_SILENT = {Step.DAY: 28, Step.WEEK: 8}
HORIZON_DAYS = 28
RECENT_DAYS = 56
# The days a recent level is the mean of: single weeks of weekly rows would be too noisy to compare with.
LEVEL_DAYS = {Step.DAY: 7, Step.WEEK: 28}
YEAR_DAYS = 364
LEVEL_FACTOR = 3.0


@dataclass(frozen=True)
class Verdict:
    """The engine that serves, "prophet" or "window-average", and why."""

    engine: str
    reason: str


def assess(
    history: DailyHistory,
    open_days: Days | None,
    model: LinearGrowthModel | None,
    correction_factor: float,
) -> Verdict:
    """Judge the history first and then what the model says about the next four weeks.

    `open_days` (any order) are the days on which the shop is known to have been open up to today, None if
    that is unknown; those after the last sale are days on which the product was silent.
    """
    problem = _history_problem(history, open_days)
    if problem is None:
        if model is None:
            problem = "No seasonal model could be trained."
        else:
            problem = _forecast_problem(history, open_days, model, correction_factor)
    if problem is not None:
        return Verdict(WINDOW_AVERAGE, f"{problem} The average of the last weeks is used instead.")
    return Verdict(PROPHET, "The product sells regularly and long enough for the seasonal model.")


def sells_steadily(history: DailyHistory, open_days: Days | None) -> bool:
    """Whether the product sells in most of the periods of its span in which the shop was open."""
    return len(history) > 0 and float((history.zero_filled(open_days).y > 0).mean()) >= STEADY_SHARE


def falls_silent(history: DailyHistory, open_days: Days | None) -> bool:
    """Whether the product has not sold for so long that its seasonal model may no longer serve.

    `open_days` (any order) are the days on which the shop is known to have been open up to today.
    """
    return len(history) > 0 and _silent_periods(history, open_days) > MAX_SILENT[history.step]


def _history_problem(history: DailyHistory, open_days: Days | None) -> str | None:
    if len(history) < MIN_ROWS:
        rows = history.step.counted(len(history))
        return f"There are only {rows} with sales; the seasonal model needs {MIN_ROWS}."
    if history.span_days < MIN_SPAN_DAYS:
        return f"The sales cover only {history.span_days} days; the seasonal model needs {MIN_SPAN_DAYS}."
    silent = _silent_periods(history, open_days)
    if silent > MAX_SILENT[history.step]:
        return f"The product has not sold on the last {history.step.counted(silent)} the shop was open."
    zero_share = float((history.zero_filled(open_days).y == 0).mean())
    if zero_share > MAX_ZERO_SHARE:
        return f"The product does not sell on {zero_share:.0%} of the {history.step}s the shop is open."
    return None


def _silent_periods(history: DailyHistory, open_days: Days | None) -> int:
    """Count the known open periods after the last one with a sale."""
    sold = history.ds[history.y > 0]
    last_sale = sold[-1] if len(sold) else history.ds[0]
    days = history.ds if open_days is None else np.asarray(open_days, dtype="datetime64[D]")
    return len(np.unique(days[days > last_sale]))


def _forecast_problem(
    history: DailyHistory, open_days: Days | None, model: LinearGrowthModel, correction_factor: float
) -> str | None:
    """Compare the model's next four weeks with recent weeks and with the same season a year ago."""
    filled = history.zero_filled(open_days)
    first = filled.ds[-1] + history.step.days
    ahead = np.arange(first, first + HORIZON_DAYS, history.step.days)
    plain, promoted = (_units(model, correction_factor, ahead, flag) for flag in (0.0, 1.0))
    if not (np.isfinite(plain).all() and np.isfinite(promoted).all()):
        return "The seasonal model gives no usable numbers."
    if (plain > plausible_ceiling(history)).any():
        step = history.step
        return f"The seasonal model forecasts {step}s far above the best {step} of the last two years."
    known = _known_levels(filled, first)
    mean = float(np.maximum(plain, 0.0).mean())
    if mean > LEVEL_FACTOR * known.max():
        return "The seasonal model forecasts far more than the product sold recently or a year ago."
    # A product that lives from promotions is expected to sell less without; the more generous one counts.
    if float(np.maximum(np.maximum(plain, promoted), 0.0).mean()) < known.min() / LEVEL_FACTOR:
        return "The seasonal model forecasts far less than the product sold recently or a year ago."
    return None


def _units(model: LinearGrowthModel, correction_factor: float, ds: Days, promo: float) -> Floats:
    prediction = model.predict(ds, {"promo": np.full(len(ds), promo)})
    return to_units(prediction.yhat, correction_factor)


def _known_levels(filled: DailyHistory, first: np.datetime64) -> Floats:
    """Mean units a row of the parts of the last eight weeks and of the coming four weeks a year ago."""
    length = LEVEL_DAYS[filled.step]
    windows = [(first - back, first - back + length) for back in range(length, RECENT_DAYS + 1, length)]
    windows.append((first - YEAR_DAYS, first - YEAR_DAYS + HORIZON_DAYS))
    rows = [(filled.ds >= start) & (filled.ds < end) for start, end in windows]
    # A week in which the shop was closed throughout says nothing about the level.
    return np.array([filled.y[inside].mean() for inside in rows if inside.any()])
