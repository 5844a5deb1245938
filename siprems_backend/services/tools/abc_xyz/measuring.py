"""Value and variability of every product, and the classes that follow."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import report_queries
from siprems_backend.models.report_queries import Described, Wanted
from siprems_backend.services import product_classes
from siprems_backend.services.histories import load_shop
from siprems_backend.services.product_classes import TOGETHER, YEAR, Turnover
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.classification import (
    DemandPattern,
    ValueClass,
    VariationClass,
    demand_patterns,
    value_classes,
    variation_classes,
    weekly_variation,
)


@dataclass(frozen=True)
class Item:
    """A product: its value, and its share of all in the order of value; classes are None where unknown."""

    product: Described
    units: float
    value: float
    share: float
    cumulated: float
    variation: float
    abc: ValueClass
    xyz: VariationClass | None
    pattern: DemandPattern | None


@dataclass(frozen=True)
class Cell:
    """Products of a class or a pair of classes, and their share of the whole value."""

    products: int
    share: float


@dataclass(frozen=True, eq=False)
class Findings:
    """All products, most valuable first; `in_money` says whether value is money or units."""

    items: Sequence[Item]
    in_money: bool
    since: dt.date
    until: dt.date | None

    @property
    def value(self) -> float:
        """The value of all."""
        return sum(item.value for item in self.items)

    def cell(self, **classes: object) -> Cell:
        """The products of these classes."""
        inside = [item for item in self.items if all(getattr(item, k) == v for k, v in classes.items())]
        return Cell(len(inside), sum(item.share for item in inside))

    def summary(self) -> dict[str, Any]:
        """How many products are in which class."""
        counts = {
            name: dict(sorted(Counter(str(getattr(item, name) or "none") for item in self.items).items()))
            for name in ("abc", "xyz", "pattern")
        }
        return {
            "products": len(self.items),
            "value": round(self.value, 2),
            "value_is": "money" if self.in_money else "units",
            **counts,
        }


def measure(parameters: Parameters, on_progress: OnProgress) -> Findings:
    """Class the products of the category, or all, among themselves."""
    with database.reading() as session:
        shop = load_shop(session)
        products = report_queries.described(session, Wanted(None, parameters.get("category"), {}))
    turnover = product_classes.turnover(shop)
    known = {product_id: place for place, product_id in enumerate(turnover.ids.tolist())}
    products = [product for product in products if product.id in known]
    places = np.array([known[product.id] for product in products], dtype=np.int64)
    sells = bool(len(shop.open_days))
    behaviour = _Behaviour(parameters)
    for start in range(0, len(products) if sells else 0, TOGETHER):
        on_progress(start, len(products), f"Looking at {len(products)} products")
        behaviour.add([product.id for product in products[start : start + TOGETHER]])
    until = shop.open_days[-1].item() if sells else None
    items = list(_items(products, turnover, places, behaviour, parameters))
    since = (until or clock.today()) - YEAR
    return Findings(items, turnover.in_money, since, until)


class _Behaviour:
    """How products sold in the last half year, by id."""

    def __init__(self, parameters: Parameters) -> None:
        self._limits = parameters["x_until"], parameters["y_until"]
        self.patterns: dict[int, DemandPattern | None] = {}
        self.variations: dict[int, tuple[VariationClass | None, float]] = {}

    def add(self, product_ids: Sequence[int]) -> None:
        """Look at these products too."""
        ids, units, step = product_classes.recent_units(product_ids)
        self.patterns |= dict(zip(ids, demand_patterns(units), strict=True))
        classes = variation_classes(units, step, self._limits)
        varied = weekly_variation(units, step).tolist()
        self.variations |= dict(zip(ids, zip(classes, varied, strict=True), strict=True))


def _items(
    products: Sequence[Described],
    turnover: Turnover,
    places: np.ndarray,
    behaviour: _Behaviour,
    parameters: Parameters,
) -> Iterator[Item]:
    """The products in the order of their value."""
    value, units = turnover.value[places], turnover.units[places]
    classes = value_classes(value, (parameters["a_until"], parameters["b_until"]))
    share = value / value.sum() if value.sum() > 0 else np.zeros(len(value))
    order = np.argsort(-value, kind="stable").tolist()
    for cumulated, place in zip(np.cumsum(share[order]).tolist(), order, strict=True):
        product = products[place]
        xyz, variation = behaviour.variations.get(product.id, (None, float("nan")))
        yield Item(
            product,
            float(units[place]),
            float(value[place]),
            float(share[place]),
            min(cumulated, 1.0),
            variation,
            classes[place],
            xyz,
            behaviour.patterns.get(product.id),
        )


def cumulated(items: Sequence[Item]) -> tuple[Floats, Floats]:
    """Return shares of the products and of the value that the first 0 to n of them make, (n + 1,) each."""
    shares = np.linspace(0.0, 1.0, len(items) + 1)
    return shares, np.array([0.0, *(item.cumulated for item in items)])


def sizes(items: Sequence[Item]) -> Mapping[ValueClass, int]:
    """How many products each class of value has."""
    return {each: sum(item.abc == each for item in items) for each in ValueClass}
