"""What customers ask for: an expectation for every product and day, and a draw from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siprems_engine.synthetic.events import ShopEvent
from siprems_engine.synthetic.product import Pattern, ProductTruth

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

YEAR = 365.25
PROMOTION_DAYS = 7
WEEKS_BETWEEN_PROMOTIONS = (6, 11)


def weekdays(days: Days) -> NDArray[np.int64]:
    """0 for Monday to 6 for Sunday, one a day (n,)."""
    # 1970-01-01 was a Thursday.
    return (days.astype(np.int64) + 3) % 7


def days_of_year(days: Days) -> NDArray[np.int64]:
    """1 to 366, one a day (n,)."""
    return (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1


def on_sale(product: ProductTruth, days: Days, today: np.datetime64) -> Flags:
    """Days (n,) on which the product is on the shelf by plan: launched (its age is of `today`), in season."""
    if product.pattern is Pattern.NEVER:
        return np.zeros(len(days), dtype=np.bool_)
    first, last = product.season
    day_of_year = days_of_year(days)
    offered: Flags = (day_of_year >= first) & (day_of_year <= last)
    if product.age_days is not None:
        offered &= days > today - product.age_days
    return offered


def promotions(product: ProductTruth, days: Days, random: np.random.Generator) -> Flags:
    """Promotion days (n,): whole weeks from Monday on, every six to eleven weeks."""
    flags = np.zeros(len(days), dtype=np.bool_)
    if product.promo_uplift == 1.0:
        return flags
    first_monday = int((7 - weekdays(days[:1])[0]) % 7)
    start = first_monday + 7 * int(random.integers(1, WEEKS_BETWEEN_PROMOTIONS[0]))
    while start + PROMOTION_DAYS <= len(days):
        flags[start : start + PROMOTION_DAYS] = True
        start += 7 * int(random.integers(*WEEKS_BETWEEN_PROMOTIONS, endpoint=True))
    return flags


def event_factors(category: str, days: Days, events: Sequence[ShopEvent]) -> Floats:
    """Factors (n,) of the events on a category; 0 where the shop is shut."""
    factors = np.ones(len(days))
    for event in events:
        place = (np.datetime64(event.date) - days[0]).astype(int)
        if 0 <= place < len(days):
            factors[place] *= 0.0 if event.closed else event.effects.get(category, 1.0)
    return factors


def expected_demand(
    product: ProductTruth, days: Days, promo: Flags, events: Sequence[ShopEvent], today: np.datetime64
) -> Floats:
    """Mean units asked for on each day (n,), if the shelves are full; the history ends on `today`."""
    years = np.arange(len(days)) / YEAR
    trend = (1.0 + product.growth) ** years
    trend[days > today - product.break_days_ago] *= product.break_factor
    wave = 2 * np.pi * (days_of_year(days) - product.peak_day) / YEAR
    season = 1.0 + product.yearly * np.cos(wave)
    week = np.asarray(product.week)[weekdays(days)]
    uplift = np.where(promo, product.promo_uplift, 1.0)
    mean = product.level * trend * season * week * uplift * event_factors(product.category, days, events)
    return np.where(on_sale(product, days, today), mean, 0.0) * product.sale_share


def draw_demand(product: ProductTruth, expected: Floats, random: np.random.Generator) -> Floats:
    """Units asked for on each day (n,): negative binomial, gamma for what is sold by weight."""
    asked = random.random(len(expected)) < product.sale_share  # nosec B311: no secret
    mean = np.where(asked, expected / product.sale_share, 0.0)
    # A gamma of this shape and mean 1 gives the excess variance; Poisson draws around it are the customers.
    intensity = mean * random.gamma(1.0 / product.noise, product.noise, len(mean))
    if product.by_weight:
        return np.round(intensity, 3)
    return random.poisson(intensity).astype(np.float64)


def to_days(first: dt.date, count: int) -> Days:
    """`count` days from `first` on."""
    return np.datetime64(first, "D") + np.arange(count)
