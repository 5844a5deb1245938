"""Numbers and dates as text against Python's own and pandas' formatting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.fast.text import (
    DATE_LENGTH,
    NUMBER_LENGTH,
    escaped,
    put_date,
    put_dates,
    put_decimal,
    put_rows,
)


def _decimal(value: float) -> str:
    out = np.zeros(NUMBER_LENGTH, np.uint8)
    return out[: put_decimal(out, 0, value)].tobytes().decode()


NUMBERS = [
    0.0,
    1.0,
    0.1,
    27.631021115,
    1 / 3,
    0.99999999995,
    0.999999999949,
    2.5e-10,
    5e-11,
    1e9,
    12.0,
    1e-14,
]


@pytest.mark.parametrize("value", NUMBERS)
def test_a_number_is_written_as_pandas_writes_it(value: float) -> None:
    assert _decimal(value) == pd.Series([value]).to_json(orient="values")[1:-1]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.floats(1e-14, 30.0), st.floats(0.001, 1e9)))
def test_random_numbers_are_written_as_pandas_writes_them(value: float) -> None:
    assert _decimal(value) == pd.Series([value]).to_json(orient="values")[1:-1]


def test_every_day_of_the_calendar_is_written_as_numpy_writes_it() -> None:
    days = np.arange(np.datetime64("1899-12-01"), np.datetime64("2201-01-01"))
    expected = np.datetime_as_string(days)
    out = np.zeros(DATE_LENGTH, np.uint8)
    for day, text in zip(days.astype(np.int64)[::7], expected[::7], strict=True):
        assert put_date(out, 0, day) == DATE_LENGTH
        assert out.tobytes().decode() == text


def test_rows_and_dates_stand_between_their_texts() -> None:
    days, values = np.array([0, 365, -1]), np.array([[1.0, 2.5, 0.0], [0.25, 1.0, 3.0]])
    texts = escaped("<ds: ", "Z, a: ", ", b: ", ">\n")
    out = np.zeros(1000, np.uint8)
    text = out[: put_rows(out, days, values, texts)].tobytes().decode()
    assert text == (
        "<ds: 1970-01-01Z, a: 1.0, b: 0.25>\\n,"
        "<ds: 1971-01-01Z, a: 2.5, b: 1.0>\\n,"
        "<ds: 1969-12-31Z, a: 0.0, b: 3.0>\\n"
    )
    text = out[: put_dates(out, days, escaped('"', 'T"'))].tobytes().decode()
    assert text == r"\"1970-01-01T\",\"1971-01-01T\",\"1969-12-31T\""
