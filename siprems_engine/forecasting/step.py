"""The step of a shop's sales: one row a day, or one row a week."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

# With fewer dates their distances say nothing: a new shop may have opened on a few Saturdays only.
FEWEST_DATES = 4
MONDAY = 0


class Step(StrEnum):
    """The distance between two periods of a shop's sales."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        """Days a period has."""
        return 7 if self is Step.WEEK else 1

    @classmethod
    def of_days(cls, days: int) -> Step:
        """Return the step whose periods have so many days."""
        return cls.WEEK if days == cls.WEEK.days else cls.DAY

    def periods(self, days: int) -> int:
        """Return how many whole periods `days` hold, at least one."""
        return max(1, days // self.days)

    def counted(self, periods: int) -> str:
        """Return "3 weeks", for messages."""
        return f"{periods} {self}{'' if periods == 1 else 's'}"


def infer_step(days: NDArray[np.datetime64]) -> Step:
    """Tell the step from the days (n,), ascending, on which any product of the shop sold.

    Weekly if all gaps are multiples of seven days. The days of one product do not tell: it may sell rarely.
    """
    if len(days) < FEWEST_DATES:
        return Step.DAY
    gaps = np.diff(np.asarray(days, dtype="datetime64[D]")).astype(np.int64)
    return Step.DAY if (gaps % 7).any() else Step.WEEK


def weekday(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the weekday of each day, (h,), Monday = 0."""
    # 1970-01-01 was a Thursday.
    return (np.asarray(days, dtype="datetime64[D]").astype(np.int64) + 3) % 7


def week_dates(days: NDArray[np.datetime64], dated_on: int) -> NDArray[np.datetime64]:
    """Return the date that stands for the week of each day, (h,), where weeks are dated on a weekday.

    A week dated on a Monday begins on its date, as reports by calendar week have it; any other week ends on
    its date, as the weeks of market research and of spreadsheets do.
    """
    days = np.asarray(days, dtype="datetime64[D]")
    if dated_on == MONDAY:
        return days - weekday(days)
    return days + (dated_on - weekday(days)) % 7
