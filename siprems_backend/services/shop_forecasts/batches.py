"""Answering for many products at once from the stored forecasts of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import shop_forecast_queries
from siprems_backend.models.shop_forecast_queries import ServedForecast
from siprems_backend.services.forecasting import path_of
from siprems_backend.services.histories import Shop
from siprems_backend.services.prediction_engines import learned_type
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.shop_forecasts import serving
from siprems_backend.services.shop_forecasts.making import forecast_with_neighbours
from siprems_backend.services.shop_forecasts.serving import Answer
from siprems_backend.utils.units import told
from siprems_engine.forecasting.step import Step


def forecast(
    ids: Mapping[str, int], shop: Shop, days: int, *, engine: str, quantiles: bool, on_progress: OnProgress
) -> dict[str, dict[str, Any]]:
    """Forecasts in the words of the API by SKU, from product ids by SKU; missing ones are made first.

    Products that the shop's forecast has nothing to say of are left out.
    """
    answers = _answers(ids, shop, days, engine)
    missing = [product_id for sku, product_id in ids.items() if sku not in answers]
    if missing:
        forecast_with_neighbours(missing, engine, on_progress=on_progress)
        left = {sku: key for sku, key in ids.items() if sku not in answers}
        answers |= _answers(left, shop, days, engine)
    return {sku: _shown(answer, quantiles) for sku, answer in answers.items()}


def _answers(ids: Mapping[str, int], shop: Shop, days: int, engine: str) -> dict[str, Answer]:
    with database.lookup() as connection:
        found = shop_forecast_queries.served(connection, list(ids.values()), learned_type(engine))
    answers = {}
    for sku, product_id in ids.items():
        stored = found.get(product_id)
        answer = None if stored is None else _answer(sku, stored, shop, days, engine)
        if answer is not None:
            answers[sku] = answer
    return answers


def _answer(sku: str, stored: ServedForecast, shop: Shop, days: int, engine: str) -> Answer | None:
    step = Step.of_days(stored.step_days)
    first = shop.first_day(step)
    if first is None:
        return None
    ahead = first + step.days * np.arange(step.periods(days))
    return serving.answer(ahead, stored, path_of(sku), engine)


def _shown(answer: Answer, quantiles: bool) -> dict[str, Any]:
    made, stored = answer.made, answer.stored
    rows = [told(row) for row in answer.quantiles.T.tolist()]
    return {
        "engine": made.engine,
        "start_date": str(made.ds[0]),
        "step": made.step.value,
        "yhat": told(made.yhat.tolist()),
        "lower": told(made.lower.tolist()),
        "upper": told(made.upper.tolist()),
        "total": serving.named(answer.total),
        "champion": stored.champion,
        "engine_reason": stored.reason,
        "backtest": stored.backtest,
        **({"quantiles": dict(zip(serving.NAMES, rows, strict=True))} if quantiles else {}),
    }
