"""Predicting with a fitted model, from the worker's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

from siprems_backend.errors import Invalid
from siprems_backend.services import task_files
from siprems_backend.services.datasets import files as dataset_files
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import jobs, model_records, processes
from siprems_backend.services.pipelines.known_columns import KnownColumns
from siprems_backend.services.pipelines.listening import NodeListener, OnNode, untold
from siprems_backend.services.task_registry import fence
from siprems_backend.services.tool_runner.execution import OUTPUT
from siprems_engine.pipelines import SourceError


def predict(
    model_id: UUID,
    caller: Principal,
    *,
    rows: Sequence[Mapping[str, Any]] | None = None,
    dataset_id: str | None = None,
    on_progress: OnNode = untold,
) -> dict[str, Any]:
    """Predict new rows, or those of a dataset: `{model_id, name, version, rows, predictions, output_files}`.

    Predictions are in the order of the rows, null for rows that a step drops; more than 10,000 are
    in a file in their place.

    Raises:
        NotFound: no such model, or not the caller's.
        Gone: its file is no longer there.
        Invalid: the rows lack a column, or have values that the model cannot take.
        TaskCancelled: from `on_progress`.
    """
    model = model_records.get(model_id, caller)
    arguments = {
        "model": str(model_records.existing_path(model_id)),
        "sha256": model.sha256,
        "rows": None if rows is None else list(rows),
        "dataset": None if dataset_id is None else str(_dataset_path(dataset_id, caller)),
    }
    task_id = fence.running_task()
    with task_files.scratch_folder(task_id or uuid4()) as folder:
        listener = NodeListener(on_progress, 1)
        made = processes.do(jobs.PREDICT, arguments, folder, listener)
        answer: dict[str, Any] = orjson.loads((folder / jobs.RESULTS).read_bytes())
        files = [] if task_id is None else task_files.keep(task_id, folder / OUTPUT, made["files"])
    about = {"model_id": str(model.id), "name": model.name, "version": model.version}
    return {**about, **answer, "output_files": files}


def _dataset_path(dataset_id: str, caller: Principal) -> Path:
    try:
        return dataset_files.rows_path(KnownColumns(caller).dataset({"dataset_id": dataset_id}).id)
    except SourceError as error:
        raise Invalid(str(error), code="dataset_not_usable", fields={"dataset_id": [str(error)]}) from None
