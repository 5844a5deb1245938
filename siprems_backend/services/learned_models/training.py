"""Training one type of model from the shop's own sales, in a worker."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import shop_forecast_queries, task_queries
from siprems_backend.models.learned_models import LearnedModelVersion
from siprems_backend.services.demand import Demand, load_demand
from siprems_backend.services.learned_models import repository, results
from siprems_backend.services.learned_models.hyperparameters import of_type, recipe_of
from siprems_backend.services.learned_models.types import EXTRAS
from siprems_backend.services.learned_models.watching import WHOLE, Watching
from siprems_backend.services.progress import OnDetailedProgress, untold
from siprems_backend.services.shop_forecasts import by_learned
from siprems_backend.services.shop_forecasts.asked import category_codes
from siprems_backend.services.task_registry import fence
from siprems_engine.forecasting import learned
from siprems_engine.forecasting.errors import NotEnoughData

log = structlog.get_logger(__name__)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Products (all, or every so many of a large catalogue) and the demand of those that are learned from."""

    product_ids: Sequence[int]
    demand: Demand

    def shop(self) -> learned.Shop:
        """What the engine learns from."""
        grid = self.demand.grid.with_categories(category_codes(self.demand.categories))
        horizon = grid.step.periods(get_settings().forecast_horizon_days)
        return learned.Shop(grid, self.demand.last, horizon, self.demand.events)


def load_catalogue() -> Catalogue:
    """All products that are sold, and the demand of no more of them than a shard may have.

    Raises:
        Invalid: nothing was ever sold, or no product is any more.
    """
    settings = get_settings()
    with database.reading() as session:
        product_ids = shop_forecast_queries.by_category(session)
        # Products of a category stand side by side, so every so many are of all categories.
        every = -(-len(product_ids) // settings.forecast_shard_size) or 1
        learned_from = product_ids[::every]
        demand = load_demand(session, learned_from, settings.forecast_horizon_days, prices=True)
    if not demand.product_ids:
        raise Invalid("No product is sold any more, so there is nothing to learn.", code="not_enough_data")
    return Catalogue(product_ids, demand)


def train(
    model_type: str,
    hyperparameters: dict[str, Any],
    *,
    beside: Sequence[str] = learned.BESIDE,
    on_progress: OnDetailedProgress = untold,
) -> dict[str, Any]:
    """Train a learned type, keep the model, and forecast all products by it; the task's result.

    What cannot be learned from, or not here, is a result as well: it says why.
    """
    if not learned.can_train(model_type):
        return results.skipped(model_type, EXTRAS[model_type].advice)
    started, chosen = time.monotonic(), of_type(model_type, hyperparameters)
    watch = Watching(on_progress)
    watch.tick()
    try:
        catalogue = load_catalogue()
        recipe = recipe_of(model_type, chosen)
        made = learned.train(catalogue.shop(), recipe, chosen["folds"], watch, beside)
    except (Invalid, NotEnoughData) as reason:
        return results.skipped(model_type, str(reason))
    products = len(catalogue.demand.product_ids)
    report = results.report(made, chosen)
    version = repository.save(
        repository.NewVersion(made.model, products, made.rows, chosen, report, made.gain, _owner())
    )
    forecasts = _forecast_all(catalogue.product_ids, version, watch)
    on_progress(WHOLE, WHOLE, "Done")
    log.info("learned_model_trained", model_type=model_type, version=version.version, products=products)
    seconds = round(time.monotonic() - started, 1)
    return results.success(version, {**report, "forecasts": forecasts, "seconds": seconds})


def _owner() -> int | None:
    """Who asked for the running task; for a part of a larger one, who asked for that."""
    task_id: UUID | None = fence.running_task()
    with database.reading() as session:
        while task_id is not None:
            task = task_queries.by_id(session, task_id)
            if task is None or task.owner_id is not None:
                return None if task is None else task.owner_id
            task_id = task.parent_id
    return None


def _forecast_all(product_ids: Sequence[int], version: LearnedModelVersion, watch: Watching) -> int:
    """Forecast the catalogue by a new version, a shard at a time; how many products have one."""
    size, made = get_settings().forecast_shard_size, 0
    for place in range(0, len(product_ids), size):
        counts = by_learned.forecast(product_ids[place : place + size], version, watch.tick)
        made += counts["forecasts"] + counts.get("unchanged", 0)
    return made
