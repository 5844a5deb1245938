"""Quantities that a supplier takes: whole packs, no fewer than the least."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Packed:
    """What can be ordered, and what raised it: `minimum`, `pack`, or None where it is as wished."""

    units: Decimal
    raised_by: str | None = None


def packed(wish: Decimal, pack: Decimal, minimum: Decimal) -> Packed:
    """The least quantity that can be ordered and is not below a wish; nothing stays nothing."""
    if wish <= NOTHING:
        return Packed(NOTHING)
    least = max(wish, minimum)
    whole = (least / pack).to_integral_value(ROUND_CEILING) * pack
    if whole == wish:
        return Packed(wish)
    return Packed(whole, "minimum" if wish < minimum else "pack")
