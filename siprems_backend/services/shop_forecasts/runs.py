"""The forecast of the whole catalogue: shards of related products, spread over all workers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import shop_forecast_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services import bulk_forecasts
from siprems_backend.services.progress import OnProgress, part_of, unreported
from siprems_backend.services.shop_forecasts import by_learned
from siprems_backend.services.shop_forecasts.making import MOST_LISTED, STAGES, forecast_products
from siprems_backend.services.task_registry import fan_out, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import new_row, submit_children
from siprems_backend.utils import clock

COUNTS = ("forecasts", "unchanged", "failed", "never_sold")


def shards(category: str | None = None) -> list[list[int]]:
    """Cut the catalogue, or a category of it, into parts of products that learn from each other.

    They are as large as each other and no larger than the setting; categories stay together as far as that
    allows. A small shop is one.
    """
    with database.reading() as session:
        products = list(shop_forecast_queries.by_category(session, category))
    count = math.ceil(len(products) / get_settings().forecast_shard_size)
    borders = [len(products) * place // count for place in range(count + 1)] if count else []
    return [products[start:stop] for start, stop in itertools.pairwise(borders)]


def children(parent_id: UUID, category: str | None = None, *, prophet: bool = False) -> list[dict[str, Any]]:
    """The ledger's rows of one task a shard; with `prophet` they use the stored models as well."""
    extra = {"prophet": True} if prophet else {}
    return [
        new_row(
            TaskKind.FORECAST_SHOP_CHUNK,
            {"product_ids": shard, **extra},
            parent_id=parent_id,
            task_id=uuid5(parent_id, f"shard {place}"),
        )
        for place, shard in enumerate(shards(category))
    ]


def forecast_chunk(
    product_ids: Sequence[int], prophet: bool = False, *, on_progress: OnProgress = unreported
) -> dict[str, Any]:
    """Forecast a shard, by learned models as well; with `prophet`, then by the products' own models too."""
    whole = STAGES + (len(product_ids) if prophet else 0)
    made = forecast_products(product_ids, on_progress=part_of(on_progress, 0, whole))

    def goes_on() -> None:
        on_progress(STAGES, whole + 1, "Forecasting by learned models")

    learned = by_learned.refresh(product_ids, goes_on)
    made |= {"learned": learned} if learned else {}
    if not prophet:
        return made
    report = part_of(on_progress, STAGES, whole)
    return {**made, "prophet": bulk_forecasts.refresh(product_ids, on_progress=report)}


def forecast_here(*, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Forecast the whole catalogue in this process, shard after shard; counts, and reasons by SKU."""
    parts = shards()
    results = [
        forecast_products(shard, on_progress=part_of(on_progress, STAGES * place, STAGES * len(parts)))
        for place, shard in enumerate(parts)
    ]
    return summed(results)


def start_refresh(parent_id: UUID) -> int:
    """Send the shards of the catalogue as children of `parent_id`; how many. Repeating it is harmless."""
    rows = children(parent_id, prophet=True)
    submit_children(rows)
    return len(rows)


def summed(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The counts of all shards, and up to 500 of the products that have no forecast, with why."""
    results = list(results)
    reasons = {sku: reason for result in results for sku, reason in result["reasons"].items()}
    counts = {name: sum(result[name] for result in results) for name in COUNTS}
    learned = _learned(result.get("learned", {}) for result in results)
    more = {"learned": learned} if learned else {}
    return {**counts, **more, "reasons": dict(list(reasons.items())[:MOST_LISTED])}


def _learned(parts: Iterable[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Forecasts of each learned model over all shards, and why a shard has none."""
    total: dict[str, dict[str, Any]] = {}
    for part in parts:
        for model_type, made in part.items():
            whole = total.setdefault(model_type, {"forecasts": 0, "unchanged": 0})
            whole["forecasts"] += made["forecasts"]
            whole["unchanged"] += made.get("unchanged", 0)
            whole |= {"reason": made["reason"]} if "reason" in made else {}
    return total


def of_children(tasks: Sequence[Task]) -> dict[str, Any]:
    """The same from the ended tasks of shards; the products of a lost shard count as failed."""
    results = [task.result or {} for task in tasks if task.status == states.SUCCESS]
    total = summed(results)
    lost: dict[str, int] = {}
    for task in tasks:
        if task.status != states.SUCCESS:
            reason = (task.error or {}).get("message") or task.message or task.status
            lost[reason] = lost.get(reason, 0) + len(task.kwargs["product_ids"])
    total["failed"] += sum(lost.values())
    return {**total, **({"lost_shards": lost} if lost else {})}


@fan_out.joined_by(TaskKind.REFRESH_FORECASTS)
def summarise_refresh(_parent: Task, tasks: list[Task]) -> dict[str, Any]:
    """The result of a refresh: forecasts of the shop, and of the stored models beside them."""
    prophet = [(task.result or {}).get("prophet") for task in tasks]
    reasons = {sku: reason for each in prophet if each for sku, reason in each["reasons"].items()}
    return {
        "status": "completed",
        **of_children(tasks),
        "prophet": {
            "refreshed": sum(each["refreshed"] for each in prophet if each),
            "failed": sum(each["failed"] for each in prophet if each),
            "reasons": dict(list(reasons.items())[:MOST_LISTED]),
        },
        "timestamp": clock.iso(clock.now()),
    }
