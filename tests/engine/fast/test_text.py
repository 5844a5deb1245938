"""Numbers and dates as text against Python's own and pandas' formatting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.fast.text import (
    NUMBER_LENGTH,
    escaped,
    iso_dates,
    put_dates,
    put_decimal,
    put_rows,
)
from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY


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


def test_a_day_is_written_as_python_writes_it() -> None:
    days = np.arange(FIRST_DAY, LAST_DAY + 1)[::7]
    dates = iso_dates(days.astype(np.int64))
    assert [row.tobytes().decode() for row in dates] == [day.isoformat() for day in days.tolist()]


def test_rows_and_dates_stand_between_their_texts() -> None:
    dates, values = iso_dates(np.array([0, 365, -1])), np.array([[1.0, 2.5, 0.0], [0.25, 1.0, 3.0]])
    texts = escaped("<ds: ", "Z, a: ", ", b: ", ">\n")
    out = np.zeros(1000, np.uint8)
    text = out[: put_rows(out, dates, values, texts)].tobytes().decode()
    assert text == (
        "<ds: 1970-01-01Z, a: 1.0, b: 0.25>\\n,"
        "<ds: 1971-01-01Z, a: 2.5, b: 1.0>\\n,"
        "<ds: 1969-12-31Z, a: 0.0, b: 3.0>\\n"
    )
    text = out[: put_dates(out, dates, escaped('"', 'T"'))].tobytes().decode()
    assert text == r"\"1970-01-01T\",\"1971-01-01T\",\"1969-12-31T\""
