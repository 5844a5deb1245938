"""Classes of products: by the pattern of their demand, by value (ABC) and by variability (XYZ)."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.demand_class import SHORT_INTERVAL, shares_with_sale
from siprems_engine.forecasting.step import Step

# Squared coefficient of variation of the sizes of sales that parts smooth from erratic demand (Syntetos,
# Boylan and Croston, "On the categorization of demand patterns", 2005).
LARGE_VARIATION = 0.49
# Cumulated shares of value at which A and B end, and coefficients of variation of weekly demand at which X
# and Y end: the customary ones.
VALUE_SHARES = (0.8, 0.95)
VARIATIONS = (0.5, 1.0)
# With fewer weeks their variation says nothing.
FEWEST_WEEKS = 4


class DemandPattern(StrEnum):
    """By the interval from sale to sale (long: intermittent, lumpy) and their sizes (erratic, lumpy)."""

    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"


class ValueClass(StrEnum):
    """By the share of the whole value: A makes most of it."""

    A = "A"
    B = "B"
    C = "C"


class VariationClass(StrEnum):
    """By how much demand varies from week to week: X hardly, Z wildly."""

    X = "X"
    Y = "Y"
    Z = "Z"


def demand_patterns(units: Floats) -> list[DemandPattern | None]:
    """Name each product's pattern by its units (N, T; NaN: not known); None where nothing was sold.

    The interval is that between sales in known periods. Give the recent past, half a year say.
    """
    share = shares_with_sale(units)
    variation = _squared_variation(np.where(units > 0, units, np.nan))
    return [
        _pattern(1.0 / each > SHORT_INTERVAL, apart > LARGE_VARIATION) if each > 0 else None
        for each, apart in zip(share.tolist(), variation.tolist(), strict=True)
    ]


def value_classes(value: Floats, shares: tuple[float, float] = VALUE_SHARES) -> list[ValueClass]:
    """Name each product's class by its value (N,), turnover say; NaN and what is not above 0 is C.

    A is whatever it takes, largest first, to make the first share of the whole, B what it takes to make the
    second; of equals the earlier counts as larger.
    """
    positive = np.where(np.isfinite(value) & (value > 0), value, 0.0)
    order = np.argsort(-positive, kind="stable")
    whole = positive.sum()
    # What stands before a product decides, so that one that makes everything is A.
    before = np.zeros(len(value))
    before[order] = np.cumsum(positive[order]) - positive[order]
    reached = before / whole if whole > 0 else np.ones(len(value))
    # Sums of decimals miss a share by rounding.
    reached = np.where(positive > 0, reached + 1e-12, 1.0)
    place = np.searchsorted(np.array(shares), reached, side="right")
    return [list(ValueClass)[each] for each in place.tolist()]


def variation_classes(
    units: Floats, step: Step, limits: tuple[float, float] = VARIATIONS
) -> list[VariationClass | None]:
    """Name each product's class by its units (N, T; NaN: not known); None where too little is known.

    Days are taken together to weeks, or every shop with a quiet Monday would look unsteady.
    """
    variation = weekly_variation(units, step)
    place = np.searchsorted(np.array(limits), variation, side="left")
    classes = list(VariationClass)
    return [
        classes[each] if known else None
        for each, known in zip(place.tolist(), np.isfinite(variation).tolist(), strict=True)
    ]


def weekly_variation(units: Floats, step: Step) -> Floats:
    """Return the coefficient of variation of weekly demand, (N,), by units (N, T); NaN: too few known."""
    weeks = units if step is Step.WEEK else weekly_means(units)
    enough = (~np.isnan(weeks)).sum(axis=1) >= FEWEST_WEEKS
    return np.where(enough, np.sqrt(_squared_variation(weeks)), np.nan)


def weekly_means(units: Floats) -> Floats:
    """Return the mean of the known days of each week (N, W) of units by day (N, T), the last week whole.

    Means, not sums: a week with a holiday is not a week of less demand. A week of which less than half the
    open days are known is not known.
    """
    whole = units.shape[1] // 7 * 7
    weeks = units[:, units.shape[1] - whole :].reshape(len(units), -1, 7)
    known = (~np.isnan(weeks)).sum(axis=2)
    usual = np.median(known, axis=1, keepdims=True) if known.size else known
    usable = (known > 0) & (2 * known >= usual)
    return np.where(usable, np.nansum(weeks, axis=2) / np.maximum(known, 1), np.nan)


def _squared_variation(values: Floats) -> Floats:
    """Return the squared coefficient of variation of the known values (N, T) of each row; NaN without any."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.nansum(values, axis=1) / count
    square = np.where(known, values - mean[:, None], 0.0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mean > 0, square.sum(axis=1) / count / mean**2, np.nan)


def _pattern(seldom: bool, uneven: bool) -> DemandPattern:
    if seldom:
        return DemandPattern.LUMPY if uneven else DemandPattern.INTERMITTENT
    return DemandPattern.ERRATIC if uneven else DemandPattern.SMOOTH
