"""Numbers and dates as text, written by compiled code into a buffer of bytes.

The history of a model is a JSON text inside a JSON text, several hundred rows long; formatting it row by row
in Python would cost more than the fit.
"""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats

Bytes = NDArray[np.uint8]

# Pandas writes this many decimals (`to_json(double_precision=10)`).
DECIMALS, POWER = 10, 10**10
ZERO, POINT, COMMA = ord("0"), ord("."), ord(",")
# A date without a time.
DATE_LENGTH = 10
# No number of a history has more characters: twenty digits, a point, ten decimals.
NUMBER_LENGTH = 31


class Texts(NamedTuple):
    """Several fixed texts as one array; text i ends before `ends[i]`, where the next one begins."""

    characters: Bytes
    ends: NDArray[np.int64]


def escaped(*texts: str) -> Texts:
    """Give texts as they stand inside a JSON text."""
    parts = [json.dumps(text)[1:-1].encode() for text in texts]
    return Texts(np.frombuffer(b"".join(parts), np.uint8), np.cumsum([len(part) for part in parts]))


@compiled
def put(out: Bytes, at: int, texts: Texts, index: int) -> int:
    """Copy one of the texts to `out` at `at` and return the position behind it."""
    begin = texts.ends[index - 1] if index else 0
    for i in range(begin, texts.ends[index]):
        out[at + i - begin] = texts.characters[i]
    return at + texts.ends[index] - begin


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
def put_date(out: Bytes, at: int, day: int) -> int:
    """Write a day since 1970-01-01 (after the year 0) as ISO 8601.

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
    return put_digits(out, at + 1, day_of_year - (153 * month_from_march + 2) // 5 + 1, 2)


@compiled
def put_dates(out: Bytes, day: NDArray[np.int64], texts: Texts) -> int:
    """Write days (T,) with commas between them and return the length; `texts` stand around each day."""
    at = 0
    for i in range(len(day)):
        if i:
            out[at] = COMMA
            at += 1
        at = put_date(out, put(out, at, texts, 0), day[i])
        at = put(out, at, texts, 1)
    return at


@compiled
def put_rows(out: Bytes, day: NDArray[np.int64], values: Floats, texts: Texts) -> int:
    """Write one JSON object per row, commas between them, and return the length.

    `values` (V, T) are the numbers of the rows. `texts` stand before the day, before each number, and at the
    end of a row, V + 2 in all.
    """
    at = 0
    for i in range(len(day)):
        if i:
            out[at] = COMMA
            at += 1
        at = put_date(out, put(out, at, texts, 0), day[i])
        for v in range(values.shape[0]):
            at = put_decimal(out, put(out, at, texts, v + 1), values[v, i])
        at = put(out, at, texts, values.shape[0] + 1)
    return at
