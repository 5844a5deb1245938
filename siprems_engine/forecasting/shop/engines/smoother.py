"""The pooled multiplicative smoother: discounted levels times weekday, promotion and last year's movement."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import HALF_LIVES, Basis

# The levels that also follow last year: nervous enough to forget their own season, or sluggish.
FOLLOWING = (1, 2, 4)
HALF_FOLLOWING = 2


class Smoother:
    """A version for every half-life, and more that follow last year's movement wholly or by half."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        lives = [f"{life:g}" for life in HALF_LIVES[basis.panel.step]]
        self._follows = basis.movement(basis.panel.last) is not None
        self.versions = tuple(f"level {life}" for life in lives)
        if self._follows:
            self.versions += tuple(f"level {lives[j]} and last year" for j in FOLLOWING)
            self.versions += (f"level {lives[HALF_FOLLOWING]} and half of last year",)

    def at(self, origin: int) -> list[Floats]:
        """Return the versions' forecasts."""
        factors = self._basis.factors(origin)
        plain = [level.at(origin)[:, None] * factors for level in self._basis.levels]
        if not self._follows:
            return plain
        movement = self._basis.movement(origin)
        own = np.ones_like(factors) if movement is None else movement.own
        followed = [plain[j] * own for j in FOLLOWING]
        return [*plain, *followed, plain[HALF_FOLLOWING] * np.sqrt(own)]
