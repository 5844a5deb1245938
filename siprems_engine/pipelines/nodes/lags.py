"""Values of rows before."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Parameters
from siprems_engine.pipelines.reshaping import FrameNode


class Lags(FrameNode):
    """Adds the values some rows ago of the same series."""

    node_type = "lags"
    title = "Lags"
    category = "features"
    function = "lags"
    properties = {
        "columns": p.texts("The columns to look back at."),
        "lags": p.wholes("How many rows ago.", 1, 1000),
        "group_by": p.GROUP_BY,
        "order_by": p.ORDER_BY,
    }
    required = ("columns", "lags")

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """One more column for each pair."""
        return before[0].add(
            f"{name}_lag_{lag}" for name in parameters["columns"] for lag in parameters["lags"]
        )


NODE = Lags()
