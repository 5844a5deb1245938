"""What is true of one invented product."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

# Monday to Sunday; each has the mean 1, so that `level` stays the mean of a day.
EVEN_WEEK = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
WORK_WEEK = (1.15, 1.10, 1.10, 1.10, 1.25, 0.80, 0.50)
WEEKEND = (0.75, 0.75, 0.80, 0.90, 1.20, 1.55, 1.05)
SUNDAY_CAKE = (0.60, 0.60, 0.65, 0.75, 1.00, 1.50, 1.90)


class Pattern(enum.StrEnum):
    """How a product sells."""

    REGULAR = "regular"
    INTERMITTENT = "intermittent"
    SEASONAL = "seasonal"
    NEW = "new"
    NEVER = "never"


@dataclass(frozen=True)
class ProductTruth:
    """The parameters that a product's demand is drawn from.

    Attributes:
        level: mean units a day at the start of the history; of a day with a sale for an intermittent product.
        week: seven factors, Monday first, of mean 1.
        yearly: relative height of the yearly wave; `peak_day` is the day of the year of its top.
        growth: relative growth a year.
        break_factor: factor on everything from `break_days_ago` days before the end on (1 is no break).
        promo_uplift: factor on a promotion day; a product with 1 is never on promotion.
        noise: variance in excess of Poisson's, relative to the squared mean (negative binomial, 1/size).
        sale_share: share of days on which an intermittent product is asked for at all.
        season: first and last day of the year of a seasonal product's season.
        age_days: days since a new product's launch.
        by_weight: sold in fractions of its unit.
        return_share: share of the sold units that come back some days later.
        supply_gap: (days before the end, length in days) of a delivery that did not come.
    """

    sku: str
    name: str
    category: str
    level: float
    price: float
    pattern: Pattern = Pattern.REGULAR
    week: tuple[float, ...] = EVEN_WEEK
    yearly: float = 0.0
    peak_day: int = 1
    growth: float = 0.0
    break_days_ago: int = 0
    break_factor: float = 1.0
    promo_uplift: float = 1.0
    noise: float = 0.04
    sale_share: float = 1.0
    season: tuple[int, int] = (1, 366)
    age_days: int | None = None
    by_weight: bool = False
    return_share: float = 0.0
    supply_gap: tuple[int, int] | None = None
    unit: str = field(default="piece")

    @property
    def cost(self) -> float:
        """Purchase price: three fifths of the selling price."""
        return round(0.6 * self.price, 2)
