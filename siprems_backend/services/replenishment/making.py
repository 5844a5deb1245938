"""Making lines of the plan: facts of products go in, rows of the table come out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from siprems_backend.models.plan_lines import URGENCIES
from siprems_backend.services.replenishment.inputs import Facts, demand_ahead
from siprems_backend.services.replenishment.on_the_way import incoming
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.plan import PlanLines, plan_lines
from siprems_engine.inventory.reasons import Value, reasons
from siprems_engine.inventory.sentences import sentence
from siprems_engine.inventory.shared_levels import shared_out
from siprems_engine.inventory.terms import Terms

Row = dict[str, Any]
DIGITS = 4
NO_FORECAST = (
    "There is no forecast of it yet, so nothing is proposed: order by hand until it has sold for some days."
)
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
# Days from now in the engine's words.
DATES = {"stockout_date": "stock_out", "arrives_on": "delivery", "lasts_until": "next_delivery"}


def rows(day: dt.date, facts: Sequence[Facts]) -> list[Row]:
    """A row of every product, by the names of the table's columns.

    Time begins with the planning day, or where its sales are in the forecast already, with the day after.
    """
    made: list[Row] = [_without_forecast(day, each) for each in facts if each.forecast is None]
    alike: dict[tuple[int, int, dt.date], list[Facts]] = {}
    for each in facts:
        if (forecast := each.forecast) is not None:
            base = max(day, forecast.start_date)
            alike.setdefault((forecast.step_days, forecast.periods, base), []).append(each)
    for (*_, base), group in alike.items():
        made.extend(_planned(day, base, group))
    return made


def planned(base: dt.date, facts: Sequence[Facts], budget: float | None = None) -> tuple[Terms, PlanLines]:
    """The engine's lines of products whose forecasts are alike, seen from the morning of `base`."""
    forecasts = [each.forecast for each in facts if each.forecast is not None]
    terms = terms_of(facts)
    stock = np.array([each.product.stock for each in facts], dtype=np.float64)
    lead_days = [each.terms["lead_time_days"] for each in facts]
    coming = incoming([each.coming for each in facts], lead_days, base)
    return terms, plan_lines(demand_ahead(forecasts, base), terms, stock, coming, budget)


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
    level = shared_out(said("service_level"), [each.value_class for each in facts])
    return Terms.of(
        len(facts),
        lead_mean=said("lead_time_days") + column(lambda each: each.chances.wait),
        lead_deviation=said("lead_time_sd_days"),
        review=column(lambda each: each.chances.review),
        service_level=np.where(by_costs, np.nan, level),
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


def _planned(day: dt.date, base: dt.date, facts: Sequence[Facts]) -> list[Row]:
    terms, lines = planned(base, facts)
    numbers = {name: _numbers(getattr(lines, own)) for name, own in UNITS.items()}
    numbers["expected_profit"] = _numbers(lines.gain_per_money * lines.value)
    dates = {name: _numbers(getattr(lines, own)) for name, own in DATES.items()}
    order_by = _numbers(lines.order_by)
    said = reasons(lines, terms, base)
    return [
        {
            **_of_product(day, each),
            **{name: column[place] for name, column in numbers.items()},
            **{name: _date(base, column[place]) for name, column in dates.items()},
            "urgency": URGENCIES.index(lines.urgency[place]),
            "order_by": _order_by(day, base, order_by[place], each),
            "policy": str(lines.policy[place]),
            "limited_by": str(lines.limit[place]) or None,
            "reason": sentence(said[place], base),
            "reason_key": said[place].why.value,
            "reason_values": _as_json(said[place].values),
        }
        for place, each in enumerate(facts)
    ]


def _as_json(values: Mapping[str, Value]) -> str:
    """What a reason's sentence is made of, for those who put it in other words."""
    return orjson.dumps(
        {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in values.items()}
    ).decode()


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
        "reason": NO_FORECAST,
        "reason_key": "no_forecast",
        "reason_values": "{}",
    }


def _numbers(column: Floats) -> list[float | None]:
    return [None if math.isnan(value) else round(value, DIGITS) for value in column.tolist()]


def _date(base: dt.date, days: float | None) -> dt.date | None:
    return None if days is None else base + dt.timedelta(days=int(days))


def columns_of(made: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows turned into columns."""
    return {name: [row[name] for row in made] for name in made[0]} if made else {}
