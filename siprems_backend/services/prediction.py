"""Answering how much will sell."""

from __future__ import annotations

from dataclasses import dataclass, replace

from siprems_backend.services import forecasting, model_repository
from siprems_backend.services.forecasting import LoadedModel, path_of
from siprems_backend.services.histories import (
    Outlook,
    Shop,
    load_history,
    load_outlook,
    load_sales,
    not_launched,
    product_history,
)
from siprems_backend.services.learned_models import repository
from siprems_backend.services.prediction_engines import AUTO, PROPHET
from siprems_backend.services.progress import OnProgress, part_of, unreported
from siprems_backend.services.shop_forecasts import serving
from siprems_backend.services.shop_forecasts.making import STAGES, forecast_with_neighbours
from siprems_backend.services.shop_forecasts.serving import Answer
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
    """A forecast of one product and what it stands on: its own model, or the forecast of the whole shop."""

    outlook: Outlook
    made: Forecast
    loaded: LoadedModel | None
    reason: str
    shop: Answer | None = None


def predict(
    sku: str,
    days: int,
    *,
    engine: str = AUTO,
    history_days: int = DEFAULT_HISTORY_DAYS,
    trainable: bool = True,
) -> Prediction:
    """Forecast a product from what is stored; short histories without any of it by their average.

    `auto` and learned models answer from forecasts of the whole shop, and by the product's own model where
    these do not reach. With `trainable` false a missing model is not asked for: its training was tried and
    made none.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything, nor is there anything else to forecast it from; or the engine is
            a learned model that nobody has trained.
        ModelMissing: it must be trained first.
    """
    if engine == PROPHET:
        return _by_itself(sku, days, history_days, trainable)
    outlook = load_outlook(sku, history_days, days, sold=False)
    found = serving.stored_of(outlook.product.id, engine)
    if found is None:
        repository.require_trained(engine)
    if found is not None:
        known = outlook.in_step(Step.of_days(found.step_days))
        answer = serving.answer(known.dates_ahead(days), found, path_of(sku), engine)
        if answer is not None:
            return Prediction(known, answer.made, None, found.reason, answer)
    if outlook.product.launched is None:
        raise not_launched(sku)
    made = _by_itself(sku, days, history_days, trainable)
    return replace(made, reason=f"{serving.why_none(found, engine)} {made.reason}")


def _by_itself(sku: str, days: int, history_days: int, trainable: bool) -> Prediction:
    """Forecast a product from nothing but its own model, or its own history."""
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


def predict_trained(
    sku: str, days: int, *, engine: str = AUTO, on_progress: OnProgress = unreported
) -> Prediction:
    """Forecast a product, training a missing model and making a missing forecast first: for workers.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything, and no other product has for two weeks; or nobody has trained
            the learned model.
    """
    repository.require_trained(engine)
    whole = STAGES + 3
    on_progress(0, whole, "Forecasting")
    if forecasting.load_model(sku) is None:
        product, history, shop = product_history(sku)
        if len(history) >= MIN_ROWS:
            on_progress(1, whole, "Training a model first")
            keep([train_history(product, history, shop)], shop)
    if engine != PROPHET:
        _forecast_if_missing(sku, days, engine, part_of(on_progress, 2, whole))
    made = predict(sku, days, engine=engine, trainable=False)
    on_progress(whole - 1, whole, "Storing the forecast")
    if made.shop is None:
        model_repository.save_forecasts({made.outlook.product.id: forecasting.as_row(made.made)})
    return made


def _forecast_if_missing(sku: str, days: int, engine: str, on_progress: OnProgress) -> None:
    """Make the forecast that answers, unless one is stored that still does."""
    outlook = load_outlook(sku, 0, days, sold=False)
    found = serving.stored_of(outlook.product.id, engine)
    if found is not None:
        ahead = outlook.in_step(Step.of_days(found.step_days)).dates_ahead(days)
        if serving.answer(ahead, found, path_of(sku)) is not None:
            return
    forecast_with_neighbours([outlook.product.id], engine, on_progress=on_progress)
