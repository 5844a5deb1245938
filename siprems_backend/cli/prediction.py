"""`siprems predict`: a forecast on the terminal."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from siprems_backend.cli import siprems
from siprems_backend.cli.progress import progress_bar
from siprems_backend.services import prediction, prediction_answers, prediction_engines


@siprems.command("predict")
@click.argument("sku")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="Days ahead.")
@click.option(
    "--engine",
    type=click.Choice(prediction_engines.SERVED),
    default=prediction_engines.AUTO,
    show_default=True,
)
def predict(sku: str, days: int, engine: str) -> None:
    """Forecast the product SKU, making first what that takes."""
    with progress_bar(sku) as report:
        made = prediction.predict_trained(sku, days, engine=engine, on_progress=report)
    body = prediction_answers.task_result(made)
    table = Table("date", "predicted", "lower", "upper", title=f"{sku}: {body['engine']}")
    for point in body["chart_data"]:
        if point["predicted"] is not None:
            table.add_row(point["date"], *(f"{point[name]:.1f}" for name in ("predicted", "lower", "upper")))
    console = Console()
    console.print(table)
    console.print(body["engine_reason"])
    if body["continuation"]:
        console.print(body["continuation"])
    order = body["recommendations"][0]
    console.print(
        f"Stock {order['currentStock']:g}, expected demand {order['predictedDemand']:g}: "
        f"order {order['recommendedRestock']:g} ({order['urgency']} urgency)."
    )
