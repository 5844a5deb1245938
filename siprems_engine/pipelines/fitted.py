"""Everything fitted on the way from a source to a model, as one object that can be applied to new rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.frames import require
from siprems_engine.pipelines.steps import Step
from siprems_engine.pipelines.tidy import tidy


@dataclass(frozen=True, eq=False)
class FittedPipeline:
    """The steps in order, the transformers of the target, and the model if there is one yet.

    Steps are counted from the source, or from the last join: new rows come as they stand there.
    """

    steps: list[Step] = field(default_factory=list)
    target: str | None = None
    target_transformers: list[Any] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    model: Any = None
    # "regression", "classification" or "clustering".
    task: str | None = None

    def with_step(self, step: Step) -> FittedPipeline:
        """Return the pipeline with one more step."""
        return replace(self, steps=[*self.steps, step])

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return new rows after all steps; the index of the rows stays, less those that a step drops."""
        index, rows = rows.index, tidy(rows)
        for step in self.steps:
            rows = step.transform(rows)
        return rows.set_axis(index[rows.index])

    def predict(self, rows: pd.DataFrame) -> pd.Series[Any]:
        """Return the predictions of new rows in the units of the source, indexed as the rows are.

        Rows that a step drops have none. Raises `NodeError` if columns are missing or there is no model.
        """
        if self.model is None:
            raise NodeError("The pipeline has no model, so it predicts nothing; add a model node.")
        rows = self.transform(rows)
        require(rows, self.features)
        answers = self.model.predict(rows[self.features]) if len(rows) else np.zeros(0)
        return pd.Series(self.original(answers), index=rows.index, name="prediction")

    def original(self, answers: Any) -> Any:
        """Undo the transformations of the target on what a model answers, (n,)."""
        for transformer in reversed(self.target_transformers):
            if len(answers):
                values = pd.DataFrame({self.target: answers})
                answers = np.asarray(transformer.inverse_transform(values)).ravel()
        return answers
