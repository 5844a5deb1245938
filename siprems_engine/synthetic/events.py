"""The demo shop's calendar: days that move demand, and days on which the shop is shut."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class ShopEvent:
    """One day of an event. `effects` are factors by category; other categories feel nothing."""

    name: str
    date: dt.date
    type: str
    effects: Mapping[str, float] = field(default_factory=dict)
    closed: bool = False


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def events_between(first: dt.date, last: dt.date) -> list[ShopEvent]:
    """All events from `first` to `last`, by date."""
    found = [event for year in range(first.year, last.year + 1) for event in _events_of(year)]
    return sorted((event for event in found if first <= event.date <= last), key=lambda event: event.date)


def _events_of(year: int) -> Iterator[ShopEvent]:
    yield ShopEvent("New Year's Day", dt.date(year, 1, 1), "closure", closed=True)
    yield ShopEvent("Valentine's Day", dt.date(year, 2, 14), "holiday", {"Cakes": 1.8, "Gifts": 2.0})
    sunday = easter(year)
    yield ShopEvent("Easter Saturday", sunday - DAY, "holiday", {"Bread": 1.5, "Pastry": 1.4, "Cakes": 1.6})
    yield ShopEvent("Labour Day", dt.date(year, 5, 1), "holiday", {"Bread": 0.6, "Drinks": 1.3})
    for day in range(3):
        effects = {"Drinks": 1.7, "Pastry": 1.4, "Bread": 0.85}
        yield ShopEvent("Town festival", dt.date(year, 6, 20) + day * DAY, "festival", effects)
    yield ShopEvent(
        "Christmas Eve", dt.date(year, 12, 24), "holiday", {"Bread": 1.8, "Cakes": 1.7, "Gifts": 1.6}
    )
    yield ShopEvent("Christmas Day", dt.date(year, 12, 25), "closure", closed=True)
    yield ShopEvent("New Year's Eve", dt.date(year, 12, 31), "holiday", {"Pastry": 1.5, "Delicatessen": 2.2})
