"""What the process of a run does: the names that requests have for it, and the libraries it needs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

RUN_PIPELINE = "run_pipeline"
PREDICT = "predict"
# What a run of a pipeline tells, in its folder: too much for a line of a pipe.
RESULTS = "results.json"
LIBRARIES = (
    "siprems_engine.pipelines.runner",
    "siprems_engine.pipelines.artifact",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.inspection",
    "sklearn.linear_model",
    "sklearn.preprocessing",
    "sklearn.tree",
    "pyarrow.parquet",
    "siprems_backend.services.pipelines.execution",
    "siprems_backend.services.pipelines.prediction",
)


class Answer(Protocol):
    """Where a job says how far it is."""

    def say(self, message: Mapping[str, Any]) -> None:
        """Write a message."""


Job = Callable[[Mapping[str, Any], Path, Answer], Mapping[str, Any]]


def load_libraries() -> None:
    """Load what jobs need; this takes seconds."""
    for name in LIBRARIES:
        importlib.import_module(name)


def work(request: Mapping[str, Any], folder: Path, answer: Answer) -> Mapping[str, Any]:
    """Do the job that a request names."""
    from siprems_backend.services.pipelines import execution, prediction

    jobs: dict[str, Job] = {RUN_PIPELINE: execution.run_pipeline, PREDICT: prediction.run_prediction}
    return jobs[request["job"]](request["arguments"], folder, answer)
