"""Past forecasts of categories, by which today's are given their spread."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, CreatedAt


class GroupForecast(Base):
    """What was forecast of some products of a category after each of P days of the past, and what sold.

    They were forecast together, from data with this hash; `place` counts the categories among them, NULL is
    that of products without one. `forecasts` and `actuals` are P x H little-endian 32-bit floats: the sums
    over these products of H periods, `step_days` apart, after each of the `origins`; NaN where nothing is
    known. An actual counts those products alone whose demand was known then, and so does its forecast.
    """

    __tablename__ = "group_forecasts"

    data_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    category: Mapped[str | None] = mapped_column(String(200))
    products: Mapped[int] = mapped_column(Integer)
    step_days: Mapped[int] = mapped_column(SmallInteger)
    origins: Mapped[list[dt.date]] = mapped_column(ARRAY(Date))
    forecasts: Mapped[bytes] = mapped_column(LargeBinary)
    actuals: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[CreatedAt]
