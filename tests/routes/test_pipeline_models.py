"""Fitted pipelines over HTTP."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
from flask.testing import FlaskClient

from siprems_backend.config import Settings
from siprems_backend.routes.schemas.pipelines import ModelSchema, PredictionsSchema
from siprems_backend.services.pipelines import model_keeping, model_store, prediction
from siprems_backend.utils.roles import Role
from siprems_engine.pipelines import artifact
from siprems_engine.pipelines.runner import run as run_directly
from tests.engine.pipelines.houses import GUIDE, Frames, houses
from tests.routes.test_pipelines import API, AsRole, analyst, guide, patient, upload, worker

__all__ = ["analyst", "patient", "worker"]
PATH = f"{API}/ml/models"
ROWS = [{"area": 120.0, "age": 10, "city": "Izmir"}, {"area": None, "age": 3, "city": "Van"}]


def expected(rows: list[dict[str, Any]]) -> list[float]:
    (fitted,) = run_directly(GUIDE, Frames(houses=houses())).models.values()
    return list(fitted.predict(pd.DataFrame(rows)))


@pytest.fixture
def model(analyst: FlaskClient, worker: None) -> dict[str, Any]:
    """The model of the guide, and no other."""
    shutil.rmtree(model_store.folder(), ignore_errors=True)
    answer = analyst.post(f"{API}/ml/pipeline/run", json=guide(upload(analyst))).get_json()
    model_id = answer["results"][-1]["output"]["model_id"]
    found: dict[str, Any] = analyst.get(f"{PATH}/{model_id}").get_json()
    return found


def test_a_model_is_listed_fetched_and_deleted(analyst: FlaskClient, model: dict[str, Any]) -> None:
    assert not ModelSchema().validate(model)
    about = {"name": "houses", "version": 1, "node_type": "linear_regression", "task": "regression"}
    assert {name: model[name] for name in about} == about
    assert (model["target"], model["columns"]) == ("price", ["area", "age", "city"])
    assert model["metrics"]["test_r2"] > 0.9
    assert analyst.get(PATH).get_json()["items"] == [model]
    assert analyst.get(f"{PATH}?name=others").get_json()["total"] == 0
    url = f"{PATH}/{model['model_id']}"
    file = analyst.get(f"{url}/download")
    assert file.headers["Content-Disposition"].endswith("filename=houses-1.skops")
    assert len(file.data) == model["bytes"]
    assert list(artifact.from_bytes(file.data).predict(pd.DataFrame(ROWS))) == expected(ROWS)
    assert analyst.delete(url).status_code == 204
    assert analyst.get(url).status_code == 404
    assert list(model_store.folder().glob("*")) == []


def test_new_rows_are_predicted(analyst: FlaskClient, model: dict[str, Any]) -> None:
    url = f"{PATH}/{model['model_id']}/predict"
    response = analyst.post(url, json={"rows": ROWS})
    assert response.status_code == 200, response.text
    answer = response.get_json()
    assert not PredictionsSchema().validate(answer)
    assert (answer["rows"], answer["version"]) == (2, 1)
    assert answer["predictions"] == expected(ROWS)
    csv = houses(20).drop(columns="price").to_csv(index=False).encode()
    of_dataset = analyst.post(url, json={"dataset_id": upload(analyst, csv)}).get_json()
    assert of_dataset["rows"] == 20
    assert of_dataset["predictions"] == pytest.approx(expected(houses(20).to_dict("records")))


def test_many_predictions_are_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction, "MOST_IN_ANSWER", 1)
    made = prediction._written([1.5, None], tmp_path)
    assert made["files"][0]["name"] == "predictions.csv"
    assert (tmp_path / "output" / "predictions.csv").read_bytes() == b"row,prediction\r\n1,1.5\r\n2,\r\n"
    assert json.loads((tmp_path / "results.json").read_text()) == {"rows": 2}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"rows": [{"area": 1.0, "age": 3}]}, "rows_not_usable", "rows"),
        ({"rows": [{"area": "large", "age": 3, "city": "Izmir"}]}, "rows_not_usable", "rows"),
        ({"dataset_id": str(uuid4())}, "dataset_not_usable", "dataset_id"),
        ({"dataset_id": "../x"}, "dataset_not_usable", "dataset_id"),
        ({"rows": []}, "invalid_fields", "json"),
        ({}, "invalid_fields", "json"),
        ({"rows": ROWS, "dataset_id": "x"}, "invalid_fields", "json"),
    ],
)
def test_rows_that_cannot_be_predicted(
    analyst: FlaskClient, model: dict[str, Any], body: dict[str, Any], code: str, field: str
) -> None:
    response = analyst.post(f"{PATH}/{model['model_id']}/predict", json=body)
    assert response.status_code == 422, response.text
    error = response.get_json()["error"]
    assert (error["code"], list(error["fields"])) == (code, [field])


def test_the_same_name_is_a_new_version_and_the_same_content_is_not(
    analyst: FlaskClient, model: dict[str, Any]
) -> None:
    body = guide(upload(analyst))
    again = analyst.post(f"{API}/ml/pipeline/run", json=body).get_json()["results"][-1]["output"]
    assert (again["model_id"], again["model_version"]) == (model["model_id"], 1)
    body["pipeline"][-1] = {"node_type": "decision_tree", "input": {"max_depth": 2}}
    other = analyst.post(f"{API}/ml/pipeline/run", json=body).get_json()["results"][-1]["output"]
    assert other["model_version"] == 2
    found = analyst.get(f"{PATH}/{model['model_id']}/versions").get_json()
    assert [(each["version"], each["node_type"]) for each in found["items"]] == [
        (2, "decision_tree"),
        (1, "linear_regression"),
    ]


def test_strangers_find_nothing_and_operators_all(
    as_role: AsRole, analyst: FlaskClient, model: dict[str, Any]
) -> None:
    stranger, operator, url = as_role(Role.ANALYST), as_role(Role.OPERATOR), f"{PATH}/{model['model_id']}"
    for path in (url, f"{url}/versions", f"{url}/download", f"{PATH}/{uuid4()}"):
        response = stranger.get(path)
        assert (response.status_code, response.get_json()["error"]["code"]) == (404, "model_not_found")
    assert stranger.post(f"{url}/predict", json={"rows": ROWS}).status_code == 404
    assert stranger.delete(url).status_code == 404
    assert stranger.get(PATH).get_json()["total"] == 0
    assert operator.get(PATH).get_json()["total"] == 1
    assert operator.post(f"{url}/predict", json={"rows": ROWS}).status_code == 200


def test_a_model_whose_file_is_gone_or_damaged(analyst: FlaskClient, model: dict[str, Any]) -> None:
    url, (path,) = f"{PATH}/{model['model_id']}", list(model_store.folder().glob("*"))
    path.write_bytes(b"nothing")
    damaged = analyst.post(f"{url}/predict", json={"rows": ROWS})
    assert (damaged.status_code, damaged.get_json()["error"]["code"]) == (410, "model_gone")
    path.unlink()
    for response in (analyst.get(f"{url}/download"), analyst.post(f"{url}/predict", json={"rows": ROWS})):
        assert (response.status_code, response.get_json()["error"]["code"]) == (410, "model_gone")


def test_a_user_has_so_much_room_for_models(
    analyst: FlaskClient, model: dict[str, Any], migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = migrated.model_copy(update={"pipeline_models_bytes": model["bytes"] + 100})
    monkeypatch.setattr(model_keeping, "get_settings", lambda: small)
    body = guide(upload(analyst))
    body["pipeline"][-1] = {"node_type": "decision_tree"}
    response = analyst.post(f"{API}/ml/pipeline/run", json=body)
    assert (response.status_code, response.get_json()["error"]["code"]) == (413, "model_quota")
    assert len(list(model_store.folder().glob("*"))) == 1
