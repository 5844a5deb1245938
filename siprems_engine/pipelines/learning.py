"""Nodes whose transformers learn from rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class LearningNode(Node):
    """A node that fits one scikit-learn transformer of some columns on the training part."""

    def learns(self, parameters: Parameters) -> bool:  # noqa: ARG002
        """Every transformer may learn."""
        return True

    def transformer(self, columns: list[str], table: Table, parameters: Parameters, seed: int) -> Any:
        """Return an unfitted transformer of the columns."""
        raise NotImplementedError

    def chosen(self, table: Table, parameters: Parameters) -> list[str]:  # noqa: ARG002
        """Return the columns to work on if none are named: numbers, but not the target."""
        return [n for n in table.feature_names if is_number(table, n)]

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Fit on the training rows, transform all."""
        from siprems_engine.pipelines.fitting import fit_columns
        from siprems_engine.pipelines.frames import require
        from siprems_engine.pipelines.splitting import prepared

        table = prepared(tables[0], context)
        columns = list(parameters.get("columns") or self.chosen(table, parameters))
        require(table.frame, columns)
        self.check(table, columns, parameters)
        made = fit_columns(
            table, columns, lambda names: self.transformer(names, table, parameters, context.seed)
        )
        return Outcome(made, {"fitted_on_rows": len(table.train), "columns": columns})

    def check(self, table: Table, columns: Sequence[str], parameters: Parameters) -> None:  # noqa: ARG002
        """Raise `NodeError` unless the transformer can work on the columns: by default, on numbers."""
        from siprems_engine.pipelines.table import require_values

        require_values(table, columns)
        wrong = [name for name in columns if not is_number(table, name)]
        if wrong:
            raise NodeError(
                f"Columns {', '.join(map(repr, wrong))} hold no numbers; name others in `columns`."
            )


def is_number(table: Table, name: str) -> bool:
    """Return whether a column holds numbers; booleans are not meant to be scaled or averaged."""
    return table.frame[name].dtype.kind in "iuf"
