"""Daily histories: merging, validation, zero filling and hashing."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pytest

from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, InvalidHistory, Recipe

DAY = datetime.date(2024, 3, 1)


def test_rows_are_sorted_and_merged() -> None:
    later = DAY + datetime.timedelta(days=2)
    history = DailyHistory.from_rows([later, DAY, later], [Decimal("2"), 3, 4], [False, True, True])
    assert history.ds.tolist() == [DAY, later]
    assert history.y.tolist() == [3.0, 6.0]
    assert history.promo.tolist() == [1.0, 1.0]
    assert history.span_days == 3


def test_returns_clip_the_day_and_not_the_row() -> None:
    assert DailyHistory.from_rows([DAY, DAY], [5, -3]).y.tolist() == [2.0]
    assert DailyHistory.from_rows([DAY, DAY], [5, -8]).y.tolist() == [0.0]


def test_timestamps_keep_their_own_day() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=9))
    stamp = datetime.datetime(2024, 3, 1, 2, 30, tzinfo=zone)
    assert DailyHistory.from_rows([stamp], [1]).ds.tolist() == [DAY]


def test_an_empty_history_is_possible() -> None:
    history = DailyHistory.from_rows([], [], [])
    assert len(history) == 0
    assert history.span_days == 0
    assert len(history.zero_filled()) == 0
    assert len(history.data_hash(REFERENCE, [])) == 64


@pytest.mark.parametrize(
    ("dates", "quantities", "promos"),
    [
        ([DAY], [float("nan")], [0]),
        ([DAY], [float("inf")], [0]),
        ([DAY], [1], [float("nan")]),
        ([DAY], [None], [0]),
        ([None], [1], [0]),
        (["yesterday"], [1], [0]),
        ([DAY], ["many"], [0]),
        ([DAY, DAY], [1], [0]),
        ([DAY], [1], [0, 1]),
        ([DAY], [[1]], [0]),
        ([datetime.date(1, 1, 1)], [1], [0]),
        ([datetime.date(9999, 12, 31)], [1], [0]),
        ([DAY], [1e13], [0]),
    ],
)
def test_bad_rows_are_refused_with_a_message(dates: list, quantities: list, promos: list) -> None:
    with pytest.raises(InvalidHistory, match=r"\w+ .*\."):
        DailyHistory.from_rows(dates, quantities, promos)


def test_the_constructor_checks_too() -> None:
    ds = np.array([DAY, DAY], dtype="datetime64[D]")
    with pytest.raises(InvalidHistory, match="increasing"):
        DailyHistory(ds, np.ones(2), np.zeros(2))
    with pytest.raises(InvalidHistory, match="negative"):
        DailyHistory(ds[:1], np.array([-1.0]), np.zeros(1))
    with pytest.raises(InvalidHistory, match="0 or 1"):
        DailyHistory(ds[:1], np.ones(1), np.array([2.0]))


def test_a_history_owns_read_only_arrays() -> None:
    y = np.array([1.0])
    history = DailyHistory(np.array([DAY], dtype="datetime64[D]"), y, np.zeros(1))
    y[0] = 9.0
    assert history.y[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        history.y[0] = 2.0


def test_zero_filling_respects_open_days_and_keeps_sales_on_closed_ones() -> None:
    days = np.datetime64("2024-03-01") + np.arange(10)
    history = DailyHistory(days[[0, 3, 6]], np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0]))
    assert history.zero_filled().y.tolist() == [1, 0, 0, 2, 0, 0, 3]
    open_days = days[[9, 1, 2, 0, 6, 8]]
    filled = history.zero_filled(open_days)
    assert filled.ds.tolist() == days[[0, 1, 2, 3, 6]].tolist()
    assert filled.promo.tolist() == [0, 0, 0, 1, 0]
    assert history.zero_filled(open_days, until=days[8]).y.tolist() == [1, 0, 0, 2, 3, 0]
    assert history.zero_filled(until=days[0]).ds[-1] == days[6]


def test_between_includes_both_ends() -> None:
    days = np.datetime64("2024-03-01") + np.arange(5)
    history = DailyHistory(days, np.arange(5.0), np.zeros(5))
    assert history.between(days[1], days[3]).y.tolist() == [1, 2, 3]
    assert len(history.between(None, None)) == 5


def test_the_hash_changes_with_every_datum() -> None:
    days = np.datetime64("2024-03-01") + np.arange(3)
    y, promo, event = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0]), Event("Fair", DAY)
    base = DailyHistory(days, y, promo)
    others = [
        DailyHistory(days + 1, y, promo).data_hash(REFERENCE, [event]),
        DailyHistory(days, y + 1, promo).data_hash(REFERENCE, [event]),
        DailyHistory(days, y, 1 - promo).data_hash(REFERENCE, [event]),
        base.data_hash(REFERENCE, []),
        base.data_hash(REFERENCE, [Event("Fair ", DAY)]),
        base.data_hash(REFERENCE, [Event("Fair", DAY + datetime.timedelta(days=1))]),
        base.data_hash(Recipe(version="next"), [event]),
    ]
    same = base.data_hash(REFERENCE, [event, event])
    assert same == base.data_hash(REFERENCE, [event])
    assert len({same, *others}) == len(others) + 1
