"""What single cells mean."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.imports import values
from siprems_backend.services.imports.values import BadCell
from siprems_backend.utils import clock


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0042", "0042"),
        ("15056bl", "15056bl"),
        ("  A/B ", "A/B"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("12 MACARON", "12 MACARON"),
        (22423, "22423"),
        (22423.0, "22423"),
        ("u\u0308", "ü"),
        ("x" * 200, "x" * 200),
    ],
)
def test_sku_is_text(cell: values.Cell, expected: str) -> None:
    assert values.sku(cell) == expected


@pytest.mark.parametrize(
    "cell", ["", "   ", None, math.nan, "x" * 201, "a\x00b", "a\nb", "a\x85b", "x\ufffdy"]
)
def test_unusable_skus_are_refused(cell: values.Cell) -> None:
    with pytest.raises(BadCell):
        values.sku(cell)


@pytest.mark.parametrize(
    ("cell", "expected"), [("3", 3.0), ("-2.5", -2.5), ("+.5", 0.5), ("1e3", 1000.0), (" 7 ", 7.0), (7, 7.0)]
)
def test_quantities_may_be_fractional_and_negative(cell: values.Cell, expected: float) -> None:
    assert values.quantity(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1_000",
        "0x10",
        "1,5",
        "three",
        "1e999",
        "٣",
        math.inf,
        True,
        "2e9",
    ],
)
def test_what_is_no_number_is_refused(cell: values.Cell) -> None:
    with pytest.raises(BadCell):
        values.quantity(cell)


def test_a_price_may_be_missing_but_not_negative() -> None:
    assert values.amount("") is None
    assert values.amount(math.nan) is None
    with pytest.raises(BadCell, match="negative"):
        values.amount("-0.01")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1", True),
        ("0", False),
        ("TRUE", True),
        ("no", False),
        (1.0, True),
        (0, False),
        (True, True),
        ("", None),
    ],
)
def test_flags_in_usual_spellings(cell: values.Cell, expected: bool | None) -> None:
    assert values.flag(cell) is expected


def test_other_flags_are_refused() -> None:
    with pytest.raises(BadCell):
        values.flag("perhaps")


@pytest.mark.parametrize(
    "cell",
    [
        "2024-05-31",
        "2024-05-31T23:59:59",
        "2024-05-31 08:00:00+02:00",
        dt.date(2024, 5, 31),
        dt.datetime(2024, 5, 31, 9),
    ],
)
def test_dates_with_and_without_a_time_of_day(cell: values.Cell) -> None:
    assert values.past_date(cell) == dt.date(2024, 5, 31)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "31.05.2024",
        "05/31/2024",
        "2023-02-29",
        "2024-13-01",
        "0001-01-01",
        "1989-12-31",
        "9999-12-31",
        45000.0,
    ],
)
def test_other_dates_are_refused(cell: values.Cell) -> None:
    with pytest.raises(BadCell):
        values.past_date(cell)


def test_tomorrow_has_begun_somewhere_but_the_day_after_has_not() -> None:
    tomorrow = clock.today() + dt.timedelta(days=1)
    assert values.past_date(tomorrow.isoformat()) == tomorrow
    with pytest.raises(BadCell, match="future"):
        values.past_date((tomorrow + dt.timedelta(days=1)).isoformat())


def test_events_may_lie_ahead() -> None:
    ahead = clock.today() + dt.timedelta(days=400)
    assert values.event_date(ahead.isoformat()) == ahead
    with pytest.raises(BadCell):
        values.event_date("2101-01-01")


def test_decimal_commas_only_where_they_are_written() -> None:
    parse = values.with_decimal_comma(values.quantity)
    assert parse("3,5") == 3.5
    assert parse("3.5") == 3.5
    assert values.with_decimal_comma(values.sku)("3,5") == "3,5"


@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        value = values.quantity(text)
    except BadCell:
        return
    assert math.isfinite(value)
    assert value == float(text)


@given(st.text())
def test_any_text_is_a_clean_sku_or_refused(text: str) -> None:
    try:
        value = values.sku(text)
    except BadCell:
        return
    assert 1 <= len(value) <= 200 or len(text) > 200
    assert "\x00" not in value
    assert value == value.strip()
