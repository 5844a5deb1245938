"""`siprems train`: train products in this process, without workers."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from siprems_backend.cli import siprems
from siprems_backend.cli.progress import progress_bar
from siprems_backend.services import product_classes, training, training_run
from siprems_backend.services.shop_forecasts import runs


@siprems.command("train")
@click.argument("skus", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Train every product whose data changed.")
def train(skus: tuple[str, ...], everything: bool) -> None:
    """Train the products named by their SKUs, or all of them; then all are forecast and classed together."""
    if bool(skus) == everything:
        raise click.UsageError("Name the SKUs to train, or give --all.")
    if everything:
        with progress_bar("Training") as report:
            results = training_run.train_here(on_progress=report)["results"]
        with progress_bar("Forecasting") as report:
            made = runs.forecast_here(on_progress=report)
        product_classes.classify_products()
        _print_summary(results)
        counts = f"{made['forecasts']} made, {made['unchanged']} still good, {made['failed']} failed"
        click.echo(f"Forecasts of the whole shop: {counts}.")
        return
    results = {}
    for sku in skus:
        with progress_bar(sku) as report:
            results[sku] = training.train_product(sku, on_progress=report)
    _print_results(results)


def _print_results(results: dict[str, dict[str, Any]]) -> None:
    table = Table(Column("SKU", overflow="fold"), "outcome", "served by", "accuracy", "MAE", "why")
    for sku, result in results.items():
        table.add_row(
            escape(sku),
            str(result["status"]),
            str(result.get("engine", "")),
            _number(result.get("accuracy")),
            _number(result.get("mae")),
            _why(result),
        )
    Console().print(table)


def _print_summary(results: dict[str, dict[str, Any]]) -> None:
    """Products of a whole catalogue by what became of them; each that failed is named."""
    kinds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for result in results.values():
        if not _failed(result):
            kinds[result["status"], result.get("engine", "")][_why(result)] += 1
    table = Table("outcome", "served by", "products", "why, in most cases")
    for (status, engine), reasons in sorted(kinds.items()):
        table.add_row(status, engine, f"{reasons.total():,}", reasons.most_common(1)[0][0])
    if kinds:
        Console().print(table)
    failed = {sku: result for sku, result in results.items() if _failed(result)}
    if failed:
        _print_results(failed)


def _failed(result: dict[str, Any]) -> bool:
    return training_run.OUTCOMES[result["status"]] == "failed"


def _why(result: dict[str, Any]) -> str:
    return str(result.get("reason") or result.get("engine_reason") or "")


def _number(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else ""
