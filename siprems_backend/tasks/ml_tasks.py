"""Training and prediction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from siprems_backend.services import (
    bulk_forecasts,
    prediction,
    prediction_answers,
    product_choice,
    product_classes,
    training,
    training_run,
)
from siprems_backend.services.accuracy import watch
from siprems_backend.services.learned_models import runs as learned_runs
from siprems_backend.services.learned_models.types import ALL
from siprems_backend.services.prediction_engines import AUTO
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import HandedToChildren, LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.TRAIN_PRODUCT.value)
def train_product_model_task(self: LedgerTask, product_sku: str) -> dict[str, Any]:
    """Train one product."""
    return training.train_product(product_sku, on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.PREDICT_STOCK.value)
def predict_stock_task(
    self: LedgerTask,
    product_sku: str,
    forecast_days: int = 7,
    engine: str = AUTO,
    quantiles: bool = False,
) -> dict[str, Any]:
    """Forecast one product, making what it takes first."""
    made = prediction.predict_trained(product_sku, forecast_days, engine=engine, on_progress=self.report)
    return prediction_answers.task_result(made, quantiles=quantiles)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.PREDICT_BATCH.value)
def predict_batch_task(
    self: LedgerTask,
    product_skus: list[str] | None = None,
    forecast_days: int = 7,
    wanted: dict[str, str] | None = None,
    *,
    engine: str = AUTO,
    quantiles: bool = False,
) -> dict[str, Any]:
    """Forecast many products: those named, or those a filter finds now."""
    skus = product_choice.chosen(product_skus, wanted)
    return bulk_forecasts.predict_batch(
        skus, forecast_days, engine=engine, quantiles=quantiles, on_progress=self.report
    )


@shared_task(bind=True, base=LedgerTask, name=TaskKind.TRAIN_ALL.value)
def train_all_models(self: LedgerTask, category: str | None = None) -> None:
    """Train every product (of a category) whose data changed, in chunks over all workers."""
    chunks = training_run.start(UUID(self.request.id), category)
    raise HandedToChildren(f"Training in {chunks} chunks")


@shared_task(bind=True, base=LedgerTask, name=TaskKind.TRAIN_CHUNK.value)
def train_chunk(self: LedgerTask, product_ids: list[int]) -> dict[str, Any]:
    """Train one chunk of the catalogue."""
    return training_run.train_chunk(product_ids, on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.TRAIN_MODEL.value)
def train_model_async_task(
    self: LedgerTask,
    model_type: str,
    hyperparameters: dict[str, Any] | None = None,
    unavailable: str | None = None,
    part: bool = False,
) -> dict[str, Any]:
    """Train a model of the whole shop, or one of each type in tasks of their own."""
    chosen = hyperparameters or {}
    if model_type == ALL:
        parts = learned_runs.start(UUID(self.request.id), chosen)
        raise HandedToChildren(f"Training {parts} types of models")
    return learned_runs.run(
        model_type, chosen, unavailable=unavailable, part=part, on_progress=self.report_round
    )


@shared_task(bind=True, base=LedgerTask, name=TaskKind.FORECAST_SHOP_CHUNK.value)
def forecast_shop_chunk(self: LedgerTask, product_ids: list[int], prophet: bool = False) -> dict[str, Any]:
    """Forecast products that learn from each other; the stored models' forecasts too if wanted."""
    return runs.forecast_chunk(product_ids, prophet, on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.CLASSIFY_PRODUCTS.value)
def classify_products(self: LedgerTask) -> dict[str, Any]:
    """Class all products by demand, value and variability."""
    return product_classes.classify_products(on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.REFRESH_FORECASTS.value)
def refresh_forecasts(self: LedgerTask) -> None:
    """Make the stored forecasts anew, in shards over all workers."""
    shards = runs.start_refresh(UUID(self.request.id))
    raise HandedToChildren(f"Forecasting in {shards} parts")


@shared_task(bind=True, base=LedgerTask, name=TaskKind.ACCURACY_WATCH.value)
def accuracy_watch(self: LedgerTask) -> None:
    """Hold forecasts against what sold; train and forecast anew what drifted."""
    parts = watch.start(UUID(self.request.id), on_progress=self.report)
    raise HandedToChildren(f"Forecasting and training what drifted in {parts} parts")
