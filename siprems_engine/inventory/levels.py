"""From demand and terms to reorder points and order-up-to levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import policies
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.choice import first_true
from siprems_engine.inventory.demand import Demand, fresh_demand, protection_demand
from siprems_engine.inventory.policies import Policy
from siprems_engine.inventory.rounding import whole_units
from siprems_engine.inventory.terms import SERVICE_RANGE, Terms

HALVINGS = 34


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
    level = _aimed_at(ahead, terms, covered)
    enough = whole_units(covered.quantile(level), terms.pack)
    between = ahead.expected(terms.review)
    economic = _economic_quantity(terms, between / terms.review)
    # Reviews make orders of what sells between them; only a larger economic quantity adds to these.
    extra = np.where(policy == Policy.MIN_MAX, np.maximum(economic - between, 0.0), 0.0)
    low, high = enough, enough + extra
    by_costs = (policy == Policy.MIN_MAX) & np.isnan(terms.service_level) & (economic > 0)
    # That approximation knows nothing of waste.
    by_costs &= np.isnan(terms.shelf_life)
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
    # Of what expires stock is not laid up to save orders.
    economic = (terms.ordering > 0) & (terms.holding > 0) & np.isnan(terms.shelf_life)
    auto = terms.policy == Policy.AUTO
    return first_true(
        [terms.spoils_first, auto & economic, auto],
        [Policy.NEWSVENDOR, Policy.MIN_MAX, Policy.PERIODIC],
        terms.policy,
    )


def _aimed_at(ahead: DemandAhead, terms: Terms, covered: Demand) -> Floats:
    """Return the service levels (N,) aimed at: those of the terms, less where a higher one would be wasted.

    Of what outlives a review but not for ever the last unit of a level earns its margin if it is asked for
    before the next delivery, and is lost if that much is not sold until it expires. Where costs decide, the
    level is raised as long as the one outweighs the other: a newsvendor who looks at two days at once.
    """
    level = terms.level
    wasted = np.maximum(terms.unit_cost - np.nan_to_num(terms.salvage), 0.0)
    weighed = np.isnan(terms.service_level) & (terms.shelf_life > terms.review) & ~terms.spoils_first
    weighed &= np.isfinite(terms.margin()) & (wasted > 0)
    if weighed.any():
        some, sells = terms.of_products(weighed), covered.of(weighed)
        until = protection_demand(
            ahead.of(weighed), some.lead_mean, some.lead_deviation, some.shelf_life
        ).probability
        units = _last_worthwhile(sells, until, some, wasted[weighed], sells.quantile(level[weighed]))
        level[weighed] = np.clip(sells.probability(units), *SERVICE_RANGE)
    return level


def _last_worthwhile(
    sells: Demand, expired: Callable[[Floats], Floats], terms: Terms, wasted: Floats, most: Floats
) -> Floats:
    """Return the units (n,) up to `most` whose last one is still worth having; `expired` tells the
    probability (n,) that so many are not sold in time.
    """
    low, high = np.zeros(len(terms)), most
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        left = sells.probability(middle)
        worth = terms.margin() * (1.0 - left) > terms.holding * terms.window * left + wasted * expired(middle)
        low, high = np.where(worth, middle, low), np.where(worth, high, middle)
    return high


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
