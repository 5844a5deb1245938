"""Forecasts of many products at once: read, made and stored some hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries, history_queries
from siprems_backend.models.products import Product
from siprems_backend.services import forecasting, model_repository, training
from siprems_backend.services.forecasting import LoadedModel, Served
from siprems_backend.services.histories import (
    Shop,
    load_histories,
    load_shop,
    never_sold,
    not_launched,
    unknown_product,
)
from siprems_backend.services.learned_models import repository
from siprems_backend.services.prediction_engines import AUTO, PROPHET
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.shop_forecasts import batches
from siprems_backend.services.training import Outcome
from siprems_backend.utils import clock
from siprems_backend.utils.units import told
from siprems_engine.forecasting.sanity import MIN_ROWS
from siprems_engine.forecasting.series import DailyHistory
from siprems_engine.forecasting.step import Step

# Products whose models and histories are in memory together.
TOGETHER = 250
MOST_LISTED = 500
Item = TypeVar("Item")
UNUSABLE = "The product's model file cannot be used; train it again."


def refresh(product_ids: Sequence[int], *, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Make the stored forecasts of those with a model anew by it, from the day after the last sale.

    Products that cannot be forecast are counted, and up to 500 of them named with the reason.
    """
    with database.reading() as session:
        shop, product_ids = load_shop(session), artifact_queries.with_model(session, product_ids)
    failed: dict[str, str] = {}
    for place, chunk in _chunks(product_ids):
        on_progress(place, len(product_ids), f"Forecasting {len(chunk)} products")
        failed |= _refresh(chunk, shop)
    return {
        "products": len(product_ids),
        "refreshed": len(product_ids) - len(failed),
        "failed": len(failed),
        "reasons": dict(list(failed.items())[:MOST_LISTED]),
    }


def _refresh(product_ids: Sequence[int], shop: Shop) -> dict[str, str]:
    """Store new forecasts of these products; why the others have none, by SKU."""
    with database.reading() as session:
        products = history_queries.products_by_id(session, product_ids)
    # The whole catalogue would only push the models that are asked for out of the cache.
    loaded = {product.id: forecasting.read_model(product.sku) for product in products}
    histories = _histories(products, loaded, shop)
    served: dict[int, Served] = {}
    failed: dict[str, str] = {}
    for product in products:
        model, history = loaded[product.id], histories.get(product.id)
        if model is None and history is not None and len(history) >= MIN_ROWS:
            failed[product.sku] = UNUSABLE
        elif not len(shop.open_days) or (history is not None and not len(history)):
            failed[product.sku] = never_sold(product.sku).message
        else:
            served[product.id] = _served(model, history, shop)
    rows, problems = forecasting.forecast_rows(served, shop, get_settings().forecast_horizon_days)
    model_repository.save_forecasts(rows)
    return failed | {product.sku: problems[product.id] for product in products if product.id in problems}


def predict_batch(
    skus: Sequence[str],
    days: int,
    *,
    engine: str = AUTO,
    quantiles: bool = False,
    on_progress: OnProgress = unreported,
) -> dict[str, Any]:
    """Forecast many products; those that cannot be are listed with why.

    `auto` and learned models answer from forecasts of the whole shop, made first where they are missing. What
    they leave, or all with `prophet`, is forecast by models of its own, trained first where they are missing.
    Raises `Invalid` if nobody has trained the learned model.
    """
    with database.reading() as session:
        shop = load_shop(session)
    results: dict[str, Any] = {}
    failed: dict[str, str] = {}
    repository.require_trained(engine)
    if engine != PROPHET:
        with database.reading() as session:
            ids = history_queries.ids_by_sku(session, skus)
        results = batches.forecast(
            ids, shop, days, engine=engine, quantiles=quantiles, on_progress=on_progress
        )
    left = [sku for sku in skus if sku not in results]
    for place, chunk in _chunks(left):
        on_progress(place, len(left), f"Forecasting {len(chunk)} products")
        made, problems = _predict(
            chunk, days, shop, not_launched if engine == AUTO else never_sold, on_progress
        )
        results |= made
        failed |= problems
    results = {sku: results[sku] for sku in skus if sku in results}
    return {
        "status": "success",
        "forecast_days": days,
        "forecasts": results,
        "failed": failed,
        "timestamp": clock.iso(clock.now()),
    }


def _predict(
    skus: Sequence[str],
    days: int,
    shop: Shop,
    unsold: Callable[[str], Invalid],
    on_progress: OnProgress,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Forecasts by SKU, and why the other products have none; `unsold` words it for one never sold."""
    with database.reading() as session:
        products = {product.sku: product for product in history_queries.products_by_sku(session, skus)}
    failed = {sku: unknown_product(sku).message for sku in skus if sku not in products}
    loaded = {product.id: forecasting.load_model(sku) for sku, product in products.items()}
    histories = _histories(list(products.values()), loaded, shop)
    served: dict[int, Served] = {}
    untrained: list[Product] = []
    for sku, product in products.items():
        model, history = loaded[product.id], histories.get(product.id)
        if not len(shop.open_days) or (history is not None and not len(history)):
            failed[sku] = unsold(sku).message
        elif model is None and history is not None and len(history) >= MIN_ROWS:
            untrained.append(product)
        else:
            served[product.id] = _served(model, history, shop)
    failed |= _train(untrained, histories, shop, served, on_progress)
    rows, problems = forecasting.forecast_rows(served, shop, days)
    model_repository.save_forecasts(rows)
    ids = {sku: products[sku].id for sku in skus if sku in products}
    failed |= {sku: problems[key] for sku, key in ids.items() if key in problems}
    return {sku: _shown(rows[key]) for sku, key in ids.items() if key in rows}, failed


def _train(
    products: Sequence[Product],
    histories: dict[int, DailyHistory],
    shop: Shop,
    served: dict[int, Served],
    on_progress: OnProgress,
) -> dict[str, str]:
    """Train products without a model and add what serves them; why the others failed, by SKU."""
    failed: dict[str, str] = {}
    for start in range(0, len(products), training.KEPT_TOGETHER):
        outcomes: list[Outcome] = []
        for product in products[start : start + training.KEPT_TOGETHER]:
            on_progress(start + len(outcomes), len(products), f"Training a model of {product.sku} first")
            outcomes.append(training.attempt(product, histories[product.id], shop))
        for outcome, result in zip(outcomes, training.keep(outcomes, shop), strict=True):
            if result["status"] == training.FAILED or outcome.served is None:
                failed[outcome.product.sku] = result["reason"]
            else:
                served[outcome.product.id] = outcome.served
    return failed


def _histories(
    products: Sequence[Product], loaded: dict[int, LoadedModel | None], shop: Shop
) -> dict[int, DailyHistory]:
    """Histories of the products that are not served by their models, by one query."""
    seasonal = {key for key, model in loaded.items() if model is not None and model.is_seasonal}
    wanted = [product.id for product in products if product.id not in seasonal]
    if not wanted:
        return {}
    with database.reading() as session:
        return load_histories(session, wanted, shop)


def _served(model: LoadedModel | None, history: DailyHistory | None, shop: Shop) -> Served:
    """What answers: the model, or the average of the latest days, made anew."""
    if history is not None:
        return None, forecasting.average_serving(history, shop)
    if model is None:
        raise ValueError("a product without a model is forecast from its history")
    return model.model, model.serving


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A stored forecast in the words of the API."""
    return {
        "engine": row["engine"],
        "start_date": str(row["start_date"]),
        "step": Step.of_days(row["step_days"]).value,
        **{name: told(row[name]) for name in ("yhat", "lower", "upper")},
    }


def _chunks(items: Sequence[Item]) -> Iterator[tuple[int, Sequence[Item]]]:
    for place in range(0, len(items), TOGETHER):
        yield place, items[place : place + TOGETHER]
