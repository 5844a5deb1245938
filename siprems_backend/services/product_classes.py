"""Classes of products, stored every night: by pattern of demand, by value (ABC), by variability (XYZ)."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from siprems_backend.extensions.database import database
from siprems_backend.models import class_queries
from siprems_backend.models.products import CLASSES as COLUMNS
from siprems_backend.services.demand import load_demand
from siprems_backend.services.histories import Shop, load_shop
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.task_registry import fence
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.demand_class import RECENT
from siprems_engine.forecasting.step import Step
from siprems_engine.inventory.classification import (
    DemandPattern,
    ValueClass,
    VariationClass,
    demand_patterns,
    value_classes,
    variation_classes,
)

log = structlog.get_logger(__name__)

CHOICES: dict[str, tuple[str, ...]] = {
    "demand_class": tuple(DemandPattern),
    "abc": tuple(ValueClass),
    "xyz": tuple(VariationClass),
}
# Products whose sales are in memory together.
TOGETHER = 1000
# Value is what a year sold: half of one would sort ice cream by whether it is summer.
YEAR = dt.timedelta(days=364)


@dataclass(frozen=True, eq=False)
class Turnover:
    """What N products sold in the last year: `ids` (N,), `units` (N,), and `value` (N,) in money or units.

    `in_money` says which; without any price in the shop units are all there is.
    """

    ids: NDArray[np.int64]
    units: Floats
    value: Floats
    in_money: bool

    @classmethod
    def of(cls, rows: Sequence[Any]) -> Turnover:
        """Take revenue, units at today's price where no revenue was recorded, or units."""
        table = np.array([[row.units, row.revenue, row.price or 0] for row in rows], dtype=np.float64)
        units, revenue, price = table.reshape(-1, 3).T
        units = np.maximum(units, 0.0)
        money = np.where(revenue > 0, revenue, units * price)
        in_money = bool((money > 0).any())
        ids = np.array([row.id for row in rows], dtype=np.int64)
        return cls(ids, units, money if in_money else units, in_money)


def classify_products(*, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Class every product that is still sold by what is known now; how many are in each class.

    Repeating it is harmless. A product of which too little was sold is in no class of demand or variability.
    """
    with database.reading() as session:
        shop = load_shop(session)
    found = turnover(shop)
    parts = []
    for place in range(0, len(found.ids), TOGETHER):
        on_progress(place, len(found.ids), "Classing products")
        parts.append(_by_demand(found.ids[place : place + TOGETHER].tolist(), sells=len(shop.open_days) > 0))
    patterns, variations = (list(itertools.chain(*(part[k] for part in parts))) for k in range(2))
    columns = {
        "ids": found.ids.tolist(),
        "demand_class": patterns,
        "abc": [each.value for each in value_classes(found.value)],
        "xyz": variations,
    }
    with database.transaction() as session:
        changed = class_queries.classify(session, columns)
        changed += class_queries.declassify_inactive(session)
        fence.require_lease(session)
    counts = {name: _counts(columns[name]) for name in COLUMNS}
    log.info("products_classed", products=len(found.ids), changed=changed)
    return {"products": len(found.ids), "changed": changed, **counts}


def turnover(shop: Shop) -> Turnover:
    """What the products that are still sold brought in the year up to the last day with a sale."""
    until = shop.open_days[-1].item() if len(shop.open_days) else clock.today()
    with database.reading() as session:
        return Turnover.of(class_queries.turnover(session, until - YEAR, until))


def _by_demand(product_ids: list[int], *, sells: bool) -> tuple[list[str | None], list[str | None]]:
    """Patterns and classes of variability of these products by the last half year, in their order."""
    if not sells:
        return [None] * len(product_ids), [None] * len(product_ids)
    ids, units, step = recent_units(product_ids)
    rows = {product_id: row for row, product_id in enumerate(ids)}
    patterns, variations = _named(demand_patterns(units)), _named(variation_classes(units, step))
    places = [rows.get(product_id) for product_id in product_ids]
    return _at(patterns, places), _at(variations, places)


def recent_units(product_ids: Sequence[int]) -> tuple[Sequence[int], Floats, Step]:
    """What these products sold in each period of the last half year, (N, T; NaN: not known), by their ids.

    Products deleted meanwhile are left out. Raises `Invalid` if the shop has not sold anything.
    """
    with database.reading() as session:
        demand = load_demand(session, product_ids, 1, past=max(RECENT.values()))
    step = demand.grid.step
    return demand.product_ids, demand.grid.known_units(demand.last)[:, -RECENT[step] :], step


def _named(classes: Iterable[DemandPattern | VariationClass | None]) -> list[str | None]:
    return [None if each is None else each.value for each in classes]


def _at(values: Sequence[str | None], places: Sequence[int | None]) -> list[str | None]:
    """Values at these places; None for products deleted meanwhile."""
    return [None if place is None else values[place] for place in places]


def _counts(values: Sequence[str | None]) -> dict[str, int]:
    """How many are in each class; those in none as `none`."""
    return dict(sorted(Counter("none" if each is None else each for each in values).items()))
