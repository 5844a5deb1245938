"""Which products have to do with each other: whose demand moves together, and which sell on the same days.

Of millions of pairs some look related by chance, so that only those are kept that chance would hardly have
made in any of all pairs (Bonferroni). What the whole shop does (weekdays, busy days, trends) relates nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.demand_class import shares_with_sale
from siprems_engine.forecasting.shop.panel import Flags, Indices

# A relation that chance makes once in so many shops is believed.
SIGNIFICANCE = 0.01
FEWEST_COMMON, FEWEST_TOGETHER = 28, 5
# What sells on fewer periods has no movement to compare, and single large sales must not decide alone.
SELLS_OFTEN, LARGEST_STEP = 0.4, 3.0
# The shop's movement is the mean of at least so many products.
FEWEST_OF_SHOP = 5
# Rows of the table of pairs that are in memory at a time.
ROWS_AT_A_TIME = 256
TINY = 1e-9
SinglePrecision = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Relations:
    """Pairs of products, (m,) each: places `left` < `right`, the strongest first.

    `strength` is at most 1, and negative where one sells instead of the other; `lift` and `jaccard` are NaN
    where they were not asked for.
    """

    left: Indices
    right: Indices
    strength: Floats
    lift: Floats
    jaccard: Floats

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.left)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Both places of each pair."""
        return list(zip(self.left.tolist(), self.right.tolist(), strict=True))


def moving_together(units: Floats, season: int, most: int) -> Relations:
    """Correlate the demand (N, T; NaN: not known) of all products beyond what the shop does.

    `season` is the number of periods after which the week repeats (1 for weekly demand). Logarithms are
    compared, without each product's mean of the weekday and without its part in the movement of the others.
    Products that sell seldom, and pairs that are known together seldom, are not compared. At most `most`
    pairs are kept.
    """
    known = ~np.isnan(units) & (shares_with_sale(units) >= SELLS_OFTEN)[:, None]
    apart = _beyond_the_shop(np.log1p(np.nan_to_num(units)), known, season)
    apart, counted = apart.astype(np.float32), known.astype(np.float32)
    squares = apart**2

    def block(rows: slice) -> tuple[Floats, Floats, Floats, Flags]:
        common = counted[rows] @ counted.T
        size = np.sqrt((squares[rows] @ counted.T) * (counted[rows] @ squares.T))
        correlation = (apart[rows] @ apart.T) / np.maximum(size, TINY)
        unknown = np.full_like(correlation, np.nan)
        score = np.arctanh(np.clip(correlation, -0.9999, 0.9999)) * np.sqrt(np.maximum(common - 3.0, 0.0))
        return (
            correlation,
            unknown,
            unknown,
            (np.abs(score) > _limit(len(units))) & (common >= FEWEST_COMMON),
        )

    return _strongest(len(units), most, block)


def sold_together(units: Floats, most: int) -> Relations:
    """Find products that sell on the same periods of the known ones, (N, T; NaN: not known).

    It is compared with what two products would do that have nothing to do with each other, on days as busy.
    `strength` is the Jaccard index beyond that one in parts of the most it could be. At most `most` pairs are
    kept, none of them negative.
    """
    known = ~np.isnan(units)
    sold = (np.nan_to_num(units) > 0).astype(np.float32)
    counted = known.astype(np.float32)
    chance = _chances(sold, counted)
    squares = chance**2

    def block(rows: slice) -> tuple[Floats, Floats, Floats, Flags]:
        both = sold[rows] @ sold.T
        hoped = chance[rows] @ chance.T
        spread = np.sqrt(np.maximum(hoped - squares[rows] @ squares.T, TINY))
        either = sold[rows] @ counted.T + counted[rows] @ sold.T - both
        jaccard = both / np.maximum(either, 1.0)
        usual = hoped / np.maximum(either + both - hoped, TINY)
        strength = (jaccard - usual) / np.maximum(1.0 - usual, TINY)
        believed = ((both - hoped) / spread > _limit(len(units))) & (both >= FEWEST_TOGETHER)
        return strength, both / np.maximum(hoped, TINY), jaccard, believed & (strength > 0)

    return _strongest(len(units), most, block)


def _limit(products: int) -> float:
    """How many standard deviations from chance a pair must be."""
    pairs = max(products * (products - 1) / 2, 1.0)
    return NormalDist().inv_cdf(1.0 - SIGNIFICANCE / 2.0 / pairs)


def _beyond_the_shop(values: Floats, known: Flags, season: int) -> Floats:
    """Return values (N, T) without means by place in the season and the movement of the others; 0 if
    unknown.
    """
    left = np.where(known, values, 0.0)
    for place in range(season):
        part, counts = left[:, place::season], known[:, place::season]
        mean = part.sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
        left[:, place::season] = np.where(counts, part - mean[:, None], 0.0)
    scale = np.sqrt((left**2).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    left = np.clip(left / np.maximum(scale, TINY)[:, None], -LARGEST_STEP, LARGEST_STEP)
    if known.any(axis=1).sum() < FEWEST_OF_SHOP:
        return left
    # The mean of all others: with itself in it, a product of a small shop would seem to go against the rest.
    others = np.maximum(known.sum(axis=0) - known, 1)
    shop = np.where(known, (left.sum(axis=0) - left) / others, 0.0)
    part = (left * shop).sum(axis=1) / np.maximum((shop**2).sum(axis=1), TINY)
    return np.asarray(left - part[:, None] * shop)


def _chances(sold: SinglePrecision, counted: SinglePrecision) -> SinglePrecision:
    """Return the probability of a sale, (N, T), by how often a product sells and how busy a period is.

    Of a Poisson number of sales with a rate by product times one by period, in a few rounds; 0 if unknown.
    """
    periods = np.maximum(counted.sum(axis=1), 1.0)
    # Half a period is neither, so that what sells always or never has a finite rate.
    share = (sold.sum(axis=1) + 0.5) / (periods + 1.0)
    rate = -np.log1p(-np.minimum(share, 0.9999))
    busy = np.ones(sold.shape[1], dtype=np.float32)
    for _ in range(3):
        hoped = (1.0 - np.exp(-rate[:, None] * busy)) * counted
        busy *= np.clip(sold.sum(axis=0) / np.maximum(hoped.sum(axis=0), TINY), 0.2, 5.0)
        busy /= max(float(busy.mean()), TINY)
    made = (1.0 - np.exp(-rate[:, None] * busy)) * counted
    # As many in all as there were.
    made *= np.minimum(sold.sum(axis=1) / np.maximum(made.sum(axis=1), TINY), 1.5)[:, None]
    return np.minimum(made, 1.0).astype(np.float32)


Block = Callable[[slice], tuple[Floats, Floats, Floats, Flags]]


def _strongest(products: int, most: int, block: Block) -> Relations:
    """Gather the believed pairs block by block, and keep the strongest."""
    kept = np.zeros((0, 5))
    for found in _pairs(products, block):
        kept = np.concatenate([kept, found])
        order = np.lexsort((kept[:, 1], kept[:, 0], -np.abs(kept[:, 2])))
        kept = kept[order[:most]]
    left, right = kept[:, 0].astype(np.int64), kept[:, 1].astype(np.int64)
    return Relations(left, right, kept[:, 2], kept[:, 3], kept[:, 4])


def _pairs(products: int, block: Block) -> Iterator[Floats]:
    """Give rows (m, 5) of both places, strength, lift and Jaccard index, each pair once."""
    for start in range(0, products, ROWS_AT_A_TIME):
        rows = slice(start, min(start + ROWS_AT_A_TIME, products))
        strength, lift, jaccard, believed = block(rows)
        later = np.arange(products)[None, :] > np.arange(rows.start, rows.stop)[:, None]
        row, column = np.nonzero(believed & later)
        values = [each[row, column] for each in (strength, lift, jaccard)]
        yield np.stack([row + start, column, *values], axis=1).astype(np.float64)


def merged(moving: Relations, sold: Relations) -> list[tuple[int, int, float, float, float]]:
    """Put relations of both kinds together by pair: places, correlation, lift and Jaccard index, or NaN."""
    found: dict[tuple[int, int], tuple[float, float, float]] = {}
    for pair, strength in zip(moving.pairs, moving.strength.tolist(), strict=True):
        found[pair] = (strength, math.nan, math.nan)
    for pair, lift, jaccard in zip(sold.pairs, sold.lift.tolist(), sold.jaccard.tolist(), strict=True):
        found[pair] = (found[pair][0] if pair in found else math.nan, lift, jaccard)
    return [(*pair, *values) for pair, values in found.items()]
