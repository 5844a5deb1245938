"""What to buy first when money does not suffice for everything: what earns most for each unit of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# Columns of a line that are looked at.
NEEDED = ("product_id", "recommended", "value", "expected_profit", "pack_size", "minimum")
# Sums of decimals may be off by so much.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Funded:
    """Units of a line that the money buys, and what they cost; None where there is no limit."""

    units: float | None
    value: float | None


NOTHING = Funded(0.0, 0.0)


@dataclass(frozen=True)
class Spending:
    """All lines, the most profitable for their money first, and what each gets of it."""

    capital: float
    ranked: Sequence[Any]
    spent: float
    expected_profit: float
    funded: dict[int, Funded] = field(default_factory=dict)

    def of(self, product_id: int) -> Funded:
        """What the line of this product gets."""
        return self.funded.get(product_id, NOTHING)


def spend(lines: Sequence[Any], money: float) -> Spending:
    """Spend money on the lines that earn most for each unit of it, whole lines before parts of them.

    A line that the rest does not buy gets the packs that it does, no less than its minimum. What it earns is
    taken to be even over its packs; the first of them earn more. Lines without prices, or which earn nothing,
    come last, in the order given, and get nothing.
    """
    ranked = sorted(lines, key=_profit_for_money, reverse=True)
    left, profit = money, 0.0
    funded: dict[int, Funded] = {}
    for line in ranked:
        if _profit_for_money(line) <= 0:
            break
        units = _units_for(line, left)
        if units <= 0:
            continue
        cost = line.value * units / line.recommended
        funded[line.product_id] = Funded(round(units, 4), round(cost, 4))
        left -= cost
        profit += line.expected_profit * units / line.recommended
    return Spending(money, ranked, round(money - left, 4), round(profit, 4), funded)


def _profit_for_money(line: Any) -> float:
    if not line.recommended or not line.value or line.expected_profit is None:
        return -math.inf
    return float(line.expected_profit / line.value)


def _units_for(line: Any, money: float) -> float:
    if line.value <= money + TOLERANCE:
        return float(line.recommended)
    packs = math.floor(money / (line.value / line.recommended) / line.pack_size + TOLERANCE)
    units = float(packs * line.pack_size)
    return units if units >= line.minimum else 0.0
