"""When a supplier takes orders."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.replenishment.order_days import chances

MONDAY = dt.date(2026, 11, 23)


def test_every_day_is_a_chance_where_none_is_named() -> None:
    assert chances(MONDAY, None, 7) == (0, 7)
    assert chances(MONDAY, [], 3) == (0, 3)


def test_weekdays_go_before_the_review() -> None:
    assert chances(MONDAY, [0, 3], 7) == (0, 3)
    assert chances(MONDAY + dt.timedelta(days=1), [0, 3], 7) == (2, 4)
    assert chances(MONDAY, [4], 1) == (4, 7)


@given(day=st.dates(), weekdays=st.sets(st.integers(0, 6), min_size=1))
def test_both_chances_are_order_days_and_none_lies_between(day: dt.date, weekdays: set[int]) -> None:
    day = min(day, dt.date(9000, 1, 1))
    found = chances(day, sorted(weekdays), 30)
    first = day + dt.timedelta(days=found.wait)
    second = first + dt.timedelta(days=found.review)
    assert {first.weekday(), second.weekday()} <= weekdays
    skipped = [day + dt.timedelta(days=ahead) for ahead in range((second - day).days)]
    assert [each for each in skipped if each.weekday() in weekdays] == [first]
