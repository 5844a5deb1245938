"""Classes of demand: products of one class are forecast about equally well, those of others are not."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from siprems_engine.forecasting.series import Floats

# More than 1.32 periods from one sale to the next: Syntetos, Boylan and Croston (2005), "On the
# categorization of demand patterns", Journal of the Operational Research Society 56.
INTERMITTENT_ZERO_SHARE = 1.0 - 1.0 / 1.32
# Units a period from which counting noise is a small part of the error.
FAST_MEAN = 10.0


class DemandClass(StrEnum):
    """How a product sells."""

    FAST = "fast"
    SLOW = "slow"
    INTERMITTENT = "intermittent"


def classify(units: Floats) -> list[DemandClass | None]:
    """Name the class of each product by its units (N, T; NaN: not known); None where nothing is known."""
    known = ~np.isnan(units)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(units, axis=1) / count
        zeros = (known & (units == 0)).sum(axis=1) / count
    rare, fast = zeros > INTERMITTENT_ZERO_SHARE, mean >= FAST_MEAN
    classes = np.where(rare, DemandClass.INTERMITTENT, np.where(fast, DemandClass.FAST, DemandClass.SLOW))
    return [DemandClass(name) if n else None for name, n in zip(classes, count, strict=True)]
