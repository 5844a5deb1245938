"""Training one product: history in, model on the volume, forecast in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from siprems_backend.config import get_settings
from siprems_backend.models.products import Product
from siprems_backend.services import forecasting, model_repository
from siprems_backend.services.availability import ends_the_task, in_words
from siprems_backend.services.forecasting import Served
from siprems_backend.services.histories import Shop, product_history
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.utils import clock
from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.forecast import WINDOW_AVERAGE, ServingMeta
from siprems_engine.forecasting.series import DailyHistory
from siprems_engine.forecasting.train import Trained, train

log = structlog.get_logger(__name__)

SUCCESS = "success"
SKIPPED = "skipped"
UNCHANGED = "unchanged"
FAILED = "failed"
# Models that go to disk and database together: few enough to lose little when a run is cancelled.
KEPT_TOGETHER = 25


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
    on_progress(1, 3, f"Training on {history.step.counted(len(history))} of sales")
    outcome = train_history(product, history, shop, engine)
    on_progress(2, 3, "Keeping the model")
    result = keep([outcome], shop)[0]
    on_progress(3, 3, "Done")
    return result


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a training gave: the result as clients see it, what is to be kept, and what forecasts it."""

    product: Product
    result: dict[str, Any]
    trained: Trained | None = None
    served: Served | None = None


def train_history(product: Product, history: DailyHistory, shop: Shop, engine: str = "prophet") -> Outcome:
    """Train a product on a history already loaded; nothing is kept yet."""
    try:
        trained = train(history, shop.events, shop.open_days, engine, today=clock.today())
    except NotEnoughData as reason:
        return _without_model(product, history, shop, str(reason))
    if trained.artifact is None:
        return _without_model(product, history, shop, str(trained.meta["served_reason"]))
    served = trained.model, ServingMeta.from_dict(trained.meta)
    return Outcome(product, _success(product.sku, trained.meta), trained, served)


def attempt(product: Product, history: DailyHistory, shop: Shop) -> Outcome:
    """The same for one product of many: what goes wrong with it is its outcome, and stops no other."""
    try:
        return train_history(product, history, shop)
    except Exception as error:
        if ends_the_task(error):
            raise
        log.exception("training_failed", sku=product.sku)
        return _failed(product, in_words(error))


def keep(outcomes: Sequence[Outcome], shop: Shop) -> list[dict[str, Any]]:
    """Keep models and forecasts, all or none; the results, with the versions that the models became.

    The forecasts are made here, of all products together. A model that cannot forecast is not kept.
    """
    served = {each.product.id: each.served for each in outcomes if each.served is not None}
    rows, problems = forecasting.forecast_rows(served, shop, get_settings().forecast_horizon_days)
    outcomes = [
        _failed(each.product, problems[each.product.id]) if each.product.id in problems else each
        for each in outcomes
    ]
    made = [
        model_repository.NewVersion(each.product, each.trained, rows.get(each.product.id))
        for each in outcomes
    ]
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
    served = None
    if len(history) and len(shop.open_days):
        served = None, forecasting.average_serving(history, shop)
        result["engine"] = WINDOW_AVERAGE
    return Outcome(product, {**result, "timestamp": clock.iso(clock.now())}, None, served)


def _failed(product: Product, reason: str) -> Outcome:
    return Outcome(product, {"status": FAILED, "product_sku": product.sku, "reason": reason})


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
