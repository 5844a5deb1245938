"""Numbers and dates as text, written by compiled code into a buffer of bytes.

The history of a model is a JSON text inside a JSON text, several hundred rows long; formatting it row by row
in Python would cost more than the fit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats

Bytes = NDArray[np.uint8]

# Pandas writes this many decimals (`to_json(double_precision=10)`).
DECIMALS, POWER = 10, 10**10
ZERO, POINT, COMMA = ord("0"), ord("."), ord(",")
# A date with its time, to the millisecond.
DATE_LENGTH = 23
# No number of a history has more characters: twenty digits, a point, ten decimals.
NUMBER_LENGTH = 31


@compiled
def put(out: Bytes, at: int, text: Bytes) -> int:
    """Copy `text` to `out` at `at` and return the position behind it."""
    for i in range(len(text)):
        out[at + i] = text[i]
    return at + len(text)


@compiled
def put_digits(out: Bytes, at: int, value: int, width: int) -> int:
    """Write an integer >= 0 of at most `width` digits with leading zeros; returns the position behind it."""
    # Without a sign a division by ten is one multiplication.
    rest, ten = np.uint64(value), np.uint64(10)
    for place in range(at + width - 1, at - 1, -1):
        out[place] = ZERO + np.int64(rest % ten)
        rest //= ten
    return at + width


@compiled
def put_decimal(out: Bytes, at: int, value: float) -> int:
    """Write a number from 0 to 1e9 as pandas does: ten decimals, half to even, no trailing zeros but one."""
    whole = int(value)
    scaled = (value - whole) * POWER
    fraction = int(scaled)
    beyond = scaled - fraction
    if beyond > 0.5 or (beyond == 0.5 and (fraction == 0 or fraction % 2 == 1)):
        fraction += 1
    if fraction >= POWER:
        fraction, whole = 0, whole + 1
    digits, bound = 1, 10
    while whole >= bound:
        digits, bound = digits + 1, 10 * bound
    at = put_digits(out, at, whole, digits)
    out[at] = POINT
    if fraction == 0:
        out[at + 1] = ZERO
        return at + 2
    end = put_digits(out, at + 1, fraction, DECIMALS)
    while out[end - 1] == ZERO:
        end -= 1
    return end


@compiled
def put_date(out: Bytes, at: int, day: int, midnight: Bytes) -> int:
    """Write a day since 1970-01-01 (after the year 0) as ISO 8601, `midnight` being the text behind the date.

    The arithmetic is "days from civil" turned around (Howard Hinnant, chrono-compatible date algorithms): the
    year begins in March, so that the leap day is its last.
    """
    shifted = day + 719468
    era = shifted // 146097
    day_of_era = shifted - era * 146097
    years = day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    year_of_era = years // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    at = put_digits(out, at, year_of_era + era * 400 + (1 if month <= 2 else 0), 4)
    out[at] = ord("-")
    at = put_digits(out, at + 1, month, 2)
    out[at] = ord("-")
    at = put_digits(out, at + 1, day_of_year - (153 * month_from_march + 2) // 5 + 1, 2)
    return put(out, at, midnight)


@compiled
def put_dates(out: Bytes, day: NDArray[np.int64], quote: Bytes, midnight: Bytes) -> int:
    """Write days (T,) as quoted dates with commas between them and return the length."""
    at = 0
    for i in range(len(day)):
        if i:
            out[at] = COMMA
            at += 1
        at = put(out, at, quote)
        at = put_date(out, at, day[i], midnight)
        at = put(out, at, quote)
    return at


@compiled
def put_rows(out: Bytes, day: NDArray[np.int64], values: Floats, keys: tuple[Bytes, ...]) -> int:
    """Write one JSON object per row and return the length.

    `values` (V, T) are the numbers of the rows. `keys` are the text before the date, the one behind the day
    of a date, and the one before each number and at the end of a row, V + 3 in all.
    """
    at = 0
    for i in range(len(day)):
        if i:
            out[at] = COMMA
            at += 1
        at = put(out, at, keys[0])
        at = put_date(out, at, day[i], keys[1])
        for v in range(values.shape[0]):
            at = put(out, at, keys[v + 2])
            at = put_decimal(out, at, values[v, i])
        at = put(out, at, keys[len(keys) - 1])
    return at
