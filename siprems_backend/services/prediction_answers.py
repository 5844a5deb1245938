"""Predictions in the words of the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

from siprems_backend.services.prediction import DEFAULT_HISTORY_DAYS, Prediction
from siprems_backend.services.recommendations import recommend
from siprems_backend.utils import clock


def chart(prediction: Prediction, history_days: int = DEFAULT_HISTORY_DAYS) -> list[dict[str, Any]]:
    """Points of a chart: `history_days` of sales, then the forecast, one a day."""
    made, demand = prediction.made, prediction.demand
    start: dt.date = made.ds[0].astype(object)
    sold = dict(zip(demand.history.ds.astype(object), demand.history.y.tolist(), strict=True))
    open_days = set(demand.shop.open_days.astype(object))
    points = []
    for back in range(history_days, 0, -1):
        date = start - dt.timedelta(days=back)
        if date < demand.launched:
            continue
        # A day without a sale is a zero while the shop was open, and unknown while it was shut.
        quantity = sold.get(date, 0.0 if date in open_days else None)
        points.append(_point(prediction, date, quantity, None))
    for place, date in enumerate(made.ds.astype(object)):
        points.append(_point(prediction, date, None, place))
    return points


def _point(
    prediction: Prediction, date: dt.date, quantity: float | None, place: int | None
) -> dict[str, Any]:
    made, name = prediction.made, prediction.holidays.get(date)
    return {
        "date": date.isoformat(),
        "historical": quantity,
        "predicted": None if place is None else round(float(made.yhat[place]), 4),
        "lower": None if place is None else round(float(made.lower[place]), 4),
        "upper": None if place is None else round(float(made.upper[place]), 4),
        "isHoliday": name is not None,
        "holidayName": name,
    }


def answer(prediction: Prediction, history_days: int = DEFAULT_HISTORY_DAYS) -> dict[str, Any]:
    """The body of `POST /predict`."""
    meta = prediction.loaded.meta if prediction.loaded else {}
    return {
        "product_sku": prediction.demand.product.sku,
        "chartData": chart(prediction, history_days),
        "recommendations": [recommend(prediction.demand.product, float(prediction.made.yhat.sum()))],
        "accuracy": meta.get("accuracy_score"),
        "backtest": meta.get("backtest"),
        "engine": prediction.made.engine,
        "engine_reason": prediction.reason,
        "bounded": prediction.made.bounded,
        "model": _model(prediction),
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
    body = answer(prediction, history_days=0)
    return {
        "status": "success",
        "product_sku": body["product_sku"],
        "forecast_days": len(prediction.made.ds),
        "chart_data": points,
        "accuracy": body["accuracy"],
        "backtest": body["backtest"],
        "engine": body["engine"],
        "engine_reason": body["engine_reason"],
        "recommendations": body["recommendations"],
        "model": body["model"],
        "timestamp": clock.iso(clock.now()),
    }


def _model(prediction: Prediction) -> dict[str, Any] | None:
    if prediction.loaded is None:
        return None
    meta = prediction.loaded.meta
    return {"trained_at": meta.get("trained_at"), "version": meta.get("version")}
