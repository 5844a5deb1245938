"""What a fitted pipeline does to rows, one step a node; new rows go through the same steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from siprems_engine.pipelines import frames


class Step(Protocol):
    """Anything that makes rows of rows; the index tells which became of which."""

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows after the step."""


@dataclass(eq=False)
class ColumnsStep:
    """A scikit-learn transformer of some columns; all others pass through."""

    columns: list[str]
    transformer: Any

    def fit_transform(self, rows: pd.DataFrame, target: pd.Series[Any] | None) -> pd.DataFrame:
        """Fit on training rows and return them transformed (cross-fitted, where the transformer does so)."""
        self.transformer.set_output(transform="pandas")
        return self._put(rows, self.transformer.fit_transform(rows[self.columns], target))

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with the columns transformed as fitted."""
        frames.require(rows, self.columns)
        return self._put(rows, self.transformer.transform(rows[self.columns]))

    def _put(self, rows: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
        """Put what was made in the place of the columns, at the end if it has other names."""
        made = made.set_axis(rows.index)
        if list(made.columns) == self.columns:
            return rows.assign(**{name: made[name] for name in self.columns})
        return pd.concat([rows.drop(columns=self.columns), made], axis=1)


@dataclass(eq=False)
class DropStep:
    """Columns that a selection found useless go."""

    columns: list[str]

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows without the columns."""
        return rows.drop(columns=self.columns, errors="ignore")


@dataclass(eq=False)
class FrameStep:
    """A function of `frames` that learns nothing, and its parameters."""

    function: str
    parameters: dict[str, Any]

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return what the function makes of the rows."""
        made: pd.DataFrame = frames.FUNCTIONS[self.function](rows, **self.parameters)
        return made
