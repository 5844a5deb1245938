"""Relations between the products of the shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import report_queries
from siprems_backend.models.report_queries import Described
from siprems_backend.services.demand import load_demand
from siprems_backend.services.histories import load_shop
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.relations import Relations, merged, moving_together, sold_together
from siprems_engine.forecasting.step import Step

WEEK = {Step.DAY: 7, Step.WEEK: 1}


@dataclass(frozen=True)
class Relation:
    """Two products by place: `correlation` of demand, `lift` and `jaccard` of their days with a sale."""

    left: int
    right: int
    correlation: float | None
    lift: float | None
    jaccard: float | None


@dataclass(frozen=True, eq=False)
class Findings:
    """Products that are related to any, with what they sold, and their relations, the strongest first."""

    products: Sequence[Described]
    units: Sequence[float]
    relations: Sequence[Relation]
    compared: int
    since: date | None
    until: date | None
    step: Step

    def summary(self) -> dict[str, Any]:
        """How many products are related, and how."""
        together = sum(relation.correlation is not None for relation in self.relations)
        same = sum(relation.lift is not None for relation in self.relations)
        return {
            "products_compared": self.compared,
            "products_related": len(self.products),
            "relations": len(self.relations),
            "moving_together": together,
            "sold_together": same,
        }


def measure(parameters: Parameters, on_progress: OnProgress) -> Findings:
    """Compare the products wanted that sold most, pair by pair."""
    on_progress(0, 3, "Reading what products sold")
    with database.reading() as session:
        shop = load_shop(session)
        wanted = report_queries.described(session, shop_filters.wanted(parameters))
        last = shop.open_days[-1].item() if len(shop.open_days) else None
        first = None if last is None else last - timedelta(days=parameters["days_back"] - 1)
        sold = {} if first is None else report_queries.sold_since(session, first)
    sellers = [product for product in wanted if sold.get(product.id, 0.0) > 0]
    most = sorted(sellers, key=lambda product: (-sold[product.id], product.id))[: parameters["products"]]
    if len(most) < 2:
        return Findings([], [], [], len(most), first, last, shop.step)
    products, units = _units(most, shop.step.periods(parameters["days_back"]))
    on_progress(1, 3, f"Comparing {len(products)} products")
    pairs = _pairs(units, parameters, shop.step)
    on_progress(2, 3, f"Drawing {len(pairs)} relations")
    used = sorted({place for pair in pairs for place in pair[:2]})
    place_of = {place: number for number, place in enumerate(used)}
    relations = [
        Relation(place_of[left], place_of[right], _known(correlation), _known(lift), _known(jaccard))
        for left, right, correlation, lift, jaccard in pairs
    ]
    shown = [products[place] for place in used]
    return Findings(
        shown,
        [sold[product.id] for product in shown],
        sorted(relations, key=_order),
        len(products),
        first,
        last,
        shop.step,
    )


def _units(products: Sequence[Described], periods: int) -> tuple[Sequence[Described], Floats]:
    """Products that are still there, and what they sold in the last periods, (N, T; NaN: not known)."""
    by_id = {product.id: product for product in products}
    with database.reading() as session:
        demand = load_demand(session, list(by_id), 1, past=periods)
    return [by_id[each] for each in demand.product_ids], demand.grid.known_units(demand.last)


def _pairs(units: Floats, parameters: Parameters, step: Step) -> list[tuple[int, int, float, float, float]]:
    wanted, most = parameters["relations"], parameters["most_relations"]
    moving = _none() if wanted == "sold_together" else moving_together(units, WEEK[step], most)
    sold = _none() if wanted == "moving_together" else sold_together(units, most)
    return merged(moving, sold)


def _none() -> Relations:
    places, values = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Relations(places, places, values, values, values)


def _known(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


def _order(relation: Relation) -> tuple[float, int, int]:
    """The strongest first, by whichever figure is larger."""
    return -max(abs(relation.correlation or 0.0), relation.jaccard or 0.0), relation.left, relation.right
