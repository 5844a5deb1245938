"""Trained models and the forecasts made with them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Json, Moment


class Artifact(Base):
    """One version of a product's model on the shared volume. At most one version is active."""

    __tablename__ = "artifacts"
    __table_args__ = (
        Index("uq_artifacts_product_id_version", "product_id", "version", unique=True),
        Index(
            "uq_artifacts_active",
            "product_id",
            unique=True,
            postgresql_where=text("is_active"),
        ),
        Index(
            "uq_artifacts_task_id_product_id",
            "task_id",
            "product_id",
            unique=True,
            postgresql_where=text("task_id IS NOT NULL"),
        ),
    )

    id: Mapped[BigKey]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=false())
    engine: Mapped[str] = mapped_column(String(40))
    served_by: Mapped[str] = mapped_column(String(40))
    checksum: Mapped[str] = mapped_column(String(64))
    data_hash: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    training_samples: Mapped[int] = mapped_column(Integer)
    accuracy: Mapped[float | None] = mapped_column(Double)
    mae: Mapped[float | None] = mapped_column(Double)
    mape_percent: Mapped[float | None] = mapped_column(Double)
    meta: Mapped[Json] = mapped_column(server_default="{}")
    trained_at: Mapped[Moment]
    # The task that trained it: one that is run again after a crash does not leave a second version.
    task_id: Mapped[UUID | None]


class StoredForecast(Base):
    """The latest forecast of a product: values from `start_date` on, `step_days` apart (7: weeks)."""

    __tablename__ = "forecasts"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    artifact_id: Mapped[int | None] = mapped_column(ForeignKey("artifacts.id", ondelete="SET NULL"))
    engine: Mapped[str] = mapped_column(String(40))
    start_date: Mapped[dt.date] = mapped_column(Date)
    step_days: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    yhat: Mapped[list[float]] = mapped_column(ARRAY(Double))
    lower: Mapped[list[float]] = mapped_column(ARRAY(Double))
    upper: Mapped[list[float]] = mapped_column(ARRAY(Double))
    created_at: Mapped[CreatedAt]
