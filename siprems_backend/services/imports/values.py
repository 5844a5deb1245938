"""What one cell means: a SKU, a number, a date, a flag, a text; or why it means nothing."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from siprems_backend.utils import clock

Cell: TypeAlias = "str | int | float | bool | dt.date | dt.datetime | Decimal | None"
Parse: TypeAlias = "Callable[[Cell], object]"
Parser = TypeVar("Parser", bound=Callable[[Any], object])

LONGEST_SKU = 200
EARLIEST = dt.date(1990, 1, 1)
LATEST_EVENT = dt.date(2100, 12, 31)
LARGEST_NUMBER = 1e9

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
# Control characters, line and paragraph separators, and what stands for a byte that could not be read.
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]")
YES = frozenset({"1", "1.0", "true", "t", "yes", "y"})
NO = frozenset({"0", "0.0", "false", "f", "no", "n"})


class BadCell(ValueError):
    """A cell that cannot be used; the message ends a sentence that begins with the column's name."""


def plain_text(cell: Cell) -> str:
    """The cell as it would stand in a CSV file, without blanks around it; whole numbers without `.0`."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def sku(cell: Cell) -> str:
    """A SKU: text, with its case and leading zeros."""
    value = plain_text(cell)
    if not value:
        raise BadCell("is empty")
    return _readable(value, LONGEST_SKU)


def text(longest: int) -> Parse:
    """Parses optional text; an empty cell is None."""

    def parse(cell: Cell) -> str | None:
        value = plain_text(cell)
        return _readable(value, longest) if value else None

    return parse


def required_text(longest: int) -> Parse:
    """Parses text that must not be empty."""
    optional = text(longest)

    def parse(cell: Cell) -> object:
        value = optional(cell)
        if value is None:
            raise BadCell("is empty")
        return value

    return parse


# Parsers of numbers, which spreadsheets may write with a comma.
NUMBERS: set[Parse] = set()


def takes_numbers(parse: Parser) -> Parser:
    """Declare that cells of this parser are numbers."""
    NUMBERS.add(parse)
    return parse


@takes_numbers
def quantity(cell: Cell) -> float:
    """A number that must be there; negative and fractional ones are fine."""
    value = _number(cell)
    if value is None:
        raise BadCell("is empty")
    return value


@takes_numbers
def amount(cell: Cell) -> float | None:
    """An optional number that cannot be negative, such as a price."""
    value = _number(cell)
    if value is not None and value < 0:
        raise BadCell("is negative")
    return value


def amount_up_to(highest: float) -> Parse:
    """Parses an optional number from 0 to `highest`."""

    def parse(cell: Cell) -> float | None:
        value = amount(cell)
        if value is not None and value > highest:
            raise BadCell(f"is above {highest:g}")
        return value

    return takes_numbers(parse)


def whole(lowest: int, highest: int) -> Parse:
    """Parses an optional whole number from `lowest` to `highest`."""

    def parse(cell: Cell) -> int | None:
        value = amount(cell)
        if value is None:
            return None
        if value != int(value) or not lowest <= value <= highest:
            raise BadCell(f"is no whole number from {lowest} to {highest}")
        return int(value)

    return takes_numbers(parse)


def flag(cell: Cell) -> bool | None:
    """Yes or no in the spellings that exports use; an empty cell is None."""
    if isinstance(cell, bool):
        return cell
    value = plain_text(cell).lower()
    if not value:
        return None
    if value in YES or value in NO:
        return value in YES
    raise BadCell("is neither 1 nor 0")


def past_date(cell: Cell) -> dt.date:
    """A date on which something happened: from 1990 to tomorrow, which some time zones have reached."""
    value = _date(cell)
    if value > clock.today() + dt.timedelta(days=1):
        raise BadCell("lies in the future")
    return value


def event_date(cell: Cell) -> dt.date:
    """The date of an event, which may lie ahead."""
    value = _date(cell)
    if value > LATEST_EVENT:
        raise BadCell(f"is after {LATEST_EVENT.year}")
    return value


def with_decimal_comma(parse: Parse) -> Parse:
    """The same parser for a file whose numbers are written `3,5`; parsers of other things stay as they are.

    Only spreadsheets that separate cells by semicolons write so; elsewhere `1,234` may mean a thousand.
    """
    if parse not in NUMBERS:
        return parse

    def parse_comma(cell: Cell) -> object:
        if isinstance(cell, str) and DECIMAL_COMMA.fullmatch(cell.strip()):
            return parse(cell.strip().replace(",", "."))
        return parse(cell)

    return parse_comma


def parse_distinct(cells: set[Cell], parse: Parse, known: dict[Cell, object]) -> bool:
    """Parse the cells that are not in `known` yet and add what they mean to it; bad ones as `BadCell`.

    Returns whether any of the given cells is bad.
    """
    for cell in cells - known.keys():
        try:
            known[cell] = parse(cell)
        except BadCell as problem:
            known[cell] = problem
    return any(isinstance(known[cell], BadCell) for cell in cells)


def _readable(value: str, longest: int) -> str:
    if len(value) > longest:
        raise BadCell(f"is longer than {longest} characters")
    if UNREADABLE.search(value):
        raise BadCell("contains control or unreadable characters")
    # Normal form C, as everywhere else: `ü` is one text, however a keyboard or a file system composes it.
    return unicodedata.normalize("NFC", value)


def _number(cell: Cell) -> float | None:
    if isinstance(cell, bool | dt.date):
        raise BadCell("is not a number")
    written = plain_text(cell)
    if not written:
        return None
    if not isinstance(cell, str):
        value = float(cell) if cell is not None else math.nan
    elif NUMBER.fullmatch(written):
        value = float(written)
    else:
        raise BadCell("is not a number")
    if not math.isfinite(value):
        raise BadCell("is not a finite number")
    if abs(value) > LARGEST_NUMBER:
        raise BadCell("is implausibly large")
    return value


def _date(cell: Cell) -> dt.date:
    if isinstance(cell, dt.datetime):
        value = cell.date()
    elif isinstance(cell, dt.date):
        value = cell
    else:
        value = _iso_date(plain_text(cell))
    if value < EARLIEST:
        raise BadCell(f"is before {EARLIEST.year}")
    return value


def _iso_date(written: str) -> dt.date:
    """`2024-05-31`, also with a time of day behind it, which does not matter."""
    if not written:
        raise BadCell("is empty")
    try:
        return (
            dt.date.fromisoformat(written)
            if len(written) <= 10
            else dt.datetime.fromisoformat(written).date()
        )
    except ValueError:
        raise BadCell("is not a date like 2024-05-31") from None
