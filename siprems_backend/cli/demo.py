"""`siprems demo`: a shop to look at."""

from __future__ import annotations

import click
from rich.progress import Progress

from siprems_backend.cli import siprems
from siprems_backend.services import demo as demo_shop
from siprems_backend.services.shop_forecasts import runs


@siprems.group("demo")
def demo() -> None:
    """A shop with invented sales."""


@demo.command("load")
@click.option(
    "--if-empty", is_flag=True, help="Do nothing if there are users or products; else that is an error."
)
@click.option("--email", envvar="DEMO_EMAIL", default="demo@example.com", show_default=True)
@click.option("--password", envvar="DEMO_PASSWORD", help="Of the demo administrator; made up if not given.")
def load(if_empty: bool, email: str, password: str | None) -> None:
    """Load 40 products with two years of sales, planned promotions, suppliers and forecasts.

    An administrator is made to look at them.
    """
    if if_empty and not demo_shop.is_needed():
        click.echo("There are users or products already; the demo shop is not needed.")
        return
    with Progress(transient=True) as bar:
        shown = bar.add_task("Loading the demo shop")

        def report(current: int, total: int, message: str = "") -> None:
            bar.update(shown, completed=current, total=total, description=message)

        loaded = demo_shop.load(email, password, report)
        runs.forecast_here(on_progress=report)
    click.echo(
        f"Loaded {loaded.products} products, {loaded.sales:,} sales, {loaded.events} events, "
        f"{loaded.promotions} planned promotions and {loaded.suppliers} suppliers."
    )
    if password is None:
        click.echo(f"Login: {loaded.email} / {loaded.password} (shown only now)")
