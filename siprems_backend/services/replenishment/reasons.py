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
COUNTED = frozenset({"unit", "units", "piece", "pieces", "pcs", "each", ""})
# A date to order by is worth telling when it is near.
NEAR_DAYS = 60
# Who hears that so much more may sell than expected learns something.
MUCH_MORE = 1.02


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
        row = self._row
        pack = row["pack_size"]
        packs = round(row["recommended"] / pack)
        packed = (
            f" ({packs:,} {'pack' if packs == 1 else 'packs'} of {self._number(pack)})" if pack != 1 else ""
        )
        day = f" on {self._date(row['order_by'])}" if self._facts.chances.wait and row["order_by"] else ""
        return f"Order {self._units(row['recommended'])}{packed}{day}"

    def because(self) -> str:
        """What is there and what is expected to sell."""
        row = self._row
        if row["policy"] == "newsvendor":
            return f"what is left does not keep until the delivery, and {self.expected()}"
        if row["current_stock"] + row["on_order_in_time"] <= 0:
            return f"nothing is left, and {self.expected()}"
        ends = row["stockout_date"]
        if ends is not None and ends < row["arrives_on"]:
            when = f"before a delivery can come on {self._date(row['arrives_on'])}"
            return f"{self._there()} will be gone on {self._date(ends)}, {when}, and {self.expected()}"
        return f"there are {self._there()}, and {self.expected()}"

    def expected(self) -> str:
        """How much is expected to sell, until when, and how much it may be."""
        row = self._row
        demand, most = row["predicted_demand"], row["reorder_point"]
        may_be = f", up to {self._units(most)} if days are good" if most > demand * MUCH_MORE else ""
        return f"{self._units(demand)} should sell until {self._date(row['lasts_until'])}{may_be}"

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
        least = self._units(max(self._row["pack_size"], self._row["minimum"]))
        if self._row["limited_by"] == "shelf_life":
            return f"of {least}, the smallest order, too much would expire"
        return f"there is no room for {least}, the smallest order"

    def lasting(self) -> str:
        """For how long what is there lasts."""
        row = self._row
        if row["current_stock"] + row["on_order"] <= 0:
            return "nothing of it is there, and nothing is expected to sell"
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
        return f"; a draft has {self._units(units)} already" if units > 0 else ""

    def _there(self) -> str:
        row = self._row
        stock, coming = row["current_stock"], row["on_order_in_time"]
        parts = [f"{self._units(stock)} in stock"] if stock > 0 else []
        parts += [f"{self._units(coming)} on the way"] if coming > 0 else []
        return " and ".join(parts)

    def _units(self, quantity: float) -> str:
        return f"{self._number(quantity)}{self._unit}"

    def _number(self, quantity: float) -> str:
        """As exact as anybody counts: tenths of what is weighed, and of the few that sell seldom."""
        rounded = round(quantity, 1) if quantity < (100 if self._unit else 10) else float(round(quantity))
        return f"{rounded:,.0f}" if rounded.is_integer() else f"{rounded:,.1f}"

    def _date(self, day: dt.date) -> str:
        return spoken(day, self._today)
