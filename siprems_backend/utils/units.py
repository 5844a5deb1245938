"""How exactly amounts of goods are told."""

from __future__ import annotations

from collections.abc import Iterable

# As the database keeps what was sold: forecasts are no more exact than that.
DECIMALS = 4


def told(units: Iterable[float]) -> list[float]:
    """The amounts with four decimals."""
    return [round(value, DECIMALS) for value in units]
