"""Imports over HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siprems_backend.services import imports
from siprems_backend.utils.roles import Role

AsRole = Callable[[Role], FlaskClient]
PATH = "/api/v1/imports"
FILE = b"sku,date,quantity\nA,2024-01-01,2\nA,2024-01-01,x\n"


@pytest.fixture
def analyst(as_role: AsRole) -> FlaskClient:
    return as_role(Role.ANALYST)


def upload(client: FlaskClient, content: bytes = FILE, query: str = "", **more: Any) -> TestResponse:
    return client.post(
        PATH + query, data={"note": "hello", "file": (io.BytesIO(content), "sales.csv")}, **more
    )


def test_an_upload_becomes_a_task(analyst: FlaskClient) -> None:
    response = upload(analyst)
    assert response.status_code == 202
    body = response.get_json()
    assert body["status"] == "submitted"
    assert body["message"] == "Import task submitted for sales.csv"
    assert body["kind"] == "sales"
    task = analyst.get(body["status_url"])
    assert task.status_code == 202
    document = task.get_json()
    assert document["kind"] == "tasks.data_tasks.import_file_task"
    assert document["args"] == {"import_id": body["import_id"]}
    record = analyst.get(body["import_url"]).get_json()
    assert (record["status"], record["report"], record["task_id"]) == ("waiting", None, body["task_id"])


def test_the_report_and_the_rejected_rows(analyst: FlaskClient) -> None:
    body = upload(analyst).get_json()
    imports.run_import(body["import_id"])
    record = analyst.get(body["import_url"]).get_json()
    assert record["status"] == "completed"
    assert (record["report"]["inserted"], record["report"]["rejected"]) == (1, 1)
    assert record["report"]["rejected_rows"] == [
        {"line": 3, "column": "quantity", "value": "x", "reason": "quantity is not a number"}
    ]
    rejected = analyst.get(body["import_url"] + "/rejected.csv")
    assert rejected.mimetype == "text/csv"
    assert rejected.text.splitlines() == ["line,column,value,reason", "3,quantity,x,quantity is not a number"]


def test_a_large_upload_arrives_whole(analyst: FlaskClient) -> None:
    content = b"sku,date,quantity\n" + b"A\r\n--,2024-01-01,1\n" * 200_000
    record = analyst.get(upload(analyst, content).get_json()["import_url"]).get_json()
    assert record["size_bytes"] == len(content)


def test_an_upload_above_the_limit_is_refused(app: Flask, analyst: FlaskClient) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"max_upload_bytes": 1024})
    try:
        response = upload(analyst, b"x" * 100_000)
    finally:
        app.config["SETTINGS"] = settings
    assert response.status_code == 413
    assert response.get_json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "empty_file"), (b"\x00\x01", 415, "unsupported_file"), (b"PK\x03\x04", 422, "file_refused")],
)
def test_unusable_files_are_refused_at_once(
    analyst: FlaskClient, content: bytes, status: int, code: str
) -> None:
    response = upload(analyst, content)
    assert (response.status_code, response.get_json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"json": {"file": "x"}}, 415),
        ({"input_stream": io.BytesIO(b""), "content_type": "multipart/form-data"}, 415),
        ({"data": {"other": (io.BytesIO(b"x"), "f")}}, 422),
        ({"data": {"file": "no file"}, "content_type": "multipart/form-data"}, 422),
        ({"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"}, 400),
        (
            {
                "data": b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nsku,date',
                "content_type": "multipart/form-data; boundary=x",
            },
            400,
        ),
    ],
    ids=["json", "no-boundary", "other-field", "no-file", "broken", "cut-off"],
)
def test_malformed_uploads(analyst: FlaskClient, more: dict[str, Any], status: int) -> None:
    response = analyst.post(PATH, **more)
    assert response.status_code == status
    assert response.get_json()["error"]["message"]


@pytest.mark.parametrize("query", ["?kind=cats", "?kind=events&move_stock=true", "?move_stock=maybe"])
def test_bad_options(analyst: FlaskClient, query: str) -> None:
    assert upload(analyst, query=query).status_code == 422


@pytest.mark.parametrize("kind", ["products", "events", "stock", "promotions"])
def test_other_kinds(analyst: FlaskClient, kind: str) -> None:
    assert upload(analyst, query=f"?kind={kind}").get_json()["kind"] == kind


def test_the_same_key_is_the_same_task(analyst: FlaskClient) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = (upload(analyst, headers=key).get_json() for _ in range(2))
    assert (again["task_id"], again["import_id"]) == (first["task_id"], first["import_id"])
    other = upload(analyst, FILE + b"B,2024-01-01,1\n", headers=key)
    assert other.get_json()["error"]["code"] == "idempotency_key_reused"


def test_the_list_is_ones_own(as_role: AsRole, analyst: FlaskClient) -> None:
    upload(analyst)
    upload(analyst, query="?kind=events")
    listed = analyst.get(PATH).get_json()
    assert (listed["total"], listed["page"]) == (2, 1)
    assert "report" not in listed["items"][0]
    assert [item["kind"] for item in analyst.get(PATH + "?kind=events").get_json()["items"]] == ["events"]
    other = as_role(Role.ANALYST)
    assert other.get(PATH).get_json()["total"] == 0
    assert as_role(Role.OPERATOR).get(PATH).get_json()["total"] == 2


def test_strangers_find_nothing(as_role: AsRole, analyst: FlaskClient) -> None:
    url = upload(analyst).get_json()["import_url"]
    for path in (url, url + "/rejected.csv", f"{PATH}/{uuid4()}"):
        response = as_role(Role.ANALYST).get(path)
        assert (response.status_code, response.get_json()["error"]["code"]) == (404, "import_not_found")
    assert analyst.get(url + "/rejected.csv").get_json()["error"]["code"] == "no_rejected_rows"


def test_roles(as_role: AsRole, client: FlaskClient) -> None:
    assert upload(client).status_code == 401
    assert upload(as_role(Role.CLERK)).status_code == 403
    assert as_role(Role.VIEWER).get(PATH).status_code == 200


def test_the_document_describes_the_upload(client: FlaskClient) -> None:
    operation = client.get("/openapi.json").get_json()["paths"][PATH]["post"]
    assert "file" in operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert {parameter["name"] for parameter in operation["parameters"]} >= {"kind", "move_stock"}
