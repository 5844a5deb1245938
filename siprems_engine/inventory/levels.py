"""From demand and terms to reorder points and order-up-to levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import policies
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.choice import first_true
from siprems_engine.inventory.demand import Demand, fresh_demand, protection_demand
from siprems_engine.inventory.policies import Policy
from siprems_engine.inventory.rounding import whole_units
from siprems_engine.inventory.terms import Terms


@dataclass(frozen=True, eq=False)
class Levels:
    """Of N products, each (N,): order below `reorder_point` up to `order_up_to`, or multiples of `quantity`.

    `policy` is the one that serves, `quantity` is 0 where another one does, `service_level` what is aimed at.
    """

    policy: np.ndarray
    service_level: Floats
    reorder_point: Floats
    order_up_to: Floats
    quantity: Floats


def covered_demand(ahead: DemandAhead, terms: Terms) -> Demand:
    """Return the demand (N,) that stock and order have to last for.

    That is until the delivery after the one ordered now, or until this one expires; only from its arrival on
    where what lies on the shelf today is gone by then.
    """
    fresh, window = terms.spoils_first, terms.window
    kept = protection_demand(ahead, terms.lead_mean, terms.lead_deviation, window)
    if not fresh.any():
        return kept
    only = fresh_demand(ahead, terms.lead_mean, terms.lead_deviation, window)
    mean = np.where(fresh, only.mean, kept.mean)
    return Demand(mean, np.where(fresh[:, None, None], only.knots, kept.knots), kept.weights)


def levels(ahead: DemandAhead, terms: Terms, covered: Demand) -> Levels:
    """Return the levels of every product by its policy."""
    policy = serving_policy(terms)
    level = terms.level
    enough = whole_units(covered.quantile(level), terms.pack)
    between = ahead.expected(terms.review)
    economic = _economic_quantity(terms, between / terms.review)
    # Reviews make orders of what sells between them; only a larger economic quantity adds to these.
    extra = np.where(policy == Policy.MIN_MAX, np.maximum(economic - between, 0.0), 0.0)
    low, high = enough, enough + extra
    by_costs = (policy == Policy.MIN_MAX) & np.isnan(terms.service_level) & (economic > 0)
    if by_costs.any():
        cheapest = _cheapest(ahead.of(by_costs), terms.of_products(by_costs), covered.of(by_costs))
        low[by_costs], high[by_costs] = (
            np.where(np.isnan(cost), known[by_costs], cost)
            for cost, known in zip(cheapest, (low, high), strict=True)
        )
    quantity = np.where(policy == Policy.FIXED_QUANTITY, np.where(economic > 0, economic, between), 0.0)
    return Levels(policy, level, low, np.maximum(whole_units(high, terms.pack), low), quantity)


def serving_policy(terms: Terms) -> np.ndarray:
    """Return the policy that serves each product, (N,): `AUTO` made up its mind."""
    economic = (terms.ordering > 0) & (terms.holding > 0)
    auto = terms.policy == Policy.AUTO
    return first_true(
        [terms.spoils_first, auto & economic, auto],
        [Policy.NEWSVENDOR, Policy.MIN_MAX, Policy.PERIODIC],
        terms.policy,
    )


def _economic_quantity(terms: Terms, rate: Floats) -> Floats:
    """Return units per order (N,), no more than a year's; 0 where orders or stock cost nothing."""
    quantity = policies.economic_order_quantity(terms.ordering, terms.holding, rate)
    return np.where(np.isfinite(quantity), np.minimum(quantity, 365.0 * rate), 0.0)


def _cheapest(ahead: DemandAhead, terms: Terms, covered: Demand) -> tuple[Floats, Floats]:
    """Return the levels (n,) of the power approximation; NaN where a cost is unknown."""
    between = protection_demand(ahead, np.zeros(len(terms)), np.zeros(len(terms)), terms.review)
    return policies.power_approximation(
        between.mean,
        between.deviation,
        covered.mean,
        covered.deviation,
        ordering=terms.ordering,
        holding=terms.holding * terms.review,
        shortage=np.maximum(terms.margin(), 0.0),
    )
