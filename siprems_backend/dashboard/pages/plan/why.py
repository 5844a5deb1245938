"""Why a line says what it says: the service's sentence, or the same in another language of the reader."""

from __future__ import annotations

import datetime as dt
from typing import Any

from siprems_backend.dashboard.language import amount, current_language, day, say


def why(line: Any, today: dt.date) -> str:
    """One sentence that a shopkeeper understands."""
    if current_language() == "en":
        return str(line.reason)
    if line.forecast_made_at is None:
        return say("plan.why.no_forecast")
    if line.recommended > 0:
        order = say("plan.why.order", units=_units(line.recommended, line))
        return f"{order}: {_because(line)}{_limit(line)}{_draft(line)}."
    if line.limited_by and line.on_order_in_time + line.current_stock < line.reorder_point:
        return say("plan.why.no_room", expected=_expected(line))
    return say("plan.why.nothing", lasting=_lasting(line), by=_by(line, today))


def _units(quantity: float, line: Any) -> str:
    unit = "" if line.unit in {"unit", "units", "pcs"} else f" {line.unit}"
    return f"{amount(round(quantity, 1) if quantity < 10 or unit else round(quantity))}{unit}"


def _there(line: Any) -> str:
    parts = []
    if line.current_stock > 0:
        parts.append(say("plan.why.in_stock", units=_units(line.current_stock, line)))
    if line.on_order_in_time > 0:
        parts.append(say("plan.why.coming", units=_units(line.on_order_in_time, line)))
    return say("plan.why.and").join(parts)


def _because(line: Any) -> str:
    if line.current_stock + line.on_order_in_time <= 0:
        return say("plan.why.empty", expected=_expected(line))
    if line.policy == "newsvendor":
        return say("plan.why.fresh", expected=_expected(line))
    ends, comes = line.stockout_date, line.arrives_on
    if ends is not None and ends < comes:
        return say(
            "plan.why.gone", there=_there(line), ends=day(ends), comes=day(comes), expected=_expected(line)
        )
    return say("plan.why.there", there=_there(line), expected=_expected(line))


def _expected(line: Any) -> str:
    said = say("plan.why.expected", units=_units(line.predicted_demand, line), until=day(line.lasts_until))
    most = line.reorder_point
    return said + (
        say("plan.why.most", units=_units(most, line)) if most > line.predicted_demand * 1.02 else ""
    )


def _limit(line: Any) -> str:
    if line.limited_by == "minimum":
        return say("plan.why.minimum", units=_units(line.minimum, line))
    if line.limited_by in {"shelf_life", "max_stock"}:
        return say(f"plan.why.{line.limited_by}")
    return ""


def _draft(line: Any) -> str:
    return say("plan.why.draft", units=_units(line.on_draft, line)) if line.on_draft > 0 else ""


def _lasting(line: Any) -> str:
    if line.current_stock + line.on_order <= 0:
        return say("plan.why.unwanted")
    if line.stockout_date is None:
        return say("plan.why.long", there=_there(line))
    return say("plan.why.until", there=_there(line), ends=day(line.stockout_date))


def _by(line: Any, today: dt.date) -> str:
    date = line.order_by
    if date is None or (date - today).days > 60:
        return ""
    return say("plan.why.by", date=day(date)) if date > today else say("plan.why.tomorrow")
