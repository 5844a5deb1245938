"""What passes between nodes: rows, which of them are for training, and what was fitted so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.fitted import FittedPipeline


@dataclass(frozen=True, eq=False)
class Table:
    """Rows with a unique index; `training` (True = training, False = test) has the same index, once split."""

    frame: pd.DataFrame
    training: pd.Series[bool] | None = None
    fitted: FittedPipeline = field(default_factory=FittedPipeline)

    @property
    def target(self) -> str | None:
        """Name of the column to predict, once known."""
        return self.fitted.target

    @property
    def train(self) -> pd.DataFrame:
        """The rows that may be learned from: all, where nothing is split."""
        return self.frame if self.training is None else self.frame[self.training]

    @property
    def test(self) -> pd.DataFrame:
        """The rows that nothing may learn from: none, where nothing is split."""
        return self.frame.iloc[:0] if self.training is None else self.frame[~self.training]

    @property
    def feature_names(self) -> list[str]:
        """Names of all columns but the target."""
        return [str(name) for name in self.frame.columns if name != self.target]

    def with_frame(self, frame: pd.DataFrame, **fitted: Any) -> Table:
        """Return the table with other columns or fewer rows, and changes of what is fitted."""
        training = None if self.training is None else self.training.loc[frame.index]
        return Table(frame, training, replace(self.fitted, **fitted))


def require_values(table: Table, names: Sequence[str]) -> None:
    """Raise `NodeError` if a column has no value in any training row: nothing can be learned of it."""
    train = table.train
    empty = [name for name in names if len(train) and train[name].isna().all()]
    if empty:
        raise NodeError(
            f"Columns {', '.join(map(repr, empty))} have no value at all in the training part: drop them "
            "with a `columns` node."
        )


def numeric_features(table: Table) -> list[str]:
    """Return the names of the features a model can use: numbers and booleans, and no text.

    Dates are left out: a model learns from what `calendar` makes of them. Raises `NodeError` for text.
    """
    kinds = {name: table.frame[name].dtype.kind for name in table.feature_names}
    numeric = [name for name, kind in kinds.items() if kind in "iufb"]
    texts = [name for name, kind in kinds.items() if kind not in "iufbM"]
    if texts:
        require_values(table, texts)
        names = ", ".join(map(repr, texts))
        raise NodeError(f"Columns {names} hold no numbers: encode them, or drop them with a `columns` node.")
    if not numeric:
        raise NodeError("No feature is left to learn from.")
    return numeric
