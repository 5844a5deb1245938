"""Training part and test part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Split(Node):
    """Sets the test part aside. Nodes before it that learn see only the training part, too."""

    node_type = "split"
    title = "Split"
    category = "split"
    properties = {
        "target": p.text("The column to predict."),
        "method": p.choice(
            ("random", "stratified", "time"),
            "At random, at random within classes, or the last by time.",
            "random",
        ),
        "test_size": {
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.25,
            "description": "Share of the test part.",
        },
        "random_state": p.SEED,
        "stratify_by": p.text("Column of the classes of `stratified`; the target if left out."),
        "time_column": p.text("Column of the time of `time`; rows of the same moment stay together."),
    }
    required = ("target",)

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """The target, the classes and the time."""
        return {n: [parameters[n]] for n in ("target", "stratify_by", "time_column") if n in parameters}

    def misuses(self, parameters: Parameters, target: str | None) -> str | None:
        """A split by time needs to know the time."""
        if parameters["method"] == "time" and "time_column" not in parameters:
            return "A split by time needs `time_column`."
        return None

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Split, unless a node before that learns has already had to; tells the sizes."""
        from siprems_engine.pipelines.splitting import prepared

        table = prepared(tables[0], context)
        sizes = {"train_rows": len(table.train), "test_rows": len(table.test)}
        return Outcome(table, {**sizes, "target": parameters["target"], "method": parameters["method"]})


NODE = Split()
