"""Training the whole catalogue: chunks over all workers, joined in one summary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import structlog

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries, history_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services import model_repository, training
from siprems_backend.services.histories import Shop, load_histories, load_shop
from siprems_backend.services.progress import OnProgress, part_of, unreported
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.services.task_registry import fan_out, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import new_row, submit_children
from siprems_backend.services.training import Outcome
from siprems_backend.utils import clock
from siprems_engine.forecasting.recipe import recipe_for
from siprems_engine.forecasting.sanity import falls_silent
from siprems_engine.forecasting.series import DailyHistory

log = structlog.get_logger(__name__)

# Even a small catalogue is cut into a few chunks, so that several workers share it.
FEWEST_CHUNKS = 8
MOST_LISTED = 500
OUTCOMES = {
    training.SUCCESS: "trained",
    training.UNCHANGED: "unchanged",
    training.SKIPPED: "skipped",
    training.FAILED: "failed",
}


def start(parent_id: UUID, category: str | None = None) -> int:
    """Cut the catalogue, or a category of it, into chunks and send them as children of `parent_id`; how many.

    The shards of the shop's forecast are children as well, and the classing of the whole catalogue.

    Repeating it is harmless: a chunk's id follows from its parent's and its place.

    Raises:
        Invalid: nothing of the category is sold any more.
    """
    with database.reading() as session:
        products = [product_id for product_id, _ in history_queries.active_products(session, category)]
    if category is not None and not products:
        raise Invalid(f"No active product is in the category '{category}'.", code="no_products")
    size = max(1, min(get_settings().training_chunk_size, math.ceil(len(products) / FEWEST_CHUNKS)))
    chunks = [products[place : place + size] for place in range(0, len(products), size)]
    rows = [
        new_row(
            TaskKind.TRAIN_CHUNK,
            {"product_ids": chunk},
            parent_id=parent_id,
            task_id=uuid5(parent_id, f"chunk {place}"),
        )
        for place, chunk in enumerate(chunks)
    ]
    # The few large shards go first, so that nobody waits for the last of them alone.
    rows = runs.children(parent_id, category) + rows
    if category is None:
        # Value is a share of the whole shop's, so that no part of the catalogue can be classed by itself.
        rows.append(
            new_row(TaskKind.CLASSIFY_PRODUCTS, {}, parent_id=parent_id, task_id=uuid5(parent_id, "classes"))
        )
    submit_children(rows)
    log.info("training_run_started", products=len(products), chunks=len(chunks))
    return len(chunks)


def train_chunk(product_ids: Sequence[int], *, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Train the products of a chunk whose data changed or whose model is gone; counts, and outcomes by SKU.

    One bad product never fails its chunk. A server that is away does, so that the chunk is tried again.
    """
    with database.reading() as session:
        shop = load_shop(session)
        histories = load_histories(session, product_ids, shop)
        hashes = artifact_queries.active_hashes(session, product_ids)
        served_by = artifact_queries.active_engines(session, product_ids)
        products = history_queries.products_by_id(session, product_ids)
    store = model_repository.open_store()
    results: dict[str, dict[str, Any]] = {}
    waiting: list[Outcome] = []
    for place, product in enumerate(products):
        on_progress(place, len(products), f"Training {product.sku}")
        history = histories[product.id]
        unchanged = _unchanged(history, shop, hashes.get(product.id), served_by.get(product.id))
        # A volume that was lost is filled again by the next run.
        if unchanged and store.stamp(product.sku) is not None:
            results[product.sku] = {"status": training.UNCHANGED, "product_sku": product.sku}
            continue
        waiting.append(training.attempt(product, history, shop))
        if len(waiting) == training.KEPT_TOGETHER:
            results.update(_keep(waiting, shop))
            waiting = []
    results.update(_keep(waiting, shop))
    return {**_counts(results), "results": results}


def _keep(outcomes: list[Outcome], shop: Shop) -> dict[str, dict[str, Any]]:
    return {result["product_sku"]: result for result in training.keep(outcomes, shop)}


def train_here(*, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Train the whole catalogue in this process, chunk after chunk; the same result as of one chunk."""
    with database.reading() as session:
        products = [product_id for product_id, _ in history_queries.active_products(session)]
    results: dict[str, dict[str, Any]] = {}
    size = get_settings().training_chunk_size
    for place in range(0, len(products), size):
        report = part_of(on_progress, place, len(products))
        results.update(train_chunk(products[place : place + size], on_progress=report)["results"])
    return {**_counts(results), "results": results}


def _unchanged(history: DailyHistory, shop: Shop, known_hash: str | None, served_by: str | None) -> bool:
    """Whether training again would give the same model and the same choice of engine."""
    if known_hash is None or history.data_hash(recipe_for(history.step), shop.events) != known_hash:
        return False
    return not (served_by == "prophet" and falls_silent(history, shop.open_days))


def _counts(results: dict[str, dict[str, Any]]) -> dict[str, int]:
    counts = dict.fromkeys(OUTCOMES.values(), 0)
    for result in results.values():
        counts[OUTCOMES[result["status"]]] += 1
    return counts


@fan_out.joined_by(TaskKind.TRAIN_ALL)
def summarise(parent: Task, children: list[Task]) -> dict[str, Any]:
    """The result of a run from its ended chunks and shards; products of a failed one count as failed.

    `warning` says in a sentence what went wrong in a run that ended.
    """
    results: dict[str, dict[str, Any]] = {}
    lost: dict[str, int] = {}
    shards = [child for child in children if child.kind == TaskKind.FORECAST_SHOP_CHUNK]
    for child in (child for child in children if child.kind == TaskKind.TRAIN_CHUNK):
        if child.status == states.SUCCESS:
            results.update((child.result or {})["results"])
        else:
            reason = (child.error or {}).get("message") or child.message or child.status
            lost[reason] = lost.get(reason, 0) + len(child.kwargs["product_ids"])
    counts = _counts(results)
    counts["failed"] += sum(lost.values())
    made = runs.of_children(shards)
    began = parent.started_at or parent.created_at
    return {
        "status": "completed",
        "warning": _warning(counts["failed"], made["failed"]),
        "total_products": sum(counts.values()),
        **counts,
        "seconds": round((clock.now() - began).total_seconds(), 2),
        "results": _listed(results),
        **({"lost_chunks": lost} if lost else {}),
        "shop_forecasts": made,
        "classes": _classes(children),
        "timestamp": clock.iso(clock.now()),
    }


def _warning(untrained: int, unforecast: int) -> str | None:
    parts = [(untrained, "could not be trained"), (unforecast, "could not be forecast with the shop")]
    said = [f"{count:,} product{'s' * (count != 1)} {what}" for count, what in parts if count]
    return f"Completed, but {' and '.join(said)}." if said else None


def _classes(children: list[Task]) -> dict[str, Any] | None:
    """How many products are in which class; None where they were not classed."""
    [result] = [child.result for child in children if child.kind == TaskKind.CLASSIFY_PRODUCTS] or [None]
    return result


def _listed(results: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every product of a small run; of a large one those that somebody should look at."""
    if len(results) <= MOST_LISTED:
        return results
    notable = {training.SKIPPED, training.FAILED}
    return {sku: result for sku, result in results.items() if result["status"] in notable}
