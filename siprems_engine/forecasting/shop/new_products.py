"""Products too young to be judged by their own past: from launches before them and their own few periods.

The level of a new product is taken for that of one of the launches seen so far, those of its own category
first (a kernel density over their levels). Its own sales make some of these more credible than others and
draw the level towards themselves, as in a gamma-Poisson model. Forecasts are draws from that: of a launch,
of a level near it, of how the level moves, and of the noise of each period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.launches import Launches, launches, pupils, teachers
from siprems_engine.forecasting.shop.panel import Flags, Indices, Panel
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.forecasting.step import Step

if TYPE_CHECKING:
    from siprems_engine.forecasting.shop.forecast import ShopForecast

ENGINE = "new-product"
BY_FIRST_SALES, BY_LAUNCHES = "new product", "new product without sales"
# Known periods after which half of what the other engines expect of a product is believed.
TRUSTED = {Step.DAY: 7.0, Step.WEEK: 3.0}
# What launches of other categories, and products whose launch was not seen, weigh together, in launches.
OTHER_LAUNCHES, ESTABLISHED, OTHER_ESTABLISHED = 2.0, 2.0, 1.0
# A category's level counts as much as the shop's after so many products.
LEVEL_PRODUCTS = 3.0
# A level is not closer to another than by this deviation of its logarithm.
NARROWEST = 0.2
# A category's weekdays count as much as the shop's after so many products.
WEEKDAY_PRODUCTS = 5.0
DRAWS, SEED = 600, 0
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class NewProducts:
    """Forecasts of the new products `rows` (n,): mean (n, H), quantiles and totals (n, H, 7).

    `without_sales` (n,) tells those of which nothing is known but their category.
    """

    rows: Indices
    mean: Floats
    quantiles: Floats
    totals: Floats
    without_sales: Flags


def apply(made: ShopForecast, basis: Basis, open_ahead: Flags | None = None) -> ShopForecast:
    """Mix forecasts of new products into those of a shop, which names them in its versions and engines.

    The more periods of its own a product has, the more of what the other engines expect of it is left. The
    spread stays that of launches: the errors of established products say nothing of how much may change.
    """
    found = new_products(basis, open_ahead)
    if found is None:
        return made
    known = basis.panel.known[found.rows].sum(axis=1)
    left = known / (known + TRUSTED[basis.panel.step])
    mean, quantiles, totals = made.mean.copy(), made.quantiles.copy(), made.totals.copy()
    mean[found.rows] = left[:, None] * mean[found.rows] + (1.0 - left)[:, None] * found.mean
    moved = mean[found.rows].sum(axis=1) / np.maximum(found.mean.sum(axis=1), TINY)
    quantiles[found.rows] = found.quantiles * moved[:, None, None]
    totals[found.rows] = found.totals * moved[:, None, None]
    weights = np.concatenate([made.weights, np.zeros((len(mean), 2))], axis=1)
    weights[found.rows] *= left[:, None]
    weights[found.rows, np.where(found.without_sales, -1, -2)] = 1.0 - left
    return replace(
        made,
        mean=mean,
        quantiles=quantiles,
        totals=totals,
        weights=weights,
        versions=(*made.versions, BY_FIRST_SALES, BY_LAUNCHES),
        engines=(*made.engines, ENGINE, ENGINE),
    )


def new_products(basis: Basis, open_ahead: Flags | None = None) -> NewProducts | None:
    """Forecast the products with too short a past; None where there are none, or nothing to learn from.

    `open_ahead` (H,) tells the future periods that totals are summed over (None: all).
    """
    panel = basis.panel
    rows = np.flatnonzero(pupils(panel))
    if not len(rows) or not teachers(panel).any():
        return None
    factors = _factors(panel, basis)
    seen = launches(panel, factors[:, : panel.past])
    open_periods = np.ones(panel.horizon, dtype=bool) if open_ahead is None else open_ahead
    parts = [_Product(panel, row, factors[row], seen).forecast(open_periods) for row in rows.tolist()]
    mean, quantiles, totals = (np.stack([part[k] for part in parts]) for k in range(3))
    return NewProducts(rows, mean, quantiles, totals, np.logical_not(panel.known[rows].any(axis=1)))


def _factors(panel: Panel, basis: Basis) -> Floats:
    """Return factors (N, T+H) on the level; new products take the weekdays of their category."""
    new, effects = ~teachers(panel), basis.effects
    table = effects.table.copy()
    shop = effects.weekday[~new].mean(axis=0)
    for category in np.unique(panel.categories[new]).tolist():
        members = effects.weekday[~new & (panel.categories == category) & (category >= 0)]
        weekday = (members.sum(axis=0) + WEEKDAY_PRODUCTS * shop) / (len(members) + WEEKDAY_PRODUCTS)
        rows = np.flatnonzero(new & (panel.categories == category))
        uplift = np.where(panel.promo[rows], effects.promotion[rows][:, None], 1.0)
        table[rows] = weekday[panel.weekday] * uplift
    return table


class _Product:
    """One new product: what it may be like and how likely each is."""

    def __init__(self, panel: Panel, row: int, factors: Floats, seen: Launches) -> None:
        self._ahead = factors[panel.past :]
        self._dispersion, self._wander = seen.dispersion, seen.wander
        prior, levels = _prior(int(panel.categories[row]), seen)
        shape = 1.0 / bandwidth(levels, prior) ** 2
        known = panel.known[row]
        units = float(panel.sold[row, known].sum()) / seen.dispersion
        hoped = float(factors[: panel.past][known].sum()) / seen.dispersion
        # Gamma distributions of the level around each launch, after the product's own sales.
        self._shape, self._rate = shape + units, shape / levels + hoped
        evidence = log_gamma(self._shape) - self._shape * np.log(self._rate) + shape * np.log(shape / levels)
        # Launches of unlike dispersion compare by their quasi-likelihood (Nelder and Pregibon, 1987).
        saturated = units * np.log(np.maximum(units, 1e-9) / np.maximum(hoped, 1e-9)) - units
        if known.any():
            evidence -= np.where(units > 0, saturated, 0.0) + 0.5 * np.log(seen.dispersion)
        credible = np.log(np.maximum(prior, 1e-300)) + evidence
        weight = np.exp(credible - credible.max())
        self._weight = weight / weight.sum()

    def forecast(self, open_periods: Flags) -> tuple[Floats, Floats, Floats]:
        """Return the mean (H,), quantiles, and quantiles of the sums so far, (H, 7) each."""
        mean = float(self._weight @ (self._shape / self._rate)) * self._ahead
        units = self._draw(np.random.default_rng(SEED))
        sums = np.cumsum(np.where(open_periods, units, 0.0), axis=1)
        quantiles, totals = (np.quantile(each, LEVELS, axis=0).T for each in (units, sums))
        return mean, quantiles, totals

    def _draw(self, random: np.random.Generator) -> Floats:
        """Draw units of all periods ahead, (draws, H)."""
        # Evenly spread draws of the launch, so that few draws show all of them.
        places = (np.arange(DRAWS) + 0.5) / DRAWS
        launch = np.minimum(np.searchsorted(np.cumsum(self._weight), places), len(self._weight) - 1)
        level = random.gamma(self._shape[launch]) / self._rate[launch]
        level *= np.exp(self._wander * random.standard_normal(DRAWS) - 0.5 * self._wander**2)
        return draw_units(level[:, None] * self._ahead, self._dispersion[launch][:, None], random)


def draw_units(mean: Floats, dispersion: Floats, random: np.random.Generator) -> Floats:
    """Draw units of this mean and variance over mean: counts, or gamma if less noisy than these can be."""
    excess = np.where(dispersion > 1.0, np.maximum(dispersion - 1.0, 1e-3), dispersion)
    rate = random.gamma(np.maximum(mean / excess, 1e-12)) * excess
    return np.where(dispersion > 1.0, random.poisson(rate), rate)


def bandwidth(level: Floats, weight: Floats) -> float:
    """Return the width of the kernel around each level's logarithm, by Scott's rule for weighted points."""
    share = weight / weight.sum()
    size = np.log(level)
    deviation = float(np.sqrt(share @ (size - share @ size) ** 2))
    return max(NARROWEST, deviation * float(share @ share) ** 0.2)


def _prior(category: int, seen: Launches) -> tuple[Floats, Floats]:
    """Return the weights (R,) of the launches for a product of a category, and their levels (R,).

    Launches of other categories lend their spread, but not their level where the category's own is known.
    """
    same = (seen.category == category) & (category >= 0)
    weight = np.zeros(len(seen.level))
    weight[same & seen.launched] = 1.0
    groups = (
        (~same & seen.launched, OTHER_LAUNCHES),
        (same & ~seen.launched, ESTABLISHED),
        (~same & ~seen.launched, OTHER_ESTABLISHED),
    )
    for group, mass in groups:
        count = int(group.sum())
        if count:
            weight[group] = min(mass / count, 1.0)
    size, members = np.log(seen.level), int(same.sum())
    if members and not same.all():
        apart = float(size[same].mean() - size[~same].mean())
        size = np.where(same, size, size + apart * members / (members + LEVEL_PRODUCTS))
    return weight, np.exp(size)


def log_gamma(x: Floats) -> Floats:
    """Return the logarithm of the gamma function at x > 0, by Stirling's series from six steps further up."""
    shift = np.zeros_like(x)
    for step in range(6):
        shift += np.log(x + step)
    z = x + 6.0
    series = (z - 0.5) * np.log(z) - z + 0.5 * np.log(2.0 * np.pi)
    series += 1.0 / (12.0 * z) - 1.0 / (360.0 * z**3) + 1.0 / (1260.0 * z**5)
    return series - shift
