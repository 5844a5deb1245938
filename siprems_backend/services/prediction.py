"""Answering how much will sell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries, history_queries
from siprems_backend.models.products import Product
from siprems_backend.services import forecasting, model_repository
from siprems_backend.services.forecasting import LoadedModel
from siprems_backend.services.histories import Shop, load_histories, load_shop, require_product
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.recommendations import recommend
from siprems_backend.services.training import train_history
from siprems_backend.utils import clock
from siprems_engine.forecasting.forecast import Forecast
from siprems_engine.forecasting.sanity import MIN_ROWS
from siprems_engine.forecasting.series import DailyHistory

DEFAULT_HISTORY_DAYS = 90


class ModelMissing(Exception):
    """The product has no usable model, and its history is long enough to train one."""


@dataclass(frozen=True, eq=False)
class Demand:
    """All that an answer is made from."""

    product: Product
    history: DailyHistory
    shop: Shop


@dataclass(frozen=True, eq=False)
class Prediction:
    """A forecast of one product and what it stands on."""

    demand: Demand
    made: Forecast
    loaded: LoadedModel | None
    holidays: dict[dt.date, str]
    reason: str


def load_demand(sku: str) -> Demand:
    """The product, its history and the shop.

    Raises:
        NotFound: no such product.
        Invalid: the product, or the shop, has never sold anything.
    """
    with database.reading() as session:
        product = require_product(session, sku)
        demand = Demand(product, load_histories(session, [product.id])[product.id], load_shop(session))
    if not len(demand.history) or demand.shop.first_forecast_day is None:
        raise Invalid(
            f"'{sku}' has no sales yet, so there is nothing to forecast from; record or import sales first.",
            code="not_enough_data",
        )
    return demand


def predict(
    sku: str, days: int, *, history_days: int = DEFAULT_HISTORY_DAYS, trainable: bool = True
) -> Prediction:
    """Forecast a product from its stored model; short histories are answered by their average.

    With `trainable` false a missing model is not asked for: its training was tried and made none.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything.
        ModelMissing: it must be trained first.
    """
    demand = load_demand(sku)
    loaded = forecasting.load_model(sku)
    if loaded is None and trainable and len(demand.history) >= MIN_ROWS:
        raise ModelMissing(sku)
    return _made(demand, loaded, days, history_days)


def predict_trained(sku: str, days: int, *, on_progress: OnProgress = unreported) -> Prediction:
    """Forecast a product, training a missing model first: for workers.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything.
    """
    on_progress(0, 3, "Loading the model")
    demand = load_demand(sku)
    loaded = forecasting.load_model(sku)
    if loaded is None:
        on_progress(1, 3, "Training a model first")
        train_history(demand.product, demand.history, demand.shop)
        loaded = forecasting.load_model(sku)
    on_progress(2, 3, "Forecasting")
    made = _made(demand, loaded, days, DEFAULT_HISTORY_DAYS)
    _store(made)
    return made


def _made(demand: Demand, loaded: LoadedModel | None, days: int, history_days: int) -> Prediction:
    ahead = forecasting.horizon(demand.shop, days)
    if loaded is None:
        made = forecasting.average_forecast(demand.history, demand.shop, ahead)
        reason = "There is no trained model for this product; the average of the last weeks is used instead."
    else:
        made = forecasting.forecast_days(loaded, demand.history, demand.shop, ahead)
        reason = str(loaded.meta.get("served_reason") or "The stored model of this product.")
    first = ahead[0].astype(object) - dt.timedelta(days=history_days)
    with database.reading() as session:
        named = history_queries.events_between(session, first, ahead[-1].astype(object))
    holidays: dict[dt.date, str] = {}
    for name, date in named:
        holidays[date] = f"{holidays[date]}, {name}" if date in holidays else name
    return Prediction(demand, made, loaded, holidays, reason)


def _store(prediction: Prediction) -> None:
    """Keep the forecast for whoever asks for the latest one."""
    model_repository.save_forecast(prediction.demand.product.id, forecasting.as_row(prediction.made))


def chart(prediction: Prediction, history_days: int = DEFAULT_HISTORY_DAYS) -> list[dict[str, Any]]:
    """Points of a chart: `history_days` of sales, then the forecast, one a day."""
    made, demand = prediction.made, prediction.demand
    start: dt.date = made.ds[0].astype(object)
    sold = dict(zip(demand.history.ds.astype(object), demand.history.y.tolist(), strict=True))
    open_days = set(demand.shop.open_days.astype(object))
    launched: dt.date = demand.history.ds[0].astype(object)
    points = []
    for back in range(history_days, 0, -1):
        date = start - dt.timedelta(days=back)
        if date < launched:
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


def predict_batch(skus: Sequence[str], days: int, *, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Forecast many products; the ones that cannot be forecast are listed with the reason."""
    results: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for place, sku in enumerate(skus):
        on_progress(place, len(skus), f"Forecasting {sku}")
        try:
            made = predict_trained(sku, days).made
        except (NotFound, Invalid) as problem:
            failed[sku] = problem.message
            continue
        results[sku] = {**forecasting.as_row(made), "start_date": str(made.ds[0])}
    return {
        "status": "success",
        "forecast_days": days,
        "forecasts": results,
        "failed": failed,
        "timestamp": clock.iso(clock.now()),
    }


def stored_forecast(sku: str) -> dict[str, Any]:
    """The product's latest stored forecast, one point a day.

    Raises:
        NotFound: no such product, or nothing stored yet.
    """
    with database.reading() as session:
        product = require_product(session, sku)
        found = artifact_queries.stored_forecast(session, product.id)
    if found is None:
        raise NotFound(
            f"No forecast is stored for '{sku}' yet; train it or ask POST /predict.",
            code="forecast_not_found",
        )
    values = zip(found.yhat, found.lower, found.upper, strict=True)
    points = [
        {
            "date": (found.start_date + dt.timedelta(days=place)).isoformat(),
            "predicted": yhat,
            "lower": lower,
            "upper": upper,
        }
        for place, (yhat, lower, upper) in enumerate(values)
    ]
    return {
        "product_sku": product.sku,
        "engine": found.engine,
        "created_at": found.created_at,
        "forecast": points,
    }


def refresh_all(*, on_progress: OnProgress = unreported) -> dict[str, int]:
    """Make the stored forecasts of all products with a model anew, from the day after the last sale."""
    with database.reading() as session:
        products = history_queries.products_by_id(session, artifact_queries.with_model(session))
    refreshed = 0
    for place, product in enumerate(products):
        on_progress(place, len(products), f"Forecasting {product.sku}")
        refreshed += _refresh(product.sku)
    return {"products": len(products), "refreshed": refreshed}


def _refresh(sku: str) -> bool:
    try:
        prediction = predict(sku, get_settings().forecast_horizon_days)
    except (NotFound, Invalid, ModelMissing):
        return False
    _store(prediction)
    return True
