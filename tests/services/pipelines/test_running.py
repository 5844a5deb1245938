"""Runs of pipelines in processes of their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from siprems_backend.services import pipelines
from siprems_backend.services.identity import Principal
from siprems_engine.pipelines.runner import run as run_directly
from tests.engine.pipelines.houses import GUIDE, Frames, houses


def guide(dataset_id: str) -> dict[str, Any]:
    body = copy.deepcopy(GUIDE)
    body["pipeline"][0]["input"]["dataset_id"] = dataset_id
    return body


def test_a_run_answers_what_the_engine_does(caller: Principal, houses_id: str) -> None:
    told: list[tuple[Any, ...]] = []
    answer = pipelines.run(guide(houses_id), caller, on_progress=lambda *words: told.append(words))
    assert answer["success"] is True
    expected = run_directly(GUIDE, Frames(houses=houses())).as_json()["results"][-1]["output"]["metrics"]
    assert answer["results"][-1]["output"]["metrics"] == pytest.approx(expected)
    assert told[-1] == (7, 7, "linear_regression", "Executing node: linear_regression")
