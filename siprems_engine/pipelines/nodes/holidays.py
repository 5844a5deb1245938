"""Public holidays."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Parameters
from siprems_engine.pipelines.reshaping import FrameNode


class Holidays(FrameNode):
    """Adds whether a date is a public holiday of a country."""

    node_type = "holidays"
    title = "Holidays"
    category = "features"
    function = "holidays"
    properties = {
        "column": p.text("The column with dates."),
        "country": {
            "type": "string",
            "pattern": "^[A-Z]{2,3}$",
            "description": "ISO 3166 code of the country.",
        },
        "subdivision": p.text("ISO 3166-2 code of a part of the country, without the country."),
    }
    required = ("column", "country")

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """One more column."""
        return before[0].add([f"{parameters['column']}_is_holiday"])


NODE = Holidays()
