"""Why a line says what it says: one sentence that a shopkeeper understands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from siprems_backend.services.replenishment.inputs import Facts
from siprems_backend.utils.plain_date import spoken

NO_FORECAST = (
    "Nothing is proposed, because there is no forecast of it yet; order by hand until it has sold for some "
    "days."
)
COUNTED = frozenset({"unit", "piece", "pieces", "pcs", "each", ""})
# A date to order by is worth telling when it is near.
NEAR_DAYS = 60
# Smaller sums are none to a person.
LITTLE = 0.05


def sentence(row: Mapping[str, Any], facts: Facts) -> str:
    """The reason of a line, from its columns."""
    said = _Line(row, facts)
    if row["recommended"] > 0:
        return f"{said.order()}: {said.because()}{said.limit()}{said.draft()}."
    if (
        row["limited_by"] is not None
        and row["on_order_in_time"] + row["current_stock"] < row["reorder_point"]
    ):
        return f"Nothing can be ordered: {said.expected()}, but {said.no_room()}."
    return f"Nothing to order: {said.lasting()}{said.by_when()}."


class _Line:
    """Parts of sentences about one line."""

    def __init__(self, row: Mapping[str, Any], facts: Facts) -> None:
        self._row, self._facts = row, facts
        unit = facts.product.unit.strip()
        self._unit = "" if unit.lower() in COUNTED else f" {unit}"
        self._today: dt.date = row["plan_date"]

    def order(self) -> str:
        """What to do."""
        row, facts = self._row, self._facts
        pack = row["pack_size"]
        packs = round(row["recommended"] / pack)
        packed = f" ({packs:,} {'pack' if packs == 1 else 'packs'} of {_number(pack)})" if pack != 1 else ""
        day = f" on {self._date(row['order_by'])}" if facts.chances.wait and row["order_by"] else ""
        return f"Order {self._units(row['recommended'])}{packed}{day}"

    def because(self) -> str:
        """What is there and what is expected to sell."""
        row = self._row
        if row["policy"] == "newsvendor":
            return f"it does not keep, and {self.expected()}{self._reserve()}"
        arrives, ends = row["arrives_on"], row["stockout_date"]
        if ends is not None and ends < arrives:
            when = f"before a delivery can come on {self._date(arrives)}"
            if row["current_stock"] <= 0:
                return f"nothing is left, and {self.expected()}"
            return f"{self._there()} run out on {self._date(ends)}, {when}, and {self.expected()}"
        return f"{self._there()} {self._verb()} there, while {self.expected()}{self._reserve()}"

    def expected(self) -> str:
        """How much is expected to sell, until when."""
        row = self._row
        return f"{self._units(row['predicted_demand'])} should sell until {self._date(row['lasts_until'])}"

    def limit(self) -> str:
        """What the order was rounded or cut by."""
        row, limited_by = self._row, self._row["limited_by"]
        if limited_by == "minimum":
            return f"; the least that can be ordered is {self._units(row['minimum'])}"
        if limited_by == "shelf_life":
            return "; more would not sell before it expires"
        if limited_by == "max_stock":
            return f"; there is no room for more than {self._units(self._facts.terms['max_stock'])}"
        return ""

    def no_room(self) -> str:
        """Why nothing can be ordered although something is needed."""
        row = self._row
        least = max(row["pack_size"], row["minimum"])
        if row["limited_by"] == "shelf_life":
            return f"of the {self._units(least)} that make the smallest order some would expire"
        return f"there is no room for the {self._units(least)} that make the smallest order"

    def lasting(self) -> str:
        """For how long what is there lasts."""
        row = self._row
        if row["current_stock"] + row["on_order"] <= 0:
            return "nothing is expected to sell"
        until = row["stockout_date"]
        if until is None:
            return f"{self._there()} should last for more than a year"
        return f"{self._there()} should last until {self._date(until)}"

    def by_when(self) -> str:
        """Until when to order."""
        day = self._row["order_by"]
        if day is None or (day - self._today).days > NEAR_DAYS:
            return ""
        return f"; order by {self._date(day)}" if day > self._today else "; look again tomorrow"

    def draft(self) -> str:
        """What somebody is about to order."""
        units = self._row["on_draft"]
        return f"; {self._units(units)} are in a draft already" if units > 0 else ""

    def _there(self) -> str:
        row = self._row
        stock = (
            f"{self._units(row['current_stock'])} in stock"
            if row["current_stock"] > 0
            else "nothing in stock"
        )
        coming = row["on_order_in_time"]
        return f"{stock} and {self._units(coming)} on the way" if coming > 0 else stock

    def _verb(self) -> str:
        return "is" if self._row["on_order_in_time"] <= 0 and self._row["current_stock"] <= 0 else "are"

    def _reserve(self) -> str:
        reserve = self._row["safety_stock"]
        if reserve is None or reserve < LITTLE:
            return ""
        return f", with {self._units(reserve)} more for better days"

    def _units(self, quantity: float) -> str:
        return f"{_number(quantity)}{self._unit}"

    def _date(self, day: dt.date) -> str:
        return spoken(day, self._today)


def _number(quantity: float) -> str:
    """Whole numbers where there is no more to say: nobody counts tenths of a hundred."""
    rounded = round(quantity, 1) if abs(quantity) < 20 else round(quantity)
    return f"{rounded:,g}" if abs(rounded) < 1e6 else f"{rounded:,.0f}"
