"""A table to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Export(Node):
    """Names a table that whoever runs the pipeline is to write to a file."""

    node_type = "export"
    title = "Export"
    category = "output"
    properties = {
        "name": {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$",
            "default": "table",
            "description": "Name of the file, without its ending.",
        },
        "format": p.choice(("csv", "parquet", "xlsx"), "Format of the file.", "csv"),
    }

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Hand the rows on; the runner keeps them beside the results."""
        return Outcome(tables[0], {"name": parameters["name"], "format": parameters["format"]})


NODE = Export()
