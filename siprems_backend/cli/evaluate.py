"""`siprems evaluate`: forecast a file of sales out of sample and say how good that was."""

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
from siprems_backend.services import evaluation
from siprems_backend.services.evaluation import Evaluation, EvaluationRequest, Line, Scores

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@siprems.command("evaluate")
@click.argument("sales", type=FILE)
@click.option("--products", type=FILE, help="Products with a category each: figures by category.")
@click.option("--events", type=FILE, help="Events (event_name, event_date), those to come as well.")
@click.option("--promotions", type=FILE, help="Planned promotions by SKU and days, instead of is_promo.")
@click.option(
    "--stock", type=FILE, help="Stock at the end of days (sku, date, on_hand): what sold out is not learned."
)
@click.option(
    "--engine",
    "engines",
    default="auto",
    show_default=True,
    help=f"One of {', '.join(evaluation.ENGINE_NAMES)}; several with commas are blended.",
)
@click.option("--horizon", type=click.IntRange(1, 400), required=True, help="Days or weeks ahead.")
@click.option("--cutoffs", type=click.IntRange(1, 200), required=True, help="How often to forecast.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="CSV file for the forecasts; it appears when they are complete.",
)
@click.option(
    "--plot",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for a picture (PNG) per SKU, largest first.",
)
@click.option(
    "--plot-most",
    type=click.IntRange(1),
    default=evaluation.MOST_PICTURES,
    show_default=True,
    help="Pictures at most.",
)
@click.option("--details", is_flag=True, help="Also tables by demand class and by distance ahead.")
def evaluate_file(*, output: Path, details: bool, engines: str, **asked: Any) -> None:
    """Forecast SALES (sku, date, quantity, is_promo) at several cut-offs from what was known then.

    The step, day or week, is that of the file. Days on which nothing sold count as closed.
    """
    names = tuple(name.strip() for name in engines.split(",") if name.strip()) or ("auto",)
    request = EvaluationRequest(engines=names, **asked)
    with progress_bar("Forecasting") as report:
        made = evaluation.evaluate(request, output, report)
    console = Console(width=None if Console().is_terminal else 160)
    console.print(_table("forecast", [*made.lines, *made.by_category]))
    if details:
        console.print(_table("demand class", made.by_class))
        console.print(_table("distance ahead", made.by_part))
    console.print(_summary(made, output, request.plot), soft_wrap=True)


def _summary(made: Evaluation, output: Path, plot: Path | None) -> str:
    skus = f"{made.products} SKU{'' if made.products == 1 else 's'}"
    text = f"{skus} by {made.step}; forecasts in {escape(str(output))}"
    return (
        text
        if plot is None
        else f"{text}, {made.pictures} picture{'' if made.pictures == 1 else 's'} in {escape(str(plot))}"
    )


def _table(heading: str, lines: list[Line]) -> Table:
    heads = ["WAPE", "bias", "RMSSE", "MASE", "pinball", "cover 95 %", "cover 80 %"]
    timed = any(line.seconds is not None for line in lines)
    table = Table(heading, "SKU-folds", *heads, *(["CPU s per SKU"] if timed else []))
    for line in lines:
        seconds = ["-" if line.seconds is None else f"{line.seconds:.4f}"] if timed else []
        table.add_row(escape(line.name), str(line.scores.product_folds), *_figures(line.scores), *seconds)
    return table


def _figures(scores: Scores) -> list[str]:
    values = (scores.wape, scores.bias, scores.rmsse, scores.mase, scores.pinball)
    shown = ["-" if math.isnan(value) else f"{value:.3f}" for value in values]
    covered = (scores.coverage_95, scores.coverage_80)
    return [*shown, *("-" if math.isnan(share) else f"{100 * share:.1f} %" for share in covered)]
