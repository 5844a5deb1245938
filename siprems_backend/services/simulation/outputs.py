"""The files that tell what a simulation found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from siprems_backend.services.export_files import Column, csv_chunks
from siprems_backend.services.simulation import page, picture
from siprems_backend.services.simulation.conditions import Conditions
from siprems_backend.services.simulation.results import Simulation
from siprems_engine.inventory.replay.run import Outcome

RULES, PRODUCTS, PAGE, PICTURE = (
    "simulation_rules.csv",
    "simulation_products.csv",
    "simulation.html",
    "simulation.png",
)
FIGURES = (
    "cycle_service",
    "fill_rate",
    "stock_out_share",
    "average_stock",
    "wasted_units",
    "orders",
    "cost",
)
DECIMALS = 4


def rules_csv(found: Simulation, _conditions: Conditions) -> bytes:
    """Return a line for each rule."""
    names = [*FIGURES, "cost_to_earlier_rule", "cost_to_hindsight"]
    columns = (Column("rule", "text"), *(Column(name, "number") for name in names))
    rows = [[rule["rule"], *(rule[name] for name in names)] for rule in found.summary()["rules"]]
    return b"".join(csv_chunks(columns, [rows]))


def products_csv(found: Simulation, _conditions: Conditions) -> bytes:
    """Return a line for each product and rule."""
    columns = (
        Column("sku", "text"),
        Column("rule", "text"),
        Column("wanted_units", "number"),
        *(Column(name, "number") for name in FIGURES),
    )
    return b"".join(csv_chunks(columns, (list(_rows(found.skus, each)) for each in found.outcomes)))


def _rows(skus: Sequence[str], outcome: Outcome) -> Iterator[list[Any]]:
    made = outcome.figures
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [
            made.wanted,
            made.served / made.cycles,
            made.sold / made.wanted,
            made.out / made.periods,
            made.stock,
            made.wasted,
            made.orders,
            made.cost,
        ]
    for place, sku in enumerate(skus):
        values = [float(column[place]) for column in columns]
        yield [
            sku,
            outcome.name,
            *(round(value, DECIMALS) if np.isfinite(value) else None for value in values),
        ]


# What makes each file out of a simulation and its conditions.
MAKERS: Mapping[str, Callable[[Simulation, Conditions], bytes]] = {
    RULES: rules_csv,
    PRODUCTS: products_csv,
    PAGE: page.page,
    PICTURE: picture.picture,
}
