"""What a date says."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Parameters
from siprems_engine.pipelines.reshaping import FrameNode

PARTS = ("year", "quarter", "month", "week", "day", "weekday", "day_of_year", "is_weekend")


class Calendar(FrameNode):
    """Adds parts of a date as numbers."""

    node_type = "calendar"
    title = "Calendar"
    category = "features"
    function = "calendar"
    properties = {
        "column": p.text("The column with dates."),
        "parts": {
            "type": "array",
            "items": {"enum": list(PARTS)},
            "minItems": 1,
            "uniqueItems": True,
            "default": ["year", "month", "weekday"],
            "description": "The parts; Monday is weekday 0.",
        },
    }
    required = ("column",)

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """One more column for each part."""
        return before[0].add(f"{parameters['column']}_{part}" for part in parameters["parts"])


NODE = Calendar()
