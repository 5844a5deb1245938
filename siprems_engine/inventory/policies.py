"""The formulas of inventory control, for arrays of products.

Numbers in brackets: [1] Snyder and Shen, *Fundamentals of Supply Chain Theory*, 2019; [2] Ehrhardt and
Mosier, "A revision of the power approximation for computing (s, S) policies", 1984.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import normal

# Below this quantity in multiples of the demand between reviews the power approximation is not one [2].
POWER_VALID = 1.5


class Policy(StrEnum):
    """When to order, and how much.

    `PERIODIC` (R,S) fills up to a level at every review. `MIN_MAX` (s,S) does so once stock is below another.
    `FIXED_QUANTITY` (R,Q) then orders a multiple of one quantity. `NEWSVENDOR` orders what sells before it is
    waste, whatever is left of the last delivery. `AUTO` takes the newsvendor where stock does not keep until
    the delivery, (s,S) where orders cost something, and (R,S) elsewhere.
    """

    AUTO = "auto"
    PERIODIC = "periodic"
    MIN_MAX = "min_max"
    FIXED_QUANTITY = "fixed_quantity"
    NEWSVENDOR = "newsvendor"


def critical_ratio(unit_cost: Floats, price: Floats, salvage: Floats, holding: Floats) -> Floats:
    """Return the probability with which it pays not to run out, (N,): Cu / (Cu + Co) [1, 4.3.2].

    A unit missing loses `price - unit_cost`, one left over loses `unit_cost - salvage + holding`, where
    `holding` is for as long as it lies. Whoever sells at a loss should have nothing (0), whoever loses
    nothing on what is left should never run out (1). NaN where a price or cost is unknown.
    """
    under, over = np.maximum(price - unit_cost, 0.0), np.maximum(unit_cost - salvage + holding, 0.0)
    both = under + over
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both > 0, under / both, np.where(np.isnan(both), np.nan, 0.0))


def economic_order_quantity(ordering: Floats, holding: Floats, rate: Floats) -> Floats:
    """Return units per order (N,): the root of 2 K d / h [1, 3.2].

    An order costs `ordering`, a unit `holding` for the time in which `rate` units sell. Without any cost of
    holding there is no such quantity (inf).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        quantity = np.sqrt(2.0 * ordering * rate / holding)
    return np.where(ordering * rate > 0, quantity, np.where(np.isnan(ordering * rate * holding), np.nan, 0.0))


def quantity_with_backorders(ordering: Floats, holding: Floats, shortage: Floats, rate: Floats) -> Floats:
    """Return units per order (N,) where customers wait, at `shortage` a unit and time [1, 3.5]."""
    return economic_order_quantity(ordering, holding * shortage / (holding + shortage), rate)


def safety_stock(deviation: Floats, level: Floats) -> Floats:
    """Return what suffices beyond the mean with probability `level`, (N,): z σ [1, 4.3.2]."""
    return normal.quantile(level) * deviation


def order_up_to(mean: Floats, deviation: Floats, level: Floats) -> Floats:
    """Return the units (N,) that suffice for a normal demand with probability `level`: μ + z σ [1, 4.3.2]."""
    return mean + safety_stock(deviation, level)


def missing(units: Floats, mean: Floats, deviation: Floats) -> Floats:
    """Return how much a normal demand exceeds `units` (N,) on average: σ L((S - μ) / σ) [1, C.3]."""
    certain = np.maximum(mean - units, 0.0)
    spread = np.where(deviation > 0, deviation, 1.0)
    return np.where(deviation > 0, spread * normal.loss((units - mean) / spread), certain)


def period_cost(units: Floats, mean: Floats, deviation: Floats, holding: Floats, shortage: Floats) -> Floats:
    """Return the expected cost (N,) of a period that begins with `units` [1, 4.3.2].

    h E max(S - D, 0) + p E max(D - S, 0) of a normal demand: a unit left costs `holding`, one missing
    `shortage`.
    """
    short = missing(units, mean, deviation)
    return holding * (units - mean + short) + shortage * short


def fixed_quantity(
    mean: Floats, deviation: Floats, level: Floats, *, ordering: Floats, holding: Floats, rate: Floats
) -> tuple[Floats, Floats]:
    """Return reorder point and quantity (N,) of an (R,Q) policy: the quantity by EOQ, the reorder point with
    safety stock for a normal demand over the lead time [1, 5.3.3].
    """
    return order_up_to(mean, deviation, level), economic_order_quantity(ordering, holding, rate)


def power_approximation(
    mean: Floats,
    deviation: Floats,
    covered_mean: Floats,
    covered_deviation: Floats,
    *,
    ordering: Floats,
    holding: Floats,
    shortage: Floats,
) -> tuple[Floats, Floats]:
    """Return the levels s and S (N,) of a nearly optimal (s,S) policy [2; 1, 4.4.4].

    `mean` and `deviation` are of the demand between reviews, the `covered` ones of that over lead time and
    review. Costs are for a unit and review. Where the quantity is below one and a half times the demand
    between reviews, S is at most the level that would be right if orders cost nothing.
    """
    known = (mean > 0) & (ordering > 0) & (holding > 0) & (shortage > 0)
    one = np.where(known, 1.0, np.nan)
    per_period = np.where(known, mean, 1.0)
    variation = np.square(deviation / per_period)
    quantity = 1.30 * per_period**0.494 * (ordering * one / holding) ** 0.506 * (1.0 + variation) ** 0.116
    spread = np.maximum(covered_deviation, 1e-9)
    z = np.sqrt(quantity / spread * holding / shortage)
    low = 0.973 * covered_mean + spread * (0.183 / z + 1.063 - 2.192 * z)
    free = order_up_to(covered_mean, covered_deviation, _ratio(holding * one, shortage))
    small = quantity <= POWER_VALID * per_period
    return np.where(small, np.minimum(low, free), low), np.where(
        small, np.minimum(low + quantity, free), low + quantity
    )


def _ratio(holding: Floats, shortage: Floats) -> Floats:
    ratio = shortage / (shortage + holding)
    return np.where(np.isfinite(ratio), np.clip(ratio, 1e-9, 1.0 - 1e-9), 0.5)
