"""`siprems simulate`: what orders would have come to, by the plan and by simpler rules."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from siprems_backend.cli import siprems
from siprems_backend.cli.progress import progress_bar
from siprems_backend.services import simulation
from siprems_backend.services.simulation import Conditions, RuleLine, Simulation, SimulationRequest

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
POSITIVE = click.FloatRange(0, min_open=True)
AT_LEAST_0 = click.FloatRange(0)


@siprems.command("simulate")
@click.argument("sales", type=FILE)
@click.option("--products", type=FILE, help="Products with a category each, which new ones learn from.")
@click.option("--events", type=FILE, help="Events (event_name, event_date).")
@click.option("--promotions", type=FILE, help="Planned promotions by SKU and days, instead of is_promo.")
@click.option(
    "--stock",
    type=FILE,
    help="Stock at the end of days (sku, date, on_hand): one plan knows it and one does not.",
)
@click.option("--terms", type=FILE, help="Conditions of single products: sku, and columns named as below.")
@click.option(
    "--engine", "engines", default="auto", show_default=True, help="Several with commas are blended."
)
@click.option("--reviews", type=click.IntRange(1, 520), default=26, show_default=True, help="To replay.")
@click.option(
    "--review", "review_days", type=click.IntRange(1, 364), default=7, show_default=True, help="Days."
)
@click.option("--lead-time", "lead_time_days", type=AT_LEAST_0, default=7, show_default=True, help="Days.")
@click.option(
    "--lead-time-sd", "lead_time_sd_days", type=AT_LEAST_0, default=0, help="Standard deviation in days."
)
@click.option(
    "--service-level",
    type=click.FloatRange(0.5, 0.9999),
    help="Share of times between deliveries without anything missing; by default by the costs, or 0.95.",
)
@click.option("--pack", "pack_size", type=POSITIVE, default=1, show_default=True, help="Units in a pack.")
@click.option("--min-order", "min_order_quantity", type=AT_LEAST_0, default=0, help="Units.")
@click.option("--shelf-life", "shelf_life_days", type=click.IntRange(1), help="Days from the delivery on.")
@click.option("--max-stock", type=POSITIVE, help="Units there is room for.")
@click.option("--unit-cost", type=POSITIVE, help="What a unit costs to buy.")
@click.option("--price", type=POSITIVE, help="What a unit sells for.")
@click.option(
    "--salvage-rate", type=click.FloatRange(0, 1), default=0, help="Left of the unit cost if expired."
)
@click.option(
    "--holding-rate", type=AT_LEAST_0, default=0.25, show_default=True, help="A year's, of the unit cost."
)
@click.option("--ordering-cost", type=AT_LEAST_0, default=0, help="Of an order line.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for tables (CSV), a page (HTML) and a picture (PNG).",
)
def simulate_file(
    *,
    output: Path,
    engines: str,
    sales: Path,
    products: Path | None,
    events: Path | None,
    promotions: Path | None,
    stock: Path | None,
    terms: Path | None,
    **conditions: Any,
) -> None:
    """Replay SALES (sku, date, quantity, is_promo) with orders by the plan and by simpler rules.

    Forecasts know nothing that came after their review. What is not in stock is not sold. The step, day or
    week, is that of the file; by the week lead times are rounded up to weeks.
    """
    names = tuple(name.strip() for name in engines.split(",") if name.strip()) or ("auto",)
    request = SimulationRequest(
        sales, Conditions(**conditions), names, products, events, promotions, stock, terms
    )
    with progress_bar("Replaying") as report:
        found = simulation.simulate_files(request, output, report)
    console = Console(width=None if Console().is_terminal else 160)
    console.print(_table(found))
    console.print(_summary(found, output), soft_wrap=True)


def _table(found: Simulation) -> Table:
    heads = ("cycle service", "fill rate", "out of stock", "stock", "expired", "orders", "cost")
    table = Table("rule", *heads, "to earlier rule", "to hindsight")
    for line in found.lines:
        table.add_row(escape(line.name), *_figures(line))
    return table


def _figures(line: RuleLine) -> list[str]:
    made = line.figures
    shares = (made.cycle_service, made.fill_rate, made.out_share)
    sums = (made.stock, made.wasted, made.orders, made.cost)
    changes = (line.to_earlier, line.to_hindsight)
    return [
        *("-" if math.isnan(share) else f"{100 * share:.1f} %" for share in shares),
        *(f"{value:,.0f}" for value in sums),
        *("-" if math.isnan(change) else f"{100 * change:+.1f} %" for change in changes),
    ]


def _summary(found: Simulation, output: Path) -> str:
    skus = f"{len(found.skus)} SKU{'' if len(found.skus) == 1 else 's'}"
    costs = "money" if found.in_money else "what it costs to keep a unit until the next review"
    return (
        f"{skus} by {found.course.grid.step}, {found.days[0]} to {found.days[-1]}; costs in {costs}; "
        f"tables, page and picture in {escape(str(output))}"
    )
