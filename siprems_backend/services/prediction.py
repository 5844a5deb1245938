"""Answering how much will sell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries
from siprems_backend.services import forecasting, model_repository
from siprems_backend.services.forecasting import LoadedModel
from siprems_backend.services.histories import (
    Outlook,
    Shop,
    load_history,
    load_outlook,
    load_sales,
    product_history,
    require_product,
)
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.training import keep, train_history
from siprems_engine.forecasting.forecast import Forecast
from siprems_engine.forecasting.sanity import MIN_ROWS
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.window_average import REACH_DAYS

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
    if loaded is None:
        return _without_model(load_outlook(sku, history_days, days), days, trainable)
    if not loaded.is_seasonal:
        return _by_average(load_outlook(sku, max(history_days, REACH_DAYS), days), days, history_days, loaded)
    # The model knows the past; only the chart shows it.
    outlook = load_outlook(sku, history_days, days).in_step(loaded.serving.step)
    made = forecasting.forecast_days(loaded, outlook.dates_ahead(days))
    return Prediction(outlook, made, loaded, _reason(loaded, "The stored model of this product."))


def _by_average(outlook: Outlook, days: int, history_days: int, loaded: LoadedModel) -> Prediction:
    """Forecast by the average of the latest weeks, made anew; the outlook reaches as far back as it looks."""
    known = outlook.in_step(loaded.serving.step)
    shop = Shop(known.open_days, ())
    made = forecasting.average_forecast(load_history(known), shop, known.dates_ahead(days))
    shown = outlook.of_last(history_days).in_step(known.step)
    return Prediction(shown, made, loaded, _reason(loaded, NO_MODEL))


def _without_model(outlook: Outlook, days: int, trainable: bool) -> Prediction:
    history, shop = load_sales(outlook.product.id)
    if trainable and len(history) >= MIN_ROWS:
        raise ModelMissing(outlook.product.sku)
    outlook = outlook.in_step(shop.step)
    made = forecasting.average_forecast(history, shop, outlook.dates_ahead(days))
    return Prediction(outlook, made, None, NO_MODEL)


def _reason(loaded: LoadedModel, otherwise: str) -> str:
    return str(loaded.meta.get("served_reason") or otherwise)


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
        product, history, shop = product_history(sku)
        keep([train_history(product, history, shop)], shop)
        made = predict(sku, days, trainable=False)
    on_progress(2, 3, "Storing the forecast")
    model_repository.save_forecasts({made.outlook.product.id: forecasting.as_row(made.made)})
    return made


def stored_forecast(sku: str) -> dict[str, Any]:
    """The product's latest stored forecast, one point a day (or week).

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
            "date": (found.start_date + dt.timedelta(days=place * found.step_days)).isoformat(),
            "predicted": yhat,
            "lower": lower,
            "upper": upper,
        }
        for place, (yhat, lower, upper) in enumerate(values)
    ]
    return {
        "product_sku": product.sku,
        "engine": found.engine,
        "step": Step.of_days(found.step_days).value,
        "created_at": found.created_at,
        "forecast": points,
    }
