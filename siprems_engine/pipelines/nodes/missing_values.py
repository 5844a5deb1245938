"""Empty values are filled, or their rows dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.learning import LearningNode, is_number
from siprems_engine.pipelines.node import Context, Outcome, Parameters
from siprems_engine.pipelines.reshaping import apply

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table

STRATEGIES = ("drop", "mean", "median", "mode", "constant", "ffill", "knn")
# Strategies that work row by row, or with rows before, and learn nothing.
UNLEARNED = frozenset({"drop", "ffill", "constant"})
ANY_KIND = frozenset({"mode", "constant"})


class MissingValues(LearningNode):
    """Fills empty values by what the training part tells, or drops rows."""

    node_type = "missing_values"
    title = "Missing values"
    category = "missing values"
    properties = {
        "strategy": p.choice(STRATEGIES, "How empty values are filled, or that their rows are dropped."),
        "columns": p.COLUMNS,
        "fill_value": {"type": ["number", "string", "boolean"], "description": "The value of `constant`."},
        "n_neighbors": p.whole("Similar rows that `knn` averages.", 1, 100, 5),
        "group_by": p.GROUP_BY,
        "order_by": p.ORDER_BY,
    }
    required = ("strategy",)

    def learns(self, parameters: Parameters) -> bool:
        """All but those that take nothing from other rows, or only from rows before."""
        return parameters["strategy"] not in UNLEARNED

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """Columns to fill, and those that series are told apart and ordered by."""
        read = {name: list(parameters[name]) for name in ("columns", "group_by") if name in parameters}
        return read | {name: [parameters[name]] for name in ("order_by",) if name in parameters}

    def misuses(self, parameters: Parameters, target: str | None) -> str | None:
        """A target is never invented; a constant needs its value."""
        if parameters["strategy"] == "constant" and "fill_value" not in parameters:
            return "Strategy `constant` needs `fill_value`."
        if parameters["strategy"] != "drop" and target in parameters.get("columns", ()):
            return f"Column {target!r} is the target: drop rows without it (strategy `drop`), do not fill it."
        return None

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Fill or drop; tells how many values were empty."""
        empty = tables[0].frame.isna().sum()
        told = {str(name): int(count) for name, count in empty.items() if count}
        outcome = self._work(tables, parameters, context)
        return Outcome(outcome.table, {**outcome.output, "missing_before": told})

    def _work(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        columns = parameters.get("columns")
        if parameters["strategy"] == "drop":
            return apply(tables[0], "drop_missing", {"columns": columns})
        if parameters["strategy"] == "ffill":
            series = {name: parameters[name] for name in ("group_by", "order_by") if name in parameters}
            columns = columns or [name for name in tables[0].frame.columns if name != context.target]
            return apply(tables[0], "forward_fill", {"columns": columns, **series})
        return super().run(tables, parameters, context)

    def chosen(self, table: Table, parameters: Parameters) -> list[str]:
        """Features that the strategy can fill."""
        features = table.feature_names
        if parameters["strategy"] == "mode":
            return [name for name in features if not _is_date(table, name)]
        if parameters["strategy"] == "constant":
            fits_text = isinstance(parameters["fill_value"], str)
            return [n for n in features if not _is_date(table, n) and fits_text != is_number(table, n)]
        return [name for name in features if is_number(table, name)]

    def check(self, table: Table, columns: Sequence[str], parameters: Parameters) -> None:
        """Averages need numbers; a constant must be of the column's kind."""
        strategy = parameters["strategy"]
        if strategy not in ANY_KIND:
            super().check(table, columns, parameters)
        if strategy == "mode":
            from siprems_engine.pipelines.table import require_values

            require_values(table, columns)
        if strategy == "constant" and isinstance(parameters["fill_value"], str):
            numbers = [name for name in columns if is_number(table, name)]
            if numbers:
                raise NodeError(
                    f"Columns {', '.join(map(repr, numbers))} hold numbers; a text cannot fill them."
                )

    def transformer(self, columns: list[str], table: Table, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's imputer."""
        from sklearn.impute import KNNImputer, SimpleImputer

        strategy = parameters["strategy"]
        if strategy == "knn":
            return KNNImputer(n_neighbors=parameters["n_neighbors"])
        if strategy == "constant":
            return SimpleImputer(strategy="constant", fill_value=parameters["fill_value"])
        name = "most_frequent" if strategy == "mode" else strategy
        return SimpleImputer(strategy=name)


def _is_date(table: Table, name: str) -> bool:
    return table.frame[name].dtype.kind == "M"


NODE = MissingValues()
