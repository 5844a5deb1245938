"""What is known of ordering N products: how long it takes, what it costs, and what limits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import policies
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.policies import Policy

SERVICE_LEVEL = 0.95
# What costs ask for is kept between these: no cost is known so well, nor any tail of demand.
SERVICE_RANGE = (0.05, 0.999)
DEFAULTS = {"lead_mean": 7.0, "lead_deviation": 0.0, "review": 7.0, "pack": 1.0, "min_order": 0.0}
DEFAULTS |= {"ordering": 0.0}
# What a year in stock costs in parts of the price paid, where nobody says: interest, space, what is lost.
HOLDING_A_YEAR, DAYS_A_YEAR = 0.25, 365.25
POSITIVE = ("review", "pack", "shelf_life")


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of N products, each (N,); NaN where unknown.

    Days: `lead_mean`, `lead_deviation`, `review` from one chance to order to the next, `shelf_life` from the
    delivery on (NaN: it keeps). `service_level` is the probability of not running out (NaN: what the costs
    ask for, or 95 % without costs). Money: `unit_cost`, `price` and `salvage` of a unit (what one that
    expired still brings), `holding` of a unit for a day, `ordering` of an order line. Units: `min_order`,
    `pack`, `max_stock` (NaN: no limit).
    """

    lead_mean: Floats
    lead_deviation: Floats
    review: Floats
    service_level: Floats
    unit_cost: Floats
    price: Floats
    salvage: Floats
    holding: Floats
    ordering: Floats
    min_order: Floats
    pack: Floats
    shelf_life: Floats
    max_stock: Floats
    policy: NDArray[Any]

    @classmethod
    def of(cls, products: int, **given: Any) -> Terms:
        """Build terms from arrays (N,), or one value for all; what is not given, or NaN, has its default.

        Defaults: 7 days of lead time and of review, packs of 1, no minimum, no cost of ordering, a quarter
        of the unit cost for a year in stock, policy `auto`; everything else is unknown. Raises `InvalidPlan`
        for numbers that make no sense.
        """
        names = [field.name for field in fields(cls)]
        if unknown := set(given) - set(names):
            raise InvalidPlan(f"There is no term {sorted(unknown)[0]!r}.")
        made: dict[str, Any] = {
            name: _column(name, given.get(name, np.nan), products) for name in names if name != "policy"
        }
        held = HOLDING_A_YEAR / DAYS_A_YEAR * np.nan_to_num(made["unit_cost"])
        made["holding"] = np.where(np.isnan(made["holding"]), held, made["holding"])
        made["policy"] = _policies(given.get("policy", Policy.AUTO), products)
        return cls(**made)

    def __len__(self) -> int:
        """Number of products."""
        return len(self.review)

    def of_products(self, products: np.ndarray) -> Terms:
        """Keep some products (n,), by place or by flags."""
        return Terms(*(getattr(self, field.name)[products] for field in fields(self)))

    @property
    def spoils_first(self) -> NDArray[np.bool_]:
        """Whether what lies on the shelf today is gone when a delivery ordered today comes, (N,)."""
        spoiled: NDArray[np.bool_] = self.shelf_life <= np.maximum(self.lead_mean, 1.0)
        return spoiled

    @property
    def window(self) -> Floats:
        """Days (N,) for which a delivery has to last: until the next one, or until it expires."""
        return np.fmin(self.review, self.shelf_life)

    @property
    def level(self) -> Floats:
        """The service level asked for, (N,)."""
        by_costs = policies.critical_ratio(self.unit_cost, self.price, self._worth_left, self._lying)
        wanted = np.where(np.isnan(self.service_level), by_costs, self.service_level)
        return np.where(
            np.isnan(self.service_level),
            np.where(np.isnan(wanted), SERVICE_LEVEL, np.clip(wanted, *SERVICE_RANGE)),
            wanted,
        )

    @property
    def level_before_expiry(self) -> Floats:
        """With which probability a unit should sell before it expires not to be one too many, (N,).

        From the costs if they are known, otherwise the service level says how bad it is to have too little.
        """
        salvage = np.nan_to_num(self.salvage)
        ratio = policies.critical_ratio(self.unit_cost, self.price, salvage, np.zeros(len(self)))
        return np.where(np.isnan(ratio), self.level, np.clip(ratio, *SERVICE_RANGE))

    @property
    def _worth_left(self) -> Floats:
        """What a unit left at the next delivery is worth: what it cost, or if it has expired its salvage."""
        return np.where(self.shelf_life <= self.review, np.nan_to_num(self.salvage), self.unit_cost)

    @property
    def _lying(self) -> Floats:
        """What a unit left over costs until the next delivery."""
        return self.holding * self.window

    def margin(self) -> Floats:
        """Money earned on a unit, (N,); NaN where price or cost is unknown."""
        return self.price - self.unit_cost


def _column(name: str, given: Any, products: int) -> Floats:
    try:
        column = np.broadcast_to(np.asarray(given, dtype=np.float64), (products,)).copy()
    except (TypeError, ValueError) as error:
        raise InvalidPlan(f"{name} must be a number, or one for each of {products} products.") from error
    column[np.isnan(column)] = DEFAULTS.get(name, np.nan)
    if np.isinf(column).any() or (column < 0).any():
        raise InvalidPlan(f"{name} must be a finite number of at least 0.")
    if name in POSITIVE and (column == 0).any():
        raise InvalidPlan(f"{name} must be above 0.")
    if name == "service_level" and ((column <= 0) | (column >= 1)).any():
        raise InvalidPlan("A service level must lie between 0 and 1, both excluded.")
    return column


def _policies(given: Any, products: int) -> NDArray[Any]:
    names: Sequence[Any] = [given] * products if isinstance(given, str) else list(given)
    if len(names) != products:
        raise InvalidPlan(f"There must be a policy for each of {products} products.")
    try:
        return np.array([Policy(name) for name in names], dtype=object)
    except ValueError as error:
        raise InvalidPlan(f"{error}; known are {', '.join(Policy)}.") from error
