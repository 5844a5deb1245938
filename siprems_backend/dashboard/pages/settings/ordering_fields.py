"""Fields of the terms of ordering: numbers as people say them, and as services keep them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import dash_mantine_components as dmc
from dash import ALL
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.language import amount, say

FORM = "ordering"


@dataclass(frozen=True)
class Field:
    """One number: what it may be as people write it, of which services keep `parts` of one."""

    ANY: ClassVar[dict[str, Any]] = {"form": FORM, "name": ALL}

    name: str
    least: float
    most: float
    digits: int = 2
    parts: int = 1

    def input(self, value: Any, usual: Any) -> Component:
        """The field with what is said; what holds otherwise stands in it faintly."""
        return dmc.NumberInput(
            id={"form": FORM, "name": self.name},
            label=say(f"settings.ordering.field.{self.name}"),
            description=say(f"settings.ordering.help.{self.name}"),
            inputWrapperOrder=["label", "input", "description", "error"],
            value="" if value is None else self._written(value),
            placeholder=say("settings.ordering.nothing") if usual is None else amount(self._written(usual)),
            min=self.least,
            max=self.most,
            decimalScale=self.digits,
            suffix=" %" if self.parts == 100 else "",
            hideControls=True,
        )

    def _written(self, value: Any) -> float:
        return round(float(value) * self.parts, self.digits)

    def read(self, value: object) -> Decimal | int | None:
        """What services keep; None where nothing is said.

        Raises:
            Invalid: no number, or one beyond the limits.
        """
        label = say(f"settings.ordering.field.{self.name}")
        number = checks.number(value, self.least, self.most, label)
        if number is None:
            return None
        return int(number) if self.digits == 0 else number / self.parts


DELIVERY = (
    Field("lead_time_days", 0, 730),
    Field("lead_time_sd_days", 0, 730),
    Field("review_days", 1, 365, digits=0),
    Field("ordering_cost", 0, 1_000_000),
)
OF_SUPPLIERS = DELIVERY
FIELDS = (
    Field("service_level", 50, 99.99, parts=100),
    *DELIVERY,
    Field("holding_rate", 0, 1000, parts=100),
    Field("salvage_rate", 0, 100, parts=100),
    Field("pack_size", 0.001, 1_000_000, digits=3),
    Field("min_order_quantity", 0, 1_000_000, digits=3),
    Field("shelf_life_days", 1, 3650, digits=0),
    Field("max_stock", 0, 1_000_000, digits=3),
)
