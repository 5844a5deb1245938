"""The calendar that all products of a shop share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.services.histories import Shop
from siprems_engine.forecasting.series import Days
from siprems_engine.forecasting.shop.panel import LONGEST_PAST, Flags, Indices
from siprems_engine.forecasting.shop.periods import places
from siprems_engine.forecasting.step import Step

# Periods that are read beyond those an engine looks at: older cut-offs of a backtest look back as far.
MARGIN = {Step.DAY: 120, Step.WEEK: 26}


@dataclass(frozen=True, eq=False)
class Calendar:
    """Periods `days` (T,) up to the shop's last with a sale, `last`, and those to forecast after it.

    `open` (T,) tells in which of them the shop sold anything, never of those to come.
    """

    days: Days
    step: Step
    open: Flags
    last: int

    @classmethod
    def of(cls, shop: Shop, horizon: int, past: int | None = None) -> Calendar:
        """Reach back as far as engines read, or `past` periods, and `horizon` ahead.

        Raises `Invalid` without a sale.
        """
        if not len(shop.open_days):
            raise Invalid(
                "Nothing has been sold yet, so there is nothing to forecast from: record or import sales.",
                code="not_enough_data",
            )
        step, end = shop.step, shop.open_days[-1]
        most = LONGEST_PAST[step] + MARGIN[step] if past is None else past
        past = min(int((end - shop.open_days[0]).astype(int)) // step.days + 1, most)
        days = end + step.days * np.arange(1 - past, horizon + 1)
        return cls(days, step, np.isin(days, shop.open_days), past - 1)

    @property
    def first_date(self) -> dt.date:
        """The first day that belongs to the calendar."""
        return self._spans(0)[0]

    @property
    def last_date(self) -> dt.date:
        """The last day of the past, with all days of its week."""
        return self._spans(self.last)[1]

    @property
    def end_date(self) -> dt.date:
        """The last day to forecast, with all days of its week."""
        return self._spans(len(self.days) - 1)[1]

    def places(self, dates: Days) -> Indices:
        """Return the place of the period of each date (n,); it may lie outside."""
        return places(self.days, self.step, dates)

    def _spans(self, place: int) -> tuple[dt.date, dt.date]:
        """First and last day of a period."""
        near = self.days[place] + np.arange(1 - self.step.days, self.step.days)
        inside = near[self.places(near) == place]
        return inside[0].item(), inside[-1].item()
