"""A line of the plan as the grid shows it, with what somebody made of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from siprems_backend.dashboard.language import amount, day, money, say, unit_of
from siprems_backend.dashboard.pages.plan.changes import Changes, mine
from siprems_backend.dashboard.pages.plan.why import why
from siprems_backend.dashboard.paths import path_to


def proposed(line: Any) -> float:
    """What the plan proposes, or the part of it that the budget buys."""
    funded = getattr(line, "funded_units", None)
    return float(line.recommended if funded is None else funded)


def row(line: Any, changes: Changes | None, today: dt.date) -> dict[str, Any]:
    """The cells of a line."""
    own = mine(changes, line.sku, today)
    units = float(own.get("quantity", proposed(line)))
    return {
        "sku": line.sku,
        "name": line.name,
        "href": path_to("products", line.sku),
        "note": line.supplier or say("plan.no_supplier"),
        "urgency": line.urgency_name,
        "urgency_text": say(f"plan.urgency.{line.urgency_name}"),
        "stock": _stock(line),
        "coming": say("plan.coming", units=amount(line.on_order)) if line.on_order else "",
        "stockout_date": ends(line, today),
        "recommended": units,
        "order_text": amount(units),
        "order_note": say("plan.in_draft", units=amount(line.on_draft))
        if line.on_draft
        else _packs(units, line),
        "proposal": "" if units == proposed(line) else say("plan.proposed", units=amount(proposed(line))),
        "value": money(_worth(units, line)),
        "reason": why(line, today),
        "mine": str(own.get("reason") or ""),
        "seen": seen(line),
    }


def seen(line: Any) -> str:
    """What a line was when it was shown: another is another proposal."""
    return f"{line.recommended:g} {line.on_draft:g} {line.current_stock:g} {line.on_order:g}"


def _stock(line: Any) -> str:
    return amount(round(line.current_stock, 1))


def ends(line: Any, today: dt.date) -> str:
    """When the stock is expected to end."""
    if line.forecast_made_at is None:
        return "–"
    if line.stockout_date is None:
        return say("plan.lasts_long")
    return say("plan.already") if line.stockout_date <= today else day(line.stockout_date)


def _packs(units: float, line: Any) -> str:
    if line.pack_size == 1 or not units:
        return "" if line.unit in {"unit", "pcs"} else unit_of(units, line.unit)
    return say("plan.packs", count=round(units / line.pack_size), size=amount(line.pack_size))


def _worth(units: float, line: Any) -> float | None:
    if not units:
        return 0.0
    return None if not line.recommended or line.value is None else line.value * units / line.recommended
