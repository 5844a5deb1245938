"""What the process of a run does: the names that requests have for it, and the libraries it needs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, Protocol

import orjson

RUN_PIPELINE = "run_pipeline"
PREDICT = "predict"
# What a job is given, in the folder of its run.
ARGUMENTS = "arguments.json"
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
    with _without("torch"):
        for name in LIBRARIES:
            importlib.import_module(name)


class _Missing(MetaPathFinder):
    """Makes a package seem not to be installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, fullname: str, *_more: object) -> None:
        """Refuse the package; leave others to the usual finders."""
        if fullname == self._name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Do without a package while others are loaded.

    skops imports all of scikit-learn, also what serves PyTorch. Where that is installed, for other work, it
    takes as long to load, and as much memory, as everything else together.
    """
    missing = _Missing(name)
    sys.meta_path.insert(0, missing)
    try:
        yield
    finally:
        sys.meta_path.remove(missing)


def work(request: Mapping[str, Any], folder: Path, answer: Answer) -> Mapping[str, Any]:
    """Do the job that a request names."""
    from siprems_backend.services.pipelines import execution, prediction

    jobs: dict[str, Job] = {RUN_PIPELINE: execution.run_pipeline, PREDICT: prediction.run_prediction}
    arguments = orjson.loads((folder / ARGUMENTS).read_bytes())
    return jobs[request["job"]](arguments, folder, answer)
