"""Under which conditions a shop orders in a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.policies import Policy
from siprems_engine.inventory.terms import HOLDING_A_YEAR, Terms

DAYS_A_YEAR = 365.25
# Half a year of weekly reviews.
REVIEWS = 26


@dataclass(frozen=True)
class Conditions:
    """Terms of all products, as planners say them; None where nobody says.

    Times are days, costs money of a unit; `holding_rate` is the cost of a year in stock and `salvage_rate`
    what expired units bring, both in parts of the unit cost. `reviews` is how many reviews of the past are
    replayed.
    """

    reviews: int = REVIEWS
    review_days: int = 7
    lead_time_days: float = 7.0
    lead_time_sd_days: float = 0.0
    service_level: float | None = None
    min_order_quantity: float = 0.0
    pack_size: float = 1.0
    shelf_life_days: int | None = None
    max_stock: float | None = None
    unit_cost: float | None = None
    price: float | None = None
    salvage_rate: float = 0.0
    holding_rate: float = HOLDING_A_YEAR
    ordering_cost: float = 0.0
    policy: str = Policy.AUTO

    def terms(self, products: int, own: Mapping[str, Floats] | None = None) -> Terms:
        """Return the engine's terms of so many products; `own` columns (products,) of these come first.

        What they leave open, NaN, is as for all. Raises `InvalidPlan` for numbers that make no sense.
        """
        said = {name: self._column(name, products, own or {}) for name in OF_PRODUCTS}
        cost = said["unit_cost"]
        return Terms.of(
            products,
            review=float(self.review_days),
            lead_mean=said["lead_time_days"],
            lead_deviation=said["lead_time_sd_days"],
            service_level=said["service_level"],
            min_order=said["min_order_quantity"],
            pack=said["pack_size"],
            shelf_life=said["shelf_life_days"],
            max_stock=said["max_stock"],
            unit_cost=cost,
            price=said["price"],
            salvage=said["salvage_rate"] * cost,
            holding=said["holding_rate"] * cost / DAYS_A_YEAR,
            ordering=said["ordering_cost"],
            policy=self.policy,
        )

    def _column(self, name: str, products: int, own: Mapping[str, Floats]) -> Floats:
        given = getattr(self, name)
        usual = np.full(products, np.nan if given is None else float(given))
        return np.where(np.isnan(own[name]), usual, own[name]) if name in own else usual

    def told(self) -> dict[str, Any]:
        """Return what was said, by name."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if value is not None}


# What may differ from product to product.
OF_PRODUCTS = tuple(
    field.name for field in fields(Conditions) if field.name not in ("reviews", "review_days", "policy")
)
