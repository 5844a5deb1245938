"""What a product's forecast is made of, in figures to compare with what a person knows of the product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import effects, last_year
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.running import Discounted, Sums, centred
from siprems_engine.forecasting.step import Step

# Periods after which a sale counts half in the level, and those between the levels that a trend compares.
HALF_LIFE = {Step.DAY: 28.0, Step.WEEK: 6.0}
TREND_PERIODS = {Step.DAY: 56, Step.WEEK: 8}
# A trend is told of products known for this long before it begins.
KNOWN_BEFORE = {Step.DAY: 28, Step.WEEK: 6}
# The shop's effect of events counts as much as so many periods with an event of the product's own.
EVENT_PRIOR = 4.0
EVENT_RANGE = (0.1, 10.0)


@dataclass(frozen=True, eq=False)
class Components:
    """Of N products; NaN where nothing is known.

    `level` (N,) is units per usual period now, without promotion and effect of the weekday; `trend` (N,) how
    much of the level was gained in the last eight weeks. The rest are factors on the level: `weekday` (N, 7),
    Monday first, whose mean over the open days is 1, `promotion` (N,), `event` (N,) of a period with any
    event, `season` (N,) as sales over the periods ahead compared to the level a year ago.
    """

    level: Floats
    trend: Floats
    weekday: Floats
    promotion: Floats
    event: Floats
    season: Floats


def components(panel: Panel) -> Components:
    """Take a panel apart, from the factors that its engines work with."""
    panel = panel.recent()
    factors = effects.estimate(panel)
    sums = Sums(panel)
    moved = last_year.movement(panel, sums, panel.last)
    unknown = np.full(panel.products, np.nan)
    level, trend = _levels(panel, factors.table, sums)
    weekday, usual = _weekdays(panel, factors.weekday)
    return Components(
        level * usual,
        trend,
        weekday,
        factors.promotion if panel.promo[:, : panel.past].any() else unknown,
        _event_factors(panel, factors.table),
        unknown if moved is None else moved.own.mean(axis=1),
    )


def _weekdays(panel: Panel, factors: Floats) -> tuple[Floats, Floats]:
    """Return factors (N, 7) whose mean is 1, NaN on days off, and the mean (N,) they had."""
    if panel.step is Step.WEEK:
        return np.ones((panel.products, 7)), np.ones(panel.products)
    recent = slice(max(0, panel.past - effects.MEMORY[panel.step]), panel.past)
    traded = panel.weekday[recent][panel.known[:, recent].any(axis=0)]
    is_open = np.isin(np.arange(7), traded)
    if not is_open.any():
        return np.full((panel.products, 7), np.nan), np.ones(panel.products)
    usual = factors[:, is_open].mean(axis=1)
    return np.where(is_open, factors / usual[:, None], np.nan), usual


def _levels(panel: Panel, table: Floats, sums: Sums) -> tuple[Floats, Floats]:
    """Return the level now and its relative gain since eight weeks ago, (N,) each."""
    before = panel.last - TREND_PERIODS[panel.step]
    levels = Discounted(panel, table, HALF_LIFE[panel.step], [before, panel.last])
    level = np.where(panel.known.any(axis=1), levels.at(panel.last), np.nan)
    if before < 0:
        return level, np.full(panel.products, np.nan)
    earlier = levels.at(before)
    comparable = (sums.known(0, before + 1) >= KNOWN_BEFORE[panel.step]) & (earlier > 0)
    return level, np.where(comparable, level / np.maximum(earlier, 1e-9) - 1.0, np.nan)


def _event_factors(panel: Panel, table: Floats) -> Floats:
    """Return each product's sales on periods with an event over what level and factors expect, (N,).

    Drawn to the ratio of the whole shop, in which every product counts alike.
    """
    recent = slice(max(0, panel.past - effects.MEMORY[panel.step]), panel.past)
    on, known, sold = panel.events[recent], panel.known[:, recent], panel.sold[:, recent]
    if not (known & on).any():
        return np.full(panel.products, np.nan)
    # The level around an event is that of the other periods.
    usual = known & ~on
    reach = effects.REACH[panel.step]
    hoped = centred(np.where(usual, table[:, recent], 0.0), reach)
    level = centred(np.where(usual, sold, 0.0), reach) / np.maximum(hoped, 1e-9)
    expected = (level * np.where(known, table[:, recent], 0.0))[:, on].sum(axis=1)
    periods = (known & on).sum(axis=1)
    happened = sold[:, on].sum(axis=1)
    own = expected / np.maximum(periods, 1)
    weight = np.where(own > 0, 1.0 / np.maximum(own, 1e-9), 0.0)
    whole = float((expected * weight).sum())
    shop = float((happened * weight).sum()) / whole if whole > 0 else 1.0
    prior = EVENT_PRIOR * own
    factor = np.where(own > 0, (happened + shop * prior) / np.maximum(expected + prior, 1e-9), shop)
    return np.clip(factor, *EVENT_RANGE)
