"""The page that tells what a simulation found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from markupsafe import Markup

from siprems_backend.services.report_pages import charts
from siprems_backend.services.report_pages.charts import Line
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.simulation.conditions import Conditions
from siprems_backend.services.simulation.results import Simulation
from siprems_engine.inventory.replay.run import EARLIER, FIXED, HINDSIGHT, PLAN

# Products that are shown one by one: those asked for most.
SHOWN = 12
SMALL = (350.0, 150.0)
DRAWN = ((EARLIER, "naive"), (HINDSIGHT, "sold"), (PLAN, "served"))


def page(found: Simulation, conditions: Conditions) -> bytes:
    """Return the page as HTML; names of products are escaped wherever they stand."""
    made = render(
        Path(__file__).with_name("page.html"),
        found=found,
        lines=found.lines,
        plan=found.plan,
        conditions=_said(conditions),
        stock=_stock(found),
        cost=_cost(found),
        products=[(found.skus[row], _product(found, row)) for row in found.largest(SHOWN)],
        first=found.days[0],
        last=found.days[-1],
        step=found.course.grid.step,
    )
    return made.encode()


def _said(conditions: Conditions) -> str:
    said = conditions.told()
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said.items() if value != 0)


def _stock(found: Simulation) -> Markup:
    """Draw the stock of all products every evening, by rule."""
    levels = {each.name: _measured(found, each.ledger.stock).sum(axis=0) for each in found.outcomes}
    means = ", ".join(f"{name} {levels[name].mean():,.0f}" for name, _ in reversed(DRAWN))
    drawn = [Line(name, levels[name], style) for name, style in DRAWN]
    return charts.lines(f"Units in stock, on average: {means}.", found.days, drawn)


def _cost(found: Simulation) -> Markup:
    shown = [line for line in found.lines if line.name in (PLAN, EARLIER, FIXED, HINDSIGHT)]
    title = "Total cost: " + ", ".join(f"{line.name} {line.figures.cost:,.0f}" for line in shown) + "."
    costs = np.array([line.figures.cost for line in shown])
    names = [line.name.split(" from ")[0].split(" in ")[0] for line in shown]
    return charts.bars(title, names, [Line("Cost", costs, "served")], lambda value: f"{value:,.0f}")


def _product(found: Simulation, row: int) -> Markup:
    """Draw a product's demand and its stock by the plan."""
    plan = next(each for each in found.outcomes if each.name == PLAN)
    stock = _measured(found, plan.ledger.stock)[row]
    wanted = _measured(found, plan.ledger.sold + plan.ledger.lost)[row]
    drawn = [Line("Wanted", wanted, "sold"), Line("Stock", stock, "served")]
    missing = _measured(found, plan.ledger.lost)[row]
    title = f"{found.skus[row]}: wanted {wanted.sum():,.0f}, missing {missing.sum():,.0f} units."
    out = found.days[missing > 0]
    return charts.lines(title, found.days, drawn, marks=out, size=SMALL)


def _measured(found: Simulation, table: np.ndarray) -> np.ndarray:
    return table[:, found.course.measured_from : found.course.measured_until]
