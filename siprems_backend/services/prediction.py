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
from siprems_backend.services import forecasting, model_repository
from siprems_backend.services.forecasting import LoadedModel
from siprems_backend.services.histories import Outlook, load_outlook, product_history, require_product
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.training import keep, train_history
from siprems_backend.utils import clock
from siprems_engine.forecasting.forecast import Forecast
from siprems_engine.forecasting.sanity import MIN_ROWS

DEFAULT_HISTORY_DAYS = 90
NO_MODEL = "There is no trained model for this product; the average of the last weeks is used instead."


class ModelMissing(Exception):
    """The product has no usable model, and its history is long enough to train one."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """A forecast of one product and what it stands on."""

    outlook: Outlook
    made: Forecast
    loaded: LoadedModel | None
    reason: str


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
    loaded = forecasting.load_model(sku)
    outlook = load_outlook(sku, history_days, days)
    if loaded is not None and loaded.is_seasonal:
        # The model knows the past; the average is made from it.
        made = forecasting.forecast_days(loaded, outlook.days_ahead(days))
        return Prediction(outlook, made, loaded, _reason(loaded, "The stored model of this product."))
    _, history, shop = product_history(sku)
    if loaded is None and trainable and len(history) >= MIN_ROWS:
        raise ModelMissing(sku)
    made = forecasting.average_forecast(history, shop, outlook.days_ahead(days))
    return Prediction(outlook, made, loaded, _reason(loaded, NO_MODEL))


def _reason(loaded: LoadedModel | None, otherwise: str) -> str:
    return str((loaded and loaded.meta.get("served_reason")) or otherwise)


def predict_trained(sku: str, days: int, *, on_progress: OnProgress = unreported) -> Prediction:
    """Forecast a product, training a missing model first: for workers.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything.
    """
    on_progress(0, 3, "Forecasting")
    try:
        made = predict(sku, days)
    except ModelMissing:
        on_progress(1, 3, "Training a model first")
        keep([train_history(*product_history(sku))])
        made = predict(sku, days, trainable=False)
    on_progress(2, 3, "Storing the forecast")
    _store(made)
    return made


def _store(prediction: Prediction) -> None:
    """Keep the forecast for whoever asks for the latest one."""
    model_repository.save_forecast(prediction.outlook.product.id, forecasting.as_row(prediction.made))


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
        prediction = predict(sku, get_settings().forecast_horizon_days, history_days=0)
    except (NotFound, Invalid, ModelMissing):
        return False
    _store(prediction)
    return True
