"""Prophet on zero-filled series, with terms that suit each product's history, for those that sell steadily.

Unlike the reference recipe it learns from open days without a sale as well, and shrinks what it cannot know.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.prophet_fits import ProphetFits
from siprems_engine.forecasting.shop.prophet_form import Calendar
from siprems_engine.forecasting.step import Step

# One fit serves this many neighbouring origins of the past; only the level is brought up to date.
ORIGINS_PER_FIT = 4
# The middle one of the basis's half-lives, for products without a fit.
LEVEL = 2
# Periods whose sales are compared to the fit, and how far the forecast follows: by the root of the ratio.
LATELY = {Step.DAY: 56, Step.WEEK: 8}
FOLLOWED = 0.5
FOLLOWED_RANGE = (0.4, 2.5)
# Periods at the mean level that are added to both sides of the ratio.
PRIOR_PERIODS = 5.0


class ProphetAdaptive:
    """One version; products that are not worth a fit get a discounted level times the shop's effects."""

    versions = ("prophet-adaptive",)

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._calendar = Calendar(basis.panel)
        self._made_at = _earliest_of_neighbours(basis.schedule.blocks)
        self._fits: dict[int, ProphetFits] = {}

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        fits = self._fits_for(origin)
        made = fits.units(self._basis.panel.ahead(origin)) * self._followed(fits, origin)[:, None]
        made = np.minimum(made, fits.ceiling[:, None])
        return [np.where(fits.served[:, None], made, self._level(origin))]

    def _level(self, origin: int) -> Floats:
        return self._basis.levels[LEVEL].at(origin)[:, None] * self._basis.factors(origin)

    def _fits_for(self, origin: int) -> ProphetFits:
        """Return the fits of the origin or of one before: they never know what came after it."""
        made_at = self._made_at.get(origin, origin)
        if made_at not in self._fits:
            self._fits[made_at] = ProphetFits(self._basis.panel, self._calendar, made_at)
        return self._fits[made_at]

    def _followed(self, fits: ProphetFits, origin: int) -> Floats:
        """Return the factors (N,) by which the level has moved away from the fits."""
        panel = self._basis.panel
        lately = np.arange(max(0, origin + 1 - LATELY[panel.step]), origin + 1)
        hoped = np.where(panel.known[:, lately], fits.units(lately), 0.0).sum(axis=1)
        cushion = PRIOR_PERIODS * self._basis.sums.mean(0, origin + 1) + 1e-9
        ratio = (panel.sold[:, lately].sum(axis=1) + cushion) / (hoped + cushion)
        return np.clip(ratio, *FOLLOWED_RANGE) ** FOLLOWED


def _earliest_of_neighbours(blocks: Sequence[Sequence[int]]) -> dict[int, int]:
    """Return, for each origin of the blocks, the one whose fit serves it and its neighbours."""
    made_at = {}
    for block in blocks:
        ascending = sorted(block)
        for start in range(0, len(block), ORIGINS_PER_FIT):
            made_at.update(dict.fromkeys(ascending[start : start + ORIGINS_PER_FIT], ascending[start]))
    return made_at
