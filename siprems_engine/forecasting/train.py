"""The one call a training service makes: history in, model file and metadata out."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siprems_engine.forecasting import window_average
from siprems_engine.forecasting.backtest import holdout
from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.engines import Engine, get_engine
from siprems_engine.forecasting.errors import FitFailed
from siprems_engine.forecasting.evaluator import LinearGrowthModel
from siprems_engine.forecasting.fit import Fit
from siprems_engine.forecasting.forecast import PROPHET
from siprems_engine.forecasting.prophet_json import parse
from siprems_engine.forecasting.recipe import prepare, recipe_for
from siprems_engine.forecasting.sanity import MIN_ROWS, Verdict, assess, sells_steadily
from siprems_engine.forecasting.series import DailyHistory, Days, Event

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Trained:
    """A model file, its metadata, and the model in it.

    There is none for a short history or a failed fit: only the fallback serves.
    """

    artifact: bytes | None
    meta: dict[str, Any]
    model: LinearGrowthModel | None


def train(
    history: DailyHistory,
    events: Sequence[Event],
    open_days: Days | None,
    engine_name: str = "prophet",
    today: datetime.date | None = None,
    *,
    refit_backtest: bool = False,
) -> Trained:
    """Train one SKU and decide who serves it.

    `history` holds the days (or weeks) with sale rows, `open_days` those on which the shop was open (None:
    unknown, each counts), `today` the last day that can count as one without sales (None: no limit). The
    caller adds `trained_at`. With `refit_backtest` a second fit measures Prophet out of sample where it
    serves. Raises `NotEnoughData` for fewer than five clean rows and `UnknownEngine` for a wrong name.
    """
    engine = get_engine(engine_name)
    recipe = recipe_for(history.step)
    prepare(history, recipe)
    known_days = None if open_days is None else _past(open_days, today)
    fit = _try_fit(engine, history, events)
    model = parse(fit.artifact) if fit else None
    verdict = assess(history, known_days, model, fit.correction_factor if fit else 1.0)
    meta = _fit_meta(fit, sells_steadily(history, known_days)) | _serving_meta(history, known_days, verdict)
    judged = engine_name if verdict.engine == PROPHET else verdict.engine
    figures = holdout(history, events, known_days, judged, refit=refit_backtest, until=_last(known_days))
    meta |= {
        "format_version": FORMAT_VERSION,
        "recipe_version": recipe.version,
        "step": history.step.value,
        "engine": engine.name,
        "engine_version": engine.version(),
        "data_hash": history.data_hash(recipe, events),
        "backtest": figures.to_dict() if figures else None,
    }
    return Trained(fit.artifact if fit else None, meta, model)


def _try_fit(engine: Engine, history: DailyHistory, events: Sequence[Event]) -> Fit | None:
    """Fit, or give None where that is vain or the optimiser fails: the product then still has its fallback.

    The recipe's posterior has no bounded optimum on a short history: Stan looks for it for up to 20 seconds,
    and what it finds may never serve.
    """
    if len(history) < MIN_ROWS:
        return None
    try:
        return engine.fit(history, events)
    except FitFailed:
        return None


def _fit_meta(fit: Fit | None, steady: bool) -> dict[str, Any]:
    """Figures of the fit: the days of a product that sells now and then are judged by the week."""
    return {
        "correction_factor": fit.correction_factor if fit else 1.0,
        "mae": fit.mae if fit else None,
        "mape_percent": fit.mape_percent if fit else None,
        "accuracy_score": (fit.accuracy if steady else fit.summed_accuracy) if fit else None,
        "training_samples": fit.training_samples if fit else 0,
        "checksum": hashlib.sha256(fit.artifact).hexdigest() if fit else None,
    }


def _serving_meta(history: DailyHistory, open_days: Days | None, verdict: Verdict) -> dict[str, Any]:
    return {
        "ceiling": plausible_ceiling(history),
        "promo_share": history.promo_share,
        "served_by": verdict.engine,
        "served_reason": verdict.reason,
        "fallback": window_average.fit(history, open_days, _last(open_days)).to_dict(),
    }


def _past(open_days: Days, today: datetime.date | None) -> Days:
    """Return the sorted open days up to today; planned days ahead say nothing about sales yet."""
    days = np.unique(np.asarray(open_days, dtype="datetime64[D]"))
    return days if today is None else days[days <= np.datetime64(today, "D")]


def _last(open_days: Days | None) -> np.datetime64 | None:
    return open_days[-1] if open_days is not None and len(open_days) else None
