"""Versions of models: files on the volume and rows in the database, changed together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import Conflict, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries, audit, history_queries
from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.products import Product
from siprems_backend.services.histories import require_product
from siprems_backend.services.identity import Principal
from siprems_backend.services.stores.model_store import ModelStore, NewModel
from siprems_backend.services.task_registry import fence
from siprems_backend.utils import clock
from siprems_engine.forecasting.train import Trained


def open_store() -> ModelStore:
    """The store of these settings."""
    settings = get_settings()
    return ModelStore(settings.models_dir, settings.meta_dir, settings.model_versions_kept)


@dataclass(frozen=True, eq=False)
class NewVersion:
    """What a training leaves: a model, unless there is none, and a forecast, unless nothing was ever sold."""

    product: Product
    trained: Trained | None
    forecast: dict[str, Any] | None


def save(made: Sequence[NewVersion]) -> dict[int, int]:
    """Keep models as the products' next and active versions, and their forecasts; versions by product id.

    The files are swapped inside the database transaction: if either fails, the former versions still serve.
    A task that is run again, because its worker died after this, leaves what it made then as it is.
    """
    trained_at = clock.now()
    models = {new.product.id: new for new in made if new.trained and new.trained.artifact}
    with database.transaction() as session:
        artifact_queries.lock_models(session, sorted(models))
        earlier = _made_before(session, models)
        made = [new for new in made if new.product.id not in earlier]
        versions = artifact_queries.next_versions(session, sorted(models.keys() - earlier.keys()))
        rows = [_row(models[key], version, trained_at) for key, version in versions.items()]
        artifact_ids = artifact_queries.add_active(session, rows)
        forecasts = [
            {**new.forecast, "product_id": new.product.id, "artifact_id": artifact_ids.get(new.product.id)}
            for new in made
            if new.forecast is not None
        ]
        artifact_queries.store_forecasts(session, forecasts)
        fence.require_lease(session)
        files = [_file(models[key], version, trained_at) for key, version in versions.items()]
        kept = open_store().save(files)
        for key, version in versions.items():
            # The first versions of a product leave nothing to forget.
            if version > len(kept[models[key].product.sku]):
                artifact_queries.forget_versions(session, key, kept[models[key].product.sku])
    return {**earlier, **versions}


def _made_before(session: Session, product_ids: Collection[int]) -> dict[int, int]:
    """Versions that the running task has already made, by product id."""
    task_id = fence.running_task()
    return {} if task_id is None else artifact_queries.made_by_task(session, task_id, product_ids)


def save_forecasts(forecasts: Mapping[int, dict[str, Any]]) -> None:
    """Keep products' newest forecasts, by product id, as made by the versions that are active now.

    Products deleted meanwhile are passed over.
    """
    product_ids = sorted(forecasts)
    with database.transaction() as session:
        # Nobody may replace or delete a version that a forecast is about to refer to.
        artifact_queries.lock_models(session, product_ids)
        there = history_queries.hold_products(session, product_ids)
        active = artifact_queries.active_ids(session, product_ids)
        fence.require_lease(session)
        rows = [
            {**forecasts[key], "product_id": key, "artifact_id": active.get(key)}
            for key in product_ids
            if key in there
        ]
        artifact_queries.store_forecasts(session, rows)


def _file(new: NewVersion, version: int, trained_at: dt.datetime) -> NewModel:
    trained, sku = _trained(new), new.product.sku
    meta = {**trained.meta, "trained_at": clock.iso(trained_at), "version": version, "sku": sku}
    return NewModel(sku, version, trained.artifact or b"", meta)


def _trained(new: NewVersion) -> Trained:
    if new.trained is None:
        raise ValueError("a training without a model has no version")
    return new.trained


def _row(new: NewVersion, version: int, trained_at: dt.datetime) -> dict[str, Any]:
    trained = _trained(new)
    meta, data = trained.meta, trained.artifact or b""
    return {
        "product_id": new.product.id,
        "version": version,
        "is_active": True,
        "engine": meta["engine"],
        "served_by": meta["served_by"],
        "checksum": meta["checksum"],
        "data_hash": meta["data_hash"],
        "size_bytes": len(data),
        "training_samples": meta["training_samples"],
        "accuracy": meta["accuracy_score"],
        "mae": meta["mae"],
        "mape_percent": meta["mape_percent"],
        "meta": {"served_reason": meta["served_reason"], "backtest": meta["backtest"]},
        "trained_at": trained_at,
        "task_id": fence.running_task(),
    }


def versions(sku: str) -> Sequence[Artifact]:
    """All versions of a product's model, the newest first.

    Raises:
        NotFound: no such product.
    """
    with database.reading() as session:
        return artifact_queries.versions(session, require_product(session, sku).id)


def activate(sku: str, version: int, caller: Principal) -> Artifact:
    """Serve an earlier version again.

    Raises:
        NotFound: no such product or version.
        Conflict: the version's files are no longer kept.
    """
    with database.transaction() as session:
        product = require_product(session, sku)
        artifact_queries.lock_models(session, [product.id])
        artifact = artifact_queries.by_version(session, product.id, version)
        if artifact is None:
            raise NotFound(f"Product '{sku}' has no model version {version}.", code="version_not_found")
        artifact_queries.activate(session, artifact)
        audit.record(
            session, "model.activate", user_id=caller.user_id, target=sku, details={"version": version}
        )
        try:
            open_store().activate(sku, version)
        except FileNotFoundError:
            raise Conflict(
                f"The files of version {version} are no longer kept; train the product again.",
                code="version_gone",
            ) from None
    return artifact
