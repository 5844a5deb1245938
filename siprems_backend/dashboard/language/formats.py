"""Numbers, dates and durations as the reader writes them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from siprems_backend.dashboard.language.choice import current_language, current_zone

MISSING = "–"
# Between thousands, and before decimals.
SEPARATORS = {"en": (",", "."), "id": (".", ",")}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu",
}
UNITS = {"en": ("s", "min", "h", "d"), "id": ("dtk", "mnt", "jam", "hr")}
AGO = {"en": "{} ago", "id": "{} lalu"}
JUST_NOW = {"en": "just now", "id": "baru saja"}
BYTES = ("B", "kB", "MB", "GB", "TB")


def amount(value: Any, digits: int | None = None) -> str:
    """A number; without `digits` as many decimals as it is worth: 12, 3.4, 0.27."""
    number = _number(value)
    if number is None:
        return MISSING
    if digits is None:
        digits = 0 if number == int(number) or abs(number) >= 100 else 1 if abs(number) >= 1 else 2
    # A little below 0 is 0, without a sign.
    number = round(number, digits) + 0.0
    thousands, decimals = SEPARATORS[current_language()]
    text = f"{number:,.{digits}f}"
    return text.translate({ord(","): thousands, ord("."): decimals, ord("-"): "−"})


def money(value: Any) -> str:
    """An amount of money without its currency, which the shop knows."""
    number = _number(value)
    return amount(number, 0 if number is None or abs(number) >= 1000 else 2)


def counted(value: Any, unit: str) -> str:
    """A number of units as they are counted: 1 piece, 12 pieces, 3.5 kg."""
    return f"{amount(value)} {unit_of(value, unit)}"


def unit_of(value: Any, unit: str) -> str:
    """What so many of a unit are called; in English words of more than two letters have a plural."""
    is_word = unit.isalpha() and len(unit) > 2 and not unit.endswith("s")
    if current_language() != "en" or not is_word or _number(value) == 1:
        return unit
    return unit + ("es" if unit.endswith(("x", "ch", "sh")) else "s")


def percent(share: Any, digits: int = 0) -> str:
    """A share of one as a percentage."""
    number = _number(share)
    return MISSING if number is None else f"{amount(number * 100, digits)} %"


def size(count: float) -> str:
    """A number of bytes."""
    number, unit = float(count), 0
    while number >= 1000 and unit < len(BYTES) - 1:
        number, unit = number / 1000, unit + 1
    return f"{amount(number)} {BYTES[unit]}"


def day(value: dt.date | str | None) -> str:
    """A date: 26 Nov 2026."""
    found = _date(value)
    if found is None:
        return MISSING
    return f"{found.day} {month_name(found.month)[:3]} {found.year}"


def date_words(value: dt.date) -> str:
    """A date with its weekday: Thursday, 26 Nov 2026."""
    return f"{weekday_names()[value.weekday()]}, {day(value)}"


def month_name(number: int) -> str:
    """The name of a month, counted from 1; its first three letters are its short name."""
    return MONTHS[current_language()].split()[number - 1]


def weekday_names() -> list[str]:
    """The names of the days of the week, Monday first."""
    return WEEKDAYS[current_language()].split()


def today() -> dt.date:
    """The date where the reader is."""
    return dt.datetime.now(current_zone()).date()


def moment(value: dt.datetime | str | None) -> str:
    """A date with its time, where the reader is: 26 Nov 2026, 14:05."""
    found = _moment(value)
    if found is None:
        return MISSING
    local = found.astimezone(current_zone())
    return f"{day(local.date())}, {local:%H:%M}"


def clock_time(value: dt.datetime | str | None) -> str:
    """The time of a day with seconds, where the reader is."""
    found = _moment(value)
    return MISSING if found is None else f"{found.astimezone(current_zone()):%H:%M:%S}"


def duration(seconds: Any) -> str:
    """How long: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
    number = _number(seconds)
    if number is None:
        return MISSING
    second, minute, hour, whole_day = UNITS[current_language()]
    if number < 60:
        return f"{amount(number, 1 if number < 10 else 0)} {second}"
    for step, unit, lower_step, lower in (
        (86_400, whole_day, 3600, hour),
        (3600, hour, 60, minute),
        (60, minute, 1, second),
    ):
        if number >= step:
            rest = int(number % step // lower_step)
            return f"{int(number // step)} {unit}" + (f" {rest} {lower}" if rest else "")
    raise AssertionError("unreachable")


def time_ago(value: dt.datetime | str | None) -> str:
    """How long since then."""
    found = _moment(value)
    if found is None:
        return MISSING
    seconds = (dt.datetime.now(dt.UTC) - found).total_seconds()
    language = current_language()
    if seconds < 5:
        return JUST_NOW[language]
    whole = seconds if seconds < 60 else seconds // 60 * 60 if seconds < 3600 else seconds // 3600 * 3600
    return AGO[language].format(duration(math.floor(whole)).replace(",0 ", " ").replace(".0 ", " "))


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, str):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _date(value: dt.date | str | None) -> dt.date | None:
    if isinstance(value, str):
        return dt.date.fromisoformat(value[:10])
    return value.date() if isinstance(value, dt.datetime) else value


def _moment(value: dt.datetime | str | None) -> dt.datetime | None:
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=dt.UTC) if found is not None and found.tzinfo is None else found
