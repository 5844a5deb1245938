"""Making lines of the plan: facts of products go in, rows of the table come out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from siprems_backend.models.plan_lines import URGENCIES
from siprems_backend.services.replenishment import reasons
from siprems_backend.services.replenishment.inputs import Facts, demand_ahead
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.levels import covered_demand
from siprems_engine.inventory.money import expected_cost
from siprems_engine.inventory.plan import PlanLines, plan_lines
from siprems_engine.inventory.terms import Terms

Row = dict[str, Any]
DIGITS = 4
DAYS_A_YEAR = 365.0
# Columns that are the engine's, by its names.
UNITS = {
    "on_order": "on_order",
    "on_order_in_time": "on_order_in_time",
    "predicted_demand": "predicted_demand",
    "recommended": "order",
    "reorder_point": "reorder_point",
    "safety_stock": "safety_stock",
    "order_up_to": "order_up_to",
    "days_of_cover": "days_of_cover",
    "service_level": "service_level",
    "service_now": "service_now",
    "service_with": "service_with",
    "expected_cost": "expected_cost",
    "value": "value",
}


def rows(day: dt.date, facts: Sequence[Facts]) -> list[Row]:
    """A row of every product, by the names of the table's columns."""
    made: list[Row] = [_without_forecast(day, each) for each in facts if each.forecast is None]
    alike: dict[tuple[int, int], list[Facts]] = {}
    for each in facts:
        if each.forecast is not None:
            alike.setdefault((each.forecast.step_days, each.forecast.periods), []).append(each)
    for group in alike.values():
        made.extend(_planned(day, group))
    return made


def lines_of(
    day: dt.date, facts: Sequence[Facts]
) -> tuple[list[dt.date], DemandAhead, Terms, PlanLines, Floats]:
    """The engine's lines of products whose forecasts are alike, the day that each begins on, and profits.

    Time begins with the planning day, or where today's sales are in the forecast already, tomorrow.
    """
    forecasts = [each.forecast for each in facts if each.forecast is not None]
    bases = [max(day, forecast.start_date) for forecast in forecasts]
    ahead, terms = demand_ahead(forecasts, bases), terms_of(facts)
    stock = np.array([each.product.stock for each in facts], dtype=np.float64)
    lines = plan_lines(ahead, terms, stock, _incoming(facts, bases))
    return bases, ahead, terms, lines, _profits(ahead, terms, lines)


def terms_of(facts: Sequence[Facts]) -> Terms:
    """Terms of ordering as the engine takes them; money per unit and day."""

    def column(value: Callable[[Facts], float | None]) -> Floats:
        return np.array([np.nan if (found := value(each)) is None else found for each in facts], dtype=float)

    def said(name: str) -> Floats:
        return column(lambda each: each.terms[name])

    cost, price = column(lambda each: each.product.cost), column(lambda each: each.product.price)
    by_costs = np.array([bool(each.terms["service_by_costs"]) for each in facts])
    # Without price or cost there is nothing to decide by, and the level that is said holds.
    by_costs &= np.isfinite(cost) & np.isfinite(price)
    return Terms.of(
        len(facts),
        lead_mean=said("lead_time_days") + column(lambda each: each.chances.wait),
        lead_deviation=said("lead_time_sd_days"),
        review=column(lambda each: each.chances.review),
        service_level=np.where(by_costs, np.nan, said("service_level")),
        unit_cost=cost,
        price=price,
        salvage=said("salvage_rate") * cost,
        holding=said("holding_rate") * np.nan_to_num(cost) / DAYS_A_YEAR,
        ordering=said("ordering_cost"),
        min_order=said("min_order_quantity"),
        pack=said("pack_size"),
        shelf_life=said("shelf_life_days"),
        max_stock=said("max_stock"),
        policy=[each.terms["policy"] for each in facts],
    )


def _incoming(facts: Sequence[Facts], bases: Sequence[dt.date]) -> Incoming:
    """What is to come; what nobody knows the day of comes as if it were ordered now."""
    coming = [
        (
            place,
            each.terms["lead_time_days"] if date is None else float((date - bases[place]).days),
            units,
        )
        for place, each in enumerate(facts)
        for date, units in each.coming
    ]
    if not coming:
        return Incoming.nothing()
    product, days, units = zip(*coming, strict=True)
    return Incoming(
        np.array(product, dtype=np.int64), np.array(days, dtype=float), np.array(units, dtype=float)
    )


def _profits(ahead: DemandAhead, terms: Terms, lines: PlanLines) -> Floats:
    """What each order earns beyond what is earned without it, (N,); NaN without prices."""
    profits = np.where(np.isnan(terms.margin()), np.nan, 0.0)
    due = np.flatnonzero(lines.order > 0)
    if len(due):
        some = terms.of_products(due)
        covered = covered_demand(ahead.of(due), some)
        usable = np.where(some.spoils_first, 0.0, lines.on_hand[due])
        available = usable + lines.on_order_in_time[due]
        without = expected_cost(some, np.zeros(len(due)), covered.missing(available), covered.left(available))
        profits[due] = without - lines.expected_cost[due]
    return profits


def _planned(day: dt.date, facts: Sequence[Facts]) -> list[Row]:
    bases, _, terms, lines, profits = lines_of(day, facts)
    numbers = {name: _numbers(getattr(lines, own)) for name, own in UNITS.items()}
    numbers["expected_profit"] = _numbers(profits)
    stock_out, order_by = _numbers(lines.stock_out), _numbers(lines.order_by)
    lead, window = terms.lead_mean.tolist(), terms.window.tolist()
    made = []
    for place, (each, base) in enumerate(zip(facts, bases, strict=True)):
        row = {
            **_of_product(day, each),
            **{name: column[place] for name, column in numbers.items()},
            "urgency": URGENCIES.index(lines.urgency[place]),
            "stockout_date": _date(base, stock_out[place]),
            "order_by": _order_by(day, base, order_by[place], each),
            "arrives_on": base + dt.timedelta(days=math.ceil(lead[place])),
            "lasts_until": base + dt.timedelta(days=math.ceil(lead[place] + window[place])),
            "policy": str(lines.policy[place]),
            "limited_by": str(lines.limit[place]) or None,
        }
        made.append({**row, "reason": reasons.sentence(row, each)})
    return made


def _order_by(day: dt.date, base: dt.date, days: float | None, each: Facts) -> dt.date | None:
    """The last day to order; of suppliers that take orders on some weekdays the last of these before it."""
    if days is None:
        return None
    first = day + dt.timedelta(days=each.chances.wait)
    # The wait is in the lead time, which is subtracted.
    last = base + dt.timedelta(days=int(days) + each.chances.wait)
    if each.order_days:
        while last > first and last.weekday() not in each.order_days:
            last -= dt.timedelta(days=1)
    return max(first, last)


def _of_product(day: dt.date, each: Facts) -> Row:
    return {
        "product_id": each.product.id,
        "supplier_id": each.terms["supplier_id"],
        "plan_date": day,
        "current_stock": each.product.stock,
        "on_draft": each.on_draft,
        "pack_size": each.terms["pack_size"],
        "minimum": each.terms["min_order_quantity"],
        "product_updated_at": each.product.updated_at,
        "forecast_made_at": None if each.forecast is None else each.forecast.made_at,
        "seen": each.seen,
        "made_at": clock.now(),
    }


def _without_forecast(day: dt.date, each: Facts) -> Row:
    """A product of which nothing is known ahead: nothing is proposed, and the line says why."""
    units = sum(units for _, units in each.coming)
    names = (
        *UNITS,
        "expected_profit",
        "stockout_date",
        "order_by",
        "arrives_on",
        "lasts_until",
        "limited_by",
    )
    return {
        **_of_product(day, each),
        **dict.fromkeys(names),
        "on_order": units,
        "on_order_in_time": units,
        "recommended": 0.0,
        "urgency": URGENCIES.index("low"),
        "policy": each.terms["policy"],
        "reason": reasons.NO_FORECAST,
    }


def _numbers(column: Floats) -> list[float | None]:
    return [None if math.isnan(value) else round(value, DIGITS) for value in column.tolist()]


def _date(base: dt.date, days: float | None) -> dt.date | None:
    return None if days is None else base + dt.timedelta(days=int(days))


def columns_of(made: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows turned into columns."""
    return {name: [row[name] for row in made] for name in made[0]} if made else {}
