"""Named queries that look at the whole from afar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.products import Product
from siprems_backend.models.tasks import Task


def last_success(session: Session, kinds: Collection[str]) -> datetime | None:
    """When a task of any of these kinds last ended well."""
    return session.scalar(
        select(func.max(Task.finished_at)).where(Task.kind.in_(kinds), Task.status == "SUCCESS")
    )


def skus_with_model(session: Session) -> Sequence[str]:
    """SKUs of all products that have an active model, the newest model first."""
    statement = (
        select(Product.sku)
        .join(Artifact, Artifact.product_id == Product.id)
        .where(Artifact.is_active)
        .order_by(Artifact.trained_at.desc())
    )
    return session.scalars(statement).all()
