"""`siprems plan`: what to order today, on the terminal."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from siprems_backend.cli import siprems
from siprems_backend.services.replenishment import refreshing, views
from siprems_backend.utils.pagination import PageRequest

COLOURS = {"high": "red", "medium": "yellow", "low": "green"}
MOST_LINES = 200


@siprems.command("plan")
@click.option("--supplier", help="Products of this supplier only.")
@click.option("--category", help="Products of this category only.")
@click.option("--urgency", type=click.Choice(list(COLOURS)), help="Lines of this urgency only.")
@click.option("--search", help="Part of a SKU or name.")
@click.option("--all", "everything", is_flag=True, help="Show lines that propose nothing, too.")
@click.option(
    "--capital", type=click.FloatRange(min=0), help="Money to spend; the most profitable lines come first."
)
@click.option(
    "--limit", type=click.IntRange(1, MOST_LINES), default=50, show_default=True, help="Lines to show."
)
@click.option("--refresh", is_flag=True, help="Make the whole plan anew first.")
def plan(everything: bool, capital: float | None, limit: int, refresh: bool, **wanted: str | None) -> None:
    """Show what to order today and why."""
    if refresh:
        refreshing.refresh_all()
    chosen: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    if not everything:
        chosen["to_order"] = True
    page = views.page(PageRequest(1, limit), money=capital, **chosen)
    console = Console()
    _print_lines(console, page, funded=capital is not None)
    console.print(_summary(page), highlight=False)
    if page.stale:
        console.print(
            f"{page.stale:,} lines changed and are made anew by a worker; --refresh makes them here.",
            highlight=False,
        )


def _print_lines(console: Console, page: views.PlanPage, *, funded: bool) -> None:
    title = f"What to order on {page.plan_date}"
    folded = [Column(name, overflow="fold") for name in ("SKU", "supplier")]
    money = [Column("buy", justify="right")] if funded else []
    table = Table(
        *folded,
        "urgency",
        Column("stock", justify="right"),
        Column("order", justify="right"),
        *money,
        "why",
        title=title,
    )
    for line in page.items:
        colour = COLOURS[line.urgency_name]
        bought = [f"{line.funded_units:g}"] if funded else []
        table.add_row(
            escape(line.sku),
            escape(line.supplier or ""),
            f"[{colour}]{line.urgency_name}[/{colour}]",
            f"{line.current_stock:g}",
            f"{line.recommended:g}",
            *bought,
            escape(line.reason),
        )
    console.print(table)


def _summary(page: views.PlanPage) -> str:
    sums = page.totals
    shown = f"{len(page.items):,} of {sums.lines:,} lines shown; " if len(page.items) < sums.lines else ""
    unknown = f" (without {sums.without_cost:,} products of unknown cost)" if sums.without_cost else ""
    said = f"{shown}{sums.to_order:,} products to order, worth {sums.value:,.2f}{unknown}."
    if page.funded is not None:
        said += f" {page.funded.spent:,.2f} of {page.funded.capital:,.2f} would be spent."
    return said
