"""Predictions in the words of the API."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from siprems_backend.services.prediction import Prediction
from siprems_backend.services.recommendations import recommend
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats


def chart(prediction: Prediction) -> list[dict[str, Any]]:
    """Points of a chart, one a day (or week): the past of the outlook, then the forecast."""
    outlook, made = prediction.outlook, prediction.made
    # A day without a sale is a zero while the shop was open, and unknown while it was shut.
    sold = [None if math.isnan(units) else units for units in outlook.past.tolist()]
    nothing = [None] * len(sold)
    columns = (
        sold + [None] * len(made.ds),
        nothing + _rounded(made.yhat),
        nothing + _rounded(made.lower),
        nothing + _rounded(made.upper),
    )
    dates = np.datetime_as_string(np.concatenate([outlook.past_dates, made.ds])).tolist()
    named = {date.isoformat(): name for date, name in outlook.holidays.items()}
    return [
        {
            "date": date,
            "historical": historical,
            "predicted": predicted,
            "lower": lower,
            "upper": upper,
            "isHoliday": date in named,
            "holidayName": named.get(date),
        }
        for date, historical, predicted, lower, upper in zip(dates, *columns, strict=True)
    ]


def _rounded(values: Floats) -> list[float | None]:
    return [round(value, 4) for value in values.tolist()]


def answer(prediction: Prediction) -> dict[str, Any]:
    """The body of `POST /predict`."""
    return {
        **_findings(prediction),
        "chartData": chart(prediction),
        "bounded": prediction.made.bounded,
    }


def task_result(prediction: Prediction) -> dict[str, Any]:
    """The result of a prediction task."""
    points = [
        {
            "date": point["date"],
            "actual": point["historical"],
            "predicted": point["predicted"],
            "lower": point["lower"],
            "upper": point["upper"],
        }
        for point in chart(prediction)
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
    product, made = prediction.outlook.product, prediction.made
    meta = prediction.loaded.meta if prediction.loaded else {}
    return {
        "product_sku": product.sku,
        "accuracy": meta.get("accuracy_score"),
        "backtest": meta.get("backtest"),
        "step": made.step.value,
        "engine": made.engine,
        "engine_reason": prediction.reason,
        "recommendations": [recommend(product, float(made.yhat.sum()))],
        "model": _model(prediction),
    }


def _model(prediction: Prediction) -> dict[str, Any] | None:
    if prediction.loaded is None:
        return None
    meta = prediction.loaded.meta
    return {"trained_at": meta.get("trained_at"), "version": meta.get("version")}
