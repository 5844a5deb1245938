"""What a promotion would do: the forecast with it, by what promotions of this product did before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from siprems_backend.errors import NotFound
from siprems_backend.services import stored_forecasts

# What is assumed of a product that never was on promotion.
NO_EFFECT = 1.0


@dataclass(frozen=True)
class WhatIf:
    """The forecast of each period with the promotion; `factor` is what a day on promotion sells by.

    `known` says whether earlier promotions of the product tell the factor.
    """

    units: Sequence[float]
    factor: float
    known: bool

    @property
    def total(self) -> float:
        """Units of all periods."""
        return sum(self.units)


def promoted(
    sku: str,
    dates: Sequence[dt.date],
    units: Sequence[float],
    on: Collection[dt.date],
    planned: Collection[dt.date],
) -> WhatIf:
    """The forecast `units` of `dates` with a promotion `on` some days, besides what is `planned` already.

    Days planned already are in the forecast and stay as they are.
    """
    factor = _factor(sku)
    wanted = set(on) - set(planned)
    made = [unit * factor if date in wanted else unit for date, unit in zip(dates, units, strict=True)]
    return WhatIf(made, factor, known=factor != NO_EFFECT)


def _factor(sku: str) -> float:
    try:
        found = stored_forecasts.components(sku)["promotion_factor"]
    except NotFound:
        return NO_EFFECT
    return float(found) if found else NO_EFFECT
