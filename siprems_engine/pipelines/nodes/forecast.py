"""The shop's own forecasts."""

from __future__ import annotations

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.sourcing import SourceNode


class Forecast(SourceNode):
    """What is forecast for the shop."""

    node_type = "forecast"
    title = "Forecast"
    properties = {
        "skus": p.texts("The products; all if left out."),
        "category": p.text("A category of products."),
        "days": p.whole("Days ahead.", 1, 730, 28),
    }


NODE = Forecast()
