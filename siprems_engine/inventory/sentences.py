"""Reasons in words. Another language is another `Phrases`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from siprems_engine.inventory.plan import Limit
from siprems_engine.inventory.reasons import Reason, Why


@dataclass(frozen=True)
class Phrases:
    """The texts of a language.

    `why` has a sentence for each reason, `limits` what is put behind an order, and the rest are what is put
    into sentences: for what is there (`stock`, both or only what is `coming`), what comes too `late`, days.
    """

    why: Mapping[Why, str]
    limits: Mapping[Limit, str]
    stock: str
    stock_and_coming: str
    coming: str
    late: str
    about: str
    perhaps_one: str
    one_day: str
    days: str
    today: str
    tomorrow: str
    on_date: str
    months: tuple[str, ...]
    date: str = "{day} {month}"
    date_of_year: str = "{day} {month} {year}"
    thousands: str = ","


ENGLISH = Phrases(
    why={
        Why.SOLD_OUT: (
            "Nothing is left, and {demand} will be wanted before {next}: order {order}{limit}{late}."
        ),
        Why.AWAITED: (
            "Nothing is left, and the {coming} on the way will not last until {next}: "
            "order {order}{limit}{late}."
        ),
        Why.BEFORE_DELIVERY: (
            "{there} lasts until {stock_out}, but what is ordered now comes {on_delivery}: "
            "order {order}{limit} at once{late}."
        ),
        Why.RUNS_OUT: (
            "{there} lasts until {about_stock_out} and has to last until {next}: order {order}{limit}{late}."
        ),
        Why.SAFETY: ("{there} may just last until {next}; to be {level} % sure, order {order}{limit}{late}."),
        Why.BEFORE_WHAT_COMES: (
            "The stock of {stock} lasts until {about_stock_out}, and no order comes sooner than the {coming} "
            "on the way; order nothing."
        ),
        Why.NOTHING_UNTIL: (
            "Nothing is left, and no order comes sooner than the {coming} on the way; order nothing."
        ),
        Why.ENOUGH: "{there} lasts until {about_stock_out}; order by {order_by}.",
        Why.PLENTY: "{there} lasts for more than a year; order nothing.",
        Why.HARDLY_SELLS: "Hardly any of it sells; {there_inside} is enough for more than a year.",
        Why.NOT_ASKED_FOR: "Nothing is in stock, but hardly anybody asks for it; order nothing.",
        Why.FRESH: (
            "It keeps for {shelf_life}, and {demand} should sell in that time from {delivery} on: "
            "order {order}{limit}{late}."
        ),
        Why.FRESH_ENOUGH: "It keeps for {shelf_life}, and what is on the way is enough; order nothing.",
        Why.EXPIRES: (
            "{need} more would be good, but some of an order of {smallest} would expire: order nothing."
        ),
        Why.NO_ROOM: "{need} more would be good, but there is no room for {smallest}: order nothing.",
        Why.NO_MONEY: "{need} more would be good, but the budget is better spent on other products.",
    },
    limits={
        Limit.NONE: "",
        Limit.PACK: " (full packs of {pack})",
        Limit.MINIMUM: " (the least that can be ordered)",
        Limit.SHELF_LIFE: " (more would expire)",
        Limit.MAX_STOCK: " (there is room for no more)",
        Limit.CAPITAL: " (what the budget allows)",
    },
    stock="The stock of {stock}",
    stock_and_coming="The stock of {stock} with {coming} on the way",
    coming="What is on the way ({coming})",
    late="; {late} on order come too late for that",
    about="about {amount}",
    perhaps_one="perhaps one",
    one_day="a day",
    days="{days} days",
    today="today",
    tomorrow="tomorrow",
    on_date="on {date}",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
)


def sentence(reason: Reason, today: dt.date, phrases: Phrases = ENGLISH) -> str:
    """Return the reason in words."""
    words = {name: _word(value, today, phrases) for name, value in reason.values.items()}
    if "shelf_life" in reason.values:
        days = reason.values["shelf_life"]
        words["shelf_life"] = phrases.one_day if days == 1 else phrases.days.format(days=words["shelf_life"])
    if "demand" in words:
        few = _number(reason, "demand") < 1
        words["demand"] = phrases.perhaps_one if few else phrases.about.format(amount=words["demand"])
    near = (phrases.today, phrases.tomorrow)
    if "delivery" in words:
        date = words["delivery"]
        words["on_delivery"] = date if date in near else phrases.on_date.format(date=date)
    if "stock_out" in words:
        date = words["stock_out"]
        words["about_stock_out"] = date if date in near else phrases.about.format(amount=date)
    there = _there(reason).format(phrases=phrases).format(**words)
    words |= {"there": there, "there_inside": there[0].lower() + there[1:]}
    words["limit"] = phrases.limits[reason.limit].format(**words)
    words["late"] = phrases.late.format(**words) if _number(reason, "late") > 0 else ""
    return phrases.why[reason.why].format(**words)


def _there(reason: Reason) -> str:
    """Name the phrase for what there is."""
    if _number(reason, "coming") <= 0:
        return "{phrases.stock}"
    return "{phrases.stock_and_coming}" if _number(reason, "stock") > 0 else "{phrases.coming}"


def _number(reason: Reason, name: str) -> float:
    value = reason.values.get(name, 0.0)
    return value if isinstance(value, float) else 0.0


def _word(value: object, today: dt.date, phrases: Phrases) -> str:
    if isinstance(value, dt.date):
        return _date(value, today, phrases)
    return _amount(value, phrases) if isinstance(value, float) else str(value)


def _amount(value: float, phrases: Phrases) -> str:
    """Round as people do: whole numbers, one decimal below ten where there is one."""
    shown = f"{value:,.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:,.1f}"
    return shown.replace(",", phrases.thousands)


def _date(day: dt.date, today: dt.date, phrases: Phrases) -> str:
    if (day - today).days in (0, 1):
        return phrases.today if day == today else phrases.tomorrow
    text = phrases.date if day.year == today.year else phrases.date_of_year
    return text.format(day=day.day, month=phrases.months[day.month - 1], year=day.year)
