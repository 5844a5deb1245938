"""Health over HTTP."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient

from tests.away import servers_away


def test_live_looks_at_nothing(client: FlaskClient) -> None:
    with servers_away():
        answer = client.get("/health/live")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready(client: FlaskClient, models_dir: Path) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "ready"
    assert answer.json["checks"]["database"] == {"status": "ok", "message": "answers"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_not_ready(client: FlaskClient) -> None:
    with servers_away():
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    body = answer.json
    assert body is not None
    assert body["status"] == "not_ready"
    assert body["checks"]["broker"] == {"status": "failed", "message": "cannot be reached"}
    # The shape of every other error, so that clients need one way of reading them.
    assert body["error"]["code"] == "not_ready"
    assert body["message"] == body["error"]["message"]
    assert "secret" not in answer.text


def test_only_reading_is_offered(client: FlaskClient) -> None:
    assert client.post("/health/ready").status_code == 405
    assert client.head("/health/live").status_code == 200
