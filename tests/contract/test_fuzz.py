"""Requests made up from the document: the server never fails, and answers as the document says."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets, training
from siprems_backend.utils.roles import Role
from tests import factories

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
]
# The administrator reaches everything; others are refused much of it, which a few requests show.
EXAMPLES = {Role.ADMIN: 5, Role.OPERATOR: 2}
# It would end the session that the other calls need.
ENDS_THE_SESSION = "/auth/logout"
# An answer that goes on until the task ends, which no worker runs here.
NEVER_ENDS = "/tasks/{task_id}/events"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is running, so nobody waits for one."""
    monkeypatch.setattr("siprems_backend.services.prediction_requests.PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("siprems_backend.services.workers.PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("siprems_backend.services.datasets.uploads.PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("siprems_backend.services.learned_models.requests.PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("siprems_backend.services.pipelines.waiting.patience_seconds", lambda: 0.01)


@pytest.fixture
def document(app: Flask) -> BaseSchema:
    """What the server says of itself."""
    generation = GenerationConfig(deterministic=True, with_security_parameters=False)
    projects = ProjectsConfig(default=ProjectConfig(generation=generation))
    found: BaseSchema = schemathesis.openapi.from_wsgi(
        "/openapi.json", app, config=SchemathesisConfig(projects=projects)
    )
    return found


@pytest.fixture
def known(
    database: Database, as_role: Callable[[Role], FlaskClient], models_dir: Path, impatient: None
) -> dict[str, Any]:
    """Values of path parameters that lead to something."""
    product = factories.make_product(database, "BRD-001", price=2.5, category="Bread")
    demand = factories.weekly_demand(70)
    factories.sell(database, product, demand, until=dt.date(2026, 6, 30))
    training.train_product(product.sku)
    admin = as_role(Role.ADMIN)
    event = admin.post("/events", json={"name": "Fair", "date": "2026-05-01"}).get_json()
    plan = {"sku": "BRD-001", "date_from": "2026-07-01", "date_to": "2026-07-07"}
    promotion = admin.post("/api/v1/promotions", json=plan).get_json()
    sale = admin.post("/transactions", json={"product_sku": "BRD-001", "quantity": 1}).get_json()
    task = admin.post("/tasks/training/product/BRD-001").get_json()
    upload = {"file": (io.BytesIO(b"date,sku,quantity\n2026-01-01,BRD-001,1\n"), "sales.csv")}
    imported = admin.post("/api/v1/imports", data=upload).get_json()
    table = {"file": (io.BytesIO(b"city,price\nRoma,1\n"), "houses.csv")}
    dataset_id = admin.post("/api/v1/datasets", data=table).get_json()["dataset_id"]
    datasets.convert(UUID(dataset_id))
    hook = {"url": "https://hooks.example.com/siprems", "events": ["task.failed"]}
    webhook_id = admin.post("/api/v1/webhooks", json=hook).get_json()["id"]
    test = admin.post(f"/api/v1/webhooks/{webhook_id}/test").get_json()
    wanted = {"name": "Nightly", "cron": "0 4 * * *", "task": "train_all"}
    nodes = [{"node_type": "dataset", "input": {"dataset_id": dataset_id}}, {"node_type": "profile"}]
    workflow = admin.post("/api/v1/workflows", json={"name": "Profile", "pipeline": nodes}).get_json()
    factories.keep_files(UUID(task["task_id"]), {"report.html": b"<p>Report</p>"})
    ordered = {"lines": [{"sku": "BRD-001", "quantity": 5}]}
    return {
        "category": "Bread",
        "supplier_id": admin.post("/api/v1/suppliers", json={"name": "Mill"}).get_json()["id"],
        "order_id": admin.post("/api/v1/replenishment/orders", json=ordered).get_json()["items"][0]["id"],
        "schedule_id": admin.post("/api/v1/schedules", json=wanted).get_json()["id"],
        "webhook_id": webhook_id,
        "delivery_id": test["id"],
        "sku": product.sku,
        "version": 1,
        "event_id": event["id"],
        "promotion_id": promotion["id"],
        "transaction_id": sale["id"],
        "task_id": task["task_id"],
        "name": "report.html",
        "dataset_id": dataset_id,
        "workflow_id": workflow["id"],
        "number": 1,
        "model_id": factories.make_pipeline_model(database, factories.make_user(database).id),
        "import_id": imported["import_id"],
        "user_id": factories.make_user(database).id,
        "model_type": "xgboost",
        "learned_model_id": factories.keep_learned_model(database),
        "key_id": admin.post("/auth/api-keys", json={"name": "till"}).get_json()["id"],
    }


def operations(document: BaseSchema) -> list[APIOperation]:
    """All of them; what deletes comes last, so that the others find something."""
    found = [operation.ok() for operation in document.get_all_operations()]
    kept = [operation for operation in found if not operation.path.endswith((ENDS_THE_SESSION, NEVER_ENDS))]
    return sorted(kept, key=lambda operation: operation.method.upper() == "DELETE")


def parameters_of(operation: APIOperation, known: dict[str, Any]) -> dict[str, Any]:
    names = {parameter.name for parameter in operation.path_parameters}
    assert names <= set(known), f"add a value of {names - set(known)} to the fixture `known`"
    return {name: known[name] for name in names}


def ask(operation: APIOperation, token: str, mode: GenerationMode, examples: int, **fixed: Any) -> None:
    """Send a few requests and look at their answers."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, **fixed))
    def one(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": token}, checks=CHECKS)

    # A request without parameters cannot be wrong.
    with contextlib.suppress(Unsatisfiable):
        one()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("role", list(EXAMPLES))
def test_answers_are_those_of_the_document(
    document: BaseSchema,
    known: dict[str, Any],
    as_role: Callable[[Role], FlaskClient],
    role: Role,
    mode: GenerationMode,
) -> None:
    token = as_role(role).environ_base["HTTP_AUTHORIZATION"]
    for operation in operations(document):
        ask(operation, token, mode, EXAMPLES[role])
        if parameters := parameters_of(operation, known):
            ask(operation, token, mode, EXAMPLES[role], path_parameters=parameters)
