"""Runs of pipelines in processes of their own."""

from __future__ import annotations

import copy
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

from siprems_backend.config import Settings, get_settings
from siprems_backend.errors import Invalid, TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.services import pipelines
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import cache_folder, limits, processes
from siprems_backend.utils.roles import Role
from siprems_engine.pipelines.runner import run as run_directly
from tests import factories
from tests.engine.pipelines.houses import GUIDE, SPLIT, Frames, body, houses, node
from tests.services.pipelines.conftest import Add


def guide(dataset_id: str) -> dict[str, Any]:
    changed = copy.deepcopy(GUIDE)
    changed["pipeline"][0]["input"]["dataset_id"] = dataset_id
    return changed


def metrics(answer: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float] = answer["results"][-1]["output"]["metrics"]
    return found


def running_below() -> list[psutil.Process]:
    """The processes of runs: those that the waiting guard has forked."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "tool_process.warm" in " ".join(child.cmdline()) and child.parent().pid != os.getpid()
    ]


def test_a_run_answers_what_the_engine_does_and_tells_its_nodes(caller: Principal, houses_id: str) -> None:
    told: list[tuple[Any, ...]] = []
    answer = pipelines.run(guide(houses_id), caller, on_progress=lambda *words: told.append(words))
    assert answer["success"] is True
    expected = run_directly(GUIDE, Frames(houses=houses())).as_json()
    assert metrics(answer) == pytest.approx(metrics(expected))
    nodes = [spec["node_type"] for spec in GUIDE["pipeline"]]
    begun = dict.fromkeys(words for words in told if words[0])
    assert list(begun) == [(n, 7, name, f"Executing node: {name}") for n, name in enumerate(nodes, start=1)]


def test_a_rerun_finds_the_nodes_before_the_one_that_changed(caller: Principal, houses_id: str) -> None:
    pipelines.run(guide(houses_id), caller)
    changed = guide(houses_id)
    changed["pipeline"][-1] = {"node_type": "decision_tree", "input": {"max_depth": 2}}
    cached = [result["cached"] for result in pipelines.run(changed, caller)["results"]]
    assert cached == [False, *[True] * 5, False]


def test_nobody_finds_the_results_of_others(caller: Principal, houses_id: str, database: Database) -> None:
    pipelines.run(guide(houses_id), caller)
    operator = factories.make_principal(database, Role.OPERATOR)
    answer = pipelines.run(guide(houses_id), operator)
    assert not any(result["cached"] for result in answer["results"])


@pytest.fixture
def wide_id(add: Add) -> str:
    """A dataset on which a tree takes many seconds."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(150_000, 6)), columns=list("abcdef"))
    return add(frame.assign(price=random.normal(size=len(frame))).to_csv(index=False, float_format="%.5f"))


def test_cancelling_ends_a_fit_that_never_looks_up(caller: Principal, wide_id: str, volume: Path) -> None:
    long = body(node("dataset", dataset_id=wide_id), SPLIT, node("random_forest", n_estimators=2000))
    told: list[float] = []

    def cancel(current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        if node_type == "random_forest":
            told.append(time.monotonic())
            # Begun is not enough: the second report comes while compiled code is at work.
            if len(told) > 1:
                raise TaskCancelled

    with pytest.raises(TaskCancelled):
        pipelines.run(long, caller, on_progress=cancel)
    assert running_below() == []
    assert not list((volume / "task_files").rglob("*.json"))
    assert not list((volume / "pipelines" / "models").glob("*"))


def test_cancelling_ends_a_process_that_still_loads_its_libraries(caller: Principal, houses_id: str) -> None:
    processes._waiting.take().stop()

    def cancel(current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        assert (current_node, total_nodes, message) == (0, 7, "Starting")
        raise TaskCancelled

    with pytest.raises(TaskCancelled):
        pipelines.run(guide(houses_id), caller, on_progress=cancel)
    children = psutil.Process().children(recursive=True)
    assert not [child for child in children if "tool_process.warm" in " ".join(child.cmdline())]


@pytest.fixture
def little_memory(migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs may have a gigabyte, of which the libraries take a good part."""
    small = migrated.model_copy(update={"pipeline_memory_bytes": 1200 * 1024**2})
    monkeypatch.setattr(limits, "get_settings", lambda: small)


@pytest.mark.usefixtures("little_memory")
def test_a_node_that_needs_too_much_memory_is_named(caller: Principal, wide_id: str) -> None:
    columns = list("abcdef")
    nodes = [
        node("dataset", dataset_id=wide_id),
        node("columns", "few", keep=columns),
        node("lags", "many", columns=columns, lags=list(range(1, 51))),
        node(
            "rolling", "more", columns=columns, windows=list(range(2, 52)), statistics=["mean", "max", "std"]
        ),
    ]
    for spec, before in zip(nodes[1:], ["node_1", "few", "many"], strict=True):
        spec["inputs"] = [before]
    with pytest.raises(pipelines.NodeFailed) as caught:
        pipelines.run(body(*nodes), caller)
    (field,) = caught.value.fields
    assert field in ("pipeline.2.input", "pipeline.3.input")
    assert "GB of memory" in caught.value.message
    # The process that waits lives on.
    assert pipelines.run(body(nodes[0]), caller)["success"]


def test_a_pipeline_that_cannot_run_starts_nothing(caller: Principal) -> None:
    with pytest.raises(Invalid) as caught:
        pipelines.run(body(node("dataset", dataset_id="nowhere")), caller)
    assert list(caught.value.fields) == ["pipeline.0.input.dataset_id"]


def age(entry: Path, hours: float) -> None:
    moment = time.time() - 3600 * hours
    os.utime(entry, (moment, moment))


def entry(user_id: int, name: str, size: int) -> Path:
    made = cache_folder.of_user(user_id) / name
    made.mkdir(parents=True)
    (made / "frame.parquet").write_bytes(bytes(size))
    return made


def test_results_of_nodes_grow_old_and_have_bounded_room(
    volume: Path, migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = migrated.model_copy(update={"pipeline_cache_bytes": 250, "pipeline_cache_hours": 24})
    monkeypatch.setattr(cache_folder, "get_settings", lambda: small)
    entries = [entry(1, name, 100) for name in ("newest", "newer", "older", "old")]
    for number, each in enumerate(entries):
        age(each, number)
    age(entry(2, "too old", 1), 25)
    age(entry(2, ".unfinished-x", 1), 25)
    young = entry(3, "young", 200)
    assert pipelines.clean_up() == 4
    assert [each.exists() for each in entries] == [True, True, False, False]
    assert young.exists()
    assert not cache_folder.of_user(2).exists()


def test_the_settings_leave_room_for_what_one_run_keeps() -> None:
    assert get_settings().pipeline_cache_bytes // cache_folder.RUNS_IN_ONE > 0
