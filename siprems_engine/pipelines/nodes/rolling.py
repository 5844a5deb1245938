"""Statistics of rows before."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Parameters
from siprems_engine.pipelines.reshaping import FrameNode

STATISTICS = ("mean", "sum", "min", "max", "median", "std")


class Rolling(FrameNode):
    """Adds statistics of the rows before each row, of the same series and without the row itself."""

    node_type = "rolling"
    title = "Rolling windows"
    category = "features"
    function = "rolling"
    properties = {
        "columns": p.texts("The columns to look back at."),
        "windows": p.wholes("How many rows a window has.", 2, 1000),
        "statistics": {
            "type": "array",
            "items": {"enum": list(STATISTICS)},
            "minItems": 1,
            "uniqueItems": True,
            "default": ["mean"],
            "description": "What is told of a window.",
        },
        "group_by": p.GROUP_BY,
        "order_by": p.ORDER_BY,
    }
    required = ("columns", "windows")

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """One more column for each column, statistic and window."""
        columns, statistics, windows = (parameters[name] for name in ("columns", "statistics", "windows"))
        return before[0].add(f"{c}_{s}_{w}" for c in columns for s in statistics for w in windows)


NODE = Rolling()
