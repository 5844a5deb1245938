"""Versions of models: files on the volume and rows in the database, changed together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.errors import Conflict, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries, audit
from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.products import Product
from siprems_backend.services.histories import require_product
from siprems_backend.services.identity import Principal
from siprems_backend.services.stores.model_store import ModelStore, checksum
from siprems_backend.utils import clock
from siprems_engine.forecasting.train import Trained


def open_store() -> ModelStore:
    """The store of these settings."""
    settings = get_settings()
    return ModelStore(settings.models_dir, settings.meta_dir, settings.model_versions_kept)


def save(product: Product, trained: Trained, forecast: dict[str, Any] | None) -> Artifact:
    """Keep a trained model as the product's next and active version, and its forecast.

    The file is swapped inside the database transaction: if either fails, the former version still serves.
    """
    if trained.artifact is None:
        raise ValueError("a training without an artifact has nothing to save")
    store = open_store()
    with database.transaction() as session:
        artifact_queries.lock_model(session, product.id)
        version = artifact_queries.next_version(session, product.id)
        trained_at = clock.now()
        meta = {**trained.meta, "trained_at": clock.iso(trained_at), "version": version, "sku": product.sku}
        row = _row(trained, meta, version, trained_at)
        artifact = artifact_queries.add_active(session, product.id, row)
        if forecast is not None:
            values = {**forecast, "product_id": product.id, "artifact_id": artifact.id}
            artifact_queries.store_forecast(session, values)
        kept = store.save(product.sku, version, trained.artifact, meta)
        artifact_queries.forget_versions(session, product.id, kept)
    return artifact


def save_forecast(product_id: int, forecast: dict[str, Any]) -> None:
    """Keep a product's newest forecast, made by the version that is active now, if any."""
    with database.transaction() as session:
        active = artifact_queries.active(session, product_id)
        values = {**forecast, "product_id": product_id, "artifact_id": active.id if active else None}
        artifact_queries.store_forecast(session, values)


def _row(trained: Trained, meta: dict[str, Any], version: int, trained_at: dt.datetime) -> dict[str, Any]:
    data = trained.artifact or b""
    return {
        "version": version,
        "engine": meta["engine"],
        "served_by": meta["served_by"],
        "checksum": checksum(data),
        "data_hash": meta["data_hash"],
        "size_bytes": len(data),
        "training_samples": meta["training_samples"],
        "accuracy": meta["accuracy_score"],
        "mae": meta["mae"],
        "mape_percent": meta["mape_percent"],
        "meta": {"served_reason": meta["served_reason"], "backtest": meta["backtest"]},
        "trained_at": trained_at,
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
        artifact_queries.lock_model(session, product.id)
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
