"""Numbers as people read them."""

from __future__ import annotations

import math

UNKNOWN = "–"


def percent(value: float | None, digits: int = 1) -> str:
    """A share: `12.3 %`."""
    return f"{100 * value:.{digits}f} %" if value is not None and math.isfinite(value) else UNKNOWN


def number(value: float | None) -> str:
    """A number with two decimals."""
    return f"{value:,.2f}" if value is not None and math.isfinite(value) else UNKNOWN


def units(value: float | None) -> str:
    """A quantity: whole, or with one decimal if it is small and not whole."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:,.1f}"


def counted(count: int, noun: str) -> str:
    """A number of things: `1 product`, `2 products`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
