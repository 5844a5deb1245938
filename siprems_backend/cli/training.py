"""`siprems train`: train products in this process, without workers."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from siprems_backend.cli import siprems
from siprems_backend.cli.progress import progress_bar
from siprems_backend.services import training, training_run
from siprems_backend.services.shop_forecasts import runs


@siprems.command("train")
@click.argument("skus", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Train every product whose data changed.")
def train(skus: tuple[str, ...], everything: bool) -> None:
    """Train the products named by their SKUs, or all of them; all are then forecast together too."""
    if bool(skus) == everything:
        raise click.UsageError("Name the SKUs to train, or give --all.")
    if everything:
        with progress_bar("Training") as report:
            results = training_run.train_here(on_progress=report)["results"]
        with progress_bar("Forecasting") as report:
            made = runs.forecast_here(on_progress=report)
        _print_results(results)
        click.echo(f"Forecasts of the whole shop: {made['forecasts']} made, {made['failed']} failed.")
        return
    results = {}
    for sku in skus:
        with progress_bar(sku) as report:
            results[sku] = training.train_product(sku, on_progress=report)
    _print_results(results)


def _print_results(results: dict[str, dict[str, object]]) -> None:
    table = Table("SKU", "outcome", "served by", "accuracy", "MAE", "why")
    for sku, result in results.items():
        table.add_row(
            sku,
            str(result["status"]),
            str(result.get("engine", "")),
            _number(result.get("accuracy")),
            _number(result.get("mae")),
            str(result.get("reason") or result.get("engine_reason") or ""),
        )
    Console().print(table)


def _number(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else ""
