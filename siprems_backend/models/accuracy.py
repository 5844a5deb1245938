"""What was forecast, and how good it turned out to be."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    Boolean,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    false,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, Moment

Numbers = list[float]


class PastForecast(Base):
    """The first periods of a forecast that was made when `origin` was the last known one, `step_days` apart.

    Of one origin the forecast that was made last counts. All arrays are equally long, and none of their
    values is NULL.
    """

    __tablename__ = "past_forecasts"
    __table_args__ = (Index("ix_past_forecasts_made_at", "made_at"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    step_days: Mapped[int] = mapped_column(SmallInteger)
    engine: Mapped[str] = mapped_column(String(40))
    mean: Mapped[Numbers] = mapped_column(ARRAY(REAL))
    q025: Mapped[Numbers] = mapped_column(ARRAY(REAL))
    q100: Mapped[Numbers] = mapped_column(ARRAY(REAL))
    q500: Mapped[Numbers] = mapped_column(ARRAY(REAL))
    q900: Mapped[Numbers] = mapped_column(ARRAY(REAL))
    q975: Mapped[Numbers] = mapped_column(ARRAY(REAL))
    made_at: Mapped[Moment] = mapped_column(server_default=func.now())


class ProductAccuracy(Base):
    """How good the forecasts of a product were in the periods from `since` to `as_of`, at the last look.

    `periods` of them count, each by the newest forecast made before it; `wape_ahead` and `bias_ahead` are
    over all forecasts, however far ahead. Figures that cannot be told are NULL. `acted_as_of` is the `as_of`
    for which its drift was acted on.
    """

    __tablename__ = "product_accuracy"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[dt.date] = mapped_column(Date)
    as_of: Mapped[dt.date] = mapped_column(Date)
    step_days: Mapped[int] = mapped_column(SmallInteger)
    engine: Mapped[str] = mapped_column(String(40))
    periods: Mapped[int] = mapped_column(Integer)
    units: Mapped[float] = mapped_column(Double)
    error: Mapped[float] = mapped_column(Double)
    absolute_error: Mapped[float] = mapped_column(Double)
    wape: Mapped[float | None] = mapped_column(Double)
    bias: Mapped[float | None] = mapped_column(Double)
    mase: Mapped[float | None] = mapped_column(Double)
    pinball: Mapped[float | None] = mapped_column(Double)
    coverage80: Mapped[float | None] = mapped_column(Double)
    coverage95: Mapped[float | None] = mapped_column(Double)
    wape_ahead: Mapped[float | None] = mapped_column(Double)
    bias_ahead: Mapped[float | None] = mapped_column(Double)
    tracking_signal: Mapped[float | None] = mapped_column(Double)
    cumulative_signal: Mapped[float | None] = mapped_column(Double)
    biased: Mapped[bool] = mapped_column(Boolean, server_default=false())
    drift: Mapped[float | None] = mapped_column(Double)
    drifted: Mapped[bool] = mapped_column(Boolean, server_default=false())
    drift_since: Mapped[dt.date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    acted_as_of: Mapped[dt.date | None] = mapped_column(Date)


class ShopAccuracy(Base):
    """How good the newest forecasts before a day (or week) were, over all products that could sell."""

    __tablename__ = "shop_accuracy"

    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    step_days: Mapped[int] = mapped_column(SmallInteger)
    products: Mapped[int] = mapped_column(Integer)
    units: Mapped[float] = mapped_column(Double)
    wape: Mapped[float | None] = mapped_column(Double)
    bias: Mapped[float | None] = mapped_column(Double)
    coverage80: Mapped[float | None] = mapped_column(Double)
    coverage95: Mapped[float | None] = mapped_column(Double)
