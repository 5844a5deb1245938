"""Training one product: history in, model on the volume, forecast in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from siprems_engine.forecasting.train import Trained, train

log = structlog.get_logger(__name__)

SUCCESS = "success"
SKIPPED = "skipped"
UNCHANGED = "unchanged"
FAILED = "failed"


def prepare_process() -> None:
    """Load what training needs, before a process is forked or given its first product."""
    # The web process imports this module too and must not load the compiled solver.
    from siprems_engine.forecasting.fast.warm_up import warm_up

    warm_up()


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
    result = keep([train_history(product, history, shop, engine)])[0]
    on_progress(3, 3, "Done")
    return result


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a training gave: the result as clients see it, and what is still to be kept."""

    product: Product
    result: dict[str, Any]
    trained: Trained | None = None
    forecast: dict[str, Any] | None = None


def train_history(product: Product, history: DailyHistory, shop: Shop, engine: str = "prophet") -> Outcome:
    """Train a product on a history already loaded; nothing is kept yet."""
    try:
        trained = train(history, shop.events, shop.open_days, engine, today=clock.today())
    except NotEnoughData as reason:
        return _without_model(product, history, shop, str(reason))
    if trained.artifact is None:
        return _without_model(product, history, shop, str(trained.meta["served_reason"]))
    forecast = forecasting.stored_row(trained, shop, get_settings().forecast_horizon_days)
    return Outcome(product, _success(product.sku, trained.meta), trained, forecast)


def keep(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Keep models and forecasts, all or none; the results, with the versions that the models became."""
    made = [model_repository.NewVersion(each.product, each.trained, each.forecast) for each in outcomes]
    versions = model_repository.save(made)
    results = []
    for outcome in outcomes:
        version = versions.get(outcome.product.id)
        if version is not None:
            log.info("trained", sku=outcome.product.sku, version=version)
        results.append(outcome.result if version is None else {**outcome.result, "version": version})
    return results


def _without_model(product: Product, history: DailyHistory, shop: Shop, reason: str) -> Outcome:
    """The average's forecast, if there is anything to average, and why there is no model."""
    result = {"status": SKIPPED, "product_sku": product.sku, "reason": reason}
    forecast = None
    if len(history) and shop.first_forecast_day is not None:
        ahead = forecasting.horizon(shop, get_settings().forecast_horizon_days)
        made = forecasting.average_forecast(history, shop, ahead)
        forecast, result["engine"] = forecasting.as_row(made), made.engine
    return Outcome(product, {**result, "timestamp": clock.iso(clock.now())}, None, forecast)


def _success(sku: str, meta: dict[str, Any]) -> dict[str, Any]:
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
        "timestamp": clock.iso(clock.now()),
    }
