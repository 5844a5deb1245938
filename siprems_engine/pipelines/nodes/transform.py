"""Skewed numbers become straighter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.learning import LearningNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table

METHODS = ("log", "sqrt", "box_cox", "yeo_johnson")
POSITIVE = frozenset({"log", "box_cox"})


class Transform(LearningNode):
    """Logarithm, root, or the power that training finds best."""

    node_type = "transform"
    title = "Transform"
    category = "transform"
    properties = {
        "method": p.choice(
            METHODS, "Natural logarithm, square root, or a power fitted by Box and Cox or Yeo and Johnson."
        ),
        "columns": p.COLUMNS,
        "offset": {
            "type": "number",
            "default": 0,
            "description": "Added before `log` and `sqrt`: 1 makes the logarithm bear 0.",
        },
        "standardize": p.flag(
            "For the fitted powers: scale to mean 0 and deviation 1 afterwards.", default=False
        ),
    }
    required = ("method",)

    def learns(self, parameters: Parameters) -> bool:
        """Only powers are fitted."""
        return parameters["method"] in ("box_cox", "yeo_johnson")

    def check(self, table: Table, columns: Sequence[str], parameters: Parameters) -> None:
        """Logarithms and Box-Cox need positive numbers, roots no negative ones."""
        super().check(table, columns, parameters)
        method = parameters["method"]
        offset = parameters["offset"] if method in ("log", "sqrt") else 0
        for name in columns:
            low = float(table.frame[name].min()) + offset
            if (low < 0 and method != "yeo_johnson") or (low == 0 and method in POSITIVE):
                raise NodeError(
                    f"Column {name!r} has values down to {low:g}, which {method} cannot take: "
                    "give an `offset`, or use yeo_johnson."
                )

    def transformer(self, columns: list[str], table: Table, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's transformer, or one of the same shape."""
        from sklearn.preprocessing import PowerTransformer

        from siprems_engine.pipelines.elementwise import Elementwise

        method = parameters["method"]
        if method in ("log", "sqrt"):
            return Elementwise(method, float(parameters["offset"]))
        return PowerTransformer(method=method.replace("_", "-"), standardize=parameters["standardize"])


NODE = Transform()
