"""Forecasts by the learned models that somebody trained, made by workers beside those of the blend.

The best of them takes part in the blend itself, if that was better with it at past cut-offs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, TaskCancelled
from siprems_backend.extensions.database import database
from siprems_backend.models import shop_forecast_queries
from siprems_backend.models.learned_models import LearnedModelVersion
from siprems_backend.services.availability import ends_the_task, in_words
from siprems_backend.services.demand import load_demand
from siprems_backend.services.learned_models import repository
from siprems_backend.services.shop_forecasts.asked import Asked, Learned
from siprems_backend.services.shop_forecasts.rows import Omitted
from siprems_backend.services.task_registry import fence
from siprems_engine.forecasting.shop.forecast import unheard

log = structlog.get_logger(__name__)

OTHER_STEP = "The shop no longer sells by the step that the model was trained for; train it again."
UNUSABLE = "The file of the model is gone or broken; train it again."


def joining() -> Learned | None:
    """The learned model that takes part in the blend; None where none does."""
    return _opened(repository.worthwhile(repository.active()))


def _opened(version: LearnedModelVersion | None) -> Learned | None:
    model = None if version is None else repository.load(version)
    return None if version is None or model is None else Learned(model, version.checksum)


def forecast(
    product_ids: Sequence[int], version: LearnedModelVersion, on_step: Callable[[], None] = unheard
) -> dict[str, Any]:
    """Forecast products by a version and store what comes out; counts, or why there is none.

    What was forecast from just this data before is left as it is.

    Raises:
        Invalid: the shop has not sold anything.
    """
    learned = _opened(version)
    if learned is None:
        return {"forecasts": 0, "reason": UNUSABLE}
    horizon = get_settings().forecast_horizon_days
    with database.reading() as session:
        demand = load_demand(session, product_ids, horizon, prices=True)
    if not demand.product_ids:
        return {"forecasts": 0}
    on_step()
    asked = Asked(demand, demand.grid.step.periods(horizon), (), learned)
    if asked.learned is None:
        return {"forecasts": 0, "reason": OTHER_STEP}
    with database.reading() as session:
        ids = demand.product_ids
        known = shop_forecast_queries.learned_from(session, ids, version.id, asked.data_hash)
    if answered := asked.answered_by(known):
        return {"forecasts": 0, "unchanged": answered}
    rows = [row for row in asked.made(on_step).rows() if not isinstance(row, Omitted)]
    with database.transaction() as session:
        shop_forecast_queries.store_learned(session, version.model_type, version.id, rows)
        fence.require_lease(session)
    return {"forecasts": len(rows)}


def refresh(product_ids: Sequence[int], on_step: Callable[[], None] = unheard) -> dict[str, dict[str, Any]]:
    """Forecast products by every active version; what came of it by type. None costs the others theirs."""
    return {version.model_type: _attempt(product_ids, version, on_step) for version in repository.active()}


def _attempt(
    product_ids: Sequence[int], version: LearnedModelVersion, on_step: Callable[[], None]
) -> dict[str, Any]:
    try:
        return forecast(product_ids, version, on_step)
    except TaskCancelled:
        raise
    except Invalid:
        # Nothing was ever sold.
        return {"forecasts": 0}
    except Exception as error:
        if ends_the_task(error):
            raise
        log.exception("learned_forecast_failed", model_type=version.model_type, products=len(product_ids))
        return {"forecasts": 0, "reason": in_words(error)}


def forecast_active(product_ids: Sequence[int], model_type: str) -> None:
    """Forecast products by the active version of a type, if there is one."""
    for version in repository.active(model_type):
        forecast(product_ids, version)
