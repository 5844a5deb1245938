"""Dates as people say them."""

from __future__ import annotations

import datetime as dt

import pytest

from siprems_backend.utils.plain_date import spoken

TODAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY, "Thursday 26 November"),
        (dt.date(2027, 1, 1), "Friday 1 January"),
        (dt.date(2027, 11, 26), "Friday 26 November 2027"),
        (dt.date(2026, 1, 1), "Thursday 1 January 2026"),
    ],
)
def test_the_year_is_told_where_it_is_not_near(day: dt.date, expected: str) -> None:
    assert spoken(day, TODAY) == expected
