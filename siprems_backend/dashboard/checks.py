"""Reading what people wrote into forms, before a service is asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

from siprems_backend.dashboard.language import say
from siprems_backend.errors import Invalid
from siprems_backend.utils.single_line import single_line

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 1, 1)


def line(text: object, longest: int, name: str) -> str:
    """A line of text that is not empty; `name` is what the field is called.

    Raises:
        Invalid: nothing, too much, or control characters.
    """
    try:
        found = single_line(str(text or ""), longest)
    except ValueError:
        found = ""
    if not found:
        raise Invalid(say("check.line", name=name, longest=longest), code="form")
    return found


def date(text: object, name: str) -> dt.date:
    """A date as a date picker gives it.

    Raises:
        Invalid: none, or none that can be planned for.
    """
    try:
        found = dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        raise Invalid(say("check.date", name=name), code="form") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Invalid(say("check.date", name=name), code="form")
    return found


def number(value: object, least: float, most: float, name: str) -> Decimal | None:
    """A number as a field for numbers gives it; None where the field is empty.

    Raises:
        Invalid: something else, or beyond the limits.
    """
    if value in (None, ""):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or not least <= found <= most:
        raise Invalid(say("check.number", name=name, least=least, most=most), code="form")
    return found


def one_of(text: object, choices: list[str], name: str) -> str:
    """One of the choices offered.

    Raises:
        Invalid: another, or none.
    """
    if text not in choices:
        raise Invalid(say("check.choice", name=name), code="form")
    return str(text)


def year(value: object) -> int:
    """A year that a calendar has.

    Raises:
        Invalid: something else.
    """
    if not isinstance(value, int | float) or not 1990 <= value <= 2100:
        raise Invalid(say("check.year"), code="form")
    return int(value)
