"""`siprems evaluate`: forecast a file of sales out of sample and say how good that was."""

from __future__ import annotations

import math
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from siprems_backend.cli import siprems
from siprems_backend.cli.progress import progress_bar
from siprems_backend.services import evaluation
from siprems_backend.services.evaluation import Evaluation, EvaluationRequest, Line

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
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def evaluate_file(
    *,
    sales: Path,
    products: Path | None,
    events: Path | None,
    promotions: Path | None,
    stock: Path | None,
    engines: str,
    horizon: int,
    cutoffs: int,
    output: Path,
) -> None:
    """Forecast SALES (sku, date, quantity, is_promo) at several cut-offs from what was known then.

    The step, day or week, is that of the file. Days on which nothing sold count as closed.
    """
    names = tuple(name.strip() for name in engines.split(",") if name.strip()) or ("auto",)
    request = EvaluationRequest(sales, horizon, cutoffs, names, products, events, promotions, stock)
    with progress_bar("Forecasting") as report:
        made = evaluation.evaluate(request, output, report)
    _show(made, output)


def _show(made: Evaluation, output: Path) -> None:
    console = Console(width=None if Console().is_terminal else 160)
    heads = ("WAPE", "bias", "RMSSE", "MASE", "pinball", "cover 95 %", "cover 80 %", "CPU s per SKU")
    table = Table("forecast", "SKU-folds", *heads)
    for line in made.lines:
        table.add_row(escape(line.name), str(line.scores.product_folds), *_figures(line))
    console.print(table)
    console.print(f"{made.products} SKUs by {made.step}; forecasts in {escape(str(output))}", soft_wrap=True)


def _figures(line: Line) -> list[str]:
    scores = line.scores
    values = (scores.wape, scores.bias, scores.rmsse, scores.mase, scores.pinball)
    shown = ["-" if math.isnan(value) else f"{value:.3f}" for value in values]
    shown += ["-" if math.isnan(v) else f"{100 * v:.1f} %" for v in (scores.coverage_95, scores.coverage_80)]
    return [*shown, "-" if line.seconds is None else f"{line.seconds:.4f}"]
