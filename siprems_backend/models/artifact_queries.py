"""Named queries of model versions and stored forecasts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from siprems_backend.models.artifacts import Artifact, StoredForecast

# Namespace of the advisory locks that let one process at a time change a product's model.
MODEL_LOCK = 7_305_119


def lock_models(session: Session, product_ids: Sequence[int]) -> None:
    """Wait until nobody else changes these products' models; held until the transaction ends.

    `product_ids` are sorted, so that two that lock the same products cannot wait for each other.
    """
    keys = [product_id % 2**31 for product_id in product_ids]
    session.execute(select(func.pg_advisory_xact_lock(MODEL_LOCK, func.unnest(cast(keys, ARRAY(Integer))))))


def next_versions(session: Session, product_ids: Sequence[int]) -> dict[int, int]:
    """The number after the newest version's, by product id; the caller has locked the models."""
    statement = (
        select(Artifact.product_id, func.max(Artifact.version))
        .where(Artifact.product_id.in_(product_ids))
        .group_by(Artifact.product_id)
    )
    newest = dict(session.execute(statement).all())
    return {product_id: newest.get(product_id, 0) + 1 for product_id in product_ids}


def made_by_task(session: Session, task_id: UUID, product_ids: Collection[int]) -> dict[int, int]:
    """Versions of these products that a task made before it was run again, by product id."""
    statement = select(Artifact.product_id, Artifact.version).where(
        Artifact.task_id == task_id, Artifact.product_id.in_(product_ids)
    )
    return dict(session.execute(statement).all())


def add_active(session: Session, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    """Add versions and make them the active ones; their ids by product id."""
    if not rows:
        return {}
    _deactivate(session, [row["product_id"] for row in rows])
    added = session.execute(insert(Artifact).returning(Artifact.product_id, Artifact.id), list(rows))
    return dict(added.all())


def activate(session: Session, artifact: Artifact) -> None:
    """Make an existing version the active one."""
    _deactivate(session, [artifact.product_id])
    artifact.is_active = True
    session.flush()


def _deactivate(session: Session, product_ids: Sequence[int]) -> None:
    session.execute(
        update(Artifact)
        .where(Artifact.product_id.in_(product_ids), Artifact.is_active)
        .values(is_active=False)
    )
    session.flush()


def by_version(session: Session, product_id: int, version: int) -> Artifact | None:
    """One version of a product's model."""
    return session.scalar(
        select(Artifact).where(Artifact.product_id == product_id, Artifact.version == version)
    )


def active(session: Session, product_id: int) -> Artifact | None:
    """The version that serves."""
    return session.scalar(select(Artifact).where(Artifact.product_id == product_id, Artifact.is_active))


def active_hashes(session: Session, product_ids: Collection[int]) -> dict[int, str]:
    """Hash of the data behind the active version, by product id."""
    statement = select(Artifact.product_id, Artifact.data_hash).where(
        Artifact.product_id.in_(product_ids), Artifact.is_active
    )
    return dict(session.execute(statement).all())


def active_ids(session: Session, product_ids: Collection[int]) -> dict[int, int]:
    """Ids of the active versions, by product id."""
    statement = select(Artifact.product_id, Artifact.id).where(
        Artifact.product_id.in_(product_ids), Artifact.is_active
    )
    return dict(session.execute(statement).all())


def active_engines(session: Session, product_ids: Collection[int]) -> dict[int, str]:
    """Which engine the active version is served by, by product id."""
    statement = select(Artifact.product_id, Artifact.served_by).where(
        Artifact.product_id.in_(product_ids), Artifact.is_active
    )
    return dict(session.execute(statement).all())


def versions(session: Session, product_id: int) -> Sequence[Artifact]:
    """All versions of a product's model, the newest first."""
    return session.scalars(
        select(Artifact).where(Artifact.product_id == product_id).order_by(Artifact.version.desc())
    ).all()


def forget_versions(session: Session, product_id: int, kept: Collection[int]) -> None:
    """Drop the rows of inactive versions whose files are gone."""
    session.execute(
        delete(Artifact).where(
            Artifact.product_id == product_id, Artifact.version.not_in(kept), ~Artifact.is_active
        )
    )


def store_forecasts(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep products' newest forecasts in the place of their former ones."""
    if not rows:
        return
    statement = upsert(StoredForecast)
    names = [name for name in rows[0] if name != "product_id"]
    changed = {name: statement.excluded[name] for name in names} | {"created_at": func.now()}
    session.execute(statement.on_conflict_do_update(index_elements=["product_id"], set_=changed), list(rows))


def stored_forecast(session: Session, product_id: int) -> StoredForecast | None:
    """A product's newest stored forecast."""
    return session.get(StoredForecast, product_id)


def with_model(session: Session, product_ids: Collection[int]) -> Sequence[int]:
    """Ids of those of these products that have an active model, ascending."""
    statement = (
        select(Artifact.product_id)
        .where(Artifact.is_active, Artifact.product_id.in_(product_ids))
        .order_by(Artifact.product_id)
    )
    return session.scalars(statement).all()
