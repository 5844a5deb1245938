"""Clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from siprems_backend.utils import clocks

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_ordinary_time_is_one_moment() -> None:
    shown = datetime(2026, 7, 1, 2, 30)
    expected = [datetime(2026, 7, 1, 0, 30, tzinfo=UTC)]
    assert clocks.moments(shown, BERLIN, every=True) == expected
    assert clocks.moments(shown, BERLIN, every=False) == expected


def test_a_time_shown_twice() -> None:
    shown = datetime(2026, 10, 25, 2, 30)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert clocks.moments(shown, BERLIN, every=True) == [first, second]
    assert clocks.moments(shown, BERLIN, every=False) == [first]


@pytest.mark.parametrize(
    ("zone", "shown", "forward"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 0), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 59), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12, 0), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_skipped(zone: str, shown: datetime, forward: datetime) -> None:
    assert clocks.moments(shown, ZoneInfo(zone), every=True) == []
    assert clocks.moments(shown, ZoneInfo(zone), every=False) == [forward]
