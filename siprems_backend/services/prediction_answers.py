"""Predictions in the words of the API."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from siprems_backend.services.prediction import Prediction
from siprems_backend.services.recommendations import recommend
from siprems_backend.services.shop_forecasts.serving import named
from siprems_backend.utils import clock
from siprems_backend.utils.units import told


def chart(prediction: Prediction, *, quantiles: bool = False) -> list[dict[str, Any]]:
    """Points of a chart, one a day (or week): the past of the outlook, then the forecast.

    With `quantiles` each point of the forecast has those of its units by their levels, if they are known.
    """
    outlook, made = prediction.outlook, prediction.made
    # A day without a sale is a zero while the shop was open, and unknown while it was shut.
    sold = [None if math.isnan(units) else units for units in outlook.past.tolist()]
    nothing = [None] * len(sold)
    columns = (
        sold + [None] * len(made.ds),
        nothing + told(made.yhat.tolist()),
        nothing + told(made.lower.tolist()),
        nothing + told(made.upper.tolist()),
    )
    dates = np.datetime_as_string(np.concatenate([outlook.past_dates, made.ds])).tolist()
    names = {date.isoformat(): name for date, name in outlook.holidays.items()}
    points: list[dict[str, Any]] = [
        {
            "date": date,
            "historical": historical,
            "predicted": predicted,
            "lower": lower,
            "upper": upper,
            "isHoliday": date in names,
            "holidayName": names.get(date),
        }
        for date, historical, predicted, lower, upper in zip(dates, *columns, strict=True)
    ]
    if quantiles:
        _add_quantiles(points, len(sold), prediction)
    return points


def _add_quantiles(points: list[dict[str, Any]], past: int, prediction: Prediction) -> None:
    for point in points:
        point["quantiles"] = None
    if prediction.shop is not None:
        for point, row in zip(points[past:], prediction.shop.quantiles, strict=True):
            point["quantiles"] = named(row)


def answer(prediction: Prediction, *, quantiles: bool = False) -> dict[str, Any]:
    """The body of `POST /predict`."""
    return {
        **_findings(prediction),
        "chartData": chart(prediction, quantiles=quantiles),
        "bounded": prediction.made.bounded,
    }


def task_result(prediction: Prediction, *, quantiles: bool = False) -> dict[str, Any]:
    """The result of a prediction task."""
    points = [
        {
            "date": point["date"],
            "actual": point["historical"],
            "predicted": point["predicted"],
            "lower": point["lower"],
            "upper": point["upper"],
            **({"quantiles": point["quantiles"]} if quantiles else {}),
        }
        for point in chart(prediction, quantiles=quantiles)
    ]
    return {
        **_findings(prediction),
        "status": "success",
        "forecast_days": len(prediction.made.ds) * prediction.made.step.days,
        "chart_data": points,
        "timestamp": clock.iso(clock.now()),
    }


def _findings(prediction: Prediction) -> dict[str, Any]:
    """What both say of the product and its forecaster."""
    product, made, shop = prediction.outlook.product, prediction.made, prediction.shop
    total = None if shop is None else named(shop.total)
    return {
        "product_sku": product.sku,
        "step": made.step.value,
        "engine": made.engine,
        "engine_reason": prediction.reason,
        "recommendations": [{**recommend(product, made, by_shop=shop is not None), "demandQuantiles": total}],
        **(_of_model(prediction) if shop is None else _of_shop(prediction)),
    }


def _of_model(prediction: Prediction) -> dict[str, Any]:
    """The figures of a product forecast by itself."""
    loaded = prediction.loaded
    meta = loaded.meta if loaded else {}
    model = {"trained_at": meta.get("trained_at"), "version": meta.get("version")}
    return {
        "accuracy": meta.get("accuracy_score"),
        "backtest": meta.get("backtest"),
        "model": model if loaded else None,
        "champion": None,
        "shares": None,
        "made_at": None,
        "continuation": None,
    }


def _of_shop(prediction: Prediction) -> dict[str, Any]:
    """Those of a product forecast with its shop; accuracy and model are of the model trained beside it."""
    if prediction.shop is None:
        raise ValueError("the prediction was not made with the shop")
    found = prediction.shop.stored
    model = {"trained_at": clock.iso(found.trained_at), "version": found.version}
    return {
        "accuracy": found.accuracy,
        "backtest": found.backtest,
        "model": None if found.version is None else model,
        "champion": found.champion,
        "shares": found.shares,
        "made_at": clock.iso(found.made_at),
        "continuation": prediction.shop.continuation,
    }
