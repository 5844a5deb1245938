"""Predictions beside the rows they are for."""

from __future__ import annotations

import numpy as np

from siprems_engine.pipelines.table import Table


def with_predictions(table: Table) -> Table:
    """Return the table with the columns `prediction` and `part`."""
    frame, fitted = table.frame, table.fitted
    answers = fitted.original(fitted.model.predict(frame[fitted.features]))
    part = (
        np.full(len(frame), "train") if table.training is None else np.where(table.training, "train", "test")
    )
    return table.with_frame(frame.assign(prediction=answers, part=part.astype(object)))
