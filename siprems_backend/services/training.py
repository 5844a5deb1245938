"""Training one product: history in, model on the volume, forecast in the database."""

from __future__ import annotations

from typing import Any

import structlog

from siprems_backend.config import get_settings
from siprems_backend.models.products import Product
from siprems_backend.services import forecasting, model_repository
from siprems_backend.services.histories import Shop, product_history
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.utils import clock
from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.series import DailyHistory
from siprems_engine.forecasting.train import train

log = structlog.get_logger(__name__)

SUCCESS = "success"
SKIPPED = "skipped"
UNCHANGED = "unchanged"
FAILED = "failed"


def train_product(
    sku: str, *, engine: str = "prophet", on_progress: OnProgress = unreported
) -> dict[str, Any]:
    """Train a product now, whether its data changed or not; the task's result.

    Raises:
        NotFound: no such product.
    """
    on_progress(0, 3, "Reading the history")
    product, history, shop = product_history(sku)
    on_progress(1, 3, f"Training on {len(history)} days of sales")
    result = train_history(product, history, shop, engine)
    on_progress(3, 3, "Done")
    return result


def train_history(
    product: Product, history: DailyHistory, shop: Shop, engine: str = "prophet"
) -> dict[str, Any]:
    """Train a product on a history already loaded; the outcome as clients see it."""
    try:
        trained = train(history, shop.events, shop.open_days, engine, today=clock.today())
    except NotEnoughData as reason:
        return _without_model(product, history, shop, str(reason))
    if trained.artifact is None:
        return _without_model(product, history, shop, str(trained.meta["served_reason"]))
    stored = forecasting.stored_row(trained, shop, get_settings().forecast_horizon_days)
    artifact = model_repository.save(product, trained, stored)
    log.info("trained", sku=product.sku, version=artifact.version, served_by=artifact.served_by)
    return _success(product.sku, artifact.version, trained.meta)


def _without_model(product: Product, history: DailyHistory, shop: Shop, reason: str) -> dict[str, Any]:
    """Store the average's forecast, if there is anything to average, and say why there is no model."""
    result = {"status": SKIPPED, "product_sku": product.sku, "reason": reason}
    if len(history) and shop.first_forecast_day is not None:
        ahead = forecasting.horizon(shop, get_settings().forecast_horizon_days)
        made = forecasting.average_forecast(history, shop, ahead)
        model_repository.save_forecast(product.id, forecasting.as_row(made))
        result["engine"] = made.engine
    return {**result, "timestamp": clock.iso(clock.now())}


def _success(sku: str, version: int, meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": SUCCESS,
        "product_sku": sku,
        "accuracy": meta["accuracy_score"],
        "correction_factor": meta["correction_factor"],
        "mae": meta["mae"],
        "mape_percent": meta["mape_percent"],
        "training_samples": meta["training_samples"],
        "engine": meta["served_by"],
        "engine_reason": meta["served_reason"],
        "backtest": meta["backtest"],
        "version": version,
        "timestamp": clock.iso(clock.now()),
    }
