"""Numbers and dates as text, written by compiled code into a buffer of bytes.

The history of a model is a JSON text inside a JSON text, several hundred rows long; formatting it row by row
in Python would cost more than the fit.
"""

from __future__ import annotations

import functools
import json
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY, Floats

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
    # A slice knows that its positions count from its own begin; without, every character is checked for that.
    source = texts.characters[begin : texts.ends[index]]
    target = out[at : at + len(source)]
    for i in range(len(source)):
        target[i] = source[i]
    return at + len(source)


@compiled
def put_digits(out: Bytes, at: int, value: int, width: int) -> int:
    """Write an integer >= 0 of at most `width` digits with leading zeros; returns the position behind it."""
    # Without a sign a division by ten is one multiplication.
    rest, ten = np.uint64(value), np.uint64(10)
    target = out[at : at + width]
    for place in range(width - 1, -1, -1):
        target[place] = ZERO + np.int64(rest % ten)
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


@functools.cache
def _known_dates() -> Bytes:
    """Write every day a history may have, (days, 10): a tenth of a second and a megabyte, once a process."""
    texts = np.datetime_as_string(np.arange(FIRST_DAY, LAST_DAY + 1))
    return texts.astype(f"S{DATE_LENGTH}").view(np.uint8).reshape(-1, DATE_LENGTH)


def iso_dates(day: NDArray[np.int64]) -> Bytes:
    """Return days since 1970-01-01 (T,), none beyond `FIRST_DAY` and `LAST_DAY`, as ISO 8601, (T, 10)."""
    return np.take(_known_dates(), day - FIRST_DAY.astype(np.int64), axis=0)


@compiled
def _copy_date(out: Bytes, at: int, date: Bytes) -> int:
    target = out[at : at + DATE_LENGTH]
    for i in range(DATE_LENGTH):
        target[i] = date[i]
    return at + DATE_LENGTH


@compiled
def put_dates(out: Bytes, dates: Bytes, texts: Texts) -> int:
    """Write dates (T, 10) with commas between them and return the length; `texts` stand around each."""
    at = 0
    for i in range(len(dates)):
        if i:
            out[at] = COMMA
            at += 1
        at = _copy_date(out, put(out, at, texts, 0), dates[i])
        at = put(out, at, texts, 1)
    return at


@compiled
def put_rows(out: Bytes, dates: Bytes, values: Floats, texts: Texts) -> int:
    """Write one JSON object per row, commas between them, and return the length.

    `dates` are (T, 10), `values` (V, T) the numbers of the rows. `texts` stand before the date, before each
    number, and at the end of a row, V + 2 in all.
    """
    at = 0
    for i in range(len(dates)):
        if i:
            out[at] = COMMA
            at += 1
        at = _copy_date(out, put(out, at, texts, 0), dates[i])
        for v in range(values.shape[0]):
            at = put_decimal(out, put(out, at, texts, v + 1), values[v, i])
        at = put(out, at, texts, values.shape[0] + 1)
    return at
