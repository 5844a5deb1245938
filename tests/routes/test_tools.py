"""Tools over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role

Clients = Callable[[Role], FlaskClient]
SYSTEM = Principal(0, "system", Role.ADMIN)


def run(client: FlaskClient, tool: Any, parameters: Any = None, **headers: str) -> Any:
    body = {"tool_name": tool} if parameters is None else {"tool_name": tool, "parameters": parameters}
    return client.post("/api/run", json=body, headers=headers)


def test_the_list_says_what_a_client_needs(as_role: Clients) -> None:
    document = as_role(Role.VIEWER).get("/api/tools").get_json()
    assert (document["page"], document["total"]) == (1, len(document["items"]))
    tools = {tool["name"]: tool for tool in document["items"]}
    assert list(tools) == sorted(tools)
    assert (tools["sales_export"]["role"], tools["forecast_accuracy"]["role"]) == ("viewer", "analyst")
    for tool in tools.values():
        assert set(tool) == {"name", "title", "description", "role", "parameters", "outputs"}
        Draft202012Validator.check_schema(tool["parameters"])
        assert tool["parameters"]["additionalProperties"] is False
        assert {"name", "content_type", "description"} == set(tool["outputs"][0])


def test_the_list_has_pages(as_role: Clients) -> None:
    client = as_role(Role.VIEWER)
    names = [tool["name"] for tool in client.get("/api/v1/tools").get_json()["items"]]
    assert names == sorted(names)
    page = client.get("/api/v1/tools?page=2&page_size=1").get_json()
    assert [tool["name"] for tool in page["items"]] == names[1:2]
    assert client.get("/api/v1/tools?page=99").get_json()["items"] == []


def test_a_run_is_a_task(as_role: Clients, database: Database) -> None:
    answer = run(as_role(Role.VIEWER), "sales_export", {"format": "xlsx"})
    assert answer.status_code == 202
    body = answer.get_json()
    assert body["message"] == "Tool sales_export submitted"
    assert body["tool_name"] == "sales_export"
    assert body["status"] == "submitted"
    assert body["files_url"] == f"/api/v1/tasks/{body['task_id']}/files"
    task = task_registry.get(body["task_id"], SYSTEM)
    assert (task.kind, task.queue) == (TaskKind.RUN_TOOL, "tools")
    assert task.kwargs == {"tool_name": "sales_export", "parameters": {"format": "xlsx"}}
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "tool.run")).one()
    assert entry.target == "sales_export"
    assert entry.details == {"task_id": body["task_id"], "parameters": {"format": "xlsx"}}


def test_defaults_are_kept_with_the_task(as_role: Clients) -> None:
    body = run(as_role(Role.ANALYST), "forecast_accuracy").get_json()
    task = task_registry.get(body["task_id"], SYSTEM)
    assert task.kwargs["parameters"] == {
        "days_back": 56,
        "engine": "auto",
        "horizon": 14,
        "products": 500,
    }


def test_the_same_key_gives_the_same_task(as_role: Clients, database: Database) -> None:
    client, key = as_role(Role.VIEWER), {"Idempotency-Key": "export-1"}
    first, second = (run(client, "sales_export", {"format": "csv"}, **key).get_json() for _ in range(2))
    assert first["task_id"] == second["task_id"]
    other = run(client, "sales_export", {"format": "xlsx"}, **key)
    assert (other.status_code, other.get_json()["error"]["code"]) == (422, "idempotency_key_reused")
    with database.reading() as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "tool.run")).all()) == 1


def test_a_tool_may_need_a_higher_role(as_role: Clients) -> None:
    refused = run(as_role(Role.CLERK), "forecast_accuracy")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "role_too_low")
    assert "needs the role 'analyst'" in refused.get_json()["message"]


@pytest.mark.parametrize(
    ("tool", "parameters", "code", "field"),
    [
        ("no_such_tool", {}, "unknown_tool", "tool_name"),
        ("../sales_export", {}, "unknown_tool", "tool_name"),
        ("sales_export", {"format": "pdf"}, "invalid_parameters", "parameters.format"),
        ("sales_export", {"formats": "csv"}, "invalid_parameters", "parameters.formats"),
        ("sales_export", {"product_skus": ["A", 1]}, "invalid_parameters", "parameters.product_skus.1"),
        ("sales_export", {"product_skus": ["A\u0000"]}, "invalid_parameters", "parameters.product_skus.0"),
        ("sales_export", {"date_from": "0000-00-00"}, "invalid_parameters", "parameters.date_from"),
        ("forecast_accuracy", {"days_back": 1e300}, "invalid_parameters", "parameters.days_back"),
    ],
)
def test_what_makes_no_sense_is_refused(
    as_role: Clients, tool: str, parameters: dict[str, Any], code: str, field: str
) -> None:
    answer = run(as_role(Role.ANALYST), tool, parameters)
    assert answer.status_code == 422
    error = answer.get_json()["error"]
    assert error["code"] == code
    assert list(error["fields"]) == [field]


@pytest.mark.parametrize(
    "body", [{}, {"tool_name": 1}, {"tool_name": "sales_export", "parameters": []}, {"x": 1}]
)
def test_a_body_of_another_shape_is_refused(as_role: Clients, body: dict[str, Any]) -> None:
    assert as_role(Role.ANALYST).post("/api/v1/run", json=body).status_code == 422


def test_old_and_canonical_paths_are_the_same(app: Flask) -> None:
    adapter = app.url_map.bind("")
    for method, alias, canonical in (
        ("POST", "/api/run", "/api/v1/run"),
        ("GET", "/api/tools", "/api/v1/tools"),
    ):
        assert adapter.match(alias, method=method) == adapter.match(canonical, method=method)
