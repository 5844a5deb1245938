"""Forecasts over HTTP; the worker's part is shown end to end elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import marshmallow as ma
import orjson
import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.routes.schemas.predict import ChartPointSchema, PredictionSchema
from siprems_backend.services import training
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.utils.roles import Role
from tests import factories

YESTERDAY = dt.date(2026, 6, 30)
ODD_SKUS = [
    "A/B",
    "../../etc/passwd",
    "12 MACARON",
    "x@y",
    "Ünïcödé",
    "s" * 200,
    "a//b",
    "/lead",
    "100%",
    "a?b#c",
]


@pytest.fixture
def client(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


def stocked(database: Database, sku: str, days: int = 70) -> None:
    product = factories.make_product(database, sku)
    factories.sell(database, product, factories.weekly_demand(days), until=YESTERDAY)


@pytest.mark.parametrize("sku", ODD_SKUS)
def test_odd_skus_are_usable_end_to_end(
    client: FlaskClient, database: Database, models_dir: Path, sku: str
) -> None:
    stocked(database, sku)
    training.train_product(sku)
    answer = client.post("/predict", json={"product_sku": sku, "days": 3})
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["product_sku"] == sku
    path = quote(sku, safe="")
    assert len(client.get(f"/products/{path}/forecast").get_json()["forecast"]) == 28
    models = client.get(f"/products/{path}/models").get_json()["models"]
    assert [model["version"] for model in models] == [1]
    assert client.post(f"/products/{path}/models/1/activate").status_code == 200
    submitted = client.post(f"/tasks/training/product/{path}")
    assert (submitted.status_code, submitted.get_json()["product_sku"]) == (202, sku)
    assert client.post("/predict/async", json={"product_sku": sku}).status_code == 202
    files = [file for file in models_dir.rglob("*") if file.is_file()]
    assert all(file.resolve().is_relative_to(models_dir) for file in files)
    assert len(files) == 4


@pytest.mark.parametrize(
    ("days", "engine"), [(70, "prophet"), (3, "prophet"), (450, "prophet"), (450, "auto")]
)
def test_the_answer_is_what_the_document_says(
    client: FlaskClient, database: Database, models_dir: Path, days: int, engine: str
) -> None:
    stocked(database, "A", days=days)
    training.train_product("A")
    runs.forecast_here()
    asked = {"product_sku": "A", "days": 40, "engine": engine, "quantiles": True}
    body = client.post("/predict", json=asked).get_json()
    assert (body["engine"] == "auto") == (engine == "auto")
    # Loading checks every type, and refuses fields that the schema does not know.
    loaded = PredictionSchema(unknown=ma.RAISE).load(body)
    assert orjson.loads(orjson.dumps(PredictionSchema().dump(loaded))) == body
    assert sorted(body) == sorted(PredictionSchema().fields)
    for point in body["chartData"]:
        assert sorted(point) == sorted(ChartPointSchema().fields)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "product_sku"),
        ({"product_sku": ""}, "product_sku"),
        ({"product_sku": "x" * 201}, "product_sku"),
        ({"product_sku": "a\x00b"}, "product_sku"),
        ({"product_sku": 7}, "product_sku"),
        ({"product_sku": "X", "days": 0}, "days"),
        ({"product_sku": "X", "days": 366}, "days"),
        ({"product_sku": "X", "days": 1.5}, "days"),
        ({"product_sku": "X", "days": "many"}, "days"),
        ({"product_sku": "X", "days": None}, "days"),
        ({"product_sku": "X", "history_days": -1}, "history_days"),
        ({"product_sku": "X", "surprise": 1}, "surprise"),
        ({"product_sku": "X", "engine": "theta"}, "engine"),
        ({"product_sku": "X", "engine": None}, "engine"),
        ({"product_sku": "X", "quantiles": "many"}, "quantiles"),
    ],
)
def test_bad_fields_are_named(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["code"] == "invalid_fields"
    assert field in answer.get_json()["error"]["fields"]["json"]


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'{"days": NaN}', b"\xff"])
def test_bodies_that_are_no_json_object_are_refused(client: FlaskClient, text: bytes) -> None:
    answer = client.post("/predict", data=text, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.get_json()["error"]["message"]


def test_engines_that_are_not_served_are_named_with_those_that_are(client: FlaskClient) -> None:
    for path in ("/predict", "/predict/async", "/predict/batch"):
        named = {"product_skus": ["X"]} if path.endswith("batch") else {"product_sku": "X"}
        answer = client.post(path, json={**named, "engine": "magic"})
        assert answer.status_code == 422
        assert answer.get_json()["error"]["fields"]["json"]["engine"] == [
            "There is no engine 'magic'; ask for auto, prophet or a trained model "
            "(xgboost, lightgbm, pytorch, tensorflow)."
        ]


def test_the_engine_is_an_argument_of_the_task(client: FlaskClient, database: Database) -> None:
    stocked(database, "A")
    asked = {"product_sku": "A", "engine": "prophet", "quantiles": True}
    task_id = client.post("/predict/async", json=asked).get_json()["task_id"]
    args = client.get(f"/tasks/{task_id}").get_json()["args"]
    assert args == {"product_sku": "A", "forecast_days": 7, "engine": "prophet", "quantiles": True}


def test_stored_forecasts_and_their_components(
    client: FlaskClient, database: Database, models_dir: Path
) -> None:
    stocked(database, "A", days=450)
    for path in ("/products/A/forecast", "/products/A/forecast/components"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "forecast_not_found")
    training.train_product("A")
    assert client.get("/products/A/forecast").get_json()["engine"] == "prophet"
    assert client.get("/products/A/forecast?engine=auto").status_code == 404
    assert client.get("/products/A/forecast?engine=magic").status_code == 422
    runs.forecast_here()
    stored = client.get("/products/A/forecast").get_json()
    assert (stored["engine"], len(stored["forecast"])) == ("auto", 28)
    assert client.get("/products/A/forecast?engine=prophet").get_json()["engine"] == "prophet"
    parts = client.get("/products/A/forecast/components").get_json()
    assert len(parts["weekday_factors"]) == 7
    assert parts["level"] > 0
    assert (parts["champion"], parts["engine_reason"]) == (stored["champion"], stored["engine_reason"])
    assert client.get("/products/NOPE/forecast/components").status_code == 404


def test_unknown_and_unsold_products(client: FlaskClient, database: Database, models_dir: Path) -> None:
    for path in ("/predict", "/predict/async"):
        answer = client.post(path, json={"product_sku": "NOPE"})
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "product_not_found")
    assert client.post("/tasks/training/product/NOPE").status_code == 404
    factories.make_product(database, "IDLE")
    answer = client.post("/predict", json={"product_sku": "IDLE"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "not_enough_data")


def test_a_long_training_answers_with_a_task(
    client: FlaskClient, database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siprems_backend.services.prediction_requests.PATIENCE_SECONDS", 0.2)
    stocked(database, "SLOW", days=80)
    answer = client.post("/predict", json={"product_sku": "SLOW", "days": 5})
    body = answer.get_json()
    assert (answer.status_code, body["status"], body["forecast_days"]) == (202, "submitted", 5)
    followed = client.get(f"/predict/task/{body['task_id']}")
    assert followed.status_code == 202
    assert followed.get_json() == {
        "task_id": body["task_id"],
        "status": "PENDING",
        "message": "Task is waiting to be executed",
    }


def test_a_batch_takes_skus_or_a_filter_but_not_both(client: FlaskClient, database: Database) -> None:
    stocked(database, "A")
    assert client.post("/predict/batch", json={"product_skus": ["A"], "days": 2}).status_code == 202
    assert client.post("/predict/batch", json={"filter": {"search": "a"}}).status_code == 202
    for body in ({}, {"product_skus": ["A"], "filter": {}}, {"product_skus": []}):
        assert client.post("/predict/batch", json=body).status_code == 422


def test_the_idempotency_key_gives_the_same_task(client: FlaskClient, database: Database) -> None:
    stocked(database, "A")
    headers = {"Idempotency-Key": "order-1"}
    first = client.post("/predict/async", json={"product_sku": "A"}, headers=headers).get_json()
    again = client.post("/predict/async", json={"product_sku": "A"}, headers=headers).get_json()
    assert first["task_id"] == again["task_id"]
    other = client.post("/predict/async", json={"product_sku": "A", "days": 9}, headers=headers)
    assert (other.status_code, other.get_json()["error"]["code"]) == (422, "idempotency_key_reused")


def test_viewers_may_look_but_not_predict(
    as_role: Callable[[Role], FlaskClient], database: Database, models_dir: Path
) -> None:
    stocked(database, "A")
    viewer = as_role(Role.VIEWER)
    answer = viewer.post("/predict", json={"product_sku": "A"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "role_too_low")
    assert viewer.post("/tasks/training/all").status_code == 403
    assert viewer.get("/products/A/models").status_code == 200
