"""Dates and plans of promotions on a calendar of evenly spaced periods."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Days
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.step import Step, week_dates, weekday


def places(days: Days, step: Step, dates: Days) -> Indices:
    """Return the place of the period of each date (n,) on a calendar (T,); it may lie outside of it."""
    if step is Step.WEEK:
        dates = week_dates(dates, int(weekday(days[:1])[0]))
    return (dates - days[0]).astype(np.int64) // step.days


def planned(days: Days, step: Step, rows: int, *, row: Indices, first: Days, last: Days) -> Flags:
    """Mark the periods (rows, T) of a calendar `days` (T,) that plans (m,) cover.

    A plan is a row, a first and a last day, both included; a week is marked if any of its days is planned.
    Plans may overlap and reach beyond the calendar; one that ends before it begins covers nothing.
    """
    periods = len(days)
    begin = np.clip(places(days, step, first), 0, periods)
    end = np.where(last < first, begin, np.clip(places(days, step, last) + 1, begin, periods))
    # How many plans begin and end with a period; their running sum is how many go on.
    running = np.zeros((rows, periods + 1), dtype=np.int32)
    np.add.at(running, (row, begin), 1)
    np.subtract.at(running, (row, end), 1)
    np.cumsum(running, axis=1, out=running)
    return running[:, :periods] > 0
