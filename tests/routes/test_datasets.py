"""Datasets over HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siprems_backend.routes.schemas.datasets import ProfileSchema
from siprems_backend.services import datasets
from siprems_backend.services.datasets import uploads
from siprems_backend.services.task_registry import views
from siprems_backend.utils.roles import Role
from tests import working

AsRole = Callable[[Role], FlaskClient]
PATH = "/api/v1/datasets"
FILE = "city,price\nKöln,1.5\nRoma,NA\n".encode()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is running, so nobody waits for one."""
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 0.01)


@pytest.fixture
def analyst(as_role: AsRole) -> FlaskClient:
    return as_role(Role.ANALYST)


def upload(
    client: FlaskClient, content: bytes = FILE, filename: str = "houses.csv", **more: Any
) -> TestResponse:
    fields = more.pop("fields", {})
    return client.post(PATH, data={"file": (io.BytesIO(content), filename), **fields}, **more)


def test_a_small_file_is_a_dataset_at_once(analyst: FlaskClient) -> None:
    with working.a_worker():
        response = upload(analyst, fields={"name": "Houses"})
    assert response.status_code == 201, response.text
    body = response.get_json()
    assert (body["name"], body["rows"], body["status"]) == ("Houses", 2, "ready")
    assert body["columns"] == [{"name": "city", "type": "string"}, {"name": "price", "type": "number"}]
    assert body["bytes"] > 0
    assert (body["format"], body["uploaded_bytes"]) == ("csv", len(FILE))
    url = f"{PATH}/{body['dataset_id']}"
    assert analyst.get(url).get_json() == body
    assert analyst.get(f"{url}/preview?rows=1").get_json() == {
        "dataset_id": body["dataset_id"],
        "columns": ["city", "price"],
        "rows": [["Köln", 1.5]],
        "total_rows": 2,
    }
    assert analyst.get(PATH).get_json()["items"] == [body]


def test_what_takes_long_is_a_task(analyst: FlaskClient, impatient: None) -> None:
    response = upload(analyst)
    assert response.status_code == 202
    body = response.get_json()
    assert (body["status"], body["message"]) == ("submitted", "Dataset task submitted for houses.csv")
    assert body["dataset_url"] == f"{PATH}/{body['dataset_id']}"
    task = analyst.get(body["status_url"]).get_json()
    assert task["kind"] == "tasks.data_tasks.convert_dataset_task"
    record = analyst.get(body["dataset_url"]).get_json()
    assert (record["status"], record["rows"], record["task_id"]) == ("waiting", None, body["task_id"])
    for part in ("preview", "profile"):
        answer = analyst.get(f"{body['dataset_url']}/{part}")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "dataset_not_ready")
    working.do(views.next_to_start(1)[0])
    assert analyst.get(body["result_url"]).get_json()["result"]["rows"] == 2
    assert analyst.get(body["dataset_url"]).get_json()["status"] == "ready"


def test_the_profile_is_made_by_a_task(analyst: FlaskClient, impatient: None) -> None:
    url = upload(analyst).get_json()["dataset_url"]
    working.do(views.next_to_start(1)[0])
    asked, again = (analyst.get(f"{url}/profile") for _ in range(2))
    assert (asked.status_code, again.status_code) == (202, 202)
    assert asked.get_json()["task_id"] == again.get_json()["task_id"]
    working.do(views.next_to_start(1)[0])
    made = analyst.get(f"{url}/profile")
    assert made.status_code == 200
    body = made.get_json()
    city, price = body["columns"]
    assert (city["distinct"], city["missing"], price["missing"]) == (2, 0, 1)
    assert price["quantiles"]["0.5"] == 1.5
    assert not ProfileSchema().validate(body)


def test_a_file_that_is_no_table_says_where_and_what_to_do(analyst: FlaskClient) -> None:
    with working.a_worker():
        response = upload(analyst, b"a,b\n1,2\n3\n", headers={"Idempotency-Key": "once"})
        again = upload(analyst, b"a,b\n1,2\n3\n", headers={"Idempotency-Key": "once"})
    assert (response.status_code, again.status_code) == (422, 422)
    error = response.get_json()["error"]
    assert error == again.get_json()["error"]
    assert error["code"] == "file_refused"
    assert error["message"].startswith("Row 3 has 1 cells and row 1, which names the columns, has 2; correct")
    (record,) = analyst.get(PATH).get_json()["items"]
    assert (record["status"], record["bytes"], record["error"]["message"]) == ("failed", 0, error["message"])
    assert analyst.get(f"{PATH}/{record['dataset_id']}/preview").status_code == 422


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "empty_file"), (b"\x00\x01", 415, "unsupported_file"), (b"PK\x03\x04", 422, "file_refused")],
)
def test_unusable_files_are_refused_at_once(
    analyst: FlaskClient, content: bytes, status: int, code: str
) -> None:
    response = upload(analyst, content, "fine.csv")
    assert (response.status_code, response.get_json()["error"]["code"]) == (status, code)
    assert analyst.get(PATH).get_json()["total"] == 0


def test_an_upload_above_the_limit_is_refused(app: Flask, analyst: FlaskClient) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"max_dataset_bytes": 1024})
    try:
        response = upload(analyst, b"x" * 100_000)
    finally:
        app.config["SETTINGS"] = settings
    assert (response.status_code, response.get_json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("first", ["name", "file"])
def test_the_name_may_stand_before_or_after_the_file(
    analyst: FlaskClient, impatient: None, first: str
) -> None:
    parts = {"file": (io.BytesIO(FILE), "../../houses.csv"), "name": "  My houses "}
    ordered = {first: parts[first], **parts}
    body = analyst.post(PATH, data=ordered).get_json()
    assert body["name"] == "My houses"
    record = analyst.get(body["dataset_url"]).get_json()
    assert (record["name"], record["filename"]) == ("My houses", "houses.csv")


@pytest.mark.parametrize("name", ["two\nlines", "x" * 201])
def test_a_name_that_is_none(analyst: FlaskClient, name: str) -> None:
    response = upload(analyst, fields={"name": name})
    assert response.status_code == 422
    assert "name" in response.get_json()["error"]["fields"]


def test_a_name_as_long_as_a_book_and_a_form_that_breaks_off(analyst: FlaskClient) -> None:
    assert upload(analyst, fields={"name": "x" * 20_000}).status_code == 400
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\na,b\r\n1,2\r\n--x\r\n'
    kind = "multipart/form-data; boundary=x"
    assert analyst.post(PATH, data=head, content_type=kind).status_code == 400
    assert analyst.post(PATH, data={"name": "x"}, content_type="multipart/form-data").status_code == 422
    assert analyst.post(PATH, json={"file": "x"}).status_code == 415


def test_the_same_key_is_the_same_dataset(analyst: FlaskClient, impatient: None) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = (upload(analyst, headers=key).get_json() for _ in range(2))
    assert (again["task_id"], again["dataset_id"]) == (first["task_id"], first["dataset_id"])
    other = upload(analyst, FILE + b"Wien,1\n", headers=key)
    assert other.get_json()["error"]["code"] == "idempotency_key_reused"


def test_deleting(analyst: FlaskClient, impatient: None) -> None:
    body = upload(analyst).get_json()
    refused = analyst.delete(body["dataset_url"])
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "dataset_in_use")
    datasets.convert(UUID(body["dataset_id"]))
    analyst.post(body["cancel_url"])
    assert analyst.delete(body["dataset_url"]).status_code == 204
    assert analyst.delete(body["dataset_url"]).status_code == 404


def test_strangers_find_nothing_and_operators_all(
    as_role: AsRole, analyst: FlaskClient, impatient: None
) -> None:
    url = upload(analyst).get_json()["dataset_url"]
    stranger = as_role(Role.ANALYST)
    for path in (url, f"{url}/preview", f"{url}/profile", f"{PATH}/{uuid4()}"):
        response = stranger.get(path)
        assert (response.status_code, response.get_json()["error"]["code"]) == (404, "dataset_not_found")
    assert stranger.delete(url).status_code == 404
    assert stranger.get(PATH).get_json()["total"] == 0
    operator = as_role(Role.OPERATOR)
    assert operator.get(PATH).get_json()["total"] == 1
    assert operator.get(url).status_code == 200


def test_roles_and_bad_questions(as_role: AsRole, analyst: FlaskClient, client: FlaskClient) -> None:
    assert upload(client).status_code == 401
    assert upload(as_role(Role.CLERK)).status_code == 403
    assert as_role(Role.CLERK).get(PATH).status_code == 403
    assert analyst.get(f"{PATH}/{uuid4()}/preview?rows=0").status_code == 422
    assert analyst.get(f"{PATH}/{uuid4()}/preview?rows=201").status_code == 422
    assert analyst.get(f"{PATH}/..%2f..%2fetc").status_code == 404


def test_the_document_describes_the_upload(client: FlaskClient) -> None:
    operation = client.get("/openapi.json").get_json()["paths"][PATH]["post"]
    properties = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert set(properties) == {"file", "name"}
    assert {"201", "202", "413", "415", "422"} <= set(operation["responses"])
    assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}
