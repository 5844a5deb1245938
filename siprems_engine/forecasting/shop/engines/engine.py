"""What the engines have in common."""

from __future__ import annotations

from typing import Protocol

from siprems_engine.forecasting.series import Floats


class ShopEngine(Protocol):
    """Forecasts of all products of a panel, in one or several versions, from any origin of its schedule."""

    @property
    def versions(self) -> tuple[str, ...]:
        """Names of the versions; none if the shop is too young for the engine."""

    def at(self, origin: int) -> list[Floats]:
        """Return a forecast (N, H) in units >= 0 for each version, from what was known at the origin."""
