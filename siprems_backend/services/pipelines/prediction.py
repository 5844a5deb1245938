"""Predicting with a fitted model, in the process that was forked for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from siprems_backend.errors import Gone, Invalid
from siprems_backend.services.export_files import Column, csv_chunks
from siprems_backend.services.exports import MIMETYPES
from siprems_backend.services.pipelines.jobs import RESULTS, Answer
from siprems_backend.services.pipelines.sources import read_rows
from siprems_backend.services.tool_runner.execution import OUTPUT
from siprems_backend.services.tool_runner.tool import OutputFile

if TYPE_CHECKING:
    from pandas import DataFrame

# More predictions than a client would read from an answer are a file.
MOST_IN_ANSWER = 10_000
FILE = "predictions.csv"


def run_prediction(arguments: Mapping[str, Any], folder: Path, answer: Answer) -> dict[str, Any]:
    """Predict in this process; the predictions become files below `folder`.

    Raises:
        Gone: the model's file is not what was kept.
        Invalid: the rows lack a column, or have values that the model cannot take.
    """
    # Only the process of a run has these libraries.
    from siprems_engine.pipelines import artifact
    from siprems_engine.pipelines.runner import DATA_ERRORS

    answer.say({"node": [1, 1, "predictions", "Predicting"]})
    frame, data = _frame(arguments), Path(arguments["model"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != arguments["sha256"]:
        problem = "The model's file is damaged; run the pipeline again."
        raise Gone(problem, code="model_gone", fields={"model_id": [problem]})
    try:
        predicted = artifact.from_bytes(data).predict(frame)
    except DATA_ERRORS as error:
        raise Invalid(str(error), code="rows_not_usable", fields={"rows": [str(error)]}) from None
    # A row that a step drops has no prediction.
    values = predicted.reindex(frame.index).astype(object)
    return _written(values.where(values.notna(), None).tolist(), folder)


def _frame(arguments: Mapping[str, Any]) -> DataFrame:
    import pandas as pd

    if arguments["dataset"] is not None:
        return read_rows(Path(arguments["dataset"]))
    return pd.DataFrame(arguments["rows"])


def _written(values: list[Any], folder: Path) -> dict[str, Any]:
    """Write the answer, with the predictions or beside a file of them."""
    told: dict[str, Any] = {"rows": len(values)}
    (folder / OUTPUT).mkdir()
    files: list[OutputFile] = []
    if len(values) <= MOST_IN_ANSWER:
        told["predictions"] = values
    else:
        files.append(_file(values, folder / OUTPUT / FILE))
    (folder / RESULTS).write_bytes(orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY))
    return {"files": files}


def _file(values: list[Any], path: Path) -> OutputFile:
    is_text = any(isinstance(value, str) for value in values)
    columns = [Column("row", "number"), Column("prediction", "text" if is_text else "number")]
    with path.open("wb") as file:
        for chunk in csv_chunks(columns, [list(enumerate(values, start=1))]):
            file.write(chunk)
    return {"name": FILE, "content_type": MIMETYPES["csv"], "size_bytes": path.stat().st_size}
