"""The shop's own sales."""

from __future__ import annotations

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.sourcing import SourceNode


class SalesHistory(SourceNode):
    """The sales of the shop, straight from its data."""

    node_type = "sales_history"
    title = "Sales history"
    properties = {
        "skus": p.texts("The products; all if left out."),
        "category": p.text("A category of products."),
        "from": {"type": "string", "format": "date", "description": "First day."},
        "to": {"type": "string", "format": "date", "description": "Last day."},
    }


NODE = SalesHistory()
