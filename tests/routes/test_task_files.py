"""Files of tasks over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token

from siprems_backend.config import Settings, get_settings
from siprems_backend.extensions.database import Database
from siprems_backend.services import sessions, task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests import factories

Clients = Callable[[Role], FlaskClient]
CONTENT = b"<h1>Report</h1>" + bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def volume(migrated: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A data volume of the test's own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield tmp_path / "data"
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def owner(database: Database) -> Principal:
    return factories.make_principal(database, Role.VIEWER)


@pytest.fixture
def client(app: Flask, database: Database, owner: Principal) -> FlaskClient:
    """The owner's client."""
    with database.transaction() as session:
        grant = sessions.start(session, owner.user_id)
    with app.app_context():
        token = create_access_token(identity=str(owner.user_id), additional_claims=grant.access_claims)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def task_id(owner: Principal) -> UUID:
    """A task with one file."""
    submitted = task_registry.submit(TaskKind.RUN_TOOL, {"tool_name": "x"}, owner=owner)
    factories.keep_files(submitted.task_id, {"report.html": CONTENT}, "text/html; charset=utf-8")
    return submitted.task_id


def test_the_list_leads_to_the_file(client: FlaskClient, task_id: UUID) -> None:
    document = client.get(f"/tasks/{task_id}/files").get_json()
    assert document["task_id"] == str(task_id)
    (file,) = document["files"]
    assert (file["name"], file["size_bytes"], file["available"]) == ("report.html", len(CONTENT), True)
    assert file["url"] == f"/api/v1/tasks/{task_id}/files/report.html"
    assert file["created_at"].endswith("Z")
    assert client.get(file["url"]).data == CONTENT


def test_a_file_is_sent_as_a_download_that_can_do_nothing(client: FlaskClient, task_id: UUID) -> None:
    answer = client.get(f"/api/v1/tasks/{task_id}/files/report.html")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=report.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert int(answer.headers["Content-Length"]) == len(CONTENT)


def test_unchanged_files_and_parts_of_them(client: FlaskClient, task_id: UUID) -> None:
    path = f"/task/{task_id}/files/report.html"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    part = client.get(path, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.data) == (206, CONTENT[4:10])
    assert part.headers["Content-Range"] == f"bytes 4-9/{len(CONTENT)}"
    assert client.get(path, headers={"Range": "bytes=999999-"}).status_code == 416
    head = client.head(path)
    assert (head.status_code, head.data, int(head.headers["Content-Length"])) == (200, b"", len(CONTENT))


def test_others_learn_nothing_and_operators_see_all(as_role: Clients, task_id: UUID) -> None:
    stranger, operator = as_role(Role.ANALYST), as_role(Role.OPERATOR)
    for path in (f"/api/v1/tasks/{task_id}/files", f"/api/v1/tasks/{task_id}/files/report.html"):
        refused = stranger.get(path)
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (404, "task_not_found")
        assert operator.get(path).status_code == 200


@pytest.mark.parametrize(
    "name", ["other.html", "..%2Freport.html", "%2Fetc%2Fpasswd", "report.html%00", "%ED%A0%80"]
)
def test_other_names_are_not_found(client: FlaskClient, task_id: UUID, name: str) -> None:
    assert client.get(f"/api/v1/tasks/{task_id}/files/{name}").status_code == 404


def test_a_file_that_had_to_go_is_gone(client: FlaskClient, task_id: UUID, volume: Path) -> None:
    next(volume.glob("task_files/kept/*/report.html")).unlink()
    answer = client.get(f"/api/v1/tasks/{task_id}/files/report.html")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (410, "file_gone")
    assert client.get(f"/tasks/{task_id}/files").get_json()["files"][0]["available"] is False


def test_a_task_without_files_has_an_empty_list(client: FlaskClient, owner: Principal) -> None:
    submitted = task_registry.submit(TaskKind.RUN_TOOL, {"tool_name": "x"}, owner=owner)
    document = client.get(f"/tasks/{submitted.task_id}/files").get_json()
    assert document == {"task_id": str(submitted.task_id), "files": []}
