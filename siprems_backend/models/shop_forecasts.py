"""The latest forecasts of products out of forecasts of the whole shop: of the blend, of learned models."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Date, Double, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json


class ForecastColumns:
    """What a product is expected to sell in H periods from `start_date` on, `step_days` apart (7: weeks).

    `mean` has H values. `quantiles` has a row of seven for each period, `totals` one for the sum of the first
    1..H periods; which levels they are never changes. `origin` is the last period that was known. No
    period exceeds the `ceiling`. `shares` tells how much each engine made; the `champion` made most of it.
    Forecasts of the same `data_hash` were made together, from data that had that hash.
    """

    start_date: Mapped[dt.date] = mapped_column(Date)
    step_days: Mapped[int] = mapped_column(SmallInteger)
    origin: Mapped[dt.date] = mapped_column(Date)
    mean: Mapped[list[float]] = mapped_column(ARRAY(Double))
    quantiles: Mapped[list[list[float]]] = mapped_column(ARRAY(REAL, dimensions=2))
    totals: Mapped[list[list[float]]] = mapped_column(ARRAY(REAL, dimensions=2))
    ceiling: Mapped[float] = mapped_column(Double)
    shares: Mapped[Json]
    champion: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    backtest: Mapped[Json | None]
    components: Mapped[Json | None]
    data_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[CreatedAt]
    task_id: Mapped[UUID | None]


class ShopForecast(ForecastColumns, Base):
    """The forecast of a product by the blend."""

    __tablename__ = "shop_forecasts"
    __table_args__ = (Index("ix_shop_forecasts_data_hash", "data_hash"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)


class LearnedForecast(ForecastColumns, Base):
    """The forecast of a product by the active learned model of a type; it goes with the model."""

    __tablename__ = "learned_forecasts"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    model_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("learned_models.id", ondelete="CASCADE"), index=True)
