"""Events on the dates of weekly histories: engines and model files know an event by the row it moves."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY, DailyHistory, Event
from siprems_engine.forecasting.step import Step, week_dates, weekday


def events_of(history: DailyHistory, events: Sequence[Event]) -> Sequence[Event]:
    """Return the events as a fit of this history takes them.

    Daily histories take them as they are. In weekly ones an event moves to the date of the week that holds
    its day, and has one effect whatever weekday it falls on; the window of days around it is left out, as it
    lies mostly within that week.
    """
    if history.step is Step.DAY or not len(history):
        return events
    return _in_weeks(tuple(events), int(weekday(history.ds[:1])[0]))


@functools.lru_cache(maxsize=64)
def _in_weeks(events: tuple[Event, ...], dated_on: int) -> tuple[Event, ...]:
    # Events in years that no history reaches have no place, and the last of them no week that ends.
    known = [event for event in events if FIRST_DAY <= np.datetime64(event.date, "D") <= LAST_DAY]
    dates = week_dates(np.array([event.date for event in known], dtype="datetime64[D]"), dated_on)
    return tuple(Event(event.name, date) for event, date in zip(known, dates.astype(object), strict=True))
