"""Which rows are learned from, and which only judged by."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.frames import dates_of, require
from siprems_engine.pipelines.node import Context, Parameters
from siprems_engine.pipelines.table import Table


def prepared(table: Table, context: Context) -> Table:
    """Return the table split as the pipeline's split will have it, and knowing its target.

    Done by the first node that learns, which may stand before the split: what it learns from is decided here.
    """
    if context.target is not None and table.target is None:
        require(table.frame, [context.target])
        table = replace(table, fitted=replace(table.fitted, target=context.target))
    if context.split is None or table.training is not None:
        return table
    return replace(table, training=training_rows(table.frame, context.split, context.seed))


def training_rows(frame: pd.DataFrame, split: Parameters, seed: int) -> pd.Series[bool]:
    """Return for each row whether it is for training, by the parameters of a `split` node."""
    if len(frame) < 2:
        raise NodeError(f"{len(frame)} rows cannot be split in two.")
    training = _by_time(frame, split) if split["method"] == "time" else _drawn(frame, split, seed)
    if training.all() or not training.any():
        raise NodeError("The split leaves one part without rows: change `test_size`.")
    return pd.Series(training, index=frame.index, dtype=bool)


def _drawn(frame: pd.DataFrame, split: Parameters, seed: int) -> Any:
    classes = None
    if split["method"] == "stratified":
        column = split.get("stratify_by", split["target"])
        require(frame, [column])
        classes = frame[column]
        if classes.isna().any():
            raise NodeError(f"Column {column!r} has empty values, so rows cannot be stratified by it.")
    train, _ = train_test_split(
        np.arange(len(frame)),
        test_size=split["test_size"],
        random_state=split.get("random_state", seed),
        stratify=classes,
    )
    training = np.zeros(len(frame), dtype=bool)
    training[train] = True
    return training


def _by_time(frame: pd.DataFrame, split: Parameters) -> Any:
    """Rows of the same moment stay together, so the test part may be a little larger than asked for."""
    column = split["time_column"]
    require(frame, [column])
    times = dates_of(frame, column) if frame[column].dtype == object else frame[column]
    if times.isna().any():
        raise NodeError(f"Column {column!r} has empty values, so rows cannot be ordered by it.")
    first = sorted(times)[len(frame) - math.ceil(split["test_size"] * len(frame))]
    return (times < first).to_numpy()
