"""Rows are what they should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table

BOUND = {"type": "number", "description": "A bound, itself allowed."}


class Validate(Node):
    """Checks columns against rules, and stops the pipeline or reports what breaks them."""

    node_type = "validate"
    title = "Validate"
    category = "checks"
    properties = {
        "columns": p.texts("Columns that must be there."),
        "not_null": p.texts("Columns without empty values."),
        "unique": p.texts("Columns whose values together tell rows apart."),
        "ranges": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"min": BOUND, "max": BOUND},
                "additionalProperties": False,
            },
            "description": "Smallest and largest value of columns of numbers.",
        },
        "allowed": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 1},
            "description": "The values that columns may have.",
        },
        "on_failure": p.choice(("fail", "report"), "Stop the pipeline, or only report.", "fail"),
    }

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """All columns that rules name."""
        return {
            name: list(parameters[name])
            for name in ("columns", "not_null", "unique", "ranges", "allowed")
            if name in parameters
        }

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Check; raises `NodeError` with every broken rule if they are to stop the pipeline."""
        from siprems_engine.pipelines.frames import require
        from siprems_engine.pipelines.rules import broken

        frame = tables[0].frame
        for names in self.reads(parameters).values():
            require(frame, names)
        failures = broken(frame, parameters)
        if failures and parameters["on_failure"] == "fail":
            raise NodeError(" ".join(str(failure["message"]) for failure in failures), failures[0]["rule"])
        return Outcome(tables[0], {"valid": not failures, "failures": failures})


NODE = Validate()
