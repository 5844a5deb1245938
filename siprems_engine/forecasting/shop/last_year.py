"""How demand moved a year ago over the same weeks, each product's own movement shrunk to the shop's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.running import Sums
from siprems_engine.forecasting.step import Step

# A year of whole weeks keeps the weekday; days are averaged over a week to each side.
YEAR = {Step.DAY: 364, Step.WEEK: 52}
REACH = {Step.DAY: 7, Step.WEEK: 0}
# Periods before the same date a year ago with which the weeks after it are compared.
REFERENCE = {Step.DAY: 28, Step.WEEK: 6}
# Units sold in the reference at which a product's own movement counts as much as the shop's.
TRUST = 60.0
RANGE = (0.25, 4.0)


@dataclass(frozen=True, eq=False)
class Movement:
    """Factors on today's level, (N, H): the product's own mixed with the shop's, and the shop's alone."""

    own: Floats
    shop: Floats


def movement(panel: Panel, sums: Sums, origin: int) -> Movement | None:
    """Return the movement after the same date a year before the origin; None without such a year."""
    year, reach, back = (table[panel.step] for table in (YEAR, REACH, REFERENCE))
    same = origin + 1 - year
    if same < back:
        return None
    before, periods = sums.mean(same - back, same), sums.known(same - back, same)
    usable = (periods >= back // 2) & (before > 0)
    if not usable.any():
        return None
    weight = np.where(usable, 1.0 / np.maximum(before, 1e-9), 0.0)
    # What lies more than a year ahead moves as the same weeks of the year before do.
    ahead = same + np.arange(panel.horizon) % year
    after = sums.mean(ahead - reach, np.minimum(ahead + reach + 1, origin + 1))
    # With these weights each usable product counts alike.
    shop = (after * weight[:, None]).sum(axis=0) / float(usable.sum())
    units = before * periods
    trust = np.where(periods >= back // 2, units / (units + TRUST), 0.0)[:, None]
    own = trust * after / np.maximum(before, 1e-9)[:, None] + (1.0 - trust) * shop[None, :]
    return Movement(np.clip(own, *RANGE), np.broadcast_to(np.clip(shop, *RANGE), own.shape))
